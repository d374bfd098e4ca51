/* SPDX-License-Identifier: MIT
 * From lines to verbs, and when it has been enough. */
#include "shell/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <autobus/listener.h>

#include "shell/editor.h"
#include "shell/foreground.h"
#include "shell/line.h"
#include "shell/plain.h"
#include "shell/verbs.h"
#include "tool/nearest.h"
#include "tool/start.h"
#include "tool/text.h"

/* The jobs go on while a verb works. */
static int64_t tend(tool_desk *desk)
{
    shell *self = (shell *)(void *)desk;
    shell_jobs_tend(&self->jobs);
    return self->jobs.next_ms;
}

static void complain_of_verb(const char *word)
{
    const char *names[32];
    size_t count = 0;
    while (shell_verbs[count].name != NULL && count < sizeof names / sizeof *names) {
        names[count] = shell_verbs[count].name;
        count++;
    }
    char *near = tool_nearest(word, names, count);
    tool_complain("there is no verb '%s'%s%s%s help lists those that there are", word,
                  near != NULL ? ": did you mean " : "", near != NULL ? near : "",
                  near != NULL ? "?" : ";");
    free(near);
}

/* The verb's own program would say the same, under its name. */
static tool_exit run_tool(shell *self, const tool_verb *verb, const tool_words *words,
                          bool is_beside)
{
    char *own = program_invocation_short_name;
    char **argv = tool_text_checked(calloc(words->count + 1, sizeof *argv));
    memcpy(argv, words->list, words->count * sizeof *argv); /* options are put in order there */
    program_invocation_short_name = words->list[0];
    tool_exit code;
    if (is_beside) {
        code = shell_jobs_start(&self->jobs, &self->desk, verb, words);
    } else if (verb->run != NULL) {
        code = verb->run((int)words->count, argv, &self->desk);
    } else {
        code = shell_foreground_run(&self->jobs, &self->desk, verb, words);
    }
    program_invocation_short_name = own;
    free(argv);
    return code;
}

/* The words as the verb's own program is given them: autobus-call, and what is behind it; or just the verb. */
static void name_verb(tool_words *words, const shell_verb *verb, size_t before)
{
    for (size_t i = 0; i < before; i++) {
        free(words->list[i]);
    }
    words->list[before - 1] =
        tool_text_format("%s%s", verb->tool != NULL ? "autobus-" : "", verb->name);
    words->count -= before - 1;
    memmove(words->list, words->list + before - 1, (words->count + 1) * sizeof *words->list);
}

static bool can_be_beside(const tool_verb *verb)
{
    return verb != NULL && (verb->follows || verb->run == NULL);
}

static tool_exit do_words(shell *self, tool_words *words, bool is_beside)
{
    size_t before;
    const shell_verb *verb = shell_verb_of(words, &before);
    if (verb == NULL) {
        complain_of_verb(words->list[words->count > 1 && strcmp(words->list[0], "autobus") == 0]);
        return TOOL_USAGE;
    }
    if (is_beside && !can_be_beside(verb->tool)) {
        tool_complain("%s cannot go on in the background: watch and listen can, and what is a "
                      "program of its own, such as publish",
                      verb->name);
        return TOOL_USAGE;
    }
    name_verb(words, verb, before);
    return verb->tool != NULL ? run_tool(self, verb->tool, words, is_beside)
                              : verb->act(self, words);
}

static void tell_interruption(const shell *self)
{
    if (self->is_typed && self->code == TOOL_INTERRUPTED) {
        fputc('\n', stderr); /* behind the ^C of the terminal */
    }
}

void shell_do(shell *self, const char *text)
{
    shell_line line;
    shell_line_init(&line, text);
    self->desk.has_company = self->jobs.count > 0;
    if (line.mistake != NULL) {
        tool_complain("%s", line.mistake);
        self->code = TOOL_USAGE;
    } else if (line.words.count > 0) {
        self->code = do_words(self, &line.words, line.is_beside);
        tell_interruption(self);
    }
    shell_line_fini(&line);
    shell_jobs_tend(&self->jobs);
}

/* Whether there is to be a next line. */
static bool goes_on(const shell *self)
{
    bool is_broken = self->request->is_strict && self->code != TOOL_DONE;
    bool is_interrupted = self->code == TOOL_INTERRUPTED && !self->is_typed;
    bool is_written = tool_flush() && !tool_reader_is_gone();
    return is_written && !is_broken && !is_interrupted && !self->is_over && !self->desk.is_to_close;
}

static void do_all(shell *self, char *(*read_line)(void *reader), void *reader)
{
    char *line;
    while (goes_on(self) && (line = read_line(reader)) != NULL) {
        shell_do(self, line);
        free(line);
    }
}

static void greet(const shell *self, const char *why_plain)
{
    const tool_family *family = &self->request->asked.family;
    tool_family_hint(family, "help lists the verbs%s, Ctrl-D ends it.",
                     why_plain == NULL ? ", Tab completes" : "");
    if (why_plain != NULL) {
        tool_family_hint(family, "Lines cannot be edited: %s.", why_plain);
    }
}

static char *read_edited(void *editor)
{
    return shell_editor_read(editor);
}

static char *read_plain(void *plain)
{
    return shell_plain_read(plain);
}

/* What was typed and ended as it is meant to end is all right, whatever its last command came to. */
static void do_typed(shell *self)
{
    const char *why_plain = NULL;
    shell_editor *editor = shell_editor_new(&self->desk, &self->jobs, &why_plain);
    greet(self, why_plain);
    if (editor != NULL) {
        do_all(self, read_edited, editor);
    } else {
        shell_plain plain;
        shell_plain_init(&plain, &self->desk, &self->jobs, STDIN_FILENO, true);
        do_all(self, read_plain, &plain);
        shell_plain_fini(&plain);
    }
    shell_editor_free(&editor);
    bool is_broken = self->request->is_strict && self->code != TOOL_DONE;
    self->code = self->is_over || is_broken ? self->code : TOOL_DONE;
}

static void do_script(shell *self, int fd)
{
    shell_plain plain;
    shell_plain_init(&plain, &self->desk, &self->jobs, fd, false);
    do_all(self, read_plain, &plain);
    if (plain.code != TOOL_DONE) {
        self->code = plain.code;
    } else if (self->desk.is_to_close) {
        self->code = TOOL_INTERRUPTED;
    } else if (self->request->is_strict && self->code != TOOL_DONE && !self->is_over) {
        tool_complain("line %zu ended with %d, so nothing more is done", plain.number,
                      (int)self->code);
    }
    shell_plain_fini(&plain);
}

/* Where commands come from; -1 if they cannot. */
static int open_input(const char *file)
{
    if (file == NULL) {
        return STDIN_FILENO;
    }
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        tool_complain("%s: %s", file, strerror(errno));
    }
    return fd;
}

static void overlook(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    (void)userdata;
    (void)change;
    (void)sighting;
}

static void work(shell *self, int fd)
{
    autobus_listener *listener = NULL;
    shell_jobs_init(&self->jobs, &self->request->asked.family);
    self->desk = (tool_desk){
        .bus = self->session.bus,
        .signals = self->session.signals,
        .began_ms = self->session.began_ms,
        .tend = tend,
        .wakes = self->jobs.wakes,
        .has_input = fd == STDIN_FILENO && !self->is_typed,
    };
    /* Where nobody listens, a bus hears of a newcomer a second later. */
    autobus_result result =
        autobus_listener_new(self->desk.bus, NULL, false, overlook, NULL, NULL, &listener);
    if (result != AUTOBUS_OK) {
        self->code = tool_complain_of(result);
    } else if (self->is_typed) {
        do_typed(self);
    } else {
        do_script(self, fd);
    }
    shell_jobs_fini(&self->jobs);
    autobus_listener_free(&listener);
}

tool_exit shell_run(const shell_request *request)
{
    shell self = {.request = request};
    int fd = open_input(request->file);
    if (fd < 0) {
        return TOOL_FAILED;
    }
    self.is_typed = request->file == NULL && isatty(STDIN_FILENO) == 1;
    if (tool_session_open(&self.session, &request->asked)) {
        work(&self, fd);
        tool_session_end(&self.session, self.code);
    }
    if (fd != STDIN_FILENO) {
        close(fd);
    }
    return tool_session_close(&self.session);
}
