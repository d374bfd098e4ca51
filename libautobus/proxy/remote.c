/* SPDX-License-Identifier: MIT
 * The life of a remote. The program's handle, the registry, subscriptions and waiting threads each hold a
 * reference; its links are made and closed by the bus thread, to which everybody else sends it. */
#include "proxy/remote.h"

#include <stdlib.h>

#include "base/deadline.h"
#include "base/error.h"
#include "proxy/inside.h"
#include "value/filter.h"

autobus_remote *ab_remote_hold(autobus_remote *remote)
{
    remote->references++;
    return remote;
}

void ab_remote_release(autobus_remote *remote)
{
    if (--remote->references > 0)
        return;
    ab_map_fini(&remote->events);
    ab_map_fini(&remote->objects);
    ab_text_unref(remote->sentence);
    ab_text_unref(remote->died_of);
    ab_text_unref(remote->called);
    pthread_cond_destroy(&remote->news);
    autobus_filter_free(&remote->filter);
    free(remote);
}

void ab_remote_touch(autobus_remote *remote)
{
    if (!ab_list_is_empty(&remote->place))
        ab_loop_post(remote->seat->loop, &remote->task);
}

static void look_after(ab_task *task) AB_LOCKED
{
    autobus_remote *remote = AB_CONTAINER(task, autobus_remote, task);
    if (remote->is_closed)
        ab_remote_dismantle(remote);
    else
        ab_seek(remote);
}

static void try_again(ab_timer *timer) AB_LOCKED
{
    autobus_remote *remote = AB_CONTAINER(timer, autobus_remote, timer);
    if (!remote->is_closed)
        ab_seek(remote);
}

static autobus_remote *make(ab_remotes *remotes, ab_remote_kind kind) AB_LOCKED
{
    autobus_remote *remote = ab_alloc(1, sizeof *remote);
    ab_deadline_init_cond(&remote->news);
    remote->references = 2; /* the program's and the registry's */
    remote->seat = ab_seat_ref(remotes->seat);
    remote->remotes = remotes;
    remote->kind = kind;
    remote->unbound = AUTOBUS_UNBOUND_WAIT;
    ab_list_init(&remote->bindings);
    ab_list_init(&remote->state_watchers);
    ab_list_init(&remote->callings);
    ab_list_init(&remote->waiting);
    ab_list_init(&remote->round);
    ab_map_init(&remote->events);
    ab_map_init(&remote->objects);
    ab_task_init(&remote->task, look_after);
    ab_timer_init(&remote->timer, try_again);
    ab_timer_init(&remote->patience, ab_callings_run_out);
    ab_list_append(&remotes->remotes, &remote->place);
    return remote;
}

autobus_result ab_proxy_new(ab_remotes *remotes, autobus_filter *filter, bool is_multi,
                            autobus_remote **ret)
{
    autobus_result result = ab_filter_check(filter);
    *ret = NULL;
    if (result != AUTOBUS_OK || !ab_seat_enter(remotes->seat, &result)) {
        autobus_filter_free(&filter);
        return result;
    }
    autobus_remote *remote = make(remotes, is_multi ? AB_MULTI : AB_PROXY);
    remote->filter = filter;
    remote->wants = true;
    remotes->ops.want(remotes->owner, true);
    ab_remote_touch(remote);
    *ret = remote;
    ab_seat_leave(remotes->seat);
    return AUTOBUS_OK;
}

autobus_result ab_connection_new(ab_remotes *remotes, const char *service,
                                 const ab_address *addresses, size_t count, int timeout_ms,
                                 autobus_remote **ret)
{
    autobus_result result;
    *ret = NULL;
    if (timeout_ms < 0)
        return ab_fail(AUTOBUS_INVALID, "a timeout of %d ms must not be negative", timeout_ms);
    if (timeout_ms > 0 && ab_loop_is_here(remotes->seat->loop))
        return ab_fail(AUTOBUS_WRONG_THREAD, "connecting cannot be waited for in a callback on the "
                                             "bus thread; use a timeout of 0");
    if (!ab_seat_enter(remotes->seat, &result))
        return result;
    autobus_remote *remote = make(remotes, AB_CONNECTION);
    ab_text *id = ab_text_new(service, ab_slice_of(service).length);
    (void)ab_binding_new(remote, id, addresses, count);
    ab_text_unref(id);
    ab_remote_touch(remote);
    ab_seat_leave(remotes->seat);
    if (timeout_ms > 0 && (result = ab_remote_wait(remote, timeout_ms)) != AUTOBUS_OK) {
        ab_remote_free(remote);
        return result;
    }
    *ret = remote;
    return AUTOBUS_OK;
}

void ab_remote_shut(autobus_remote *remote, const char *sentence)
{
    if (remote->is_closed)
        return;
    remote->is_closed = true;
    ab_loop_timer_stop(remote->seat->loop, &remote->timer);
    ab_seek_forget_round(remote);
    ab_callings_fail(remote, AUTOBUS_CLOSED, sentence);
    if (remote->wants)
        remote->remotes->ops.want(remote->remotes->owner, false);
    remote->wants = false;
    pthread_cond_broadcast(&remote->news);
    ab_remote_touch(remote);
}

void ab_remote_dismantle(autobus_remote *remote)
{
    if (ab_list_is_empty(&remote->place))
        return;
    while (!ab_list_is_empty(&remote->bindings))
        ab_binding_free(AB_CONTAINER(remote->bindings.next, ab_binding, place), AUTOBUS_CLOSED,
                        "closed by hand");
    /* Between closing and now a link may have died, and what it leaves wants to try again. */
    ab_loop_timer_stop(remote->seat->loop, &remote->timer);
    ab_task_cancel(&remote->task);
    ab_list_remove(&remote->place);
    ab_remote_release(remote);
}

void ab_remote_close(autobus_remote *remote)
{
    if (ab_seat_is_foreign(remote->seat))
        return;
    ab_lock_take(remote->seat->lock);
    ab_remote_shut(remote, "the remote was closed");
    ab_lock_drop(remote->seat->lock);
}

void ab_remote_free(autobus_remote *remote)
{
    ab_seat *seat = remote->seat;
    if (ab_seat_is_foreign(seat))
        return;
    ab_lock_take(seat->lock);
    ab_remote_shut(remote, "the remote was freed");
    ab_subscriptions_end(remote);
    ab_remote_release(remote);
    ab_lock_drop(seat->lock);
    ab_seat_unref(seat);
}

static autobus_result say_closed(const autobus_remote *remote) AB_LOCKED
{
    if (remote->is_dead)
        return ab_fail(remote->why, "%s", remote->sentence->bytes);
    return ab_fail(AUTOBUS_CLOSED, "the remote is closed");
}

autobus_result ab_remote_missing(void)
{
    return ab_fail(AUTOBUS_INVALID, "the remote is NULL; make one with autobus_proxy_new() or "
                                    "autobus_connect()");
}

bool ab_remote_enter(autobus_remote *remote, autobus_result *why)
{
    if (!ab_seat_enter(remote->seat, why))
        return false;
    if (!remote->is_closed)
        return true;
    *why = say_closed(remote);
    ab_seat_leave(remote->seat);
    return false;
}

void ab_remote_leave(autobus_remote *remote)
{
    ab_seat_leave(remote->seat);
}

static autobus_result wait_bound(autobus_remote *remote, int timeout_ms) AB_LOCKED
{
    struct timespec until = ab_deadline_in(AB_MS(timeout_ms));
    bool is_late = false;
    while (remote->bound == 0 && !remote->is_closed && !remote->is_dead) {
        if (is_late)
            return ab_fail(AUTOBUS_TIMEOUT, "nothing was bound within %d ms", timeout_ms);
        is_late = pthread_cond_timedwait(&remote->news, &remote->seat->lock->mutex, &until) != 0;
    }
    return remote->bound > 0 ? AUTOBUS_OK : say_closed(remote);
}

autobus_result ab_remote_wait(autobus_remote *remote, int timeout_ms)
{
    autobus_result result;
    ab_seat *seat = remote->seat;
    if (timeout_ms < 0)
        return ab_fail(AUTOBUS_INVALID, "a timeout of %d ms must not be negative", timeout_ms);
    if (!ab_remote_enter(remote, &result))
        return result;
    if (remote->bound == 0 && ab_loop_is_here(seat->loop)) {
        ab_remote_leave(remote);
        return ab_fail(AUTOBUS_WRONG_THREAD, "a callback on the bus thread cannot wait for a "
                                             "binding; listen for its state instead");
    }
    ab_seat_ref(seat);
    ab_remote_hold(remote);
    result = wait_bound(remote, timeout_ms);
    ab_remote_release(remote);
    ab_seat_leave(seat);
    ab_seat_unref(seat);
    return result;
}

size_t ab_remote_bound(autobus_remote *remote)
{
    autobus_result why;
    if (!ab_remote_enter(remote, &why))
        return 0;
    size_t bound = remote->bound;
    ab_remote_leave(remote);
    return bound;
}

autobus_result ab_remote_set_unbound(autobus_remote *remote, autobus_unbound policy)
{
    autobus_result result;
    if (policy < AUTOBUS_UNBOUND_DEFAULT || policy > AUTOBUS_UNBOUND_DROP)
        return ab_fail(AUTOBUS_INVALID, "there is no unbound policy %d; see autobus_unbound",
                       (int)policy);
    if (!ab_remote_enter(remote, &result))
        return result;
    remote->unbound = policy == AUTOBUS_UNBOUND_DEFAULT ? AUTOBUS_UNBOUND_WAIT : policy;
    ab_remote_leave(remote);
    return AUTOBUS_OK;
}

ab_binding *ab_remote_bound_one(const autobus_remote *remote)
{
    AB_LIST_FOR (at, &remote->bindings) {
        ab_binding *binding = AB_CONTAINER(at, ab_binding, place);
        if (binding->is_bound)
            return binding;
    }
    return NULL;
}
