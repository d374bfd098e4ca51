/* SPDX-License-Identifier: MIT
 * Lines in memory, and pieces of them on their way out. */
#include "record/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/squeeze.h"
#include "tool/clock.h"
#include "tool/session.h"
#include "tool/text.h"

enum {
    PATIENCE_MS = 1000, /* whoever kills us loses no more of a squeezed recording */
    PIECE = 1024 * 1024
};

bool record_sink_open(record_sink *self, const char *path, char **ret_mistake)
{
    *self = (record_sink){.fd = STDOUT_FILENO};
    if (path == NULL) {
        return true;
    }
    self->is_own = true;
    self->is_squeezed = record_squeeze_is_meant(path);
    if (self->is_squeezed && record_squeeze_obstacle() != NULL) {
        *ret_mistake =
            tool_text_format("%s cannot be compressed: %s", path, record_squeeze_obstacle());
        return false;
    }
    self->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (self->fd < 0) {
        *ret_mistake = tool_text_format("%s cannot be written: %s", path, strerror(errno));
    }
    return self->fd >= 0;
}

/* Nothing is behind what is whole. A device or a pipe cannot be cut, and has nothing there. */
static void cut(const record_sink *self)
{
    if (self->is_own) {
        (void)!ftruncate(self->fd, self->whole);
    }
}

void record_sink_begin(record_sink *self)
{
    cut(self);
}

/* Of a file that is full the piece that did not fit is taken back, so that it ends where a line does. */
static void write_out(record_sink *self, const char *bytes, size_t length)
{
    for (size_t gone = 0; gone < length && self->error == 0;) {
        ssize_t some = write(self->fd, bytes + gone, length - gone);
        if (some >= 0) {
            gone += (size_t)some;
        } else if (errno != EINTR) {
            self->error = errno;
        }
    }
    if (self->error == 0) {
        self->whole += (off_t)length;
    } else {
        cut(self);
    }
}

static void push(record_sink *self)
{
    if (self->length == 0 || self->error != 0) {
        return;
    }
    if (self->is_squeezed) {
        size_t length;
        char *frame = record_squeeze(self->bytes, self->length, &length);
        write_out(self, frame, length);
        free(frame);
    } else {
        write_out(self, self->bytes, self->length);
    }
    self->length = 0;
}

void record_sink_add(record_sink *self, const char *line)
{
    size_t length = strlen(line);
    if (self->error != 0) {
        return;
    }
    if (self->length == 0) {
        self->since_ms = tool_clock_ms();
    }
    if (self->room - self->length <= length) {
        self->room = (self->room + length + 1) * 2;
        self->bytes = tool_text_checked(realloc(self->bytes, self->room));
    }
    memcpy(self->bytes + self->length, line, length);
    self->bytes[self->length + length] = '\n';
    self->length += length + 1;
    if (self->length >= PIECE) {
        push(self);
    }
}

int64_t record_sink_tend(record_sink *self)
{
    int64_t due = self->is_squeezed ? self->since_ms + PATIENCE_MS : self->since_ms;
    if (self->length > 0 && tool_clock_ms() >= due) {
        push(self);
    }
    return self->length > 0 ? due : TOOL_NEVER;
}

bool record_sink_close(record_sink *self)
{
    push(self);
    if (self->is_own && self->fd >= 0 && close(self->fd) < 0 && self->error == 0) {
        self->error = errno;
    }
    free(self->bytes);
    self->bytes = NULL;
    errno = self->error;
    return self->error == 0;
}
