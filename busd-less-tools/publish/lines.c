/* SPDX-License-Identifier: MIT
 * Reading lines, and firing events. */
#include "publish/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "tool/clock.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    LOOK_MS = 500
};

static void say_lines(publish_lines *self)
{
    size_t length;
    while (tool_input_line(&self->input, &length)) {
        char *line = tool_text_format("%.*s", (int)length, self->input.bytes);
        tool_input_drop(&self->input, length, true);
        self->heard(self->stage, line);
        free(line);
    }
}

/* What is typed there is not for us, and who reads it nevertheless is stopped (SIGTTIN). */
static bool is_in_background(int fd)
{
    pid_t front = tcgetpgrp(fd);
    return front > 0 && front != getpgrp();
}

static void ready(publish_ear *ear)
{
    publish_lines *self = (publish_lines *)(void *)ear;
    if (is_in_background(ear->fd)) {
        publish_poll_rest(self->stage->poll, ear, true);
        self->look_ms = tool_clock_ms() + LOOK_MS;
        return;
    }
    if (!tool_input_read(&self->input, ear->fd)) {
        tool_complain("standard input could not be read: %s", strerror(errno));
        self->input.has_ended = true;
    }
    say_lines(self);
    if (self->input.has_ended) {
        publish_poll_drop(self->stage->poll, ear);
        const publish_plan *plan = &self->stage->request->plan;
        bool has_more = publish_plan_of_kind(plan, PUBLISH_EVENT) < plan->count ||
                        self->stage->request->is_demo;
        if (!has_more) {
            tool_session_end(&self->stage->session, TOOL_DONE);
        }
    }
}

bool publish_lines_start(publish_lines *self, publish_stage *stage,
                         void (*heard)(publish_stage *stage, const char *line))
{
    *self = (publish_lines){
        .ear = {.fd = -1, .ready = ready}, .stage = stage, .look_ms = TOOL_NEVER, .heard = heard};
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (fd >= 0 && publish_poll_add(stage->poll, &self->ear, fd, false)) {
        return true;
    }
    bool is_file = fd >= 0 && errno == EPERM; /* always ready, so nobody need wait for it */
    for (self->ear.fd = fd; is_file && !self->input.has_ended;) {
        ready(&self->ear);
    }
    if (!is_file) {
        tool_complain("standard input cannot be waited for: %s", strerror(errno));
    }
    return is_file;
}

int64_t publish_lines_tend(publish_lines *self)
{
    if (self->look_ms <= tool_clock_ms()) {
        self->look_ms = TOOL_NEVER;
        publish_poll_rest(self->stage->poll, &self->ear, false);
    }
    return self->look_ms;
}

void publish_lines_stop(publish_lines *self)
{
    if (self->stage != NULL) {
        publish_poll_drop(self->stage->poll, &self->ear);
    }
    tool_input_fini(&self->input);
}

/* The one event, or the one whose name the line begins with; *ret_rest is what follows. */
static const char *event_of(const publish_plan *plan, const char *line, const char **ret_rest)
{
    bool is_alone = publish_plan_of_kind(plan, PUBLISH_EVENT) == 1;
    size_t length = strcspn(line, " \t");
    for (size_t i = 0; i < plan->count; i++) {
        const publish_member *member = &plan->members[i];
        bool is_named = strlen(member->name) == length && strncmp(member->name, line, length) == 0;
        if (member->kind == PUBLISH_EVENT && (is_alone || is_named)) {
            *ret_rest = is_alone ? line : line + length + strspn(line + length, " \t");
            return member->name;
        }
    }
    return NULL;
}

void publish_lines_fire(publish_stage *stage, const char *line)
{
    const char *rest;
    const char *name = event_of(&stage->request->plan, line, &rest);
    if (name == NULL) {
        tool_complain("no event has the name that '%s' begins with", line);
        return;
    }
    json_object *arguments = publish_value_of(rest);
    if (!json_object_is_type(arguments, json_type_array)) {
        json_object *list = tool_text_checked(json_object_new_array());
        if (*rest != '\0') {
            json_object_array_add(list, arguments);
        }
        arguments = list;
    }
    if (autobus_service_fire(stage->service, name, arguments) != AUTOBUS_OK) {
        tool_complain("event '%s': %s", name, autobus_last_error());
    }
}
