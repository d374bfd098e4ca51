/* SPDX-License-Identifier: MIT
 * The life of a trunk: dialled, open, over, and who is on it. */
#include "peer/trunk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "net/unix_socket.h"
#include "peer/link_state.h"
#include "peer/reading.h"
#include "wire/frames.h"

/* What was said before a trunk is closed has this long to leave. */
#define FAREWELL AB_MS(2000)

static ab_link *link_at(ab_list *place)
{
    return AB_CONTAINER(place, ab_link, place);
}

const char *ab_trunk_place(const ab_trunk *trunk)
{
    static _Thread_local char text[AB_ADDRESS_TEXT];
    return ab_address_text(&trunk->at, text);
}

static void free_trunk(ab_trunk *trunk)
{
    free(trunk->by_number);
    ab_buffer_fini(&trunk->out);
    ab_buffer_fini(&trunk->room);
    free(trunk->reason);
    free(trunk);
}

static void enter(ab_trunk *trunk)
{
    trunk->calls_above++;
}

static void dial_by_tcp(ab_trunk *trunk) AB_LOCKED;

/* As if the unix socket had not been there; the time for binding runs on. */
static void turn_to_tcp(ab_trunk *trunk) AB_LOCKED
{
    trunk->is_misled = false;
    trunk->near = trunk->bus = 0;
    trunk->in = NULL;
    trunk->searched = 0;
    ab_stream_close(trunk->stream);
    dial_by_tcp(trunk);
}

static void leave(ab_trunk *trunk) AB_LOCKED
{
    if (--trunk->calls_above > 0)
        return;
    if (trunk->stage == AB_TRUNK_ENDED)
        free_trunk(trunk);
    else if (trunk->is_misled)
        turn_to_tcp(trunk);
}

/* The end. */

void ab_trunk_keep_apart(ab_trunk *trunk)
{
    ab_list_remove(&trunk->place);
}

/* Nobody joins, and nothing comes by itself any more. */
static void wind_up(ab_trunk *trunk) AB_LOCKED
{
    trunk->stage = AB_TRUNK_ENDED;
    ab_trunk_keep_apart(trunk);
    ab_task_cancel(&trunk->overflow);
    ab_knock_end(&trunk->knock);
    ab_pulse_stop(&trunk->pulse);
}

static void close_stream(ab_trunk *trunk, bool is_polite) AB_LOCKED
{
    ab_stream *stream = trunk->stream;
    trunk->stream = NULL;
    ab_reader_close(trunk->reader);
    trunk->reader = NULL;
    if (is_polite) {
        ab_stream_write(stream, ab_buffer_bytes(&trunk->out), ab_buffer_length(&trunk->out));
        ab_stream_close_gently(stream, FAREWELL);
    } else {
        ab_stream_close(stream);
    }
}

/* What they do about it may close others of them. */
static void lose_links(ab_trunk *trunk, bool was_open, autobus_result why, const char *sentence)
    AB_LOCKED
{
    while (!ab_list_is_empty(&trunk->links))
        ab_link_lose_trunk(link_at(trunk->links.next), was_open, why, sentence);
}

static void give_links_up(ab_trunk *trunk, autobus_result why, const char *sentence) AB_LOCKED
{
    ab_list rest;
    ab_list_init(&rest);
    for (ab_list *at; (at = ab_list_take_first(&trunk->links)) != NULL;)
        ab_list_append(&rest, at);
    for (ab_list *at; (at = ab_list_take_first(&rest)) != NULL;) {
        ab_list_append(&trunk->links, at);
        ab_link_give_up(link_at(at), why, sentence);
    }
}

void ab_trunk_end(ab_trunk *trunk, autobus_result why, const char *sentence)
{
    bool was_open = trunk->stage == AB_TRUNK_OPEN;
    if (trunk->stage == AB_TRUNK_ENDED || trunk->is_misled)
        return;
    if (trunk->near != 0 && !was_open && why != AUTOBUS_TIMEOUT) {
        ab_log(AB_LOG_DEBUG, "not over the unix socket: %s", sentence);
        trunk->is_misled = true;
        return;
    }
    char *own AB_SCOPED(ab_free_ptr) = ab_strdup(sentence);
    enter(trunk);
    wind_up(trunk);
    give_links_up(trunk, why, own);
    close_stream(trunk, false);
    lose_links(trunk, was_open, why, own);
    leave(trunk);
}

/* Its last link has left, or the one that had dialled: others who waited for that dial for themselves. */
static void close_trunk(ab_trunk *trunk, bool is_polite) AB_LOCKED
{
    bool was_open = trunk->stage == AB_TRUNK_OPEN;
    enter(trunk);
    wind_up(trunk);
    close_stream(trunk, is_polite && was_open);
    lose_links(trunk, was_open, AUTOBUS_NOT_FOUND, "");
    leave(trunk);
}

static void say_unbind(ab_trunk *trunk, const ab_link *link) AB_LOCKED
{
    size_t before = ab_buffer_length(&trunk->out);
    ab_frames_write_unbind(&trunk->out, link->session);
    ab_trunk_said_aside(trunk, before);
}

/* Numbers are given once, so few places lie between them. */
void ab_trunk_give_number(ab_trunk *trunk, ab_link *link)
{
    link->session = ++trunk->last_session;
    if (link->session >= trunk->width) {
        size_t width = AB_MAX(2 * trunk->width, (size_t)8);
        trunk->by_number = ab_realloc(trunk->by_number, width, sizeof(ab_link *));
        memset(trunk->by_number + trunk->width, 0, (width - trunk->width) * sizeof(ab_link *));
        trunk->width = width;
    }
    trunk->by_number[link->session] = link;
    trunk->further++;
}

static void give_number_up(ab_trunk *trunk, const ab_link *link)
{
    trunk->by_number[link->session] = NULL;
    trunk->further--;
}

void ab_trunk_part(ab_link *link, bool is_polite)
{
    ab_trunk *trunk = link->trunk;
    bool was_first = trunk != NULL && trunk->first == link;
    if (trunk == NULL)
        return;
    link->trunk = NULL;
    ab_list_remove(&link->place);
    if (link->is_blocking)
        ab_trunk_pause(trunk, false);
    link->is_blocking = false;
    if (was_first)
        trunk->first = NULL;
    else if (link->session != 0)
        give_number_up(trunk, link);
    if (trunk->stage == AB_TRUNK_ENDED)
        return;
    if (ab_list_is_empty(&trunk->links) || (was_first && trunk->stage != AB_TRUNK_OPEN)) {
        close_trunk(trunk, is_polite);
        return;
    }
    bool has_asked = was_first || link->session != 0;
    if (has_asked && !link->is_dismissed)
        say_unbind(trunk, link);
}

/* The stream. */

static void end_with_error(ab_trunk *trunk, int error) AB_LOCKED
{
    char *sentence AB_SCOPED(ab_free_ptr) = NULL;
    autobus_result why = AUTOBUS_CLOSED;
    const char *place = ab_trunk_place(trunk);
    if (trunk->stage == AB_TRUNK_CONNECTING) {
        why = AUTOBUS_FAILED;
        sentence = ab_format("%s cannot be reached: %s", place, strerror(error));
    } else if (trunk->stage == AB_TRUNK_BINDING && error != 0) {
        why = AUTOBUS_FAILED;
        sentence = ab_format("%s did not let us bind: %s", place, strerror(error));
    } else if (trunk->stage == AB_TRUNK_BINDING) {
        why = AUTOBUS_NOT_FOUND;
        sentence = ab_format("%s refused the bind: it closed the connection", place);
    } else if (trunk->reason != NULL) {
        sentence = ab_format("%s closed the connection: %s", place, trunk->reason);
    } else if (error != 0) {
        sentence = ab_format("the connection to %s broke: %s", place, strerror(error));
    } else {
        sentence = ab_format("%s closed the connection", place);
    }
    ab_trunk_end(trunk, why, sentence);
}

static void give_up_on_reader(ab_task *task) AB_LOCKED
{
    ab_trunk *trunk = AB_CONTAINER(task, ab_trunk, overflow);
    char *sentence AB_SCOPED(ab_free_ptr) =
        ab_format("%s does not read: more than %zu bytes wait for it", ab_trunk_place(trunk),
                  trunk->limits.max_queued);
    ab_trunk_end(trunk, AUTOBUS_CLOSED, sentence);
}

static void trunk_connected(void *owner) AB_LOCKED
{
    ab_trunk *trunk = owner;
    trunk->stage = AB_TRUNK_BINDING;
}

/* On the bus thread, or on one that waits for an answer. */
static void trunk_received(void *owner, ab_buffer *in) AB_LOCKED
{
    ab_trunk *trunk = owner;
    enter(trunk);
    ab_pulse_heard(&trunk->pulse);
    ab_trunk_hear(trunk, in);
    leave(trunk);
}

static void trunk_drained(void *owner) AB_LOCKED
{
    ab_trunk_eased(owner);
}

static void trunk_ended(void *owner, int error) AB_LOCKED
{
    ab_trunk *trunk = owner;
    enter(trunk);
    if (error == 0)
        ab_trunk_hear_rest(trunk);
    end_with_error(trunk, error);
    leave(trunk);
}

static const ab_stream_ops stream_ops = {
    .connected = trunk_connected,
    .received = trunk_received,
    .ended = trunk_ended,
    .drained = trunk_drained,
};

/* The pulse. */

static void pulse_ping(ab_pulse *pulse) AB_LOCKED
{
    ab_trunk *trunk = AB_CONTAINER(pulse, ab_trunk, pulse);
    ab_trunk_say_ping(trunk, ++trunk->last_id);
}

/* What one does about it may close others, and itself. */
static void pulse_responsive(ab_pulse *pulse, bool is_responsive) AB_LOCKED
{
    ab_trunk *trunk = AB_CONTAINER(pulse, ab_trunk, pulse);
    size_t count = 0;
    ab_link **links AB_SCOPED(ab_free_ptr) = ab_alloc(trunk->further + 1, sizeof(ab_link *));
    AB_LIST_FOR (at, &trunk->links) {
        if (link_at(at)->stage == AB_LINK_BOUND) {
            ab_link_enter(link_at(at));
            links[count++] = link_at(at);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (links[i]->stage == AB_LINK_BOUND)
            links[i]->ops->responsive(links[i]->owner, is_responsive);
        ab_link_leave(links[i]);
    }
}

static void pulse_dead(ab_pulse *pulse, bool is_vanished) AB_LOCKED
{
    ab_trunk *trunk = AB_CONTAINER(pulse, ab_trunk, pulse);
    char *sentence AB_SCOPED(ab_free_ptr) =
        is_vanished ? ab_format("%s has vanished: its host acknowledges nothing any more",
                                ab_trunk_place(trunk))
                    : ab_format("%s has said nothing for %" PRId64 " ms", ab_trunk_place(trunk),
                                trunk->limits.silence / 1000);
    ab_trunk_end(trunk, AUTOBUS_CLOSED, sentence);
}

static const ab_pulse_ops pulse_ops = {pulse_ping, pulse_responsive, pulse_dead};

void ab_trunk_count_call(ab_trunk *trunk, bool is_more)
{
    trunk->calls += is_more ? 1 : (size_t)-1;
    if (is_more || trunk->calls == 0)
        ab_pulse_wait(&trunk->pulse, is_more);
}

static void door_is_gone(ab_knock *knock) AB_LOCKED
{
    ab_trunk *trunk = AB_CONTAINER(knock, ab_trunk, knock);
    char *sentence AB_SCOPED(ab_free_ptr) =
        ab_format("%s is gone: nobody accepts there any more", ab_trunk_place(trunk));
    ab_trunk_end(trunk, AUTOBUS_CLOSED, sentence);
}

/* Old servers answer pings too; and what is no longer there lets its kernel say so: at once in answer to a knock,
 * while our own bytes wait longer and longer to be sent again. */
void ab_trunk_doubt(ab_trunk *trunk)
{
    if (trunk->stage == AB_TRUNK_ENDED)
        return;
    ab_pulse_ask(&trunk->pulse);
    trunk->knock.refused = door_is_gone;
    ab_knock_begin(&trunk->knock, trunk->loop, &trunk->at);
}

void ab_trunk_pause(ab_trunk *trunk, bool is_more)
{
    trunk->pauses += is_more ? 1U : -1U;
    bool is_paused = trunk->pauses > 0;
    if (trunk->stage == AB_TRUNK_ENDED || is_paused == trunk->is_paused)
        return;
    trunk->is_paused = is_paused;
    ab_stream_pause(trunk->stream, is_paused);
    ab_pulse_pause(&trunk->pulse, is_paused);
}

ab_reader *ab_trunk_reader(ab_trunk *trunk)
{
    if (trunk->reader == NULL)
        trunk->reader = ab_reader_of_stream(trunk->stream);
    return trunk->reader;
}

/* The beginning. */

/* Others share it as long as the other side knows how. */
void ab_trunk_become_open(ab_trunk *trunk)
{
    trunk->stage = AB_TRUNK_OPEN;
    ab_pulse_start(&trunk->pulse, trunk->loop, trunk->stream, &pulse_ops, trunk->is_autobus,
                   trunk->limits.unresponsive, trunk->limits.silence);
    size_t boarded = 1;
    AB_LIST_FOR_SAFE (at, &trunk->links) {
        if (link_at(at) == trunk->first)
            continue;
        if (trunk->most <= 1)
            ab_link_go_alone(link_at(at));
        else if (boarded++ < trunk->most)
            ab_link_bind(link_at(at));
        else
            ab_link_board_another(link_at(at));
    }
    if (trunk->most <= 1)
        ab_trunk_keep_apart(trunk);
    ab_link_become_bound(trunk->first);
}

static void dial_by_tcp(ab_trunk *trunk)
{
    trunk->stage = AB_TRUNK_CONNECTING;
    trunk->stream = ab_stream_dial(trunk->loop, &trunk->at, &stream_ops, trunk);
    ab_trunk_say_bind(trunk, trunk->first->service);
}

/* Such a connection is there at once or not at all. */
static bool dial_by_unix(ab_trunk *trunk, const ab_link_road *road) AB_LOCKED
{
    int fd =
        road->folder != NULL && road->bus != 0 ? ab_unix_socket_dial(road->folder, road->bus) : -1;
    if (fd < 0)
        return false;
    trunk->near = road->bus;
    trunk->stage = AB_TRUNK_BINDING;
    trunk->stream = ab_stream_adopt(trunk->loop, fd, &stream_ops, trunk);
    ab_trunk_say_bind(trunk, trunk->first->service);
    return true;
}

void ab_trunk_dial(ab_link *link)
{
    ab_trunk *trunk = ab_alloc(1, sizeof *trunk);
    trunk->loop = link->loop;
    trunk->at = link->road.at;
    trunk->limits = link->limits;
    trunk->codec = &ab_codec_lines;
    trunk->bus = link->road.bus;
    trunk->most = 1;
    ab_buffer_init(&trunk->out);
    ab_buffer_init(&trunk->room);
    ab_task_init(&trunk->overflow, give_up_on_reader);
    ab_list_init(&trunk->place);
    ab_list_init(&trunk->links);
    if (link->road.shared != NULL && link->limits.has_frames && !link->is_alone)
        ab_list_append(link->road.shared, &trunk->place);
    ab_list_append(&trunk->links, &link->place);
    link->trunk = trunk;
    trunk->first = link;
    if (!dial_by_unix(trunk, &link->road))
        dial_by_tcp(trunk);
}

/* Where there is doubt, a dial of its own knows sooner. */
static bool is_well(const ab_trunk *trunk)
{
    return !trunk->is_paused && !trunk->pulse.is_unresponsive && trunk->knock.stream == NULL;
}

static bool has_room(const ab_trunk *trunk)
{
    return trunk->stage != AB_TRUNK_OPEN ||
           (trunk->last_session < AB_TRUNK_NUMBERS && trunk->further + 1 < trunk->most);
}

/* At the same place another bus may live by now. */
ab_trunk *ab_trunk_find(const ab_link *link)
{
    const ab_link_road *road = &link->road;
    if (road->shared == NULL)
        return NULL;
    AB_LIST_FOR (at, road->shared) {
        ab_trunk *trunk = AB_CONTAINER(at, ab_trunk, place);
        bool is_same = trunk->bus == road->bus || trunk->bus == 0 || road->bus == 0;
        if (is_same && ab_address_equal(&trunk->at, &road->at) && is_well(trunk) && has_room(trunk))
            return trunk;
    }
    return NULL;
}

void ab_trunk_join(ab_trunk *trunk, ab_link *link)
{
    link->trunk = trunk;
    ab_list_append(&trunk->links, &link->place);
    if (trunk->stage == AB_TRUNK_OPEN)
        ab_link_bind(link);
}
