/* SPDX-License-Identifier: MIT
 * The other direction under test: a running loop that probes and fetches, and a server for it that is a plain
 * listening socket. */
#ifndef AUTOBUS_TEST_CALLER_H
#define AUTOBUS_TEST_CALLER_H

#include <stdbool.h>

#include "base/clock.h"
#include "peer/fetch.h"
#include "peer/probe.h"

typedef struct caller {
    ab_clock_fake clock;
    ab_loop *loop;
    ab_address server;
    int listening;
    unsigned done;  /**< how often the end was told */
    uint64_t token; /**< with it */
    bool is_fine;
    unsigned pages, services; /**< heard of */
    char last[64];            /**< id of the last one */
    unsigned enough;          /**< pages that are wanted; 0: all */
    bool cancels;             /**< from inside a page */
    ab_fetch *fetch;
} caller;

caller *caller_open(void);
void caller_close(caller *from);
void caller_lock(caller *from);
void caller_unlock(caller *from);
/** Waits for the end and says how it was. */
bool caller_wait(caller *from);
ab_probe *caller_probe(caller *from, const char *service, ab_time timeout);
void caller_fetch(caller *from);
/** The next connection to the server. */
int caller_accept(caller *from);

#endif
