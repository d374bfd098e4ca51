/* SPDX-License-Identifier: MIT
 * Firing as fast as every listener hears: nothing is lost, because nobody is ever so far behind that a bus would
 * have to drop it. The listeners say now and then how far they are. */
#ifndef BENCH_FIRE_H
#define BENCH_FIRE_H

#include <autobus/service.h>

typedef struct bench_fire bench_fire;

/** `service` is not owned, and outlives it up to bench_fire_stop(). */
bench_fire *bench_fire_new(autobus_service *service);
/** Adds the events "tick" and, as the last of a salvo, "last"; "heard" [listener, how many]; and "fire" [how many,
 *  bytes, listeners, window, whether it is the first salvo of a run], which answers with the seconds from the first
 *  one fired to the last one heard. */
autobus_result bench_fire_offer(bench_fire *self, autobus_service *service);
/** Whoever is firing stops. */
void bench_fire_stop(bench_fire *self);
/** After its bus is gone. Clears *fire. */
void bench_fire_free(bench_fire **fire);

#endif
