/* SPDX-License-Identifier: MIT
 * Counted bytes, and slices of somebody else's. Knows no encoding. */
#include "base/text.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

ab_text *ab_text_place(void *memory, ab_slice bytes)
{
    ab_text *text = memory;
    atomic_init(&text->references, 1);
    text->length = (unsigned)bytes.length;
    if (bytes.length > 0)
        memcpy(text->bytes, bytes.bytes, bytes.length);
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
