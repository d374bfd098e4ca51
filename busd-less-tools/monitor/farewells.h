/* SPDX-License-Identifier: MIT
 * Farewells: what was said of services and buses that leave, for a moment, so that a departure has its reason. Pure. */
#ifndef MONITOR_FAREWELLS_H
#define MONITOR_FAREWELLS_H

#include <stddef.h>
#include <stdint.h>

#include "monitor/message.h"

enum {
    MONITOR_FAREWELLS = 1024, /**< the oldest make room */
    MONITOR_FAREWELL_MS = 5000
};

typedef enum monitor_reason {
    MONITOR_SILENT,    /**< no farewell was heard */
    MONITOR_WITHDRAWN, /**< the service was withdrawn */
    MONITOR_GOODBYE    /**< its whole bus has left */
} monitor_reason;

typedef struct monitor_farewell {
    uint64_t whose;
    int64_t until_ms;
    monitor_reason reason;
} monitor_farewell;

typedef struct monitor_farewells {
    monitor_farewell list[MONITOR_FAREWELLS];
    size_t next;
} monitor_farewells;

/** Remembers what a datagram says of leaving, and forgets it of who is there after all. */
void monitor_farewells_note(monitor_farewells *self, const monitor_message *message,
                            int64_t now_ms);
/** A service is there after all; its bus may have told that to others alone. */
void monitor_farewells_forget(monitor_farewells *self, const char *service);
/** Why a service has left that was at that port. */
monitor_reason monitor_farewells_of(const monitor_farewells *self, const char *service,
                                    uint16_t port, int64_t now_ms);

/** "withdrawn", "goodbye" or "silent". */
const char *monitor_reason_name(monitor_reason reason);
/** The same for people, behind what has left. */
const char *monitor_reason_words(monitor_reason reason);

#endif
