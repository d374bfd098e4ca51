/* SPDX-License-Identifier: MIT
 * libedit, fed from a vigil: while somebody types, the bus and the jobs go on, and what they print stands above the
 * line. */
#include "shell/editor.h"

#include <errno.h>
#include <histedit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "shell/candidates.h"
#include "shell/cursor.h"
#include "shell/history.h"
#include "shell/live.h"
#include "shell/rows.h"
#include "shell/vigil.h"
#include "tool/paper.h"
#include "tool/signals.h"
#include "tool/start.h"
#include "tool/text.h"

struct shell_editor {
    shell_vigil vigil;
    EditLine *edit;
    History *past;
    shell_history history;
    bool is_cancelled; /* Ctrl-C: the line is nothing */
    bool is_over;
};

/* Keys that everybody's fingers know, beside those that libedit knows by itself. */
static const char *const keys[][2] = {
    {"^R", "em-inc-search-prev"},         {"^W", "ed-delete-prev-word"},
    {"\\e[3~", "ed-delete-next-char"},    {"\\e[1~", "ed-move-to-beg"},
    {"\\e[4~", "ed-move-to-end"},         {"\\e[1;5C", "em-next-word"},
    {"\\e[1;5D", "ed-prev-word"},         {"\\e[5~", "ed-search-prev-history"},
    {"\\e[6~", "ed-search-next-history"},
};

static shell_editor *editor_of(EditLine *edit)
{
    void *self = NULL;
    el_get(edit, EL_CLIENTDATA, &self);
    return self;
}

static char *prompt(EditLine *edit)
{
    static char text[] = SHELL_PROMPT;
    (void)edit;
    return text;
}

/* Takes the line off the terminal, or goes below it. */
static void leave_line(const shell_editor *self, bool is_to_stay)
{
    tool_paper paper;
    const LineInfoW *line = el_wline(self->edit);
    tool_paper_look(&paper, TOOL_COLOUR_NEVER);
    size_t before = sizeof SHELL_PROMPT - 1;
    size_t row = shell_rows(before, line->buffer, line->cursor, paper.width);
    size_t last = shell_rows(before, line->buffer, line->lastchar, paper.width);
    if (is_to_stay && last > row) {
        printf("\033[%zuB", last - row);
    } else if (!is_to_stay && row > 0) {
        printf("\033[%zuA", row);
    }
    fputs(is_to_stay ? "^C\n" : "\r\033[J", stdout);
    fflush(stdout);
}

static void hide(void *userdata)
{
    leave_line(userdata, false);
}

static void show(void *userdata)
{
    const shell_editor *self = userdata;
    el_set(self->edit, EL_REFRESH);
}

static void pause_typing(shell_editor *self)
{
    hide(self);
    el_set(self->edit, EL_PREP_TERM, 0);
    tool_signals_pause();
    el_set(self->edit, EL_PREP_TERM, 1);
    el_resize(self->edit);
    show(self);
}

/* Whether a character is complete with this byte, which may as well begin one where those before it were no text. */
static bool complete_character(char byte, mbstate_t *state, wchar_t *ret_character)
{
    size_t length = (size_t)-1;
    for (bool is_within = true; is_within && length == (size_t)-1;) {
        is_within = mbsinit(state) == 0;
        length = mbrtowc(ret_character, &byte, 1, state);
        if (length == (size_t)-1) {
            *state = (mbstate_t){0};
        }
    }
    return length != (size_t)-1 && length != (size_t)-2;
}

/* 1 with a character, 0 at the end, -1 if it cannot be read. What is no text is overlooked. */
static int take_character(wchar_t *ret_character)
{
    mbstate_t state = {0};
    char byte;
    ssize_t got;
    do {
        got = read(STDIN_FILENO, &byte, 1);
    } while (got > 0 && !complete_character(byte, &state, ret_character));
    return (int)got;
}

static int get_character(EditLine *edit, wchar_t *ret_character)
{
    shell_editor *self = editor_of(edit);
    for (;;) {
        switch (shell_vigil_wait(&self->vigil, STDIN_FILENO)) {
        case SHELL_INPUT: return take_character(ret_character);
        case SHELL_RESIZED:
            hide(self);
            el_resize(edit);
            show(self);
            break;
        case SHELL_PAUSED: pause_typing(self); break;
        case SHELL_INTERRUPTED:
            leave_line(self, true);
            self->is_cancelled = true;
            errno = EINTR;
            return -1;
        case SHELL_CLOSING: self->is_over = true; return -1;
        }
    }
}

static char *text_before_cursor(EditLine *edit)
{
    const LineInfo *line = el_line(edit);
    return tool_text_format("%.*s", (int)(line->cursor - line->buffer), line->buffer);
}

/* Puts what is certain on the line; where nothing is, lists what there is. */
static unsigned char complete(EditLine *edit, int key)
{
    shell_editor *self = editor_of(edit);
    shell_cursor cursor;
    shell_candidates candidates;
    tool_paper paper;
    char *text = text_before_cursor(edit);
    (void)key;
    shell_cursor_init(&cursor, text);
    shell_candidates_init(&candidates, cursor.part);
    tool_paper_look(&paper, TOOL_COLOUR_NEVER);
    hide(self); /* a job may have news meanwhile */
    shell_live_find(&candidates, &cursor, self->vigil.desk);
    char *typed = shell_candidates_typed(&candidates);
    if (typed == NULL) {
        shell_candidates_print(&candidates, &paper, stdout);
    }
    shell_jobs_tend(self->vigil.jobs);
    fflush(stdout);
    show(self);
    if (typed != NULL) {
        el_deletestr(edit, (int)cursor.length);
        el_insertstr(edit, typed);
    }
    bool has_any = candidates.words.count > 0;
    free(typed);
    shell_candidates_fini(&candidates);
    shell_cursor_fini(&cursor);
    free(text);
    return has_any ? CC_REFRESH : CC_REFRESH_BEEP;
}

static void remember(shell_editor *self, const char *line)
{
    HistEvent event;
    history(self->past, &event, H_ENTER, line);
}

static void set_up(shell_editor *self)
{
    HistEvent event;
    el_set(self->edit, EL_CLIENTDATA, self);
    el_set(self->edit, EL_PROMPT, prompt);
    el_set(self->edit, EL_EDITOR, "emacs");
    el_set(self->edit, EL_GETCFN, get_character);
    /* It keeps these two; narrow ones it would copy, and never free. */
    el_wset(self->edit, EL_ADDFN, L"autobus-complete", L"Complete from the network", complete);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        el_set(self->edit, EL_BIND, keys[i][0], keys[i][1], NULL);
    }
    el_source(self->edit, NULL); /* somebody's own, perhaps those of vi, and then Tab again */
    el_set(self->edit, EL_BIND, "^I", "autobus-complete", NULL);
    history(self->past, &event, H_SETSIZE, SHELL_HISTORY_LINES);
    el_set(self->edit, EL_HIST, history, self->past);
    shell_history_init(&self->history);
    for (size_t i = 0; i < self->history.lines.count; i++) {
        remember(self, self->history.lines.list[i]);
    }
}

shell_editor *shell_editor_new(tool_desk *desk, shell_jobs *jobs, const char **ret_why)
{
    tool_paper paper;
    tool_paper_look(&paper, TOOL_COLOUR_NEVER);
    if (!paper.is_terminal) {
        *ret_why = "what is shown goes to no terminal that can do it";
        return NULL;
    }
    shell_editor *self = tool_text_checked(calloc(1, sizeof *self));
    self->vigil =
        (shell_vigil){.desk = desk, .jobs = jobs, .hide = hide, .show = show, .userdata = self};
    self->edit = tool_text_checked(el_init("autobus-shell", stdin, stdout, stderr));
    self->past = tool_text_checked(history_init());
    signal(SIGQUIT, SIG_IGN); /* it would leave the terminal as it is while somebody types */
    set_up(self);
    return self;
}

void shell_editor_free(shell_editor **editor)
{
    shell_editor *self = *editor;
    *editor = NULL;
    if (self != NULL) {
        el_end(self->edit);
        history_end(self->past);
        shell_history_fini(&self->history);
        free(self);
    }
}

/* One line as libedit gives it, its end taken away; NULL at the end. */
static char *take_line(shell_editor *self)
{
    int count = 0;
    self->is_cancelled = false;
    el_resize(self->edit);
    el_set(self->edit, EL_PREP_TERM, 1); /* before the prompt: who sees it may type */
    const char *text = el_gets(self->edit, &count);
    if (self->is_cancelled) {
        return tool_text_checked(strdup(""));
    }
    if (text == NULL || count <= 0) {
        return NULL;
    }
    return tool_text_format("%.*s", (int)strcspn(text, "\n"), text);
}

char *shell_editor_read(shell_editor *self)
{
    char *line = self->is_over ? NULL : take_line(self);
    if (line == NULL) {
        putchar('\n');
    } else if (shell_history_add(&self->history, line)) {
        remember(self, line);
    }
    return line;
}
