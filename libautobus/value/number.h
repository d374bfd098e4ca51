/* SPDX-License-Identifier: MIT
 * Numbers as they are written in JSON, compared by value and not by spelling. */
#ifndef AB_VALUE_NUMBER_H
#define AB_VALUE_NUMBER_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/text.h"

/** True if two checked numbers have the same value: 1, 1.0 and 10e-1. Whole numbers of any length compare
 *  exactly; others also if the nearest double is the same. NaN equals NaN. */
bool ab_number_same(ab_slice a, ab_slice b);
/** The nearest double of a checked number. */
double ab_number_read(ab_slice text);
/** Appends a finite double in the shortest form that reads back the same, with a point or an exponent. */
void ab_number_print(ab_buffer *out, double number);

#endif
