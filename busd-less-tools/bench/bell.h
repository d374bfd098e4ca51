/* SPDX-License-Identifier: MIT
 * A bell: one thread rings it, another waits for it in poll(). Rings that nobody waited for add up to one. */
#ifndef BENCH_BELL_H
#define BENCH_BELL_H

/** A descriptor to poll; close() it. Without one the program ends. */
int bench_bell_open(void);
/** From any thread. */
void bench_bell_ring(int bell);
/** Takes what was rung. */
void bench_bell_take(int bell);

#endif
