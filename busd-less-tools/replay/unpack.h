/* SPDX-License-Identifier: MIT
 * Unpacking: frames of zstd become bytes again, if the tools were built with it. */
#ifndef REPLAY_UNPACK_H
#define REPLAY_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

typedef struct replay_unpack replay_unpack;

/** Whether what begins with this byte is packed. A recording that is not begins with "{". */
bool replay_unpack_is_needed(char first);

/** NULL with a sentence, which is static, if it cannot be done here. */
replay_unpack *replay_unpack_new(const char **ret_mistake);
void replay_unpack_free(replay_unpack **unpack);

/** Takes some of the bytes, and gives as many as there is room for. False: they are damaged. */
bool replay_unpack_some(replay_unpack *self, const char *bytes, size_t length, size_t *ret_taken,
                        char *room, size_t size, size_t *ret_given);

/** Whether all that was taken was given, and no frame has begun that has not ended. */
bool replay_unpack_is_whole(const replay_unpack *self);

#endif
