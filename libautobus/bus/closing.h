/* SPDX-License-Identifier: MIT
 * Ending a bus: goodbyes first, then the thread, then the parts; from any thread and from inside a callback. */
#ifndef AB_BUS_CLOSING_H
#define AB_BUS_CLOSING_H

#include "bus/bus.h"

/** Frees discovery and peers; their ops are not called after. */
void ab_closing_parts(autobus_bus *bus) AB_LOCKED;
/** After each turn of the directory: ends the thread once the goodbyes of a bus that closes itself are said. */
void ab_closing_turn(autobus_bus *bus) AB_LOCKED;
/** The same, as a task for the bus thread: bus->closing. */
void ab_closing_look(ab_task *task);
/** The loop's last act when the bus was freed in a callback on the bus thread. */
void ab_closing_thread_ended(void *owner);
/** A call in which callbacks could run has unwound: ends the bus if that was asked for meanwhile. Without the lock. */
void ab_closing_unwound(autobus_bus *bus);

#endif
