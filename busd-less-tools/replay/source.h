/* SPDX-License-Identifier: MIT
 * The source: the bytes of a recording on their way to lines, packed or not. It holds no more than one line and one
 * piece, and knows nothing of what the lines say, nor where the bytes come from. */
#ifndef REPLAY_SOURCE_H
#define REPLAY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "replay/unpack.h"

/** The longest line that is read. A value of the largest message, all of it written out, has room in it. */
#define REPLAY_LONGEST_LINE (32 * 1024 * 1024)

typedef struct replay_source {
    const char *raw; /**< the piece that is being read, borrowed */
    size_t raw_left;
    bool has_ended;
    bool has_begun;
    replay_unpack *unpack; /**< owned; NULL: it is not packed */
    bool has_more;         /**< it may have kept something back that it had no room for */
    char *bytes;           /**< unpacked; owned */
    size_t at, length, room;
    size_t searched;   /**< so much of the line at hand has no end */
    long line;         /**< the number of the line that was given last */
    bool is_open;      /**< that line had no end */
    const char *wrong; /**< behind REPLAY_BROKEN: what, static: "is cut off" */
} replay_source;

typedef enum replay_step {
    REPLAY_LINE,  /**< there is one */
    REPLAY_MORE,  /**< the next piece is needed */
    REPLAY_END,   /**< that was all */
    REPLAY_BROKEN /**< it is damaged behind the last line */
} replay_step;

/** The next piece, once REPLAY_MORE was asked for; borrowed until then. A length of 0: there is no more. */
void replay_source_feed(replay_source *self, const char *piece, size_t length);

/** The next line, without its end; it is there until the next call. */
replay_step replay_source_next(replay_source *self, const char **ret_line, size_t *ret_length);

/** Frees what it holds; it can be fed from the beginning then. */
void replay_source_fini(replay_source *self);

#endif
