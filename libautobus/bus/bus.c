/* SPDX-License-Identifier: MIT
 * Making a bus and asking it things. Ending one is closing.c; who listens to services is listener.c. */
#include "bus/bus.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "bus/closing.h"
#include "bus/listener.h"

/** An id that was given out as a string. */
typedef struct bus_id {
    ab_list place;
    char text[17];
} bus_id;

bool ab_bus_is_foreign(const autobus_bus *bus)
{
    return ab_seat_is_foreign(&bus->seat);
}

bool ab_bus_enter(autobus_bus *bus, autobus_result *why)
{
    if (bus == NULL) {
        *why = ab_fail(AUTOBUS_INVALID, "the bus is NULL; make one with autobus_bus_new()");
        return false;
    }
    return ab_seat_enter(&bus->seat, why);
}

void ab_bus_leave(autobus_bus *bus)
{
    ab_seat_leave(&bus->seat);
}

autobus_bus *ab_bus_ref(autobus_bus *bus)
{
    (void)ab_seat_ref(&bus->seat);
    return bus;
}

static void bus_free(ab_seat *seat) AB_UNCHECKED
{
    autobus_bus *bus = AB_CONTAINER(seat, autobus_bus, seat);

    for (ab_list *each; (each = ab_list_take_first(&bus->old_ids)) != NULL;)
        free(AB_CONTAINER(each, bus_id, place));
    ab_offers_free(bus->offers);
    ab_remotes_free(bus->remotes);
    if (bus->seat.deliveries != NULL) {
        ab_lock_take(bus->seat.lock);
        ab_deliveries_free(bus->seat.deliveries);
        ab_lock_drop(bus->seat.lock);
    }
    pthread_cond_destroy(&bus->news);
    ab_loop_free(bus->seat.loop);
    free(bus->folder);
    free(bus);
}

void ab_bus_unref(autobus_bus *bus)
{
    ab_seat_unref(&bus->seat);
}

ab_directory *ab_bus_directory(autobus_bus *bus)
{
    return ab_discovery_directory(bus->discovery);
}

void ab_bus_want(autobus_bus *bus, bool is_more)
{
    bool was_wanting = bus->wanting > 0;
    bus->wanting = is_more ? bus->wanting + 1 : bus->wanting - 1;
    if (bus->discovery == NULL || (bus->wanting > 0) == was_wanting)
        return;
    ab_directory_want(ab_bus_directory(bus), ab_loop_now(bus->seat.loop), bus->wanting > 0);
    ab_discovery_touch(bus->discovery);
}

static void id_take(autobus_bus *bus, uint64_t id) AB_LOCKED
{
    bus_id *fresh = ab_alloc(1, sizeof *fresh);
    snprintf(fresh->text, sizeof fresh->text, "%016" PRIx64, id);
    ab_list_append(&bus->old_ids, &fresh->place);
    atomic_store(&bus->id, fresh->text);
}

/* What the parts tell, with the lock. */

static void service_changed(void *owner, autobus_change change, autobus_sighting *sighting)
{
    autobus_bus *bus = owner;
    ab_lock_is_held(bus->seat.lock);
    ab_listeners_tell(bus, change, sighting);
    ab_remotes_tell(bus->remotes, change, sighting);
}

/* Listeners hear of the best place alone; who is looking for something to bind to, of every one. */
static void service_widened(void *owner, autobus_sighting *sighting)
{
    autobus_bus *bus = owner;
    ab_lock_is_held(bus->seat.lock);
    ab_remotes_tell(bus->remotes, AUTOBUS_CHANGED, sighting);
}

static void remotes_want(void *owner, bool is_more)
{
    autobus_bus *bus = owner;
    ab_lock_is_held(bus->seat.lock);
    ab_bus_want(bus, is_more);
}

static void place_doubted(void *owner, const ab_address *at)
{
    autobus_bus *bus = owner;
    ab_lock_is_held(bus->seat.lock);
    if (bus->discovery == NULL)
        return;
    ab_directory_doubt(ab_bus_directory(bus), ab_loop_now(bus->seat.loop), at);
    ab_discovery_touch(bus->discovery);
}

static ab_directory *directory_now(void *owner)
{
    autobus_bus *bus = owner;
    ab_lock_is_held(bus->seat.lock);
    return bus->discovery != NULL ? ab_bus_directory(bus) : NULL;
}

static void bus_renamed(void *owner, uint64_t id)
{
    autobus_bus *bus = owner;
    ab_lock_is_held(bus->seat.lock);
    id_take(bus, id);
    ab_peers_set_bus(bus->peers, id);
}

static void directory_turned(void *owner)
{
    autobus_bus *bus = owner;
    ab_lock_is_held(bus->seat.lock);
    pthread_cond_broadcast(&bus->news);
    ab_closing_turn(bus);
}

static void legacy_seen(void *owner)
{
    autobus_bus *bus = owner;
    ab_lock_is_held(bus->seat.lock);
    ab_directory_legacy_seen(ab_bus_directory(bus), ab_loop_now(bus->seat.loop));
    ab_discovery_touch(bus->discovery);
}

static void offers_touched(void *owner)
{
    autobus_bus *bus = owner;
    ab_lock_is_held(bus->seat.lock);
    ab_discovery_touch(bus->discovery);
}

static void loop_stood_still(void *owner, ab_time gap)
{
    autobus_bus *bus = owner;
    ab_lock_is_held(bus->seat.lock);
    if (bus->discovery == NULL)
        return;
    ab_directory_stood_still(ab_bus_directory(bus), ab_loop_now(bus->seat.loop), gap);
    ab_discovery_touch(bus->discovery);
}

static const ab_discovery_ops discovery_ops = {
    .changed = service_changed,
    .widened = service_widened,
    .renamed = bus_renamed,
    .turned = directory_turned,
};

static const ab_offers_ops offers_ops = {
    .legacy_seen = legacy_seen,
    .touch = offers_touched,
};

static const ab_remotes_ops remotes_ops = {
    .want = remotes_want,
    .doubt = place_doubted,
    .directory = directory_now,
};

static const ab_loop_ops loop_ops = {
    .stood_still = loop_stood_still,
    .ended = ab_closing_thread_ended,
};

static autobus_result parts_make(autobus_bus *bus, const autobus_options *options) AB_LOCKED
{
    ab_discovery_config discovery = {0};
    ab_peer_limits limits;
    ab_link_limits links;
    uint64_t id = ab_random_id();

    ab_options_for_discovery(options, &discovery);
    ab_options_for_peers(options, &limits);
    ab_options_for_links(options, &links);
    id_take(bus, id);
    bus->folder = ab_options_folder(options);
    bus->remotes = ab_remotes_new(&bus->seat, bus->folder, &links, &remotes_ops, bus);
    bus->offers = ab_offers_new(&bus->seat, (size_t)options->numbers[AUTOBUS_WORKERS],
                                limits.max_message, &offers_ops, bus);
    autobus_result result =
        ab_peers_new(&bus->seat, (uint16_t)options->numbers[AUTOBUS_TCP_PORT], id, &limits,
                     &ab_offers_peer_ops, bus->offers, &bus->peers);
    if (result != AUTOBUS_OK)
        return result;
    ab_peers_choose(bus->peers, options->texts[AUTOBUS_INTERFACES]);
    bus->port = ab_peers_port(bus->peers);
    if (bus->folder != NULL)
        ab_peers_listen_near(bus->peers, bus->folder);
    discovery.directory.bus = id;
    discovery.directory.seed = ab_random_id();
    discovery.directory.port = bus->port;
    result = ab_discovery_new(bus->seat.loop, &discovery, &discovery_ops, bus, &bus->discovery);
    if (result != AUTOBUS_OK)
        return result;
    ab_offers_attach(bus->offers, bus->peers, ab_bus_directory(bus));
    return AUTOBUS_OK;
}

static void log_where(autobus_bus *bus) AB_LOCKED
{
    if (!ab_log_wants(AB_LOG_INFO))
        return;
    char *where = ab_discovery_text(bus->discovery);
    ab_log(AB_LOG_INFO, "bus %s: TCP port %u; discovery: %s", atomic_load(&bus->id), bus->port,
           where);
    free(where);
}

autobus_result ab_bus_new(const autobus_options *options, autobus_bus **ret_bus)
{
    *ret_bus = NULL;
    autobus_bus *bus = ab_alloc(1, sizeof *bus);
    ab_seat_init(&bus->seat, bus_free);
    ab_deadline_init_cond(&bus->news);
    bus->seat.loop = ab_loop_new(NULL, &loop_ops, bus);
    if (bus->seat.loop == NULL) {
        pthread_cond_destroy(&bus->news);
        free(bus);
        return AUTOBUS_FAILED;
    }
    ab_loop_look_out(bus->seat.loop, options->numbers[AUTOBUS_LOOK_OUT_US],
                     options->numbers[AUTOBUS_SPIN_US]);
    bus->seat.lock = ab_loop_lock(bus->seat.loop);
    ab_lock_take(bus->seat.lock);
    ab_task_init(&bus->closing, ab_closing_look);
    ab_list_init(&bus->listeners);
    ab_list_init(&bus->old_ids);
    bus->seat.deliveries =
        ab_deliveries_new(bus->seat.loop, options->numbers[AUTOBUS_DISPATCH] != 0);
    autobus_result result =
        bus->seat.deliveries != NULL ? parts_make(bus, options) : AUTOBUS_FAILED;
    if (result == AUTOBUS_OK)
        log_where(bus);
    else
        ab_closing_parts(bus);
    ab_lock_drop(bus->seat.lock);
    if (result == AUTOBUS_OK && (result = ab_loop_start(bus->seat.loop)) != AUTOBUS_OK) {
        ab_lock_take(bus->seat.lock);
        ab_closing_parts(bus);
        ab_lock_drop(bus->seat.lock);
    }
    if (result != AUTOBUS_OK) {
        ab_bus_unref(bus);
        return result;
    }
    *ret_bus = bus;
    return AUTOBUS_OK;
}

/** Waits for news, at most until `due` by the loop's clock. */
static void news_wait(autobus_bus *bus, ab_time due) AB_LOCKED
{
    ab_time wait = AB_MAX(due - ab_loop_now(bus->seat.loop), 0) + 1;
    struct timespec until = ab_deadline_in(wait);

    pthread_cond_timedwait(&bus->news, &bus->seat.lock->mutex, &until);
}

static autobus_result settle_wait(autobus_bus *bus, int timeout_ms) AB_LOCKED
{
    ab_time deadline = ab_loop_now(bus->seat.loop) + AB_MS(timeout_ms);

    while (!bus->seat.is_closing) {
        ab_time now = ab_loop_now(bus->seat.loop),
                settles = ab_directory_settles(ab_bus_directory(bus));
        if (settles <= now)
            return AUTOBUS_OK;
        if (deadline <= now)
            return ab_fail(AUTOBUS_TIMEOUT,
                           "not every bus heard has told all its services in %d ms", timeout_ms);
        news_wait(bus, AB_MIN(settles, deadline));
    }
    return ab_fail(AUTOBUS_CLOSED, "the bus was closed while waiting");
}

autobus_result ab_bus_settle(autobus_bus *bus, int timeout_ms)
{
    autobus_result result;

    if (timeout_ms < 0)
        return ab_fail(AUTOBUS_INVALID, "a timeout of %d ms must not be negative", timeout_ms);
    if (!ab_bus_enter(bus, &result))
        return result;
    if (ab_loop_is_here(bus->seat.loop)) {
        ab_bus_leave(bus);
        return ab_fail(AUTOBUS_WRONG_THREAD,
                       "autobus_bus_settle() in a callback would wait for itself");
    }
    ab_bus_ref(bus);
    ab_bus_want(bus, true);
    result = settle_wait(bus, timeout_ms);
    ab_bus_want(bus, false);
    ab_bus_leave(bus);
    ab_bus_unref(bus);
    return result;
}

/** Callbacks may run on this thread from here on, and one of them may end the bus. */
static bool dispatch_begin(autobus_bus *bus, autobus_result *why)
{
    if (!ab_bus_enter(bus, why))
        return false;
    ab_bus_ref(bus);
    bus->dispatching++;
    ab_bus_leave(bus);
    return true;
}

static void dispatch_end(autobus_bus *bus)
{
    ab_closing_unwound(bus);
    ab_bus_unref(bus);
}

int ab_bus_dispatch(autobus_bus *bus)
{
    autobus_result why;

    if (!dispatch_begin(bus, &why))
        return -1;
    int count = ab_deliveries_dispatch(bus->seat.deliveries);
    dispatch_end(bus);
    return count;
}

autobus_result ab_bus_sync(autobus_bus *bus)
{
    autobus_result result;

    if (!dispatch_begin(bus, &result))
        return result;
    result = ab_deliveries_sync(bus->seat.deliveries);
    dispatch_end(bus);
    return result;
}

uint64_t ab_bus_stat(autobus_bus *bus, autobus_stat which)
{
    autobus_result why;

    if ((unsigned)which >= AUTOBUS_STAT_COUNT || !ab_bus_enter(bus, &why))
        return 0;
    uint64_t value = which == AUTOBUS_STAT_WAKES ? ab_loop_wakes(bus->seat.loop)
                                                 : ab_discovery_stat(bus->discovery, which) +
                                                       ab_peers_stat(bus->peers, which) +
                                                       ab_remotes_stat(bus->remotes, which);
    ab_bus_leave(bus);
    return value;
}
