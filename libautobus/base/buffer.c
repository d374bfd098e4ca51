/* SPDX-License-Identifier: MIT
 * The growing run of bytes. Knows no encoding and no limit: its owner bounds what is put in. */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define SMALLEST 64
#define KEPT     65536

void ab_buffer_init(ab_buffer *buffer)
{
    *buffer = (ab_buffer){0};
}

void ab_buffer_fini(ab_buffer *buffer)
{
    free(buffer->data);
    ab_buffer_init(buffer);
}

static void grow(ab_buffer *buffer, size_t needed)
{
    size_t capacity = AB_MAX(buffer->capacity * 2, SMALLEST);
    capacity = AB_MAX(capacity, needed);
    buffer->data = ab_realloc(buffer->data, capacity, 1);
    buffer->capacity = capacity;
}

char *ab_buffer_make_room(ab_buffer *buffer, size_t length)
{
    assert(length < SIZE_MAX / 4);
    size_t used = ab_buffer_length(buffer);
    /* Only when more is free in front than is moved: each byte then moves a bounded number of times. */
    if (buffer->data != NULL && buffer->start > 0 && buffer->start >= used) {
        memmove(buffer->data, buffer->data + buffer->start, used);
        buffer->start = 0;
        buffer->end = used;
    }
    if (buffer->data == NULL || buffer->capacity - buffer->end < length)
        grow(buffer, buffer->end + length);
    return buffer->data + buffer->end;
}

void ab_buffer_append_number(ab_buffer *buffer, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    ab_buffer_append(buffer, digits + at, sizeof digits - at);
}

void ab_buffer_appendf(ab_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    char *at = ab_buffer_reserve(buffer, SMALLEST);
    int length = vsnprintf(at, SMALLEST, format, arguments);
    assert(length >= 0);
    if ((size_t)length >= SMALLEST) {
        at = ab_buffer_reserve(buffer, (size_t)length + 1);
        vsnprintf(at, (size_t)length + 1, format, again);
    }
    buffer->end += (size_t)length;
    va_end(again);
    va_end(arguments);
}

void ab_buffer_empty(ab_buffer *buffer)
{
    buffer->start = buffer->end = 0;
    if (buffer->capacity > KEPT)
        ab_buffer_fini(buffer);
}
