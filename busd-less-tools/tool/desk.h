/* SPDX-License-Identifier: MIT
 * A desk: the bus and the signals that verbs use one after the other in a process that goes on. A verb that is a
 * program of its own has none. */
#ifndef TOOL_DESK_H
#define TOOL_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include <autobus/bus.h>

typedef struct tool_desk tool_desk;

struct tool_desk {
    autobus_bus *bus;
    int signals;      /**< as of tool_signals_open() */
    int64_t began_ms; /**< when the bus began to listen */
    /** Does what else there is to do, before each turn of a verb; when it wants to be called again at the latest. It
     *  turns nothing itself. NULL: there is nothing. */
    int64_t (*tend)(tool_desk *self);
    int wakes;      /**< a descriptor that is ready when that should be called at once; -1: none */
    bool has_input; /**< commands come from standard input: no verb reads it */
    bool has_company; /**< others print meanwhile: no verb has the screen for itself */
    bool is_to_close; /**< the process is to end, not just the verb */
};

#endif
