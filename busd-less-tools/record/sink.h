/* SPDX-License-Identifier: MIT
 * The sink: where the lines of a recording go, a file or standard output. What has left it ends with a whole line, or
 * with a whole frame of many, so whatever ends us, the file can be read. It knows nothing of what the lines say. */
#ifndef RECORD_SINK_H
#define RECORD_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct record_sink {
    int fd;
    bool is_own;      /**< a file that we made, and not standard output */
    bool is_squeezed; /**< into frames of zstd: by its name */
    char *bytes;      /**< added, but not yet written; owned */
    size_t length, room;
    int64_t since_ms; /**< when the first of them was added */
    off_t whole;      /**< the size of the file up to which it is whole */
    int error;        /**< errno of the write that failed; 0: none yet */
} record_sink;

/** Opens a file; NULL: standard output. False with a sentence, which is yours. */
bool record_sink_open(record_sink *self, const char *path, char **ret_mistake);

/** Empties the file: now something will be written. */
void record_sink_begin(record_sink *self);

/** Adds a line, its end not included. After an error it does nothing. */
void record_sink_add(record_sink *self, const char *line);

/** Writes what is due: all of a plain file; of a squeezed one what has waited for a second, or is a MiB. When it wants
 *  to be called again at the latest. */
int64_t record_sink_tend(record_sink *self);

/** Writes what is left, and closes it. False: that, or something before, failed; errno says why. */
bool record_sink_close(record_sink *self);

#endif
