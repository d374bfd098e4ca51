/* SPDX-License-Identifier: MIT
 * A bus thread for a test: starting and ending it, doing something on it, and waiting for what it does. */
#ifndef TEST_UNIT_NET_RUNNING_H
#define TEST_UNIT_NET_RUNNING_H

#include <stdbool.h>

#include "loop/loop.h"

/** A loop whose thread runs on the real clock. */
ab_loop *running_new(void);
/** Runs `last` (may be NULL) on the bus thread, ends the thread, and frees the loop. */
void running_end(ab_loop *loop, void (*last)(void *argument), void *argument);
/** Runs `body` on the bus thread with the lock; returns when it has. */
void running_do(ab_loop *loop, void (*body)(void *argument), void *argument);

void running_lock(ab_loop *loop);
void running_unlock(ab_loop *loop);

/** A number that the bus thread writes, read with the lock. */
int running_number(ab_loop *loop, const int *number);

/** Waits until `holds` is true, asked with the lock (loop NULL: without). False after ten seconds. */
bool running_until(ab_loop *loop, bool (*holds)(const void *argument), const void *argument);

/** Seconds since some moment, for bounds. */
double running_seconds(void);

#endif
