/* SPDX-License-Identifier: MIT
 * What happens in a round: who is there, who listens, and what makes the moment come. */
#include "round.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "support/eventually.h"

static uint64_t below(round *at, uint64_t limit)
{
    return ab_dice_below(&at->dice, limit);
}

static bool is_about_channels(const round *at)
{
    return (at->moment >= OPENED && at->moment <= CLOSED_HERE) ||
           (at->moment >= KNOCKED && at->moment <= CLOSED_THERE);
}

/* The moment of this tally: its own, or none, unless it is the one. */
static moment when(const round *at, moment which)
{
    return at->moment == which ? which : MOMENTS;
}

static void add_function(round *at, const char *name, autobus_policy policy, moment which)
{
    bool is_hooked = at->to_remove == name;
    tally *made = tally_new(at, name, at->serving, is_hooked ? HOOKED : when(at, which));
    tally_own(made, &at->service, NULL);
    made->is_pooled = policy == AUTOBUS_POOL;
    cr_assert_eq(autobus_service_add_function(at->service.service, name, NULL, policy, round_handle,
                                              made, tally_hook),
                 AUTOBUS_OK);
}

static void make_service(round *at)
{
    char text[40];
    snprintf(text, sizeof text, "{'round': %d}", at->number);
    autobus_service *service = autobus_service_parse(at->serving->bus, text);
    at->service.service = service;
    snprintf(text, sizeof text, "r-%d", at->number);
    autobus_service_set_id(service, text);
    add_function(at, "echo", AUTOBUS_INLINE, HANDLED);
    add_function(at, "work", AUTOBUS_POOL, WORKED);
    add_function(at, "later", AUTOBUS_INLINE, DEFERRED);
    autobus_service_add_event(service, "rang", NULL);
    autobus_service_add_object(service, "level", NULL, NULL);
    bool is_hooked = at->to_remove != NULL && at->to_remove[0] == 't';
    tally *gate = tally_new(at, "gate", at->serving, is_hooked ? HOOKED : when(at, KNOCKED));
    tally_own(gate, &at->service, NULL);
    cr_assert_eq(
        autobus_service_add_channel(service, "talk", NULL, false, round_knocked, gate, tally_hook),
        AUTOBUS_OK);
    cr_assert_eq(autobus_service_publish(service), AUTOBUS_OK, "%s", autobus_last_error());
    holder_show(&at->service);
}

static autobus_filter *filter_for(round *at, const char *what)
{
    char text[40];
    snprintf(text, sizeof text, "{'%s': %d}", what, at->number);
    return autobus_filter_parse(text);
}

static void make_remote(round *at)
{
    char id[20];
    uint16_t port = autobus_bus_port(at->serving->bus);
    autobus_result result;
    autobus_remote **ret = &at->remote.remote;
    snprintf(id, sizeof id, "r-%d", at->number);
    uint64_t kind = below(at, is_about_channels(at) ? 2 : 3);
    if (at->moment == DETAILS || kind == 0)
        result = autobus_connect_to(at->using->bus, "127.0.0.1", port,
                                    at->moment == DETAILS ? NULL : id, 0, ret);
    else if (kind == 1)
        result = autobus_proxy_new(at->using->bus, filter_for(at, "round"), ret);
    else
        result = autobus_multi_new(at->using->bus, filter_for(at, "round"), ret);
    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(autobus_remote_wait(at->remote.remote, 10000), AUTOBUS_OK, "%s",
                 autobus_last_error());
    holder_show(&at->remote);
}

static void call(round *at, const char *name, moment which)
{
    if (!holder_use(&at->remote))
        return;
    tally *made = tally_new(at, "call", at->using, which);
    uint64_t number = 0;
    made->is_call = true;
    int timeout = below(at, 4) == 0 ? (int)below(at, 4) : 10000;
    if (which != MOMENTS || at->moment == HANDLED || at->moment == WORKED || at->moment == DEFERRED)
        timeout = 10000;
    if (autobus_call_text_async(at->remote.remote, name, "[1, 'two']", timeout,
                                AUTOBUS_UNBOUND_DEFAULT, round_heard, made, tally_hook,
                                &number) != AUTOBUS_OK)
        atomic_store(&made->is_refused, true);
    atomic_store(&at->call, number);
    holder_leave(&at->remote);
}

void round_set_up(round *at)
{
    static const char *const parts[] = {NULL, "echo", "work", "later", "talk"};
    if (at->moment == HOOKED) {
        at->to_remove = parts[below(at, 5)];
        holder *const held[] = {NULL, &at->ear, &at->listener, &at->here};
        at->to_free = at->to_remove == NULL ? held[below(at, 4)] : NULL;
    }
    make_service(at);
    make_remote(at);
    if (below(at, 2) == 0) {
        tally *made = tally_new(at, "bystander", at->using, MOMENTS);
        tally_own(made, &at->bystander, &at->remote);
        (void)autobus_listen(at->remote.remote, "rang", round_heard, made, tally_hook,
                             &at->bystander.ear);
        holder_show(&at->bystander);
    }
    if (below(at, 2) == 0)
        call(at, (const char *[]){"echo", "work", "later"}[below(at, 3)], MOMENTS);
}

static tally *ear_new(round *at)
{
    tally *made = tally_new(at, moment_name(at->moment), at->using, at->moment);
    tally_own(made, &at->ear, &at->remote);
    at->subject = made;
    return made;
}

/* Whoever frees the remote meanwhile waits until we are done with it. */
static void subscribe(round *at)
{
    autobus_result result;
    if (!holder_use(&at->remote))
        return;
    autobus_remote *remote = at->remote.remote;
    tally *made = ear_new(at);
    bool is_state = at->moment == STATE_BOUND || at->moment == STATE_LOST;
    if (is_state)
        result = autobus_remote_on_state(remote, true, round_heard, made, tally_hook, &at->ear.ear);
    else if (at->moment == FIRED)
        result = autobus_listen(remote, "rang", round_heard, made, tally_hook, &at->ear.ear);
    else
        result = autobus_watch(remote, at->moment == DETAILS ? "details" : "level", round_heard,
                               made, tally_hook, &at->ear.ear);
    if (result != AUTOBUS_OK)
        atomic_store(&made->is_refused, true);
    holder_show(&at->ear);
    holder_leave(&at->remote);
}

static void publish_extra(round *at)
{
    char text[40];
    house *whose = below(at, 2) == 0 ? at->using : at->serving;
    snprintf(text, sizeof text, "{'extra': %d}", at->number);
    at->extra.service = autobus_service_parse(whose->bus, text);
    snprintf(text, sizeof text, "e-%d", at->number);
    autobus_service_set_id(at->extra.service, text);
    (void)autobus_service_publish(at->extra.service);
    holder_show(&at->extra);
}

static bool is_extra_known(round *at)
{
    char id[20];
    autobus_sighting *found = NULL;
    snprintf(id, sizeof id, "e-%d", at->number);
    autobus_result result = autobus_bus_find(at->using->bus, id, &found);
    autobus_sighting_free(&found);
    return result == AUTOBUS_OK || result == AUTOBUS_CLOSED || atomic_load(&at->extra.is_taken);
}

static void listen_to_services(round *at)
{
    bool is_initial = at->moment == LEFT || below(at, 2) == 0;
    if (is_initial)
        publish_extra(at);
    tally *made = tally_new(at, moment_name(at->moment), at->using, at->moment);
    tally_own(made, &at->listener, NULL);
    if (autobus_listener_new(at->using->bus, filter_for(at, "extra"), is_initial, round_noticed,
                             made, tally_hook, &at->listener.listener) != AUTOBUS_OK)
        atomic_store(&made->is_refused, true);
    holder_show(&at->listener);
    if (!is_initial)
        publish_extra(at);
}

static void open_channel(round *at, moment which)
{
    if (!holder_use(&at->remote))
        return;
    tally *made = tally_new(at, "channel here", at->using, which);
    tally_own(made, &at->here, NULL);
    made->is_channel = true;
    if (autobus_channel_open(at->remote.remote, "talk", false, NULL, round_heard, made, tally_hook,
                             &at->here.channel) != AUTOBUS_OK)
        atomic_store(&made->is_refused, true);
    holder_show(&at->here);
    holder_leave(&at->remote);
}

static void trigger_hook(round *at)
{
    if (at->to_free == &at->ear)
        subscribe(at);
    else if (at->to_free == &at->listener)
        listen_to_services(at);
    else if (at->to_free == &at->here)
        open_channel(at, HOOKED);
    else if (at->to_remove == NULL)
        call(at, "work", HOOKED);
}

void round_trigger(round *at)
{
    switch (at->moment) {
    case FOUND:
    case LEFT: listen_to_services(at); break;
    case ANSWER: call(at, (const char *[]){"echo", "work", "later"}[below(at, 3)], ANSWER); break;
    case HANDLED: call(at, "echo", MOMENTS); break;
    case WORKED: call(at, "work", MOMENTS); break;
    case DEFERRED: call(at, "later", MOMENTS); break;
    case HOOKED: trigger_hook(at); break;
    default:
        if (is_about_channels(at))
            open_channel(at, at->moment < HANDLED ? at->moment : MOMENTS);
        else
            subscribe(at);
    }
}

static void withdraw(holder *service)
{
    if (!holder_use(service))
        return;
    (void)autobus_service_withdraw(service->service);
    holder_leave(service);
}

static void fire_and_set(round *at)
{
    if (!holder_use(&at->service))
        return;
    (void)autobus_service_fire_text(at->service.service, "rang", "[1]");
    (void)autobus_service_set_text(at->service.service, "level", "{'a': [1]}");
    holder_leave(&at->service);
}

static void close_one(round *at)
{
    holder *held = below(at, 2) == 0 ? &at->here : &at->there;
    if (!atomic_load(&at->there.is_there) || !holder_use(held))
        return;
    (void)autobus_channel_close(held->channel, "enough");
    holder_leave(held);
}

static void make_hook_run(round *at)
{
    autobus_subscription **ear = &at->ear.ear;
    if (at->to_free == NULL || !holder_take(at->to_free))
        return;
    if (at->to_free == &at->ear)
        autobus_subscription_free(ear);
    else if (at->to_free == &at->listener)
        autobus_listener_free(&at->listener.listener);
    else
        autobus_channel_free(&at->here.channel);
    round_freed(at, at->to_free);
}

static void remove_part(round *at)
{
    if (at->to_remove == NULL || !holder_use(&at->service))
        return;
    if (at->to_remove[0] == 't')
        (void)autobus_service_remove_channel(at->service.service, at->to_remove);
    else
        (void)autobus_service_remove_function(at->service.service, at->to_remove);
    holder_leave(&at->service);
}

void round_nudge(round *at)
{
    switch (at->moment) {
    case LEFT:
        if (is_extra_known(at))
            withdraw(&at->extra);
        break;
    case STATE_LOST: withdraw(&at->service); break;
    case GONE:
        if (at->subject == NULL || atomic_load(&at->subject->begun) > 0)
            withdraw(&at->service);
        break;
    case VALUE:
    case FIRED: fire_and_set(at); break;
    case ANSWER: round_answer(at); break;
    case DATA_HERE:
    case WRITABLE_THERE: round_fill(&at->there); break;
    case DATA_THERE:
    case WRITABLE_HERE: round_fill(&at->here); break;
    case CLOSED_HERE:
    case CLOSED_THERE: close_one(at); break;
    case HOOKED:
        make_hook_run(at);
        remove_part(at);
        break;
    default: break;
    }
}

const char *moment_name(moment which)
{
    static const char *const names[] = {
        "found",   "left",     "bound",   "lost",       "value",          "gone",         "fired",
        "details", "answer",   "opened",  "data here",  "writable here",  "closed here",  "handled",
        "worked",  "deferred", "knocked", "data there", "writable there", "closed there", "hooked"};
    return which < MOMENTS ? names[which] : "none";
}
