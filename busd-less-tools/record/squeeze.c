/* SPDX-License-Identifier: MIT
 * The only user of libzstd in here. */
#include "record/squeeze.h"

#include <stdlib.h>
#include <string.h>
#if AUTOBUS_ZSTD
#include <zstd.h>
#endif

#include "tool/text.h"

bool record_squeeze_is_meant(const char *path)
{
    static const char suffix[] = ".zst";
    size_t length = strlen(path);
    return length >= sizeof suffix && strcmp(path + length - (sizeof suffix - 1), suffix) == 0;
}

#if AUTOBUS_ZSTD

const char *record_squeeze_obstacle(void)
{
    return NULL;
}

char *record_squeeze(const char *bytes, size_t length, size_t *ret_length)
{
    size_t room = ZSTD_compressBound(length);
    char *frame = tool_text_checked(malloc(room));
    size_t got = ZSTD_compress(frame, room, bytes, length, ZSTD_CLEVEL_DEFAULT);
    if (ZSTD_isError(got)) { /* with room for the worst, only memory can be short */
        tool_text_checked(NULL);
    }
    *ret_length = got;
    return frame;
}

#else

const char *record_squeeze_obstacle(void)
{
    return "it was built without libzstd; a name without .zst is written plainly";
}

char *record_squeeze(const char *bytes, size_t length, size_t *ret_length)
{
    char *copy = tool_text_checked(malloc(length + 1));
    memcpy(copy, bytes, length);
    *ret_length = length;
    return copy;
}

#endif
