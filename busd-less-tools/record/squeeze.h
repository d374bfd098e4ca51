/* SPDX-License-Identifier: MIT
 * Squeezing: bytes into frames of zstd, if the tools were built with it. */
#ifndef RECORD_SQUEEZE_H
#define RECORD_SQUEEZE_H

#include <stdbool.h>
#include <stddef.h>

/** Whether a file of this name is to be squeezed. */
bool record_squeeze_is_meant(const char *path);

/** NULL if it can be done, else a sentence on why not. */
const char *record_squeeze_obstacle(void);

/** The bytes as one frame, which can be read without any other; free() it. Only where nothing stands in the way. */
char *record_squeeze(const char *bytes, size_t length, size_t *ret_length);

#endif
