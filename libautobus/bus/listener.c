/* SPDX-License-Identifier: MIT
 * A listener is a filter and a callback. It is told through the delivery queue, so registering one under the
 * bus lock and queueing what is already there leaves no gap and tells nothing twice. */
#include "bus/listener.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/map.h"
#include "value/filter.h"

struct autobus_listener {
    ab_target target;
    ab_list place; /**< in the bus's listeners */
    autobus_bus *bus;
    autobus_filter *filter;
    autobus_listener_fn *heard;
    void *userdata;
    autobus_free_fn *free_userdata;
    bool
        sees_location; /**< the filter's answer may change while a service stays: `shown` remembers it */
    ab_map shown;      /**< of autobus_sighting by its serial, only if sees_location */
    bool is_closed, has_handle, has_target; /**< guarded by the bus lock */
};

typedef struct notice {
    ab_delivery delivery;
    autobus_change change;
    autobus_sighting *sighting;
} notice;

static autobus_listener *listener_of(ab_target *target)
{
    return AB_CONTAINER(target, autobus_listener, target);
}

static void notice_free(notice *done)
{
    ab_sighting_unref(done->sighting);
    free(done);
}

static void notice_run(ab_delivery *delivery)
{
    notice *now = AB_CONTAINER(delivery, notice, delivery);
    autobus_listener *listener = listener_of(delivery->target);

    listener->heard(listener->userdata, now->change, now->sighting);
    notice_free(now);
}

static void notice_drop(ab_delivery *delivery)
{
    notice_free(AB_CONTAINER(delivery, notice, delivery));
}

static void notice_push(autobus_listener *listener, autobus_change change,
                        autobus_sighting *sighting) AB_LOCKED
{
    notice *fresh = ab_alloc(1, sizeof *fresh);

    fresh->change = change;
    fresh->sighting = ab_sighting_ref(sighting);
    fresh->delivery.run = notice_run;
    fresh->delivery.drop = notice_drop;
    fresh->delivery.name = "service listener";
    ab_deliveries_push(listener->bus->seat.deliveries, &listener->target, &fresh->delivery);
}

static bool listener_matches(const autobus_listener *listener, const autobus_sighting *sighting)
{
    char host[AB_ADDRESS_TEXT];
    ab_subject subject;

    ab_sighting_subject(sighting, &subject, listener->sees_location ? host : NULL);
    return ab_filter_matches(listener->filter, &subject);
}

/** Remembers whether the program has been shown this service; returns whether it had been before. */
static bool shown_set(autobus_listener *listener, autobus_sighting *sighting, bool is_shown)
{
    autobus_sighting *before =
        ab_map_take(&listener->shown, &sighting->serial, sizeof sighting->serial);

    if (is_shown) {
        ab_sighting_ref(sighting);
        ab_map_put(&listener->shown, &sighting->serial, sizeof sighting->serial, sighting);
    }
    ab_sighting_unref(before);
    return before != NULL;
}

/** A filter on host or port: what it shows comes and goes with the best location. */
static void tell_by_location(autobus_listener *listener, autobus_change change,
                             autobus_sighting *sighting) AB_LOCKED
{
    bool is_shown = change != AUTOBUS_LEFT && listener_matches(listener, sighting);
    bool was_shown = shown_set(listener, sighting, is_shown);

    if (is_shown)
        notice_push(listener, was_shown ? AUTOBUS_CHANGED : AUTOBUS_APPEARED, sighting);
    if (!is_shown && was_shown)
        notice_push(listener, AUTOBUS_LEFT, sighting);
}

static void listener_tell(autobus_listener *listener, autobus_change change,
                          autobus_sighting *sighting) AB_LOCKED
{
    if (listener->sees_location)
        tell_by_location(listener, change, sighting);
    else if (listener_matches(listener, sighting))
        notice_push(listener, change, sighting);
}

void ab_listeners_tell(autobus_bus *bus, autobus_change change, autobus_sighting *sighting)
{
    AB_LIST_FOR (at, &bus->listeners)
        listener_tell(AB_CONTAINER(at, autobus_listener, place), change, sighting);
}

static void tell_initial(void *userdata, autobus_sighting *sighting) AB_LOCKED
{
    listener_tell(userdata, AUTOBUS_APPEARED, sighting);
}

/** Without the initial set it still counts as shown, so that its leaving is told. */
static void skip_initial(void *userdata, autobus_sighting *sighting)
{
    autobus_listener *listener = userdata;
    if (listener->sees_location && listener_matches(listener, sighting))
        (void)shown_set(listener, sighting, true);
}

static void listener_destroy(autobus_listener *listener)
{
    autobus_bus *bus = listener->bus;
    size_t cursor = 0;

    for (autobus_sighting *each; (each = ab_map_next(&listener->shown, &cursor)) != NULL;)
        ab_sighting_unref(each);
    ab_map_fini(&listener->shown);
    autobus_filter_free(&listener->filter);
    free(listener);
    ab_bus_unref(bus);
}

/** The target's last touch: then the program's hook runs, and nothing calls back any more. */
static void target_free(ab_target *target)
{
    autobus_listener *listener = listener_of(target);
    autobus_bus *bus = listener->bus;

    if (listener->free_userdata != NULL)
        listener->free_userdata(listener->userdata);
    ab_lock_take(bus->seat.lock);
    listener->has_target = false;
    bool is_last = !listener->has_handle;
    ab_lock_drop(bus->seat.lock);
    if (is_last)
        listener_destroy(listener);
}

/** True for the one who closes it: that one closes the target too, without the lock. Until then the listener
 *  stays, whoever frees its handle. */
static bool listener_detach(autobus_listener *listener) AB_LOCKED
{
    if (listener->is_closed)
        return false;
    listener->is_closed = true;
    ab_list_remove(&listener->place);
    ab_bus_want(listener->bus, false);
    return true;
}

static autobus_listener *listener_make(autobus_bus *bus, autobus_filter *filter)
{
    autobus_listener *listener = ab_alloc(1, sizeof *listener);

    ab_target_init(&listener->target, target_free);
    listener->bus = ab_bus_ref(bus);
    listener->filter = filter;
    listener->sees_location = ab_filter_sees_location(filter);
    listener->has_target = true;
    ab_map_init(&listener->shown);
    return listener;
}

autobus_result ab_listener_new(autobus_bus *bus, autobus_filter *filter, bool initial,
                               autobus_listener_fn *heard, void *userdata,
                               autobus_free_fn *free_userdata, autobus_listener **ret)
{
    autobus_result result = ab_filter_check(filter);

    if (ret != NULL)
        *ret = NULL;
    if (result == AUTOBUS_OK && heard == NULL)
        result = ab_fail(AUTOBUS_INVALID, "a listener needs a callback, not NULL");
    if (result != AUTOBUS_OK || !ab_bus_enter(bus, &result)) {
        autobus_filter_free(&filter);
        if (free_userdata != NULL)
            free_userdata(userdata);
        return result;
    }
    autobus_listener *listener = listener_make(bus, filter);
    listener->heard = heard;
    listener->userdata = userdata;
    listener->free_userdata = free_userdata;
    ab_list_append(&bus->listeners, &listener->place);
    ab_directory_each(ab_bus_directory(bus), initial ? tell_initial : skip_initial, listener);
    ab_bus_want(bus, true);
    /* With the lock: the first callback may be the one that frees it. */
    listener->has_handle = ret != NULL;
    if (ret != NULL)
        *ret = listener;
    ab_bus_leave(bus);
    return AUTOBUS_OK;
}

void ab_listener_free(autobus_listener *listener)
{
    autobus_bus *bus = listener->bus;

    if (ab_bus_is_foreign(bus))
        return;
    ab_lock_take(bus->seat.lock);
    bool is_first = listener_detach(listener);
    ab_lock_drop(bus->seat.lock);
    if (is_first)
        ab_target_close(bus->seat.deliveries, &listener->target);
    ab_lock_take(bus->seat.lock);
    listener->has_handle = false;
    bool is_last = !listener->has_target;
    ab_lock_drop(bus->seat.lock);
    if (is_last)
        listener_destroy(listener);
}

/** The first listener, detached; NULL when there is none. */
static autobus_listener *listener_take_first(autobus_bus *bus)
{
    autobus_listener *first = NULL;

    ab_lock_take(bus->seat.lock);
    if (!ab_list_is_empty(&bus->listeners)) {
        first = AB_CONTAINER(bus->listeners.next, autobus_listener, place);
        (void)listener_detach(first);
    }
    ab_lock_drop(bus->seat.lock);
    return first;
}

void ab_listeners_close(autobus_bus *bus)
{
    for (autobus_listener *each; (each = listener_take_first(bus)) != NULL;)
        ab_target_close(bus->seat.deliveries, &each->target);
}
