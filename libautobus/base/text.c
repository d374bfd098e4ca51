/* SPDX-License-Identifier: MIT
 * Counted bytes, and slices of somebody else's. Knows no encoding. */
#include "base/text.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/copy.h"
#include "base/error.h"

ab_slice ab_slice_of(const char *text)
{
    return (ab_slice){text, strlen(text)};
}

bool ab_slice_equal(ab_slice a, ab_slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

bool ab_slice_is(ab_slice slice, const char *text)
{
    return ab_slice_equal(slice, ab_slice_of(text));
}

ab_text *ab_text_place(void *memory, ab_slice bytes)
{
    ab_text *text = memory;
    atomic_init(&text->references, 1);
    text->length = (unsigned)bytes.length;
    ab_copy(text->bytes, bytes.bytes, bytes.length);
    text->bytes[bytes.length] = '\0';
    return text;
}

ab_text *ab_text_new(const char *bytes, size_t length)
{
    assert(length < UINT_MAX);
    /* Not zeroed first: it may be long. */
    return ab_text_place(ab_realloc(NULL, 1, AB_TEXT_ROOM(length)), (ab_slice){bytes, length});
}

void ab_text_unref(ab_text *text)
{
    if (text == NULL)
        return;
    /* Releasing and acquiring: whoever frees it sees what every other holder did with it before. Who holds it alone
     * need not count, and most are alone. */
    if (atomic_load_explicit(&text->references, memory_order_acquire) == 1 ||
        atomic_fetch_sub_explicit(&text->references, 1, memory_order_acq_rel) == 1)
        free(text);
}

ab_slice ab_text_slice(const ab_text *text)
{
    return (ab_slice){text->bytes, text->length};
}

bool ab_text_is(const ab_text *text, ab_slice bytes)
{
    return ab_slice_equal(ab_text_slice(text), bytes);
}
