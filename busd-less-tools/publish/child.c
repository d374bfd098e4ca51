/* SPDX-License-Identifier: MIT
 * Three pipes and a descriptor for the end. */
#include "publish/child.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "publish/poll.h"
#include "tool/clock.h"
#include "tool/session.h"
#include "tool/spawn.h"
#include "tool/text.h"

enum {
    OUTPUT_MOST = 1024 * 1024,
    PIECE = 16384
};

/** One pipe from it, and what has come. */
typedef struct outlet {
    publish_ear ear; /* first */
    publish_child *child;
    char *bytes;
    size_t length;
} outlet;

struct publish_child {
    publish_ear input, exit; /* known by their place in here */
    outlet out, err;
    publish_child *next;
    int poll;
    pid_t pid;
    char *text; /* for its standard input */
    size_t left;
    int64_t deadline_ms;
    const char *why; /* we ended it; NULL: it ends by itself */
    char *name;
    publish_done_fn *done;
    void *userdata;
};

static publish_child *children;

static void feed(publish_ear *ear)
{
    publish_child *self = (publish_child *)(void *)ear;
    size_t all = strlen(self->text);
    ssize_t gone = write(ear->fd, self->text + (all - self->left), self->left);
    if (gone < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    self->left -= gone > 0 ? (size_t)gone : 0;
    if (gone < 0 || self->left == 0) {
        publish_poll_drop(self->poll, ear); /* who does not read it needs no more */
    }
}

static void end_group(publish_child *self, const char *why)
{
    self->why = self->why != NULL ? self->why : why;
    kill(-self->pid, SIGKILL);
}

/* Whether there may be more. */
static bool drain_once(outlet *self)
{
    self->bytes = tool_text_checked(realloc(self->bytes, self->length + PIECE + 1));
    ssize_t got = read(self->ear.fd, self->bytes + self->length, PIECE);
    if (got > 0) {
        self->length += (size_t)got;
        if (self->length > OUTPUT_MOST) {
            end_group(self->child, "it wrote more than 1 MiB");
        }
        return self->length <= OUTPUT_MOST;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        publish_poll_drop(self->child->poll, &self->ear);
    }
    return false;
}

static void drain(publish_ear *ear)
{
    (void)drain_once((outlet *)(void *)ear);
}

/* The text of it, white space at the end and what stands behind a zero byte left out. */
static char *text_of(outlet *self)
{
    while (self->ear.fd >= 0 && drain_once(self)) {
    }
    while (self->length > 0 && strchr(" \t\r\n", self->bytes[self->length - 1]) != NULL) {
        self->length--;
    }
    if (self->bytes == NULL) {
        return tool_text_checked(strdup(""));
    }
    self->bytes[self->length] = '\0';
    return self->bytes;
}

static void child_free(publish_child *self)
{
    publish_child **at = &children;
    while (*at != self) {
        at = &(*at)->next;
    }
    *at = self->next;
    publish_poll_drop(self->poll, &self->input);
    publish_poll_drop(self->poll, &self->exit);
    publish_poll_drop(self->poll, &self->out.ear);
    publish_poll_drop(self->poll, &self->err.ear);
    free(self->out.bytes);
    free(self->err.bytes);
    free(self->text);
    free(self->name);
    free(self);
}

/* The last line that it wrote on standard error says most. */
static char *sentence_of(const publish_child *self, const siginfo_t *end, const char *said)
{
    const char *line = strrchr(said, '\n');
    line = line != NULL ? line + 1 : said;
    if (self->why != NULL) {
        return tool_text_format("%s: %s", self->name, self->why);
    }
    if (end->si_code != CLD_EXITED) {
        return tool_text_format("%s was ended by signal %d (%s)", self->name, end->si_status,
                                strsignal(end->si_status));
    }
    return *line != '\0'
               ? tool_text_format("%s", line)
               : tool_text_format("%s failed with exit code %d", self->name, end->si_status);
}

static void has_ended(publish_ear *ear)
{
    publish_child *self = (publish_child *)(void *)((char *)ear - offsetof(publish_child, exit));
    siginfo_t end = {0};
    if (waitid(P_PID, (id_t)self->pid, &end, WEXITED | WNOHANG) < 0 || end.si_pid == 0) {
        return;
    }
    kill(-self->pid, SIGKILL); /* whom it left behind */
    self->out.bytes = text_of(&self->out);
    self->err.bytes = text_of(&self->err);
    bool is_fine = self->why == NULL && end.si_code == CLD_EXITED && end.si_status == 0;
    char *text = is_fine ? self->out.bytes : sentence_of(self, &end, self->err.bytes);
    self->done(self->userdata, (publish_outcome){.is_fine = is_fine, .text = text});
    if (!is_fine) {
        free(text);
    }
    child_free(self);
}

static void listen_to(publish_child *self, const tool_pipes *all, int pidfd)
{
    self->out = (outlet){.ear = {.fd = -1, .ready = drain}, .child = self};
    self->err = (outlet){.ear = {.fd = -1, .ready = drain}, .child = self};
    self->input = (publish_ear){.fd = -1, .ready = feed};
    self->exit = (publish_ear){.fd = -1, .ready = has_ended};
    (void)publish_poll_add(self->poll, &self->input, all->ours[0], true);
    (void)publish_poll_add(self->poll, &self->out.ear, all->ours[1], false);
    (void)publish_poll_add(self->poll, &self->err.ear, all->ours[2], false);
    (void)publish_poll_add(self->poll, &self->exit, pidfd, false);
}

publish_child *publish_child_start(int poll, const tool_words *words, const char *input,
                                   int64_t deadline_ms, publish_done_fn *done, void *userdata,
                                   char **ret_error)
{
    tool_pipes all;
    pid_t pid = -1;
    int pidfd = -1;
    int error = tool_pipes_open(&all)
                    ? tool_spawn(words->list[0], words->list, all.theirs, true, &pid)
                    : errno;
    tool_pipes_close(all.theirs);
    if (error == 0 && (pidfd = pidfd_open(pid, 0)) < 0) {
        error = errno;
        kill(-pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    if (error != 0) {
        tool_pipes_close(all.ours);
        *ret_error = tool_text_format("%s cannot be started: %s", words->list[0], strerror(error));
        return NULL;
    }
    publish_child *self = tool_text_checked(calloc(1, sizeof *self));
    *self = (publish_child){.poll = poll,
                            .pid = pid,
                            .next = children,
                            .text = tool_text_checked(strdup(input)),
                            .left = strlen(input),
                            .deadline_ms = deadline_ms,
                            .name = tool_text_checked(strdup(words->list[0])),
                            .done = done,
                            .userdata = userdata};
    children = self;
    listen_to(self, &all, pidfd);
    return self;
}

size_t publish_children_count(void)
{
    size_t count = 0;
    for (const publish_child *each = children; each != NULL; each = each->next) {
        count++;
    }
    return count;
}

int64_t publish_children_tend(void)
{
    int64_t next = TOOL_NEVER;
    int64_t now = tool_clock_ms();
    for (publish_child *each = children; each != NULL; each = each->next) {
        if (each->deadline_ms <= now && each->why == NULL) {
            end_group(each, "it took too long");
        } else if (each->why == NULL && each->deadline_ms < next) {
            next = each->deadline_ms;
        }
    }
    return next;
}

void publish_children_end(void)
{
    while (children != NULL) {
        kill(-children->pid, SIGKILL);
        waitpid(children->pid, NULL, 0);
        children->done(children->userdata, (publish_outcome){0});
        child_free(children);
    }
}
