/* SPDX-License-Identifier: MIT
 * bench-paths: takes the hot paths of the library, one after the other, for test/bench/paths.py, which counts their
 * instructions under callgrind. Writes one line for each: its name, and how many operations were between paths_begin()
 * and paths_end().
 *
 *     bench-paths [--built]     only says how it was built: what its counts depend on */
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <gnu/libc-version.h>

#include "base/compiler.h"
#include "bench/census.h"
#include "bench/paths/paths.h"

/* While something is counted the clock stands: then no time is over early on a slow day, and no callback is slow. */
static atomic_bool is_standing;
static struct timespec standing[CLOCK_TAI + 1];

static int read_clock(clockid_t clock, struct timespec *time)
{
    return (int)syscall(SYS_clock_gettime, clock, time);
}

/* In the place of the C library's, for all of this program. */
int paths_clock(clockid_t clock, struct timespec *time);
int paths_setsockopt(int fd, int level, int name, const void *value, socklen_t length);
extern AB_TYPEOF(clock_gettime) clock_gettime __attribute__((alias("paths_clock")));
extern AB_TYPEOF(setsockopt) setsockopt __attribute__((alias("paths_setsockopt")));

int paths_clock(clockid_t clock, struct timespec *time)
{
    bool stands = atomic_load_explicit(&is_standing, memory_order_acquire) && clock >= 0 &&
                  clock <= CLOCK_TAI;
    if (!stands)
        return read_clock(clock, time);
    *time = standing[clock];
    return 0;
}

/* Who waits for an answer waits until it is there, however slow the day: looking again would be counted. */
int paths_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    static const struct timeval long_enough = {.tv_sec = 60};
    bool is_patience = level == SOL_SOCKET && name == SO_RCVTIMEO;
    return (int)syscall(SYS_setsockopt, fd, level, name, is_patience ? &long_enough : value,
                        is_patience ? sizeof long_enough : length);
}

/* Empty but for what callgrind sees: that it was called. */
AB_NOINLINE void paths_begin(void)
{
    for (clockid_t clock = 0; clock <= CLOCK_TAI; clock++)
        (void)read_clock(clock, &standing[clock]);
    atomic_store_explicit(&is_standing, true, memory_order_release);
}

AB_NOINLINE void paths_end(void)
{
    atomic_store_explicit(&is_standing, false, memory_order_release);
}

/* Counts of another compiler, C library or kind of build are not ours. */
static void say_how_built(void)
{
    const char *version = strpbrk(__VERSION__, "0123456789");
    const char *compiler = "gcc", *kind = "release";
#ifdef __clang__
    compiler = "clang";
#endif
#ifndef __OPTIMIZE__
    kind = "debug";
#endif
    printf("%s %s glibc %s %s\n", compiler, version, gnu_get_libc_version(), kind);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        size_t (*take)(const char *wire);
    } paths[] = {
        {"a message each way, written and read", paths_read_and_write},
        {"a call that is waited for", paths_call},
        {"a call beside 1,000 connections", paths_call_in_a_crowd},
        {"a call, 64 at once", paths_calls},
        {"an event to 1 listener", paths_events_to_one},
        {"an event to each of 8 listeners", paths_events_to_8},
        {"an event to each of 64 listeners", paths_events_to_64},
    };
    static const char *const wires[] = {"frames", "lines"};
    if (argc > 1 && strcmp(argv[1], "--built") == 0) {
        say_how_built();
        return 0;
    }
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (size_t k = 0; k < sizeof wires / sizeof *wires; k++)
            printf("%zu %s, %s\n", paths[i].take(wires[k]), paths[i].name, wires[k]);
    return 0;
}
