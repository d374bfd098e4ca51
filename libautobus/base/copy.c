/* SPDX-License-Identifier: MIT
 * A few at a time. */
#include "base/copy.h"

void ab_copy_many(char *to, const char *from, size_t length)
{
    for (size_t at = 0, few; at < length; at += few) {
        few = AB_MIN(length - at, (size_t)AB_COPY_FEW);
        AB_OPAQUE(few);
        memcpy(to + at, from + at, few);
    }
}
