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
void caller_close(caller *caller);
void caller_lock(caller *caller);
void caller_unlock(caller *caller);
/** Waits for the end and says how it was. */
bool caller_wait(caller *caller);
ab_probe *caller_probe(caller *caller, const char *service, ab_time timeout);
void caller_fetch(caller *caller);
/** The next connection to the server. */
int caller_accept(caller *caller);

#endif
