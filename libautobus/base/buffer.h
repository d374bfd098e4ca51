/* SPDX-License-Identifier: MIT
 * A growing run of bytes: written at the end, consumed from the front. */
#ifndef AB_BASE_BUFFER_H
#define AB_BASE_BUFFER_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"

typedef struct ab_buffer {
    char *data; /**< may be NULL when empty; not terminated */
    size_t start, end, capacity;
} ab_buffer;

void ab_buffer_init(ab_buffer *buffer);
void ab_buffer_fini(ab_buffer *buffer);
static inline size_t ab_buffer_length(const ab_buffer *buffer)
{
    return buffer->end - buffer->start;
}
static inline char *ab_buffer_bytes(const ab_buffer *buffer)
{
    return buffer->data == NULL ? NULL : buffer->data + buffer->start;
}
/** For those below: what they do when there is no room; and once nothing is left. */
char *ab_buffer_make_room(ab_buffer *buffer, size_t length);
void ab_buffer_empty(ab_buffer *buffer);
/** Room for `length` more bytes; returns where they go. Follow with ab_buffer_wrote(). */
static inline char *ab_buffer_reserve(ab_buffer *buffer, size_t length)
{
    if (buffer->data == NULL || buffer->capacity - buffer->end < length)
        return ab_buffer_make_room(buffer, length);
    return buffer->data + buffer->end;
}
static inline void ab_buffer_wrote(ab_buffer *buffer, size_t length)
{
    assert(length <= buffer->capacity - buffer->end);
    buffer->end += length;
}
static inline void ab_buffer_append(ab_buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    memcpy(ab_buffer_reserve(buffer, length), bytes, length);
    buffer->end += length;
}
static inline void ab_buffer_append_text(ab_buffer *buffer, const char *text)
{
    ab_buffer_append(buffer, text, strlen(text));
}
/** In decimal digits. */
void ab_buffer_append_number(ab_buffer *buffer, uint64_t number);
void ab_buffer_appendf(ab_buffer *buffer, const char *format, ...) AB_PRINTF(2, 3);
/** Drops `length` bytes from the front; an empty buffer gives memory over 64 KiB back. */
static inline void ab_buffer_consume(ab_buffer *buffer, size_t length)
{
    assert(length <= ab_buffer_length(buffer));
    buffer->start += length;
    if (buffer->start == buffer->end)
        ab_buffer_empty(buffer);
}
/** Cuts the end back to `length` bytes. */
static inline void ab_buffer_truncate(ab_buffer *buffer, size_t length)
{
    assert(length <= ab_buffer_length(buffer));
    buffer->end = buffer->start + length;
}

#endif
