/* SPDX-License-Identifier: MIT
 * The monotonic clock in milliseconds. */
#include "tool/clock.h"

#include <time.h>

int64_t tool_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
