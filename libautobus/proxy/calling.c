/* SPDX-License-Identifier: MIT
 * A calling has a leg for each service it was sent to. It is over when its last leg is; if it was sent to nobody,
 * when that is clear. Nothing is sent twice. What one call to one service needs is in one piece of memory: the calling,
 * its leg, and who hears the answer; or it is on the stack of the thread that waits. */
#include "proxy/calling_state.h"

#include <stdlib.h>

#include "base/error.h"

#define UNHEARD \
    "the answer comes behind more news than may wait, and no callback hears them while one waits"

void ab_calling_forget_order(ab_calling *calling)
{
    ab_text_unref(calling->name);
    ab_text_unref(calling->arguments);
    calling->name = calling->arguments = NULL;
}

/* The last one has it for himself. */
static ab_text *name_for_news(ab_calling *calling)
{
    ab_text *name = calling->name;
    if (calling->remaining > 0)
        return ab_text_ref(name);
    calling->name = NULL;
    return name;
}

static ab_text *text_or_null(ab_slice slice)
{
    return slice.length > 0 ? ab_text_new(slice.bytes, slice.length) : NULL;
}

static void tell(ab_calling *calling, ab_text *service, autobus_result result, ab_slice value,
                 ab_slice error) AB_LOCKED
{
    if (calling->has_hearer) {
        autobus_message news = {
            .kind = AUTOBUS_ANSWER,
            .result = result,
            .remaining = calling->remaining,
            .service = service != NULL ? ab_text_ref(service) : NULL,
            .name = name_for_news(calling),
            .error = text_or_null(error),
        };
        ab_hearer_tell_copy(&calling->hearer, &news, value, NULL, 0, "answer");
        return;
    }
    calling->result = result;
    calling->value = text_or_null(value);
    calling->error = text_or_null(error);
}

/* It is over: the last answer was told. */
static void finish(ab_calling *calling) AB_LOCKED
{
    autobus_remote *remote = calling->remote;
    ab_list_remove(&calling->place);
    ab_list_remove(&calling->waits);
    if (--remote->calls == 0)
        ab_loop_timer_stop(remote->seat->loop, &remote->patience);
    if (calling->is_awaited) {
        ab_reading_finish(&calling->reading);
        return;
    }
    ab_calling_forget_order(calling);
    if (calling->has_hearer)
        ab_hearer_end(&calling->hearer, false);
    else
        free(calling);
}

static void end_leg(ab_leg *leg, autobus_result result, ab_slice value, ab_slice error) AB_LOCKED
{
    ab_calling *calling = leg->calling;
    ab_list_remove(&leg->place);
    calling->remaining--;
    if (calling->is_awaited)
        ab_binding_await(leg->binding, false);
    bool is_fine = result == AUTOBUS_OK;
    tell(calling, leg->binding->service, result, is_fine ? value : (ab_slice){0},
         is_fine ? (ab_slice){0} : error);
    if (leg != &calling->first)
        free(leg);
    if (calling->remaining == 0)
        finish(calling);
}

static void leg_done(ab_call *call, autobus_result result, ab_slice value, ab_slice error) AB_LOCKED
{
    end_leg(AB_CONTAINER(call, ab_leg, call), result, value, error);
}

/* Ends it for whomever it still waits. Afterwards it may be gone. */
void ab_calling_give_up(ab_calling *calling, autobus_result why, const char *sentence)
{
    ab_slice error = sentence != NULL ? ab_slice_of(sentence) : (ab_slice){0};
    if (ab_list_is_empty(&calling->legs)) {
        tell(calling, NULL, why, (ab_slice){0}, error);
        finish(calling);
        return;
    }
    size_t rest = calling->remaining;
    while (rest-- > 0) {
        ab_leg *leg = AB_CONTAINER(calling->legs.next, ab_leg, place);
        ab_link_forget(leg->link, &leg->call);
        end_leg(leg, why, (ab_slice){0}, error);
    }
}

static bool wants_answer(const ab_calling *calling)
{
    return calling->is_awaited || calling->has_hearer;
}

/* The legs are all there before the first is sent, for it may fail at once. */
static void add_leg(ab_calling *calling, ab_binding *binding) AB_LOCKED
{
    ab_leg *leg = calling->remaining == 0 ? &calling->first : ab_alloc(1, sizeof *leg);
    leg->call.done = leg_done;
    leg->call.is_urgent = calling->is_awaited;
    leg->calling = calling;
    leg->binding = binding;
    leg->link = binding->link;
    ab_list_append(&calling->legs, &leg->place);
    calling->remaining++;
    if (calling->is_awaited)
        ab_binding_await(binding, true);
}

static autobus_result send_leg(ab_leg *leg, ab_slice name, ab_slice arguments) AB_LOCKED
{
    const ab_calling *calling = leg->calling;
    if (calling->is_inside && ab_binding_is_full(leg->binding))
        return ab_fail(AUTOBUS_BUSY, "%s", UNHEARD);
    return ab_link_call(leg->link, &leg->call, name, arguments);
}

/* The thread that waits reads the connection of its (only) leg. */
void ab_calling_join_reader(ab_calling *calling)
{
    ab_reader *reader = ab_link_reader(AB_CONTAINER(calling->legs.next, ab_leg, place)->link);
    if (reader != NULL)
        ab_reader_join(reader, &calling->reading.waiter);
}

/* Before the question is sent, so that the bus thread does not wake for the answer. What waited for a service is sent
 * on the bus thread: then the one who waits has to join by itself. */
static void have_reader_join(ab_calling *calling) AB_LOCKED
{
    if (calling->remaining == 0)
        return;
    if (ab_loop_is_here(calling->remote->seat->loop))
        ab_reading_wake(&calling->reading);
    else
        ab_calling_join_reader(calling);
}

static void send_legs(ab_calling *calling, ab_slice name, ab_slice arguments) AB_LOCKED
{
    size_t rest = calling->remaining;
    ab_list *at = calling->legs.next;
    while (rest-- > 0) {
        ab_leg *leg = AB_CONTAINER(at, ab_leg, place);
        at = at->next;
        autobus_result result = send_leg(leg, name, arguments);
        if (result != AUTOBUS_OK)
            end_leg(leg, result, (ab_slice){0}, ab_slice_of(autobus_last_error()));
    }
}

/* How many services it went to without wanting an answer. */
size_t ab_calling_send_away(autobus_remote *remote, ab_slice name, ab_slice arguments,
                            autobus_result *result)
{
    size_t count = 0;
    AB_LIST_FOR (at, &remote->bindings) {
        const ab_binding *binding = AB_CONTAINER(at, ab_binding, place);
        if (!binding->is_bound)
            continue;
        *result = ab_link_call(binding->link, NULL, name, arguments);
        count += *result == AUTOBUS_OK;
    }
    return count;
}

/* To all that are bound now. The calling may be gone after it. */
static void send_calling(ab_calling *calling, ab_slice name, ab_slice arguments) AB_LOCKED
{
    autobus_remote *remote = calling->remote;
    if (!wants_answer(calling)) {
        autobus_result ignored;
        (void)ab_calling_send_away(remote, name, arguments, &ignored);
        finish(calling);
        return;
    }
    AB_LIST_FOR (at, &remote->bindings) {
        ab_binding *binding = AB_CONTAINER(at, ab_binding, place);
        if (binding->is_bound)
            add_leg(calling, binding);
    }
    if (calling->is_awaited)
        have_reader_join(calling);
    send_legs(calling, name, arguments);
}

/* One that has waited. */
static void send_kept(ab_calling *calling) AB_LOCKED
{
    ab_text *name = ab_text_ref(calling->name), *arguments = ab_text_ref(calling->arguments);
    send_calling(calling, ab_text_slice(name), ab_text_slice(arguments));
    ab_text_unref(name);
    ab_text_unref(arguments);
}

void ab_callings_bound(autobus_remote *remote, ab_binding *binding)
{
    (void)binding;
    for (ab_list *first; (first = ab_list_take_first(&remote->waiting)) != NULL;)
        send_kept(AB_CONTAINER(first, ab_calling, waits));
}

void ab_callings_fail(autobus_remote *remote, autobus_result why, const char *sentence)
{
    while (!ab_list_is_empty(&remote->callings))
        ab_calling_give_up(AB_CONTAINER(remote->callings.next, ab_calling, place), why, sentence);
}

void ab_callings_fail_waiting(autobus_remote *remote, autobus_result why, const char *sentence)
{
    for (ab_list *first; (first = ab_list_take_first(&remote->waiting)) != NULL;)
        ab_calling_give_up(AB_CONTAINER(first, ab_calling, waits), why, sentence);
}

/* What is sent may be done; so it is not said to be too much. */
void ab_callings_fail_inside(autobus_remote *remote)
{
    AB_LIST_FOR_SAFE (at, &remote->callings) {
        ab_calling *calling = AB_CONTAINER(at, ab_calling, place);
        if (calling->is_inside && !ab_list_is_empty(&calling->legs))
            ab_calling_give_up(calling, AUTOBUS_TIMEOUT, UNHEARD);
    }
}

void ab_calling_run_out(ab_calling *calling)
{
    ab_calling_give_up(calling, AUTOBUS_TIMEOUT,
                       ab_list_is_empty(&calling->legs) ? "no service was bound in time"
                                                        : "no answer came in time");
}

void ab_calling_init(ab_calling *calling, autobus_remote *remote)
{
    calling->remote = remote;
    calling->id = ++remote->last_call;
    ab_list_init(&calling->waits);
    ab_list_init(&calling->legs);
    calling->due = AB_NEVER;
    ab_list_append(&remote->callings, &calling->place);
    remote->calls++;
}

/* One timer for all that a remote has under way: most end long before, and then it has not moved. */
void ab_callings_run_out(ab_timer *timer)
{
    autobus_remote *remote = AB_CONTAINER(timer, autobus_remote, patience);
    ab_time now = ab_loop_now(remote->seat->loop), next = AB_NEVER;
    AB_LIST_FOR_SAFE (at, &remote->callings) {
        ab_calling *calling = AB_CONTAINER(at, ab_calling, place);
        if (calling->due <= now)
            ab_calling_run_out(calling);
        else
            next = AB_MIN(next, calling->due);
    }
    ab_loop_timer_start(remote->seat->loop, timer, next);
}

void ab_calling_limit(ab_calling *calling, int timeout_ms)
{
    autobus_remote *remote = calling->remote;
    ab_loop *loop = remote->seat->loop;
    calling->due = ab_loop_now(loop) + AB_MS(timeout_ms);
    if (!ab_timer_is_running(&remote->patience) || calling->due < remote->patience.due)
        ab_loop_timer_start(loop, &remote->patience, calling->due);
}

/* A text that lasts; calls in a row are mostly of one function. */
void ab_calling_keep_name(ab_calling *calling, const ab_order *order)
{
    autobus_remote *remote = calling->remote;
    ab_slice name = ab_slice_of(order->name);
    if (remote->called == NULL || !ab_text_is(remote->called, name)) {
        ab_text_unref(remote->called);
        remote->called = ab_text_new(name.bytes, name.length);
    }
    calling->name = ab_text_ref(remote->called);
}

void ab_calling_wait_for_service(ab_calling *calling, const ab_order *order)
{
    autobus_remote *remote = calling->remote;
    if (calling->name == NULL)
        ab_calling_keep_name(calling, order);
    calling->arguments = ab_text_new(order->arguments.bytes, order->arguments.length);
    ab_list_append(&remote->waiting, &calling->waits);
}

void ab_calling_start(ab_calling *calling, const ab_order *order)
{
    autobus_remote *remote = calling->remote;
    autobus_unbound policy = order->unbound;
    if (policy == AUTOBUS_UNBOUND_DEFAULT)
        policy = remote->unbound;
    if (remote->is_dead)
        ab_calling_give_up(calling, remote->why, remote->sentence->bytes);
    else if (remote->bound > 0)
        send_calling(calling, ab_slice_of(order->name), order->arguments);
    else if (policy == AUTOBUS_UNBOUND_WAIT)
        ab_calling_wait_for_service(calling, order);
    else if (policy == AUTOBUS_UNBOUND_FAIL)
        ab_calling_give_up(calling, AUTOBUS_NOT_FOUND, "no service is bound");
    else
        ab_calling_give_up(calling, AUTOBUS_OK, NULL);
}
