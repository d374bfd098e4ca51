/* SPDX-License-Identifier: MIT
 * The inside of a checked JSON string: what it reads as, without writing that down. */
#ifndef AB_VALUE_STRING_H
#define AB_VALUE_STRING_H

#include <stdbool.h>

#include "base/text.h"

/** True if `inside` (what stands between the quotes) reads exactly so. */
bool ab_string_reads(ab_slice inside, ab_slice text);
/** True if both read the same, however they are written. */
bool ab_string_same(ab_slice inside, ab_slice other);
/** True if what it reads as begins so. */
bool ab_string_begins(ab_slice inside, ab_slice text);

#endif
