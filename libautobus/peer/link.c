/* SPDX-License-Identifier: MIT
 * The life of a link: on a trunk of its own or on one that is there, bound, over. Its calls are link_calls.c's. */
#include "peer/link.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "peer/channel.h"
#include "peer/link_state.h"

/* A trunk that was there may lead to nobody any more without anybody knowing it, or to somebody who is slow: so long we
 * wait on others' before we dial. Those above give a dial up for another after 500 ms. */
#define PATIENCE AB_MS(250)

const char *ab_link_place(const ab_link *link)
{
    static _Thread_local char text[AB_ADDRESS_TEXT];
    return ab_address_text(&link->road.at, text);
}

void ab_link_free(ab_link *link)
{
    ab_calls_fini(&link->calls);
    free(link->service);
    free(link);
}

/* The end. */

void ab_link_give_up(ab_link *link, autobus_result why, const char *sentence)
{
    if (link->stage != AB_LINK_BOUND)
        return;
    ab_link_enter(link);
    link->stage = AB_LINK_ENDED;
    ab_link_complete_all(link, sentence);
    ab_channels_free(link->channels, why, sentence);
    link->channels = NULL;
    ab_link_leave(link);
}

static void end(ab_link *link, autobus_result why, const char *sentence, bool is_polite) AB_LOCKED
{
    ab_loop_timer_stop(link->loop, &link->deadline);
    ab_loop_timer_stop(link->loop, &link->patience);
    ab_link_give_up(link, why, sentence);
    link->stage = AB_LINK_ENDED;
    ab_trunk_part(link, is_polite);
}

static void end_and_tell(ab_link *link, autobus_result why, const char *sentence) AB_LOCKED
{
    char *own AB_SCOPED(ab_free_ptr) = ab_strdup(sentence);
    ab_link_enter(link);
    end(link, why, own, false);
    if (!link->is_closed)
        link->ops->ended(link->owner, why, own);
    ab_link_leave(link);
}

void ab_link_close(ab_link *link, const char *sentence)
{
    if (link == NULL || link->is_closed)
        return;
    link->is_closed = true;
    ab_link_enter(link);
    end(link, AUTOBUS_CLOSED, sentence, true);
    ab_link_leave(link);
}

void ab_link_dismiss(ab_link *link, ab_slice text)
{
    const char *colon = text.length > 0 ? ": " : "";
    bool was_bound = link->stage == AB_LINK_BOUND;
    char *sentence AB_SCOPED(ab_free_ptr) =
        ab_format("%s %s%s%.*s", ab_link_place(link),
                  was_bound ? "closed the connection" : "refused the bind", colon,
                  (int)AB_MIN(text.length, (size_t)1000), text.bytes);
    link->is_dismissed = true;
    end_and_tell(link, was_bound ? AUTOBUS_CLOSED : AUTOBUS_NOT_FOUND, sentence);
}

static void lose_patience(ab_timer *timer) AB_LOCKED
{
    ab_link *link = AB_CONTAINER(timer, ab_link, deadline);
    bool is_connecting =
        link->stage == AB_LINK_CONNECTING && link->trunk->stage == AB_TRUNK_CONNECTING;
    char *sentence AB_SCOPED(ab_free_ptr) = ab_format(
        "%s did not %s within %" PRId64 " ms", ab_link_place(link),
        is_connecting ? "accept the connection" : "answer the bind", link->limits.connect / 1000);
    if (link == link->trunk->first && link->trunk->stage != AB_TRUNK_OPEN)
        ab_trunk_end(link->trunk, AUTOBUS_TIMEOUT, sentence);
    else
        end_and_tell(link, AUTOBUS_TIMEOUT, sentence);
}

/* The beginning. */

/* Who has waited for others has all the time for it. */
static void dial(ab_link *link) AB_LOCKED
{
    ab_loop_timer_stop(link->loop, &link->patience);
    if (link->is_waiting)
        ab_loop_timer_start_in(link->loop, &link->deadline, link->limits.connect);
    ab_trunk_dial(link);
}

/* On a trunk that others share, or else on its own. */
static void board(ab_link *link) AB_LOCKED
{
    ab_trunk *trunk = link->is_alone ? NULL : ab_trunk_find(link);
    link->stage = AB_LINK_CONNECTING;
    link->session = 0;
    link->is_metered = false;
    if (trunk == NULL) {
        dial(link);
        return;
    }
    if (!link->is_waiting)
        ab_loop_timer_start_in(link->loop, &link->patience, PATIENCE);
    link->is_waiting = true;
    ab_trunk_join(trunk, link);
}

void ab_link_board_another(ab_link *link)
{
    ab_trunk_part(link, false);
    board(link);
}

void ab_link_go_alone(ab_link *link)
{
    link->is_alone = true;
    ab_link_board_another(link);
}

/* Who is slow for one is for those who come later, too. */
static void give_trunk_up(ab_timer *timer) AB_LOCKED
{
    ab_link *link = AB_CONTAINER(timer, ab_link, patience);
    ab_trunk_keep_apart(link->trunk);
    ab_link_go_alone(link);
}

/* What went wrong with a dial would go wrong again, but for the service that the other has asked for, or if it was
 * begun long before. */
void ab_link_lose_trunk(ab_link *link, bool was_open, autobus_result why, const char *sentence)
{
    bool is_own = link == link->trunk->first;
    bool is_unbound = link->stage == AB_LINK_CONNECTING || link->stage == AB_LINK_BINDING;
    bool is_alike = !was_open && (why == AUTOBUS_FAILED || why == AUTOBUS_INCOMPATIBLE);
    if (is_own || !is_unbound || is_alike)
        end_and_tell(link, why, sentence);
    else
        ab_link_board_another(link);
}

void ab_link_bind(ab_link *link)
{
    link->stage = AB_LINK_BINDING;
    ab_trunk_give_number(link->trunk, link);
    ab_link_say_bind(link);
}

void ab_link_become_bound(ab_link *link)
{
    const ab_trunk *trunk = link->trunk;
    link->stage = AB_LINK_BOUND;
    link->is_autobus = trunk->is_autobus;
    link->is_near = trunk->near != 0;
    free(link->service);
    link->service = NULL;
    ab_loop_timer_stop(link->loop, &link->deadline);
    ab_loop_timer_stop(link->loop, &link->patience);
    ab_link_open_channels(link);
    link->ops->bound(link->owner);
}

ab_link *ab_link_dial(ab_loop *loop, const ab_address *at, const char *service,
                      const ab_link_limits *limits, const ab_link_ops *ops, void *owner)
{
    return ab_link_dial_by(loop, &(ab_link_road){.at = *at}, service, limits, ops, owner);
}

ab_link *ab_link_dial_by(ab_loop *loop, const ab_link_road *road, const char *service,
                         const ab_link_limits *limits, const ab_link_ops *ops, void *owner)
{
    ab_link *link = ab_alloc(1, sizeof *link);
    link->loop = loop;
    link->road = *road;
    link->limits = *limits;
    link->ops = ops;
    link->owner = owner;
    ab_list_init(&link->place);
    ab_calls_init(&link->calls);
    ab_timer_init(&link->deadline, lose_patience);
    ab_timer_init(&link->patience, give_trunk_up);
    ab_loop_timer_start_in(loop, &link->deadline, limits->connect);
    link->service = service != NULL ? ab_strdup(service) : NULL;
    board(link);
    return link;
}

/* What it is. */

bool ab_link_is_near(const ab_link *link)
{
    return link->is_near;
}

bool ab_link_is_bound(const ab_link *link)
{
    return link->stage == AB_LINK_BOUND;
}

bool ab_link_is_autobus(const ab_link *link)
{
    return link->is_autobus;
}

ab_channels *ab_link_channels(ab_link *link)
{
    return link->channels;
}

ab_reader *ab_link_reader(ab_link *link)
{
    return link->stage == AB_LINK_BOUND ? ab_trunk_reader(link->trunk) : NULL;
}

void ab_link_doubt(ab_link *link)
{
    if (link->stage == AB_LINK_BOUND)
        ab_trunk_doubt(link->trunk);
}
