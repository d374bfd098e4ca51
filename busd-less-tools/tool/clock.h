/* SPDX-License-Identifier: MIT
 * The time that tools count in: milliseconds that never jump. */
#ifndef TOOL_CLOCK_H
#define TOOL_CLOCK_H

#include <stdint.h>

int64_t tool_clock_ms(void);

#endif
