/* SPDX-License-Identifier: MIT
 * Streams that are read whole and cut into pieces, which must make no difference. The first two bytes of the input say
 * how it is cut. */
#ifndef AUTOBUS_FUZZ_PIECES_H
#define AUTOBUS_FUZZ_PIECES_H

#include <assert.h>
#include <string.h>

#include "base/buffer.h"

/** Appends what was read, and how it ended. */
typedef void pieces_read(const char *bytes, size_t length, size_t cut, ab_buffer *got);

static inline void pieces_judge(const uint8_t *bytes, size_t length, pieces_read *read)
{
    if (length < 2)
        return;
    AB_SCOPED(ab_buffer_fini) ab_buffer whole;
    AB_SCOPED(ab_buffer_fini) ab_buffer pieces;
    ab_buffer_init(&whole);
    ab_buffer_init(&pieces);
    size_t cut = 1 + bytes[0] + (size_t)(bytes[1] % 8) * 256;
    const char *stream = (const char *)bytes + 2;
    read(stream, length - 2, AB_MAX(length - 2, (size_t)1), &whole);
    read(stream, length - 2, cut, &pieces);
    assert(ab_buffer_length(&whole) == ab_buffer_length(&pieces));
    assert(ab_buffer_length(&whole) == 0 ||
           memcmp(ab_buffer_bytes(&whole), ab_buffer_bytes(&pieces), ab_buffer_length(&whole)) ==
               0);
}

#endif
