/* SPDX-License-Identifier: MIT
 * The table, and what is done by the shell itself. */
#include "shell/verbs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/verb.h"
#include "call/verb.h"
#include "chat/verb.h"
#include "doctor/verb.h"
#include "listen/verb.h"
#include "ls/verb.h"
#include "monitor/verb.h"
#include "publish/verb.h"
#include "record/verb.h"
#include "replay/verb.h"
#include "shell/shell.h"
#include "show/verb.h"
#include "tool/start.h"
#include "tool/text.h"
#include "watch/verb.h"

enum {
    HELP_WIDTH = 72
};

static bool has_at_most(const tool_words *words, size_t most)
{
    if (words->count > most + 1) {
        tool_complain("'%s' is one word too many behind %s", words->list[most + 1], words->list[0]);
        return false;
    }
    return true;
}

static tool_exit help_with(shell *self, const char *name)
{
    char *line = tool_text_format("%s --help", name);
    for (const shell_verb *verb = shell_verbs; verb->name != NULL; verb++) {
        if (verb->tool == NULL && strcmp(verb->name, name) == 0) {
            printf("%s%s%s: %s\n", verb->name, *verb->usage != '\0' ? " " : "", verb->usage,
                   verb->about);
            free(line);
            return TOOL_DONE;
        }
    }
    shell_do(self, line);
    free(line);
    return self->code;
}

static tool_exit help(shell *self, const tool_words *words)
{
    if (!has_at_most(words, 1)) {
        return TOOL_USAGE;
    }
    if (words->count > 1) {
        return help_with(self, words->list[1]);
    }
    tool_paper paper;
    tool_paper_look(&paper, self->request->asked.family.colour);
    bool is_narrow = paper.width > 0 && paper.width < HELP_WIDTH;
    for (const shell_verb *verb = shell_verbs; verb->name != NULL; verb++) {
        char *line = tool_text_format("%s %s", verb->name, verb->usage);
        printf(is_narrow ? "%s\n    %s\n" : "  %-34s %s\n", line, verb->about);
        free(line);
    }
    puts("\nhelp VERB tells its options.");
    return TOOL_DONE;
}

static tool_exit list_jobs(shell *self, const tool_words *words)
{
    if (!has_at_most(words, 0)) {
        return TOOL_USAGE;
    }
    shell_jobs_print(&self->jobs);
    return TOOL_DONE;
}

static tool_exit stop(shell *self, const tool_words *words)
{
    long number = 0;
    if (!has_at_most(words, 1)) {
        return TOOL_USAGE;
    }
    if (words->count < 2 || !tool_options_whole(words->list[1], 1, LONG_MAX, &number)) {
        tool_complain("say which: stop NUMBER; jobs lists those in the background");
        return TOOL_USAGE;
    }
    if (!shell_jobs_stop(&self->jobs, number)) {
        tool_complain("there is no job %ld; jobs lists those in the background", number);
        return TOOL_NOTHING;
    }
    return TOOL_DONE;
}

/* Until all of them are over, or somebody has waited long enough. */
static tool_exit wait_for_jobs(shell *self, const tool_words *words)
{
    tool_session session;
    tool_request request = {.desk = &self->desk};
    if (!has_at_most(words, 0)) {
        return TOOL_USAGE;
    }
    (void)tool_session_open(&session, &request);
    while (self->jobs.count > 0 && tool_session_turn(&session, TOOL_NEVER)) {
        shell_jobs_tend(&self->jobs);
        tool_session_flush(&session);
    }
    tool_session_end(&session, self->jobs.code);
    self->jobs.code = TOOL_DONE;
    return tool_session_close(&session);
}

static tool_exit leave(shell *self, const tool_words *words)
{
    long code = self->is_typed ? TOOL_DONE : self->code;
    if (!has_at_most(words, 1)) {
        return TOOL_USAGE;
    }
    if (words->count > 1 && !tool_options_whole(words->list[1], 0, 255, &code)) {
        tool_complain("exit takes a code from 0 to 255, not '%s'", words->list[1]);
        return TOOL_USAGE;
    }
    self->is_over = true;
    return (tool_exit)code;
}

const shell_verb shell_verbs[] = {
    {"ls", "[TYPE]", "what is on the network", &ls_verb, NULL},
    {"show", "TYPE", "what a service has", &show_verb, NULL},
    {"call", "TYPE FUNCTION [ARGUMENT]...", "call a function", &call_verb, NULL},
    {"watch", "TYPE OBJECT... [&]", "values, now and when they change", &watch_verb, NULL},
    {"listen", "TYPE EVENT... [&]", "events, whenever they are fired", &listen_verb, NULL},
    {"chat", "TYPE CHANNEL", "talk on a channel", &chat_verb, NULL},
    {"publish", "TYPE [&]", "a service without programming", &publish_verb, NULL},
    {"record", "[TYPE] [&]", "values and events into a file", &record_verb, NULL},
    {"replay", "FILE [&]", "the services of a recording", &replay_verb, NULL},
    {"monitor", "[TYPE] [&]", "who comes and goes, and what is said", &monitor_verb, NULL},
    {"doctor", "[TYPE]", "why can't I see it?", &doctor_verb, NULL},
    {"bench", "WHAT", "what the library costs", &bench_verb, NULL},
    {"jobs", "", "what goes on in the background", NULL, list_jobs},
    {"stop", "NUMBER", "end a job", NULL, stop},
    {"wait", "", "until no job is left", NULL, wait_for_jobs},
    {"help", "[VERB]", "this, or all about a verb", NULL, help},
    {"exit", "[CODE]", "end the shell", NULL, leave},
    {NULL, NULL, NULL, NULL, NULL},
};

const shell_verb *shell_verb_of(const tool_words *words, size_t *ret_before)
{
    static const char front[] = "autobus";
    const char *word = words->count > 0 ? words->list[0] : "";
    *ret_before = 1;
    if (strcmp(word, front) == 0) {
        *ret_before = 2;
        word = words->count > 1 ? words->list[1] : "";
    } else if (strncmp(word, "autobus-", sizeof front) == 0) {
        word += sizeof front;
    }
    for (const shell_verb *verb = shell_verbs; verb->name != NULL; verb++) {
        if (strcmp(verb->name, word) == 0) {
            return verb;
        }
    }
    return NULL;
}
