/* SPDX-License-Identifier: MIT
 * Values as they come. What a command or a file cannot tell is null, and the reason is said once. */
#include "publish/source.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <json-c/json.h>

#include "publish/child.h"
#include "publish/poll.h"
#include "tool/clock.h"
#include "tool/json.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    FILE_MOST = 1024 * 1024
};

/** One object that changes by itself. */
typedef struct source {
    publish_stage *stage;
    const publish_member *member;
    publish_ear ear; /* inotify's, of a file */
    char *last;      /* what was set last, as JSON; NULL: nothing */
    int64_t due_ms;
    bool is_running, has_complained;
} source;

struct publish_sources {
    source *list;
    size_t count;
};

static void complain(source *self, const char *sentence)
{
    if (!self->has_complained) {
        tool_complain("object '%s': %s", self->member->name, sentence);
        self->has_complained = true;
    }
}

/* Sets it, unless it is that already. Takes the value. */
static void set(source *self, json_object *value)
{
    char *line = tool_json_line(value);
    if (self->last != NULL && strcmp(self->last, line) == 0) {
        json_object_put(value);
        free(line);
        return;
    }
    free(self->last);
    self->last = line;
    if (autobus_service_set(self->stage->service, self->member->name, value) != AUTOBUS_OK) {
        complain(self, autobus_last_error());
    }
}

static void heard_command(void *userdata, publish_outcome outcome)
{
    source *self = userdata;
    self->is_running = false;
    if (outcome.text == NULL) {
        return;
    }
    self->due_ms += self->member->every_ms;
    if (self->due_ms < tool_clock_ms()) {
        self->due_ms = tool_clock_ms();
    }
    if (outcome.is_fine) {
        self->has_complained = false;
        set(self, publish_value_of(outcome.text));
    } else {
        complain(self, outcome.text);
        set(self, NULL);
    }
}

static void run_command(source *self)
{
    char *mistake = NULL;
    int64_t deadline = tool_clock_ms() + publish_stage_limit(self->stage);
    self->is_running = publish_child_start(self->stage->poll, &self->member->command, "", deadline,
                                           heard_command, self, &mistake) != NULL;
    if (!self->is_running) {
        heard_command(self, (publish_outcome){.text = mistake});
        self->due_ms = tool_clock_ms() + self->member->every_ms;
    }
    free(mistake);
}

/* The text of a file without white space at its end; NULL with errno. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return NULL;
    }
    char *text = tool_text_checked(calloc(1, FILE_MOST + 2));
    size_t length = fread(text, 1, FILE_MOST + 1, file);
    int error = ferror(file) ? errno : length > FILE_MOST ? EFBIG : 0;
    fclose(file);
    if (error != 0) {
        free(text);
        errno = error;
        return NULL;
    }
    length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL) {
        text[--length] = '\0';
    }
    return text;
}

/* While somebody writes it, an empty file is one that is not written yet. */
static void look_at_file(source *self, bool is_written)
{
    char *text = read_file(self->member->file);
    if (text != NULL && *text == '\0' && !is_written) {
        free(text);
        return;
    }
    if (text != NULL) {
        self->has_complained = false;
        set(self, publish_value_of(text));
    } else {
        char *sentence = tool_text_format("%s: %s", self->member->file, strerror(errno));
        complain(self, sentence);
        set(self, NULL);
        free(sentence);
    }
    free(text);
}

static const char *name_in_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* The folder tells of everything in it. */
static void heard_file(publish_ear *ear)
{
    source *self = (source *)(void *)((char *)ear - offsetof(source, ear));
    _Alignas(struct inotify_event) char news[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
    uint32_t ours = 0;
    ssize_t got = read(ear->fd, news, sizeof news);
    for (ssize_t at = 0; at < got;) {
        const struct inotify_event *one = (const struct inotify_event *)(const void *)(news + at);
        if ((one->mask & IN_Q_OVERFLOW) != 0 ||
            (one->len > 0 && strcmp(one->name, name_in_folder(self->member->file)) == 0)) {
            ours |= one->mask;
        }
        at += (ssize_t)(sizeof *one + one->len);
    }
    if (ours != 0) {
        look_at_file(self, (ours & ~(uint32_t)(IN_MODIFY | IN_CREATE)) != 0);
    }
}

static bool follow_file(source *self)
{
    const char *path = self->member->file;
    size_t length = (size_t)(name_in_folder(path) - path);
    char *folder =
        length == 0 ? tool_text_format(".") : tool_text_format("%.*s", (int)length, path);
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    bool is_followed = fd >= 0 &&
                       inotify_add_watch(fd, folder,
                                         IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM |
                                             IN_CREATE | IN_DELETE) >= 0 &&
                       publish_poll_add(self->stage->poll, &self->ear, fd, false);
    if (!is_followed) {
        tool_complain("object '%s': %s cannot be followed: %s", self->member->name, folder,
                      strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
    }
    free(folder);
    return is_followed;
}

static autobus_result add(publish_stage *stage, const publish_member *member)
{
    const char *description =
        member->description != NULL ? json_object_to_json_string(member->description) : NULL;
    return autobus_service_add_object(stage->service, member->name, description,
                                      json_object_get(member->value));
}

autobus_result publish_sources_start(publish_stage *stage, publish_sources **ret_sources)
{
    const publish_plan *plan = &stage->request->plan;
    publish_sources *self = tool_text_checked(calloc(1, sizeof *self));
    self->list = tool_text_checked(calloc(plan->count + 1, sizeof *self->list));
    *ret_sources = self;
    autobus_result result = AUTOBUS_OK;
    for (size_t i = 0; i < plan->count && result == AUTOBUS_OK; i++) {
        const publish_member *member = &plan->members[i];
        if (member->kind != PUBLISH_OBJECT) {
            continue;
        }
        result = add(stage, member);
        if (result != AUTOBUS_OK || (member->file == NULL && member->command.count == 0)) {
            continue;
        }
        source *fresh = &self->list[self->count++];
        *fresh = (source){.stage = stage,
                          .member = member,
                          .ear = {.fd = -1, .ready = heard_file},
                          .due_ms = member->file != NULL ? TOOL_NEVER : tool_clock_ms()};
        if (member->file != NULL) {
            result = follow_file(fresh) ? AUTOBUS_OK : AUTOBUS_FAILED;
            look_at_file(fresh, true);
        }
    }
    return result;
}

int64_t publish_sources_tend(publish_sources *self)
{
    int64_t next = TOOL_NEVER;
    for (size_t i = 0; i < self->count; i++) {
        source *one = &self->list[i];
        if (!one->is_running && one->due_ms <= tool_clock_ms()) {
            run_command(one);
        }
        next = !one->is_running && one->due_ms < next ? one->due_ms : next;
    }
    return next;
}

bool publish_sources_are_told(const publish_sources *self)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->list[i].last == NULL) {
            return false;
        }
    }
    return true;
}

void publish_sources_free(publish_sources **sources)
{
    publish_sources *self = *sources;
    *sources = NULL;
    for (size_t i = 0; self != NULL && i < self->count; i++) {
        publish_poll_drop(self->list[i].stage->poll, &self->list[i].ear);
        free(self->list[i].last);
    }
    free(self != NULL ? self->list : NULL);
    free(self);
}
