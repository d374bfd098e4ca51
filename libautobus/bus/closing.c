/* SPDX-License-Identifier: MIT
 * Three ways out of one house: from an ordinary thread, which waits; from a callback on the bus thread or from a
 * worker, where the thread ends itself; from a dispatched callback, where the last dispatch ends it when it has
 * unwound, unless that is a worker's. Nobody leaves before the goodbyes are said, and what was said on connections has
 * left; those have a patience of their own with who does not read. */
#include "bus/closing.h"

#include "base/deadline.h"
#include "bus/listener.h"
#include "net/linger.h"

/** Goodbyes end by themselves after the last of the say times, connections when they lose patience; this is for a
 *  directory that does not, and for a callback that holds the bus thread. */
#define PATIENCE AB_MS(10000)
/** What was said has this long to leave. */
#define FAREWELL AB_MS(2000)

void ab_closing_parts(autobus_bus *bus)
{
    ab_discovery *discovery = bus->discovery;
    ab_peers *peers = bus->peers;

    bus->seat.is_closing = true;
    bus->discovery = NULL;
    bus->peers = NULL;
    if (bus->remotes != NULL)
        ab_remotes_stop(bus->remotes);
    if (peers != NULL)
        ab_peers_free(peers);
    ab_linger_abandon(bus->seat.loop);
    if (discovery != NULL)
        ab_discovery_free(discovery);
}

static bool is_said(autobus_bus *bus) AB_LOCKED
{
    if (bus->discovery != NULL && !ab_directory_is_said(ab_bus_directory(bus)))
        return false;
    return bus->has_hung_up && ab_linger_followed(bus->seat.loop) == 0;
}

static void news_wait_briefly(autobus_bus *bus) AB_LOCKED
{
    struct timespec until = ab_deadline_in(AB_MS(1000));

    pthread_cond_timedwait(&bus->news, &bus->seat.lock->mutex, &until);
}

/** The thread has ended. What was still to be told is told here, and every hook runs. */
static void wind_up(autobus_bus *bus)
{
    ab_lock_take(bus->seat.lock);
    ab_closing_parts(bus);
    ab_lock_drop(bus->seat.lock);
    ab_offers_wait(bus->offers);
    ab_deliveries_finish(bus->seat.deliveries);
    ab_bus_unref(bus);
}

/** The ordinary way, on a thread that may wait. */
static void finish(autobus_bus *bus)
{
    ab_lock_take(bus->seat.lock);
    ab_time patience = ab_loop_now(bus->seat.loop) + PATIENCE;
    while (bus->dispatching > 0 || (!is_said(bus) && ab_loop_now(bus->seat.loop) < patience))
        news_wait_briefly(bus);
    ab_lock_drop(bus->seat.lock);
    (void)ab_loop_stop(bus->seat.loop);
    wind_up(bus);
}

void ab_closing_turn(autobus_bus *bus)
{
    if (!bus->closes_by_thread || !ab_loop_is_here(bus->seat.loop) || bus->dispatching > 0 ||
        !is_said(bus))
        return;
    bus->closes_by_thread = false;
    ab_lock_drop(bus->seat.lock);
    (void)ab_loop_stop(bus->seat.loop);
    ab_lock_take(bus->seat.lock);
}

void ab_closing_look(ab_task *task)
{
    autobus_bus *bus = AB_CONTAINER(task, autobus_bus, closing);
    ab_lock_is_held(bus->seat.lock);
    /* Whatever ends a connection was posted before this, so all have ended by now. */
    if (!bus->has_hung_up)
        ab_linger_follow(bus->seat.loop, FAREWELL, &bus->closing);
    bus->has_hung_up = true;
    pthread_cond_broadcast(&bus->news);
    ab_closing_turn(bus);
}

void ab_closing_thread_ended(void *owner)
{
    wind_up(owner);
}

void ab_closing_unwound(autobus_bus *bus)
{
    ab_lock_take(bus->seat.lock);
    bus->dispatching--;
    bool is_last = bus->closes_by_dispatch && bus->dispatching == 0;
    bool is_mine = is_last && !ab_offers_is_worker(bus->offers);
    if (is_last && !is_mine) /* a worker would wait for itself */
        bus->closes_by_thread = true;
    if (bus->closes_by_thread)
        ab_loop_post(bus->seat.loop, &bus->closing);
    pthread_cond_broadcast(&bus->news);
    ab_lock_drop(bus->seat.lock);
    if (is_mine)
        finish(bus);
}

void ab_bus_close(autobus_bus *bus)
{
    if (ab_bus_is_foreign(bus))
        return;
    bool is_inside = ab_deliveries_is_inside(bus->seat.deliveries),
         is_thread = ab_loop_is_here(bus->seat.loop), is_worker = ab_offers_is_worker(bus->offers);
    ab_lock_take(bus->seat.lock);
    bus->seat.is_closing = true;
    ab_lock_drop(bus->seat.lock);
    /* Listeners first: our own services leave without telling us. */
    ab_listeners_close(bus);
    ab_lock_take(bus->seat.lock);
    ab_remotes_close(bus->remotes);
    ab_offers_close(bus->offers);
    ab_directory_leave(ab_bus_directory(bus), ab_loop_now(bus->seat.loop));
    ab_discovery_touch(bus->discovery);
    bus->closes_by_thread = is_thread || is_worker;
    bus->closes_by_dispatch = is_inside && !bus->closes_by_thread;
    ab_loop_post(bus->seat.loop, &bus->closing);
    pthread_cond_broadcast(&bus->news);
    ab_lock_drop(bus->seat.lock);
    /* Inside of a callback there is nothing more to do: the bus thread sees to the rest, or the dispatch. */
    if (!is_inside && !is_worker && !is_thread)
        finish(bus);
}
