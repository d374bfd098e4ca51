/* SPDX-License-Identifier: MIT
 * A list of followings, each with the words that it borrows from, and of programs. */
#include "shell/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "shell/background.h"
#include "tool/clock.h"
#include "tool/follow.h"
#include "tool/quote.h"
#include "tool/session.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    MEET_MS = 500,
    MOMENT_MS = 50
};

struct shell_job {
    long number;
    char *typed; /* as it reads; owned */
    tool_words words;
    char **argv; /* owned, what is in it is not */
    tool_follow request;
    tool_following *following; /* NULL: it is none */
    shell_background *program; /* NULL: it is none */
};

void shell_jobs_init(shell_jobs *self, const tool_family *family)
{
    *self = (shell_jobs){
        .family = family, .next_ms = TOOL_NEVER, .wakes = epoll_create1(EPOLL_CLOEXEC)};
}

static char *typed_of(const tool_verb *verb, const tool_words *words)
{
    char *typed = NULL;
    size_t length;
    FILE *out = tool_text_stream(&typed, &length);
    fputs(verb->name, out);
    for (size_t i = 1; i < words->count; i++) {
        char *quoted = tool_quote(words->list[i]);
        fprintf(out, " %s", quoted);
        free(quoted);
    }
    fclose(out);
    return tool_text_checked(typed);
}

static tool_exit job_free(shell_job *job)
{
    tool_exit code = TOOL_DONE;
    if (job->following != NULL) {
        code = tool_following_free(&job->following);
    } else if (job->program != NULL) {
        code = shell_background_fini(job->program);
        free(job->program);
    }
    tool_follow_fini(&job->request);
    tool_words_fini(&job->words);
    free(job->argv);
    free(job->typed);
    free(job);
    return code;
}

static bool is_over(const shell_job *job)
{
    return job->following != NULL ? tool_following_is_over(job->following)
                                  : job->program->program.end < 0;
}

/* When it wants to be tended again. */
static int64_t tend(shell_job *job)
{
    if (job->following != NULL) {
        return tool_following_tend(job->following);
    }
    shell_background_tend(job->program);
    return TOOL_NEVER;
}

static void add(shell_jobs *self, shell_job *job)
{
    job->number = self->count > 0 ? self->list[self->count - 1]->number + 1 : 1;
    self->list = tool_text_checked(reallocarray(self->list, self->count + 1, sizeof *self->list));
    self->list[self->count++] = job;
    tool_family_hint(self->family, "[%ld] %s", job->number, job->typed);
}

static void note_code(shell_jobs *self, tool_exit code)
{
    self->code = self->code == TOOL_DONE ? code : self->code;
}

static tool_exit drop(shell_jobs *self, size_t at)
{
    tool_exit code = job_free(self->list[at]);
    self->count--;
    memmove(self->list + at, self->list + at + 1, (self->count - at) * sizeof *self->list);
    return code;
}

static bool follow(shell_job *job, tool_desk *desk, const tool_verb *verb, tool_exit *ret_code)
{
    /* Options are put in order there, and the words stay as they are. */
    job->argv = tool_text_checked(calloc(job->words.count + 1, sizeof *job->argv));
    memcpy(job->argv, job->words.list, job->words.count * sizeof *job->argv);
    if (!tool_follow_init(&job->request, verb, (int)job->words.count, job->argv, ret_code)) {
        return false;
    }
    job->request.asked.desk = desk;
    job->request.is_beside = true;
    job->following = tool_following_new(&job->request);
    tool_following_meet(job->following, MEET_MS);
    return true;
}

/* Until it has said something, which is soon where all is well: then what comes next finds it at work. Where it is not,
 * it ends in the moment that is left then. */
static void meet(shell_job *job, tool_desk *desk)
{
    const shell_background *program = job->program;
    tool_session session;
    tool_request request = {.desk = desk};
    int64_t until = tool_clock_ms() + MEET_MS;
    bool has_spoken = false;
    (void)tool_session_open(&session, &request);
    do {
        (void)tend(job);
        if (program->has_spoken && !has_spoken) {
            has_spoken = true;
            until = tool_clock_ms() + MOMENT_MS;
        }
    } while (!is_over(job) && tool_clock_ms() < until && tool_session_turn(&session, until));
    (void)tool_session_close(&session);
}

static bool begin(shell_jobs *self, shell_job *job, tool_desk *desk, const tool_verb *verb,
                  tool_exit *ret_code)
{
    if (verb->run != NULL) {
        return follow(job, desk, verb, ret_code);
    }
    shell_background *program = tool_text_checked(calloc(1, sizeof *program));
    if (!shell_background_start(program, self->wakes, verb, &job->words, self->family)) {
        free(program);
        *ret_code = TOOL_FAILED;
        return false;
    }
    job->program = program;
    meet(job, desk);
    return true;
}

tool_exit shell_jobs_start(shell_jobs *self, tool_desk *desk, const tool_verb *verb,
                           const tool_words *words)
{
    shell_job *job = tool_text_checked(calloc(1, sizeof *job));
    tool_exit code;
    tool_words_copy(&job->words, words);
    job->typed = typed_of(verb, words);
    if (!begin(self, job, desk, verb, &code)) {
        (void)job_free(job);
        return code;
    }
    if (is_over(job)) {
        code = job_free(job);
        note_code(self, code);
        return code;
    }
    add(self, job);
    return TOOL_DONE;
}

static void tell_end(shell_jobs *self, size_t at)
{
    const shell_job *job = self->list[at];
    char *line = tool_text_format("[%ld] %s", job->number, job->typed);
    tool_exit code = drop(self, at);
    if (code == TOOL_DONE) {
        tool_family_hint(self->family, "%s: done", line);
    } else {
        tool_family_hint(self->family, "%s: ended with %d", line, (int)code);
        note_code(self, code);
    }
    free(line);
}

void shell_jobs_tend(shell_jobs *self)
{
    size_t before = self->count;
    self->next_ms = TOOL_NEVER;
    for (size_t i = self->count; i-- > 0;) {
        int64_t due = tend(self->list[i]);
        if (is_over(self->list[i])) {
            tell_end(self, i);
        } else {
            self->next_ms = due < self->next_ms ? due : self->next_ms;
        }
    }
    if (self->count < before) {
        self->next_ms = 0; /* whoever waits for that end looks for it before it sleeps */
    }
}

void shell_jobs_print(const shell_jobs *self)
{
    for (size_t i = 0; i < self->count; i++) {
        printf("%ld  %s\n", self->list[i]->number, self->list[i]->typed);
    }
}

bool shell_jobs_stop(shell_jobs *self, long number)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->list[i]->number == number) {
            (void)drop(self, i);
            return true;
        }
    }
    return false;
}

void shell_jobs_fini(shell_jobs *self)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->list[i]->program != NULL) {
            shell_background_end(self->list[i]->program);
        }
    }
    while (self->count > 0) {
        (void)drop(self, self->count - 1);
    }
    free(self->list);
    self->list = NULL;
    if (self->wakes >= 0) {
        close(self->wakes);
    }
}
