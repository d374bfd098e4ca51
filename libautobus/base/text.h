/* SPDX-License-Identifier: MIT
 * Immutable bytes with a reference count that any thread may touch; always a '\0' behind the end. */
#ifndef AB_BASE_TEXT_H
#define AB_BASE_TEXT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct ab_text {
    atomic_uint references;
    unsigned length;
    char bytes[];
} ab_text;

/** A run of bytes that somebody else owns. */
typedef struct ab_slice {
    const char *bytes;
    size_t length;
} ab_slice;

#define AB_SLICE(literal) ((ab_slice){literal, sizeof(literal) - 1})
ab_slice ab_slice_of(const char *text);
bool ab_slice_equal(ab_slice a, ab_slice b);
/** True if the slice is exactly `text`. */
bool ab_slice_is(ab_slice slice, const char *text);

ab_text *ab_text_new(const char *bytes, size_t length);
/** One in memory of somebody else, AB_TEXT_ROOM(length) bytes that are aligned for it. Its one reference is the
 *  memory's, and never given up; all others are to be, before that is used again. */
ab_text *ab_text_place(void *memory, ab_slice bytes);
#define AB_TEXT_ROOM(length) (sizeof(ab_text) + (length) + 1)
static inline ab_text *ab_text_ref(ab_text *text)
{
    atomic_fetch_add_explicit(&text->references, 1, memory_order_relaxed);
    return text;
}
/** NULL is fine. */
void ab_text_unref(ab_text *text);
ab_slice ab_text_slice(const ab_text *text);
bool ab_text_is(const ab_text *text, ab_slice bytes);

#endif
