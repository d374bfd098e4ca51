/* SPDX-License-Identifier: MIT
 * A buffer that grows with the longest line. */
#include "tool/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/text.h"

enum {
    PIECE = 65536
};

bool tool_input_read(tool_input *self, int fd)
{
    if (self->room - self->length < PIECE) {
        self->room = self->room * 2 + PIECE;
        self->bytes = tool_text_checked(realloc(self->bytes, self->room));
    }
    ssize_t got = read(fd, self->bytes + self->length, PIECE);
    if (got < 0) {
        return errno == EINTR || errno == EAGAIN;
    }
    self->length += (size_t)got;
    self->has_ended = got == 0;
    return true;
}

bool tool_input_line(const tool_input *self, size_t *ret_length)
{
    const char *end = self->length > 0 ? memchr(self->bytes, '\n', self->length) : NULL;
    *ret_length = end != NULL ? (size_t)(end - self->bytes) : self->length;
    return end != NULL || (self->has_ended && self->length > 0);
}

void tool_input_drop(tool_input *self, size_t length, bool with_end)
{
    length += with_end && length < self->length ? 1 : 0;
    self->length -= length;
    if (self->length > 0) {
        memmove(self->bytes, self->bytes + length, self->length);
    }
}

bool tool_input_is_over(const tool_input *self)
{
    return self->has_ended && self->length == 0;
}

void tool_input_fini(tool_input *self)
{
    free(self->bytes);
    *self = (tool_input){0};
}
