/* SPDX-License-Identifier: MIT
 * A loop for a test, with its thread or before that runs, and waiting for what happens on it. */
#ifndef TEST_UNIT_DISCOVERY_BUS_THREAD_H
#define TEST_UNIT_DISCOVERY_BUS_THREAD_H

#include <stdbool.h>

#include "loop/loop.h"

/** A loop on the real clock whose thread does not run yet. */
ab_loop *bus_thread_new(void);
/** Starts the thread: what was made before is served from now on. */
void bus_thread_start(ab_loop *loop);
/** Ends the thread if it runs; the loop stays, for others to be freed. */
void bus_thread_stop(ab_loop *loop);
/** True once `holds` is, asked with the lock; false after ten seconds. */
bool bus_thread_until(ab_loop *loop, bool (*holds)(void *argument), void *argument);

void bus_lock(ab_loop *loop);
void bus_unlock(ab_loop *loop);
/** Milliseconds since some moment. */
double bus_milliseconds(void);
/** A UDP port that nobody uses now. */
unsigned short bus_free_port(void);

#endif
