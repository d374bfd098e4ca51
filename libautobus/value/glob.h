/* SPDX-License-Identifier: MIT
 * Shell patterns: * ? [a-z] [!a-z], and a backslash takes away the meaning of what follows. */
#ifndef AB_VALUE_GLOB_H
#define AB_VALUE_GLOB_H

#include <stdbool.h>

#include "base/text.h"

/** True if the pattern matches all of `text`. Characters are those of UTF-8; a byte that belongs to none
 *  counts as one. A '[' that is never closed stands for itself. At most length x length steps. */
bool ab_glob_matches(ab_slice pattern, ab_slice text);
/** True if it holds any of * ? [ */
bool ab_glob_is_pattern(ab_slice text);

#endif
