/* SPDX-License-Identifier: MIT
 * Reading lines, and asking for them. */
#include "shell/plain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shell/editor.h"
#include "tool/signals.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    LINE_MOST = 16 * 1024 * 1024
};

static void ask(void *userdata)
{
    const shell_plain *self = userdata;
    if (self->is_typed && isatty(STDOUT_FILENO) == 1) {
        fputs(SHELL_PROMPT, stdout);
        fflush(stdout);
    }
}

/* What has been typed behind the question stays on its line. */
static void leave_question(void *userdata)
{
    const shell_plain *self = userdata;
    if (self->is_typed && isatty(STDOUT_FILENO) == 1) {
        putchar('\n');
    }
}

void shell_plain_init(shell_plain *self, tool_desk *desk, shell_jobs *jobs, int fd, bool is_typed)
{
    *self = (shell_plain){.fd = fd, .is_typed = is_typed};
    self->vigil = (shell_vigil){
        .desk = desk, .jobs = jobs, .hide = leave_question, .show = ask, .userdata = self};
}

void shell_plain_fini(shell_plain *self)
{
    tool_input_fini(&self->input);
}

/* Whether there is more to come. */
static bool read_more(shell_plain *self)
{
    if (!tool_input_read(&self->input, self->fd)) {
        tool_complain("the commands could not be read: %s", strerror(errno));
        self->code = TOOL_FAILED;
    } else if (self->input.length > LINE_MOST) {
        tool_complain("line %zu is longer than 16 MiB: these are no commands", self->number + 1);
        self->code = TOOL_USAGE;
    }
    return self->code == TOOL_DONE;
}

/* Ctrl-C forgets what has been typed, which the terminal does by itself; without a terminal it ends the shell. */
static bool heed(shell_plain *self, shell_event event)
{
    switch (event) {
    case SHELL_INPUT: return read_more(self);
    case SHELL_INTERRUPTED:
        leave_question(self);
        ask(self);
        self->vigil.desk->is_to_close = !self->is_typed;
        return self->is_typed;
    case SHELL_PAUSED: tool_signals_pause(); return true;
    case SHELL_RESIZED: return true;
    case SHELL_CLOSING: return false;
    }
    return false;
}

/* A slip of the fingers is no reason to end. */
static char *refuse_line(shell_plain *self)
{
    tool_complain("line %zu has a zero byte in it: these are no commands", self->number);
    self->code = self->is_typed ? TOOL_DONE : TOOL_USAGE;
    return self->is_typed ? tool_text_checked(strdup("")) : NULL;
}

static char *take_line(shell_plain *self, size_t length)
{
    const char *bytes = self->input.bytes;
    bool has_return = length > 0 && bytes[length - 1] == '\r';
    self->number++;
    char *line = memchr(bytes, '\0', length) != NULL
                     ? refuse_line(self)
                     : tool_text_format("%.*s", (int)length - has_return, bytes);
    tool_input_drop(&self->input, length, true);
    return line;
}

char *shell_plain_read(shell_plain *self)
{
    size_t length;
    ask(self);
    while (!tool_input_line(&self->input, &length)) {
        if (self->input.has_ended || !heed(self, shell_vigil_wait(&self->vigil, self->fd))) {
            leave_question(self);
            return NULL;
        }
    }
    return take_line(self, length);
}
