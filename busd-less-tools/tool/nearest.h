/* SPDX-License-Identifier: MIT
 * The nearest names: what somebody may have meant who typed a name that is not there. */
#ifndef TOOL_NEAREST_H
#define TOOL_NEAREST_H

#include <stddef.h>

/** Those of `names` that `word` is likely a slip of, the nearest first, at most three: "'a', 'b' or 'c'". NULL if
 *  none is near. A name may be there several times. free() it. */
char *tool_nearest(const char *word, const char *const *names, size_t count);

#endif
