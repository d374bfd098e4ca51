/* SPDX-License-Identifier: MIT
 * A hash of texts, for tables of bounded size whose collisions do no harm. */
#ifndef MONITOR_HASH_H
#define MONITOR_HASH_H

#include <stdint.h>

/** Goes on from `before`; begin with 0. */
uint64_t monitor_hash(uint64_t before, const char *text);

#endif
