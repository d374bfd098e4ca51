/* SPDX-License-Identifier: MIT
 * The hot paths of the library, for the files of bench-paths: codec.c has those of one message, talk.c those of two
 * buses that talk. */
#ifndef TEST_BENCH_PATHS_H
#define TEST_BENCH_PATHS_H

#include <stddef.h>

/** Around what is counted; callgrind is told to look for them by name. On whatever thread, one path at a time. From
 *  the one to the other the clock stands. */
void paths_begin(void);
void paths_end(void);

/** Each takes a path in one wire ("frames", "lines") and returns how many of its operations were counted. */
size_t paths_read_and_write(const char *wire);
size_t paths_call(const char *wire);
size_t paths_call_in_a_crowd(const char *wire);
size_t paths_calls(const char *wire);
size_t paths_events_to_one(const char *wire);
size_t paths_events_to_8(const char *wire);
size_t paths_events_to_64(const char *wire);

#endif
