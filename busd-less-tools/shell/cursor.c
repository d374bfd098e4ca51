/* SPDX-License-Identifier: MIT
 * Reading a line that is not complete. */
#include "shell/cursor.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "tool/family.h"
#include "tool/text.h"

#define BLANKS " \t\n"

static size_t characters_of(const char *text)
{
    mbstate_t state = {0};
    size_t count = mbsrtowcs(NULL, &text, 0, &state);
    return count == (size_t)-1 ? 0 : count;
}

/* The words before, and the part; what it is in `length`. */
static void take_apart(shell_cursor *self, const char *text)
{
    char *word = tool_text_checked(malloc(strlen(text) + 1));
    const char *at = text + strspn(text, BLANKS);
    char open;
    for (;;) {
        const char *end = tool_words_take(at, true, word, &open);
        if (*end == '\0') {
            break;
        }
        tool_words_add(&self->words, tool_text_checked(strdup(word)));
        at = end + strspn(end, BLANKS);
    }
    self->part = word;
    self->length = characters_of(at);
}

static const tool_option *find_in(const tool_option *options, int key, const char *name,
                                  size_t length)
{
    for (; options->key != 0; options++) {
        bool is_named = name != NULL && strlen(options->name) == length &&
                        strncmp(options->name, name, length) == 0;
        if (is_named || (name == NULL && options->key == key)) {
            return options;
        }
    }
    return NULL;
}

/* By its letter, or by `length` bytes of its name. */
static const tool_option *find_option(const shell_cursor *self, int key, const char *name,
                                      size_t length)
{
    const tool_option *found = find_in(self->verb->tool->command->options, key, name, length);
    return found != NULL ? found : find_in(tool_family_options, key, name, length);
}

/* The option of a word that takes a value: *ret_value is that, or NULL if it is the next word. NULL: it takes none, or
 * there is no such option. */
static const tool_option *option_with_value(const shell_cursor *self, const char *word,
                                            const char **ret_value)
{
    *ret_value = NULL;
    if (strncmp(word, "--", 2) == 0) {
        size_t length = strcspn(word + 2, "=");
        const tool_option *option = find_option(self, 0, word + 2, length);
        *ret_value = word[2 + length] == '=' ? word + 3 + length : NULL;
        return option != NULL && option->value != NULL ? option : NULL;
    }
    for (const char *letter = word + 1; *letter != '\0'; letter++) {
        const tool_option *option = find_option(self, *letter, NULL, 0);
        if (option != NULL && option->value != NULL) {
            *ret_value = letter[1] != '\0' ? letter + 1 : NULL;
            return option;
        }
    }
    return NULL;
}

static bool is_option(const char *word)
{
    return *word == '-' && word[1] != '\0' && isdigit((unsigned char)word[1]) == 0;
}

/* What an option says of the service that is meant. */
static void note_option(shell_cursor *self, const tool_option *option, const char *value)
{
    switch (option->key) {
    case 's': self->target.choice.id = value; break;
    case 'k': tool_choice_add(&self->target.choice, value); break;
    default: break;
    }
}

static void note_flag(shell_cursor *self, const char *word)
{
    bool is_all = strcmp(word, "--all") == 0 || (word[1] != '-' && strchr(word, 'a') != NULL);
    self->target.choice.with_library = self->target.choice.with_library || is_all;
}

/* The words that are no options, in their order. */
static void note_word(shell_cursor *self, size_t position, size_t at)
{
    const char *word = self->words.list[at];
    if (position == 0 && self->target.choice.id == NULL) {
        if (!tool_place_parse(&self->target.place, word)) {
            self->target.choice.type = word;
        }
    } else if (self->member == NULL) {
        self->member = word;
        self->arguments = at + 1;
    }
}

/* Of what is only ever a program. */
static shell_wanted operand_at(shell_cursor *self, size_t position)
{
    const tool_verb *tool = self->verb->tool;
    self->called = position < TOOL_OPERANDS_MOST ? tool->operands[position] : NULL;
    return self->called != NULL ? SHELL_VALUE : SHELL_ANYTHING;
}

static shell_wanted wanted_at(shell_cursor *self, size_t position)
{
    const tool_verb *tool = self->verb->tool;
    if (tool->run == NULL) {
        return operand_at(self, position);
    }
    if (position == 0 && self->target.choice.id == NULL) {
        return SHELL_TYPE;
    }
    if (tool->members == NULL) {
        return SHELL_ANYTHING;
    }
    if (self->member == NULL || tool->follows) {
        return SHELL_MEMBER;
    }
    return strcmp(tool->members, "functions") == 0 ? SHELL_PARAMETER : SHELL_ANYTHING;
}

/* The part is the value of an option that stands before it, in the same word or in the last one. */
static void want_value(shell_cursor *self, const tool_option *option, size_t length_before)
{
    self->wanted = SHELL_VALUE;
    self->option = option;
    self->called = option->value;
    self->storage = tool_text_format("%.*s", (int)length_before, self->part);
    self->before = self->storage;
}

static void judge_part(shell_cursor *self, bool takes_options, size_t position)
{
    const char *value = NULL;
    if (takes_options && is_option(self->part)) {
        const tool_option *option = option_with_value(self, self->part, &value);
        if (option != NULL && value != NULL) {
            want_value(self, option, (size_t)(value - self->part));
        } else {
            self->wanted = SHELL_OPTION;
        }
        return;
    }
    self->wanted =
        takes_options && strcmp(self->part, "-") == 0 ? SHELL_OPTION : wanted_at(self, position);
}

static void follow_words(shell_cursor *self, size_t first)
{
    bool takes_options = true;
    size_t position = 0;
    for (size_t i = first; i < self->words.count; i++) {
        const char *word = self->words.list[i];
        const char *value;
        if (!takes_options || !is_option(word)) {
            note_word(self, position++, i);
            continue;
        }
        takes_options = strcmp(word, "--") != 0;
        const tool_option *option = option_with_value(self, word, &value);
        if (option != NULL && value == NULL && i + 1 == self->words.count) {
            want_value(self, option, 0);
            return;
        }
        if (option != NULL) {
            note_option(self, option, value != NULL ? value : self->words.list[++i]);
        } else {
            note_flag(self, word);
        }
    }
    judge_part(self, takes_options, position);
}

void shell_cursor_init(shell_cursor *self, const char *text)
{
    size_t first;
    *self = (shell_cursor){.before = ""};
    take_apart(self, text);
    self->verb = shell_verb_of(&self->words, &first);
    if (self->words.count == 0 ||
        (self->words.count == 1 && strcmp(self->words.list[0], "autobus") == 0) ||
        (self->verb != NULL && strcmp(self->verb->name, "help") == 0)) {
        self->wanted = SHELL_VERB;
    } else if (self->verb != NULL && self->verb->tool != NULL) {
        follow_words(self, first);
    }
}

void shell_cursor_fini(shell_cursor *self)
{
    tool_words_fini(&self->words);
    tool_target_fini(&self->target);
    free(self->part);
    free(self->storage);
}
