/* SPDX-License-Identifier: MIT
 * The tally: how much of each kind each peer has said. Beyond MONITOR_ROWS of them it counts all others in one row. */
#ifndef MONITOR_TALLY_H
#define MONITOR_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "monitor/message.h"

enum {
    MONITOR_ROWS = 512,
    MONITOR_PEER = 56 /**< "[host]:port" and its end */
};

typedef struct monitor_row {
    char peer[MONITOR_PEER];
    char kind[MONITOR_KIND];
    uint64_t packets, bytes; /**< 0 packets: an empty row */
} monitor_row;

typedef struct monitor_tally {
    monitor_row rows[2 * MONITOR_ROWS]; /**< at most half of them are filled */
    size_t count;
    monitor_row others; /**< those that had no room */
} monitor_tally;

void monitor_tally_count(monitor_tally *self, const char *peer, const char *kind, size_t bytes);

/** All rows, most bytes first, those without room last; the array is yours, and borrows them. */
const monitor_row **monitor_tally_sorted(const monitor_tally *self, size_t *ret_count);
/** The sum of all. */
monitor_row monitor_tally_total(const monitor_tally *self);

#endif
