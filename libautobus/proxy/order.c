/* SPDX-License-Identifier: MIT
 * What the program wants called, each way: waiting for the answer, with a callback, without an answer. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "proxy/calling_state.h"
#include "proxy/remote.h"

#define SEND_PATIENCE 10000 /* ms that what wants no answer waits for a service */

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
            ab_calling_join_reader(calling);
        ab_reading_wait(&calling->reading, until);
        if (!waiter->is_done && ab_reading_now() >= until)
            ab_calling_run_out(calling);
    }
    ab_reader_leave(&calling->reading.waiter);
}

/* The remote may be freed meanwhile. */
static autobus_result call_and_wait(autobus_remote *remote, const ab_order *order, ab_text **ret)
    AB_LOCKED
{
    ab_remote_hold(remote);
    ab_calling calling = {.is_awaited = true};
    ab_calling_init(&calling, remote);
    ab_reading_init(&calling.reading, remote->seat->lock);
    calling.is_inside = ab_deliveries_is_inside(remote->seat->deliveries);
    ab_calling_start(&calling, order);
    await(&calling, ab_reading_now() + AB_MS(order->timeout_ms));
    autobus_result result = calling.result;
    *ret = calling.value;
    if (result != AUTOBUS_OK)
        ab_fail(result, "%s", calling.error != NULL ? calling.error->bytes : "");
    ab_text_unref(calling.error);
    ab_calling_forget_order(&calling);
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

static void put_by(ab_hearer *hearer) AB_LOCKED
{
    ab_calling *calling = AB_CONTAINER(hearer, ab_calling, hearer);
    ab_spares_give(&calling->remotes->callings, calling);
}

autobus_result ab_calling_ask(autobus_remote *remote, const ab_order *order, const ab_ear *ear,
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
    ab_remotes *remotes = remote->remotes;
    ab_calling *calling = ab_spares_take(&remotes->callings, sizeof *calling,
                                         offsetof(ab_calling, hearer.first.room));
    ab_calling_init(calling, remote);
    calling->remotes = remotes;
    ab_calling_keep_name(calling, order);
    calling->has_hearer = true;
    void *userdata =
        ear->size > 0 ? memcpy(calling->userdata, ear->userdata, ear->size) : ear->userdata;
    ab_hearer_init(&calling->hearer, remote->seat, ear->heard, userdata, ear->free_userdata,
                   put_by);
    if (ret_call != NULL)
        *ret_call = calling->id;
    ab_calling_limit(calling, order->timeout_ms);
    ab_calling_start(calling, order);
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
        result = ab_fail(remote->why, "%s", remote->sentence->bytes);
    else if (remote->bound > 0)
        count = ab_calling_send_away(remote, ab_slice_of(order->name), order->arguments, &result);
    else if (order->unbound == AUTOBUS_UNBOUND_FAIL)
        result = ab_fail(AUTOBUS_NOT_FOUND, "no service is bound");
    else if (order->unbound == AUTOBUS_UNBOUND_WAIT) {
        ab_calling *calling = ab_alloc(1, sizeof *calling);
        ab_calling_init(calling, remote);
        ab_calling_wait_for_service(calling, order);
        ab_calling_limit(calling, SEND_PATIENCE);
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
        ab_calling_give_up(found, AUTOBUS_CLOSED, "cancelled");
    ab_remote_leave(remote);
    return found != NULL ? AUTOBUS_OK
                         : ab_fail(AUTOBUS_NOT_FOUND, "that call is over, or never was");
}
