/* SPDX-License-Identifier: MIT
 * A calling has a leg for each service it was sent to. It is over when its last leg is; if it was sent to nobody,
 * when that is clear. Nothing is sent twice. What one call to one service needs is in one piece of memory: the calling,
 * its leg, and who hears the answer; or it is on the stack of the thread that waits. */
#include "proxy/calling.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/reading.h"
#include "proxy/inside.h"
#include "proxy/remote.h"

#define SEND_PATIENCE 10000 /* ms that what wants no answer waits for a service */

#define UNHEARD \
    "the answer comes behind more news than may wait, and no callback hears them while one waits"

typedef struct ab_calling ab_calling;

typedef struct ab_leg {
    ab_call call;
    ab_list place;
    ab_calling *calling;
    ab_binding *binding; /* lives as long as the leg: who ends one ends the other first */
    ab_link *link;
} ab_leg;

struct ab_calling {
    ab_list place, waits;
    autobus_remote *remote;
    uint64_t id;
    ab_text *name;      /* NULL: nobody will ask for it any more */
    ab_text *arguments; /* the same */
    ab_timer timer;
    ab_list legs; /* of ab_leg.place */
    ab_leg first; /* of them */
    size_t remaining;
    bool has_hearer; /* no: somebody waits, or nobody wants the answer */
    bool is_awaited; /* somebody waits: result, value, error and reading are for them */
    bool is_inside;  /* of a callback of this bus, so that no other runs meanwhile */
    autobus_result result;
    ab_text *value, *error;
    union {
        ab_hearer hearer;   /* its end is the calling's */
        ab_reading reading; /* who waits */
    };
};

static void forget_order(ab_calling *calling)
{
    ab_text_unref(calling->name);
    ab_text_unref(calling->arguments);
    calling->name = calling->arguments = NULL;
}

/* Takes both texts. */
static void tell(ab_calling *calling, ab_text *service, autobus_result result, ab_text *value,
                 ab_text *error) AB_LOCKED
{
    if (calling->has_hearer) {
        autobus_message news = {
            .kind = AUTOBUS_ANSWER,
            .result = result,
            .remaining = calling->remaining,
            .service = service != NULL ? ab_text_ref(service) : NULL,
            .name = ab_text_ref(calling->name),
            .error = error,
            .body = value,
        };
        ab_hearer_tell(&calling->hearer, &news, NULL, 0, NULL, "answer");
        return;
    }
    calling->result = result;
    calling->value = value;
    calling->error = error;
}

/* It is over: the last answer was told. */
static void finish(ab_calling *calling) AB_LOCKED
{
    autobus_remote *remote = calling->remote;
    ab_list_remove(&calling->place);
    ab_list_remove(&calling->waits);
    ab_loop_timer_stop(remote->seat->loop, &calling->timer);
    remote->calls--;
    if (calling->is_awaited) {
        ab_reading_finish(&calling->reading);
        return;
    }
    forget_order(calling);
    if (calling->has_hearer)
        ab_hearer_end(&calling->hearer, false);
    else
        free(calling);
}

static ab_text *text_or_null(ab_slice slice)
{
    return slice.length > 0 ? ab_text_new(slice.bytes, slice.length) : NULL;
}

static void end_leg(ab_leg *leg, autobus_result result, ab_slice value, ab_slice error) AB_LOCKED
{
    ab_calling *calling = leg->calling;
    ab_list_remove(&leg->place);
    calling->remaining--;
    if (calling->is_awaited)
        ab_binding_await(leg->binding, false);
    bool is_fine = result == AUTOBUS_OK;
    tell(calling, leg->binding->service, result, is_fine ? text_or_null(value) : NULL,
         is_fine ? NULL : text_or_null(error));
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
static void give_up(ab_calling *calling, autobus_result why, const char *sentence) AB_LOCKED
{
    if (ab_list_is_empty(&calling->legs)) {
        tell(calling, NULL, why, NULL,
             why == AUTOBUS_OK ? NULL : text_or_null(ab_slice_of(sentence)));
        finish(calling);
        return;
    }
    size_t rest = calling->remaining;
    while (rest-- > 0) {
        ab_leg *leg = AB_CONTAINER(calling->legs.next, ab_leg, place);
        ab_link_forget(leg->link, &leg->call);
        end_leg(leg, why, (ab_slice){0}, ab_slice_of(sentence));
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
static void join_reader(ab_calling *calling) AB_LOCKED
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
        join_reader(calling);
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
static size_t send_away(autobus_remote *remote, ab_slice name, ab_slice arguments,
                        autobus_result *result) AB_LOCKED
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
        (void)send_away(remote, name, arguments, &ignored);
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
        give_up(AB_CONTAINER(remote->callings.next, ab_calling, place), why, sentence);
}

void ab_callings_fail_waiting(autobus_remote *remote, autobus_result why, const char *sentence)
{
    for (ab_list *first; (first = ab_list_take_first(&remote->waiting)) != NULL;)
        give_up(AB_CONTAINER(first, ab_calling, waits), why, sentence);
}

/* What is sent may be done; so it is not said to be too much. */
void ab_callings_fail_inside(autobus_remote *remote)
{
    AB_LIST_FOR_SAFE (at, &remote->callings) {
        ab_calling *calling = AB_CONTAINER(at, ab_calling, place);
        if (calling->is_inside && !ab_list_is_empty(&calling->legs))
            give_up(calling, AUTOBUS_TIMEOUT, UNHEARD);
    }
}

static void run_out(ab_timer *timer) AB_LOCKED
{
    ab_calling *calling = AB_CONTAINER(timer, ab_calling, timer);
    give_up(calling, AUTOBUS_TIMEOUT,
            ab_list_is_empty(&calling->legs) ? "no service was bound in time"
                                             : "no answer came in time");
}

static void init(ab_calling *calling, autobus_remote *remote) AB_LOCKED
{
    calling->remote = remote;
    calling->id = ++remote->last_call;
    ab_list_init(&calling->waits);
    ab_list_init(&calling->legs);
    ab_timer_init(&calling->timer, run_out);
    ab_list_append(&remote->callings, &calling->place);
    remote->calls++;
}

/* A text that lasts; calls in a row are mostly of one function. */
static ab_text *name_of(autobus_remote *remote, const ab_order *order) AB_LOCKED
{
    ab_slice name = ab_slice_of(order->name);
    if (remote->called == NULL || !ab_text_is(remote->called, name)) {
        ab_text_unref(remote->called);
        remote->called = ab_text_new(name.bytes, name.length);
    }
    return ab_text_ref(remote->called);
}

static void wait_for_service(ab_calling *calling, const ab_order *order) AB_LOCKED
{
    autobus_remote *remote = calling->remote;
    if (calling->name == NULL)
        calling->name = name_of(remote, order);
    calling->arguments = ab_text_new(order->arguments.bytes, order->arguments.length);
    ab_list_append(&remote->waiting, &calling->waits);
}

static void start(ab_calling *calling, const ab_order *order) AB_LOCKED
{
    autobus_remote *remote = calling->remote;
    autobus_unbound policy = order->unbound;
    if (policy == AUTOBUS_UNBOUND_DEFAULT)
        policy = remote->unbound;
    if (remote->is_dead)
        give_up(calling, AUTOBUS_CLOSED, remote->sentence->bytes);
    else if (remote->bound > 0)
        send_calling(calling, ab_slice_of(order->name), order->arguments);
    else if (policy == AUTOBUS_UNBOUND_WAIT)
        wait_for_service(calling, order);
    else if (policy == AUTOBUS_UNBOUND_FAIL)
        give_up(calling, AUTOBUS_NOT_FOUND, "no service is bound");
    else
        give_up(calling, AUTOBUS_OK, NULL);
}

static autobus_result check(const autobus_remote *remote, const ab_order *order)
{
    (void)remote;
    if (order->name == NULL || order->name[0] == '\0')
        return ab_fail(AUTOBUS_INVALID, "a call needs the name of a function");
    if (order->timeout_ms < 0)
        return ab_fail(AUTOBUS_INVALID, "a timeout of %d ms must not be negative",
                       order->timeout_ms);
    if (order->unbound < AUTOBUS_UNBOUND_DEFAULT || order->unbound > AUTOBUS_UNBOUND_DROP)
        return ab_fail(AUTOBUS_INVALID, "there is no unbound policy %d; see autobus_unbound",
                       (int)order->unbound);
    return AUTOBUS_OK;
}

/* Enters, if there is room for one more. */
static bool enter(autobus_remote *remote, const ab_order *order, autobus_result *why)
    AB_TRY_ACQUIRE(true, ab_the_lock)
{
    *why = check(remote, order);
    if (*why != AUTOBUS_OK || !ab_remote_enter(remote, why))
        return false;
    if (remote->calls < remote->remotes->limits.max_calls)
        return true;
    *why =
        ab_fail(AUTOBUS_BUSY, "%zu calls are under way already, and no more may be", remote->calls);
    ab_remote_leave(remote);
    return false;
}

static void await(ab_calling *calling, ab_time until) AB_LOCKED
{
    const ab_waiter *waiter = &calling->reading.waiter;
    while (!waiter->is_done) {
        if (waiter->reader == NULL && !ab_list_is_empty(&calling->legs))
            join_reader(calling);
        ab_reading_wait(&calling->reading, until);
        if (!waiter->is_done && ab_reading_now() >= until)
            run_out(&calling->timer);
    }
    ab_reader_leave(&calling->reading.waiter);
}

/* The remote may be freed meanwhile. */
static autobus_result call_and_wait(autobus_remote *remote, const ab_order *order, ab_text **ret)
    AB_LOCKED
{
    ab_remote_hold(remote);
    ab_calling calling = {.is_awaited = true};
    init(&calling, remote);
    ab_reading_init(&calling.reading, remote->seat->lock);
    calling.is_inside = ab_deliveries_is_inside(remote->seat->deliveries);
    start(&calling, order);
    await(&calling, ab_reading_now() + AB_MS(order->timeout_ms));
    autobus_result result = calling.result;
    *ret = calling.value;
    if (result != AUTOBUS_OK)
        ab_fail(result, "%s", calling.error != NULL ? calling.error->bytes : "");
    ab_text_unref(calling.error);
    forget_order(&calling);
    ab_reading_fini(&calling.reading);
    ab_remote_release(remote);
    return result;
}

autobus_result ab_calling_call(autobus_remote *remote, const ab_order *order, ab_text **ret)
{
    autobus_result result;
    ab_seat *seat = remote->seat;
    *ret = NULL;
    if (remote->kind == AB_MULTI)
        return ab_fail(AUTOBUS_INVALID,
                       "a multi proxy has no single answer to wait for; call "
                       "\"%s\" with autobus_call_async()",
                       order->name != NULL ? order->name : "");
    if (ab_loop_is_here(seat->loop))
        return ab_fail(AUTOBUS_WRONG_THREAD,
                       "a callback on the bus thread cannot wait for an answer; "
                       "use autobus_call_async()");
    /* Whoever is cancelled in the middle of it would take the lock, or the role of the reader, with it. */
    int was_cancellable;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &was_cancellable);
    if (enter(remote, order, &result)) {
        ab_seat_ref(seat);
        result = call_and_wait(remote, order, ret);
        ab_seat_leave(seat);
        ab_seat_unref(seat);
    }
    pthread_setcancelstate(was_cancellable, NULL);
    return result;
}

static void free_heard(ab_hearer *hearer)
{
    free(AB_CONTAINER(hearer, ab_calling, hearer));
}

autobus_result ab_calling_start(autobus_remote *remote, const ab_order *order, const ab_ear *ear,
                                uint64_t *ret_call)
{
    autobus_result result;
    bool is_possible = ear->heard != NULL && enter(remote, order, &result);
    if (!is_possible) {
        if (ear->heard == NULL)
            result =
                ab_fail(AUTOBUS_INVALID, "a call needs a callback; autobus_send() wants no answer");
        if (ear->free_userdata != NULL)
            ear->free_userdata(ear->userdata);
        return result;
    }
    ab_calling *calling = ab_alloc(1, sizeof *calling);
    init(calling, remote);
    calling->name = name_of(remote, order);
    calling->has_hearer = true;
    ab_hearer_init(&calling->hearer, remote->seat, ear->heard, ear->userdata, ear->free_userdata,
                   free_heard);
    if (ret_call != NULL)
        *ret_call = calling->id;
    ab_loop_timer_start_in(remote->seat->loop, &calling->timer, AB_MS(order->timeout_ms));
    start(calling, order);
    ab_remote_leave(remote);
    return AUTOBUS_OK;
}

autobus_result ab_calling_send(autobus_remote *remote, const ab_order *order, size_t *ret_count)
{
    autobus_result result = AUTOBUS_OK;
    size_t count = 0;
    if (ret_count != NULL)
        *ret_count = 0;
    if (!enter(remote, order, &result))
        return result;
    if (remote->is_dead)
        result = ab_fail(AUTOBUS_CLOSED, "%s", remote->sentence->bytes);
    else if (remote->bound > 0)
        count = send_away(remote, ab_slice_of(order->name), order->arguments, &result);
    else if (order->unbound == AUTOBUS_UNBOUND_FAIL)
        result = ab_fail(AUTOBUS_NOT_FOUND, "no service is bound");
    else if (order->unbound == AUTOBUS_UNBOUND_WAIT) {
        ab_calling *calling = ab_alloc(1, sizeof *calling);
        init(calling, remote);
        wait_for_service(calling, order);
        ab_loop_timer_start_in(remote->seat->loop, &calling->timer, AB_MS(SEND_PATIENCE));
    }
    ab_remote_leave(remote);
    if (ret_count != NULL)
        *ret_count = count;
    return count > 0 ? AUTOBUS_OK : result;
}

autobus_result ab_calling_cancel(autobus_remote *remote, uint64_t call)
{
    autobus_result result;
    if (!ab_remote_enter(remote, &result))
        return result;
    ab_calling *found = NULL;
    AB_LIST_FOR (at, &remote->callings) {
        ab_calling *calling = AB_CONTAINER(at, ab_calling, place);
        if (calling->id == call && calling->has_hearer)
            found = calling;
    }
    if (found != NULL)
        give_up(found, AUTOBUS_CLOSED, "cancelled");
    ab_remote_leave(remote);
    return found != NULL ? AUTOBUS_OK
                         : ab_fail(AUTOBUS_NOT_FOUND, "that call is over, or never was");
}
