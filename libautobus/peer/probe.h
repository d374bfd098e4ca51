/* SPDX-License-Identifier: MIT
 * A probe: connect, bind, hear the answer, close. Finds out whether a service (or bus) is still there. */
#ifndef AB_PEER_PROBE_H
#define AB_PEER_PROBE_H

#include <stdbool.h>

#include "base/address.h"
#include "loop/loop.h"

typedef struct ab_probe ab_probe;
/** Once, on the bus thread, never from inside ab_probe_start(). The probe is freed after it. */
typedef void ab_probe_fn(void *owner, uint64_t token, bool is_alive);

/** `service` NULL binds introspection. Alive: any first line that is an object without an error. */
ab_probe *ab_probe_start(ab_loop *loop, const ab_address *at, const char *service, ab_time timeout,
                         uint64_t token, ab_probe_fn *done, void *owner) AB_LOCKED;
/** Gives up; `done` is not called. */
void ab_probe_cancel(ab_probe *probe) AB_LOCKED;

#endif
