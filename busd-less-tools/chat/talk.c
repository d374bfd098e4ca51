/* SPDX-License-Identifier: MIT
 * Opening the channel, and carrying both ways until one of them is over. What the other side does not take yet is not
 * read either. */
#include "chat/talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <autobus/channel.h>
#include <json-c/json.h>

#include "chat/output.h"
#include "tool/clock.h"
#include "tool/details.h"
#include "tool/input.h"
#include "tool/json.h"
#include "tool/start.h"
#include "tool/subject.h"
#include "tool/text.h"

enum {
    PATIENCE_MS = 2000, /* for a service to be found */
    OPEN_MS = 10000,    /* for the channel to be opened */
    DETAILS_MS = 1000
};

typedef struct talk {
    const chat_request *request;
    tool_session session;
    tool_subject subject;
    autobus_remote *remote;
    autobus_channel *channel;
    tool_input input;
    long heard;
    bool is_bound, is_settled; /* settled: bound, or it cannot be */
    bool is_open, is_answered; /* answered: open, or refused */
    bool is_full;              /* nothing more can be sent now */
    bool has_said_end;
    autobus_result why;
    char *sentence; /* owned: why it could not be bound, or is closed */
} talk;

static void remember(talk *self, const autobus_message *message)
{
    free(self->sentence);
    self->why = autobus_message_result(message);
    self->sentence = tool_text_checked(strdup(autobus_message_error(message)));
}

static void heard_state(void *userdata, const autobus_message *message)
{
    talk *self = userdata;
    if (autobus_message_kind(message) == AUTOBUS_LOST && !self->is_bound) {
        remember(self, message);
    }
    self->is_bound = self->is_bound || autobus_message_kind(message) == AUTOBUS_BOUND;
    self->is_settled = self->is_bound || autobus_message_kind(message) == AUTOBUS_LOST;
}

/* Closed as intended: the input was ours to end, everything else is theirs. */
static void heard_close(talk *self, const autobus_message *message)
{
    remember(self, message);
    if (self->why == AUTOBUS_OK && self->is_open) {
        if (*self->sentence != '\0') {
            tool_family_note(&self->request->asked.family, "it was closed: %s", self->sentence);
        }
        bool is_short = self->request->asked.count > 0;
        tool_session_end(&self->session, is_short ? TOOL_FAILED : TOOL_DONE);
    } else if (self->is_open) {
        tool_complain("%s", self->sentence);
        tool_session_end(&self->session, tool_exit_of(self->why));
    }
    self->is_answered = true;
}

static void heard(void *userdata, const autobus_message *message)
{
    talk *self = userdata;
    size_t length;
    const void *bytes = autobus_message_bytes(message, &length);
    switch (autobus_message_kind(message)) {
    case AUTOBUS_OPENED: self->is_open = self->is_answered = true; break;
    case AUTOBUS_WRITABLE: self->is_full = false; break;
    case AUTOBUS_CLOSED_NOW: heard_close(self, message); break;
    case AUTOBUS_DATA:
    case AUTOBUS_BLOB:
        if (self->session.is_over) {
            break;
        }
        if (self->request->is_stream) {
            chat_output_bytes(bytes, length, self->request->asked.paper.is_terminal, stdout);
        } else {
            chat_output_message(message, stdout);
        }
        if (++self->heard == self->request->asked.count) {
            tool_session_end(&self->session, TOOL_DONE);
        }
        break;
    default: break; /* of a stream that the other side has ended, ours may go on */
    }
}

/* Whether it went, or is to be tried again. */
static bool sent(talk *self, autobus_result result)
{
    self->is_full = result == AUTOBUS_BUSY;
    if (result != AUTOBUS_OK && result != AUTOBUS_BUSY && result != AUTOBUS_CLOSED) {
        tool_session_end(&self->session, tool_complain_of(result));
    }
    return result == AUTOBUS_OK;
}

static autobus_result say_line(talk *self, size_t length)
{
    json_object *value = NULL;
    if (memchr(self->input.bytes, '\0', length) != NULL) {
        tool_complain("a line has a zero byte in it, and text has none; --stream takes bytes");
        tool_session_end(&self->session, TOOL_FAILED);
        return AUTOBUS_CLOSED;
    }
    char *line = tool_text_format("%.*s", (int)length, self->input.bytes);
    if (!tool_json_parse(line, &value)) {
        value = tool_text_checked(json_object_new_string(line));
    }
    free(line);
    return autobus_channel_send(self->channel, value);
}

static void say_lines(talk *self)
{
    size_t length;
    while (!self->session.is_over && !self->is_full && tool_input_line(&self->input, &length)) {
        if (!sent(self, say_line(self, length))) {
            return;
        }
        tool_input_drop(&self->input, length, true);
    }
}

static void say_bytes(talk *self)
{
    while (!self->session.is_over && !self->is_full && self->input.length > 0) {
        size_t gone = 0;
        autobus_result result =
            autobus_channel_write(self->channel, self->input.bytes, self->input.length, &gone);
        tool_input_drop(&self->input, gone, false);
        if (!sent(self, result)) {
            return;
        }
    }
}

/* All is said. A stream ends in this direction alone; a channel is closed, unless answers are wanted. */
static void say_end(talk *self)
{
    bool waits =
        self->request->stays || self->request->asked.count > 0 || self->request->asked.limit_ms > 0;
    self->has_said_end = true;
    if (self->request->is_stream) {
        (void)sent(self, autobus_channel_end(self->channel));
    } else if (!waits) {
        (void)sent(self, autobus_channel_close(self->channel, NULL));
    }
}

static void say(talk *self)
{
    if (self->session.input_is_ready && !tool_input_read(&self->input, STDIN_FILENO)) {
        tool_complain("standard input could not be read: %s", strerror(errno));
        tool_session_end(&self->session, TOOL_FAILED);
        return;
    }
    if (self->request->is_stream) {
        say_bytes(self);
    } else {
        say_lines(self);
    }
    if (tool_input_is_over(&self->input) && !self->has_said_end && !self->session.is_over) {
        say_end(self);
    }
}

static void run_out(talk *self)
{
    const tool_request *asked = &self->request->asked;
    if (asked->count > 0) {
        tool_complain("only %ld of %ld messages came within %g s", self->heard, asked->count,
                      asked->limit_ms / 1000.0);
    }
    tool_session_end(&self->session, asked->count > 0 ? TOOL_TIMEOUT : TOOL_DONE);
}

static void carry(talk *self, int64_t end_ms)
{
    while (!self->session.is_over) {
        bool reads = !self->is_full && !self->input.has_ended;
        self->session.input = reads ? STDIN_FILENO : -1;
        (void)tool_session_turn(&self->session, end_ms);
        tool_session_flush(&self->session);
        if (!self->session.is_over) {
            say(self);
        }
        if (!self->session.is_over && tool_clock_ms() >= end_ms) {
            run_out(self);
        }
    }
    self->session.input = -1;
}

static bool reach(talk *self, int64_t until_ms)
{
    autobus_result result = tool_subject_connect(&self->subject, &self->session, &self->remote);
    if (result == AUTOBUS_OK) {
        result = autobus_remote_on_state(self->remote, true, heard_state, self, NULL, NULL);
    }
    if (result != AUTOBUS_OK) {
        tool_session_end(&self->session, tool_complain_of(result));
        return false;
    }
    bool is_settled = tool_session_await(&self->session, &self->is_settled, until_ms);
    if (!self->is_bound && !self->session.is_over) {
        tool_complain("%s", is_settled ? self->sentence : "it could not be reached in time");
        tool_session_end(&self->session, is_settled ? tool_exit_of(self->why) : TOOL_TIMEOUT);
    }
    return self->is_bound && !self->session.is_over;
}

/* No such channel: a slip, or a stream that was taken for a channel. */
static void hint_at_channels(talk *self)
{
    const char *name = self->request->channel;
    json_object *details =
        tool_details_fetch(&self->session, &self->subject, tool_clock_ms() + DETAILS_MS, NULL);
    json_object *entry = tool_details_entry(details, self->subject.id);
    json_object *members = tool_details_members(entry, "channels");
    char *instead =
        json_object_object_get_ex(members, name, NULL)
            ? tool_text_format("'%s' is %s --stream.", name,
                               self->request->is_stream ? "no stream: leave out" : "a stream: add")
            : tool_details_instead(entry, "channels", name);
    if (instead != NULL) {
        tool_family_hint(&self->request->asked.family, "%s", instead);
    }
    free(instead);
    json_object_put(details);
}

static void complain_of_refusal(talk *self)
{
    const char *sentence = *self->sentence != '\0' ? self->sentence : "the service refused";
    tool_complain("channel '%s': %s", self->request->channel, sentence);
    if (self->why == AUTOBUS_NOT_FOUND) {
        hint_at_channels(self);
    }
    bool is_refusal =
        self->why == AUTOBUS_OK || self->why == AUTOBUS_CLOSED || self->why == AUTOBUS_INVALID;
    tool_session_end(&self->session, is_refusal ? TOOL_REMOTE : tool_exit_of(self->why));
}

static bool open_channel(talk *self, int64_t until_ms)
{
    json_object *argument = NULL;
    const chat_request *request = self->request;
    if (request->argument != NULL && !tool_json_parse(request->argument, &argument)) {
        argument = tool_text_checked(json_object_new_string(request->argument));
    }
    autobus_result result = autobus_channel_open(self->remote, request->channel, request->is_stream,
                                                 argument, heard, self, NULL, &self->channel);
    if (result != AUTOBUS_OK) {
        tool_session_end(&self->session, tool_complain_of(result));
        return false;
    }
    bool is_answered = tool_session_await(&self->session, &self->is_answered, until_ms);
    if (self->is_open || self->session.is_over) {
        return self->is_open;
    }
    if (is_answered) {
        complain_of_refusal(self);
    } else {
        tool_complain("channel '%s' was not opened in time", request->channel);
        tool_session_end(&self->session, TOOL_TIMEOUT);
    }
    return false;
}

static void talk_to(talk *self, const tool_subject *subject, int64_t began_ms)
{
    int limit_ms = self->request->asked.limit_ms;
    int64_t end = limit_ms > 0 ? began_ms + limit_ms : TOOL_NEVER;
    int64_t soon = tool_clock_ms() + OPEN_MS;
    int64_t until = end < soon ? end : soon;
    self->subject = *subject;
    if (reach(self, until) && open_channel(self, until)) {
        if (isatty(STDIN_FILENO) == 1) {
            tool_family_hint(&self->request->asked.family, "It is open. Ctrl-D ends it.");
        }
        carry(self, end);
    }
    autobus_channel_free(&self->channel);
    autobus_remote_free(&self->remote);
    tool_input_fini(&self->input);
    free(self->sentence);
}

tool_exit chat_talk(const chat_request *request)
{
    talk self = {.request = request};
    int64_t began = tool_clock_ms();
    if (tool_session_open(&self.session, &request->asked)) {
        tool_subjects subjects;
        tool_exit code = tool_subjects_init(&subjects, &self.session, PATIENCE_MS);
        if (subjects.count > 0) {
            self.session.goes_on_forever = true;
            talk_to(&self, &subjects.list[0], began);
        }
        tool_session_end(&self.session, code);
        tool_subjects_fini(&subjects);
    }
    return tool_session_close(&self.session);
}
