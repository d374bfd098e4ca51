/* SPDX-License-Identifier: MIT
 * Counts forks. Knows nothing of what becomes unusable by them. */
#include "base/fork.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_uint generation;

static void count_in_child(void)
{
    atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
}

static void start_counting(void)
{
    pthread_atfork(NULL, NULL, count_in_child);
}

unsigned ab_fork_generation(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_counting);
    return atomic_load_explicit(&generation, memory_order_relaxed);
}
