/* SPDX-License-Identifier: MIT
 * Asking for the highest priority of a policy that does not exist. */
#include "bench/mark.h"

#include <sys/syscall.h>
#include <unistd.h>

void bench_mark_make(bench_mark mark)
{
    (void)syscall(bench_mark_call(), mark);
}

long bench_mark_call(void)
{
    return SYS_sched_get_priority_max;
}
