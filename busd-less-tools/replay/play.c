/* SPDX-License-Identifier: MIT
 * Reading a line ahead, waiting until it is due, and doing what it says. Nothing is read before its time, so a pipe
 * fills up and whoever writes into it waits. */
#include "replay/play.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/cast.h"
#include "replay/pace.h"
#include "replay/source.h"
#include "tool/clock.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    PIECE = 65536,
    AT_ONCE = 64,      /* lines, then it is the turn of others */
    SHORTEST_MS = 100, /* of a recording that is repeated */
};

typedef struct play {
    const replay_request *request;
    const char *name;
    tool_session session;
    int fd;
    char piece[PIECE];
    replay_source source;
    replay_pace pace;
    replay_cast cast;
    int64_t began_ms, end_ms;
    int64_t last_ms; /* of the line before */
} play;

static void complain(play *self, long line, const char *mistake)
{
    tool_complain("%s, line %ld %s", self->name, line, mistake);
    tool_session_end(&self->session, TOOL_FAILED);
}

/* Turns until then. It may be over by then, also because time ran out. */
static void turn_until(play *self, int64_t until_ms)
{
    int64_t end = until_ms < self->end_ms ? until_ms : self->end_ms;
    while (tool_session_turn(&self->session, end) && tool_clock_ms() < end) {
    }
    if (tool_clock_ms() >= self->end_ms) {
        tool_session_end(&self->session, TOOL_DONE);
    }
}

/* The next piece, when there is one. */
static void read_piece(play *self)
{
    self->session.input = self->fd;
    while (tool_session_turn(&self->session, self->end_ms) && !self->session.input_is_ready &&
           tool_clock_ms() < self->end_ms) {
    }
    self->session.input = -1;
    if (!self->session.input_is_ready || self->session.is_over) {
        tool_session_end(&self->session, TOOL_DONE); /* the time that was given */
        return;
    }
    ssize_t got = read(self->fd, self->piece, sizeof self->piece);
    if (got >= 0) {
        replay_source_feed(&self->source, self->piece, (size_t)got);
    } else if (errno != EINTR && errno != EAGAIN) {
        tool_complain("%s could not be read: %s", self->name, strerror(errno));
        tool_session_end(&self->session, TOOL_FAILED);
    }
}

/* The next line as text. False at the end, or if the session is over. */
static bool next_text(play *self, const char **ret_text, size_t *ret_length)
{
    while (!self->session.is_over) {
        switch (replay_source_next(&self->source, ret_text, ret_length)) {
        case REPLAY_LINE: return true;
        case REPLAY_MORE:
            replay_cast_enter(&self->cast); /* whoever writes may not go on for long */
            read_piece(self);
            break;
        case REPLAY_END: return false;
        case REPLAY_BROKEN: complain(self, self->source.line + 1, self->source.wrong); break;
        }
    }
    return false;
}

static bool next_line(play *self, replay_line *line)
{
    const char *text;
    size_t length;
    char *mistake = NULL;
    if (!next_text(self, &text, &length)) {
        return false;
    }
    if (replay_line_init(line, text, length, &mistake) && line->ms < self->last_ms) {
        mistake = tool_text_format("is of %lld ms, and the line before it of %lld ms",
                                   (long long)line->ms, (long long)self->last_ms);
    }
    if (mistake != NULL) {
        complain(self, self->source.line, self->source.is_open ? "is cut off" : mistake);
        replay_line_fini(line);
    }
    free(mistake);
    return !self->session.is_over;
}

static void perform(play *self, const replay_line *line)
{
    char *mistake = NULL;
    int64_t due = replay_pace_due(&self->pace, line->ms, tool_clock_ms());
    if (line->ms > self->last_ms || due > tool_clock_ms()) {
        replay_cast_enter(&self->cast);
    }
    if (due > tool_clock_ms() || self->source.line % AT_ONCE == 0) {
        turn_until(self, due);
    }
    self->last_ms = line->ms;
    if (!self->session.is_over && !replay_cast_play(&self->cast, line, &mistake)) {
        complain(self, self->source.line, mistake);
    }
    free(mistake);
}

static void play_once(play *self)
{
    const char *text;
    size_t length;
    char *mistake = NULL;
    replay_line line;
    self->began_ms = tool_clock_ms();
    self->last_ms = 0;
    replay_pace_start(&self->pace, self->began_ms);
    if (!next_text(self, &text, &length)) {
        if (!self->session.is_over) {
            tool_complain("%s is empty", self->name);
            tool_session_end(&self->session, TOOL_FAILED);
        }
        return;
    }
    if (!replay_line_is_first(text, length, &mistake)) {
        complain(self, 1, mistake);
    }
    free(mistake);
    while (!self->session.is_over && next_line(self, &line)) {
        perform(self, &line);
        replay_line_fini(&line);
    }
    replay_cast_enter(&self->cast);
}

/* From the beginning, but not in a storm. */
static void begin_again(play *self)
{
    turn_until(self, self->began_ms + SHORTEST_MS);
    replay_source_fini(&self->source);
    replay_cast_leave(&self->cast);
    if (lseek(self->fd, 0, SEEK_SET) < 0) {
        tool_complain("%s cannot be read again: %s", self->name, strerror(errno));
        tool_session_end(&self->session, TOOL_FAILED);
    }
}

static void play_all(play *self)
{
    const replay_request *request = self->request;
    self->pace = (replay_pace){.speed = request->speed, .most_ms = request->most_ms};
    replay_cast_init(&self->cast, &self->session, request->takes_new_ids);
    self->end_ms =
        request->asked.limit_ms > 0 ? tool_clock_ms() + request->asked.limit_ms : TOOL_NEVER;
    play_once(self);
    while (request->loops && !self->session.is_over) {
        begin_again(self);
        play_once(self);
    }
    replay_source_fini(&self->source);
    replay_cast_fini(&self->cast);
}

/* False: it has been said why not. */
static bool open_file(play *self)
{
    const char *path = self->request->file;
    self->name = path != NULL ? path : "standard input";
    self->fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (self->fd < 0) {
        tool_complain("%s cannot be read: %s", self->name, strerror(errno));
    } else if (self->request->loops && lseek(self->fd, 0, SEEK_CUR) < 0) {
        tool_complain("%s can be read only once, so there is no --loop", self->name);
        return false;
    }
    return self->fd >= 0;
}

tool_exit replay_play(const replay_request *request)
{
    play *self = tool_text_checked(calloc(1, sizeof *self));
    tool_exit code = TOOL_FAILED;
    self->request = request;
    if (open_file(self)) {
        if (tool_session_open(&self->session, &request->asked)) {
            self->session.goes_on_forever = self->session.is_mute = true;
            play_all(self);
        }
        code = tool_session_close(&self->session);
    }
    if (request->file != NULL && self->fd >= 0) {
        close(self->fd);
    }
    free(self);
    return code;
}
