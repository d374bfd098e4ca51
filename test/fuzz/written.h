/* SPDX-License-Identifier: MIT
 * Every way of saying something on a stream is a plain write. In place of net/stream of the library, for programs that
 * have an ab_stream_write() of their own: each includes it once. */
#ifndef AUTOBUS_FUZZ_WRITTEN_H
#define AUTOBUS_FUZZ_WRITTEN_H

#include "net/stream.h"

void ab_stream_write_soon(ab_stream *stream, const void *bytes, size_t length, ab_time *now)
{
    (void)now;
    ab_stream_write(stream, bytes, length);
}

unsigned ab_stream_pour(ab_stream *stream, struct iovec *halves, unsigned messages)
{
    if (ab_stream_pending(stream) > 0)
        return 0;
    for (unsigned i = 0; i < 2 * messages; i++)
        ab_stream_write(stream, halves[i].iov_base, halves[i].iov_len);
    return messages;
}

#endif
