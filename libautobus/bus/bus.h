/* SPDX-License-Identifier: MIT
 * The bus: makes the parts below, starts and stops them in order, and knows which of them answers a question.
 *
 * Life: the program's handle, each service and each listener hold a reference. Closing ends the thread and
 * every part; the loop and its lock stay until the last reference is gone, so that what the program still
 * holds can always find out that its bus is closed. */
#ifndef AB_BUS_BUS_H
#define AB_BUS_BUS_H

#include <pthread.h>
#include <stdatomic.h>

#include <autobus/bus.h>

#include "base/list.h"
#include "bus/options.h"
#include "discovery/discovery.h"
#include "loop/seat.h"
#include "peer/peer.h"
#include "proxy/remotes.h"
#include "service/offers.h"

struct autobus_bus {
    ab_seat seat;
    uint16_t port;
    char *_Atomic id;    /**< replaced by a renaming; the old one stays readable in old_ids */
    pthread_cond_t news; /**< after every turn of the directory, and when a dispatch ends */

    bool
        closes_by_thread AB_UNDER_LOCK; /**< freed on the bus thread or by a worker: it ends itself */
    bool
        closes_by_dispatch AB_UNDER_LOCK; /**< freed in a dispatched callback: that dispatch ends it */
    bool
        has_hung_up AB_UNDER_LOCK; /**< closing; every connection has ended, and may still linger */
    ab_task closing AB_UNDER_LOCK; /**< looks on the bus thread whether it can end itself now */
    unsigned dispatching AB_UNDER_LOCK; /**< calls under way in which callbacks may run */
    unsigned wanting AB_UNDER_LOCK; /**< listeners and waiting calls: we want to hear of services */
    ab_list listeners AB_UNDER_LOCK; /**< of ab_listener.place */
    ab_list old_ids AB_UNDER_LOCK;   /**< of bus_id.place */
    char *
        folder; /**< of the unix sockets; NULL: they are not used; lives as long as the bus's memory */
    ab_offers *offers;                     /**< made once; lives as long as the bus's memory */
    ab_remotes *remotes;                   /**< the same */
    ab_peers *peers AB_UNDER_LOCK;         /**< NULL once closed */
    ab_discovery *discovery AB_UNDER_LOCK; /**< NULL once closed */
};

/** Everything but the option checks of the public function; options stay the caller's. */
autobus_result ab_bus_new(const autobus_options *options, autobus_bus **ret_bus);
/** Ends the bus and gives up the handle's reference. Any thread, inside a callback too. */
void ab_bus_close(autobus_bus *bus);
autobus_bus *ab_bus_ref(autobus_bus *bus);
/** The last one frees. Without the lock. */
void ab_bus_unref(autobus_bus *bus);

/** Takes the lock for a public function. False with a sentence and *why: NULL, closed, or a fork's child. */
bool ab_bus_enter(autobus_bus *bus, autobus_result *why) AB_TRY_ACQUIRE(true, ab_the_lock);
void ab_bus_leave(autobus_bus *bus) AB_RELEASE(ab_the_lock);
/** True in a child of the process that made the bus: nothing of it may be touched. */
bool ab_bus_is_foreign(const autobus_bus *bus);

/** One more, or one fewer, who wants to hear of services. */
void ab_bus_want(autobus_bus *bus, bool is_more) AB_LOCKED;
ab_directory *ab_bus_directory(autobus_bus *bus) AB_LOCKED;

autobus_result ab_bus_settle(autobus_bus *bus, int timeout_ms);
int ab_bus_dispatch(autobus_bus *bus);
autobus_result ab_bus_sync(autobus_bus *bus);
uint64_t ab_bus_stat(autobus_bus *bus, autobus_stat which);

#endif
