/* SPDX-License-Identifier: MIT
 * Pieces in, lines out. */
#include "replay/source.h"

#include <stdlib.h>
#include <string.h>

#include "tool/text.h"

enum {
    PIECE = 65536
};

void replay_source_feed(replay_source *self, const char *piece, size_t length)
{
    self->raw = piece;
    self->raw_left = length;
    self->has_ended = length == 0;
}

static bool begin(replay_source *self)
{
    self->has_begun = true;
    if (replay_unpack_is_needed(*self->raw)) {
        self->unpack = replay_unpack_new(&self->wrong);
        return self->unpack != NULL;
    }
    return true;
}

static void make_room(replay_source *self)
{
    if (self->at > 0) {
        self->length -= self->at;
        memmove(self->bytes, self->bytes + self->at, self->length);
        self->at = 0;
    }
    if (self->room - self->length < PIECE + 1) {
        self->room = self->room * 2 + PIECE + 1;
        self->bytes = tool_text_checked(realloc(self->bytes, self->room));
    }
}

/* Some of the piece becomes bytes. False: it is damaged. */
static bool take_some(replay_source *self)
{
    size_t taken = self->raw_left < PIECE ? self->raw_left : PIECE;
    size_t given = taken;
    if (!self->has_begun && !begin(self)) {
        return false;
    }
    make_room(self);
    if (self->unpack == NULL) {
        memcpy(self->bytes + self->length, self->raw, taken);
    } else if (!replay_unpack_some(self->unpack, self->raw, self->raw_left, &taken,
                                   self->bytes + self->length, PIECE, &given)) {
        self->wrong = "is damaged: what is compressed there does not unpack";
        return false;
    }
    self->has_more = self->unpack != NULL && given == PIECE;
    self->raw += taken;
    self->raw_left -= taken;
    self->length += given;
    return true;
}

static replay_step give(replay_source *self, size_t length, bool is_open, const char **ret_line,
                        size_t *ret_length)
{
    *ret_line = self->bytes + self->at;
    *ret_length = length;
    self->bytes[self->at + length] = '\0'; /* there is room for it, or the end of the line */
    self->at += length + (is_open ? 0 : 1);
    self->searched = 0;
    self->is_open = is_open;
    self->line++;
    return REPLAY_LINE;
}

static replay_step end(replay_source *self, const char **ret_line, size_t *ret_length)
{
    if (!self->has_ended) {
        return REPLAY_MORE;
    }
    if (self->unpack != NULL && !replay_unpack_is_whole(self->unpack)) {
        self->wrong = "is cut off";
        return REPLAY_BROKEN;
    }
    return self->at < self->length ? give(self, self->length - self->at, true, ret_line, ret_length)
                                   : REPLAY_END;
}

/* How long the line is that begins here, as far as it is known; none of it is searched twice for its end. */
static size_t length_of_line(replay_source *self, bool *ret_is_whole)
{
    size_t held = self->length - self->at;
    const char *line = held > 0 ? self->bytes + self->at : "";
    const char *stop =
        held > self->searched ? memchr(line + self->searched, '\n', held - self->searched) : NULL;
    *ret_is_whole = stop != NULL;
    self->searched = held;
    return stop != NULL ? (size_t)(stop - line) : held;
}

replay_step replay_source_next(replay_source *self, const char **ret_line, size_t *ret_length)
{
    for (;;) {
        bool is_whole;
        size_t length = length_of_line(self, &is_whole);
        if (length > REPLAY_LONGEST_LINE) {
            self->wrong = "is longer than 32 MiB";
            return REPLAY_BROKEN;
        }
        if (is_whole) {
            return give(self, length, false, ret_line, ret_length);
        }
        if (self->raw_left == 0 && !self->has_more) {
            return end(self, ret_line, ret_length);
        }
        if (!take_some(self)) {
            return REPLAY_BROKEN;
        }
    }
}

void replay_source_fini(replay_source *self)
{
    replay_unpack_free(&self->unpack);
    free(self->bytes);
    *self = (replay_source){0};
}
