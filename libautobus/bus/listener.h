/* SPDX-License-Identifier: MIT
 * Listeners of one bus for services that come and go. */
#ifndef AB_BUS_LISTENER_H
#define AB_BUS_LISTENER_H

#include <autobus/listener.h>

#include "bus/bus.h"

/** Filter and userdata are taken, also on failure. `ret` NULL: it stays until the bus ends. */
autobus_result ab_listener_new(autobus_bus *bus, autobus_filter *filter, bool initial,
                               autobus_listener_fn *heard, void *userdata,
                               autobus_free_fn *free_userdata, autobus_listener **ret);
/** Gives up the program's handle. */
void ab_listener_free(autobus_listener *listener);

/** Queues a change for all whom it concerns. */
void ab_listeners_tell(autobus_bus *bus, autobus_change change, autobus_sighting *sighting)
    AB_LOCKED;
/** Closes every listener; the handles stay the program's. Without the lock. */
void ab_listeners_close(autobus_bus *bus);

#endif
