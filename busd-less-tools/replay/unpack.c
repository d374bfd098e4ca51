/* SPDX-License-Identifier: MIT
 * The only user of libzstd in here. */
#include "replay/unpack.h"

#include <stdlib.h>
#if AUTOBUS_ZSTD
#include <zstd.h>
#endif

#include "tool/text.h"

bool replay_unpack_is_needed(char first)
{
    return first == 0x28;
}

#if AUTOBUS_ZSTD

struct replay_unpack {
    ZSTD_DStream *stream;
    bool is_inside; /* a frame */
};

replay_unpack *replay_unpack_new(const char **ret_mistake)
{
    (void)ret_mistake;
    replay_unpack *self = tool_text_checked(calloc(1, sizeof *self));
    self->stream = tool_text_checked(ZSTD_createDStream());
    return self;
}

void replay_unpack_free(replay_unpack **unpack)
{
    if (*unpack != NULL) {
        ZSTD_freeDStream((*unpack)->stream);
    }
    free(*unpack);
    *unpack = NULL;
}

bool replay_unpack_some(replay_unpack *self, const char *bytes, size_t length, size_t *ret_taken,
                        char *room, size_t size, size_t *ret_given)
{
    ZSTD_inBuffer in = {.src = bytes, .size = length};
    ZSTD_outBuffer out = {.dst = room, .size = size};
    size_t left = ZSTD_decompressStream(self->stream, &out, &in);
    self->is_inside = left != 0;
    *ret_taken = in.pos;
    *ret_given = out.pos;
    return !ZSTD_isError(left);
}

bool replay_unpack_is_whole(const replay_unpack *self)
{
    return !self->is_inside;
}

#else

replay_unpack *replay_unpack_new(const char **ret_mistake)
{
    *ret_mistake = "is compressed, and this program was built without libzstd: zstd -dc unpacks it";
    return NULL;
}

void replay_unpack_free(replay_unpack **unpack)
{
    *unpack = NULL;
}

bool replay_unpack_some(replay_unpack *self, const char *bytes, size_t length, size_t *ret_taken,
                        char *room, size_t size, size_t *ret_given)
{
    (void)self, (void)bytes, (void)length, (void)room, (void)size;
    *ret_taken = *ret_given = 0;
    return false;
}

bool replay_unpack_is_whole(const replay_unpack *self)
{
    return self == NULL;
}

#endif
