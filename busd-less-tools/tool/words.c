/* SPDX-License-Identifier: MIT
 * Splitting, character by character. */
#include "tool/words.h"

#include <stdlib.h>
#include <string.h>

#include "tool/text.h"

void tool_words_add(tool_words *self, char *word)
{
    self->list = tool_text_checked(reallocarray(self->list, self->count + 2, sizeof *self->list));
    self->list[self->count++] = word;
    self->list[self->count] = NULL;
}

/* The byte that \nnn, just behind its backslash, stands for; where it ends. */
static const char *take_octal(const char *at, char *ret_byte)
{
    unsigned byte = 0;
    for (int i = 0; i < 3 && *at >= '0' && *at <= '7'; i++) {
        byte = byte * 8 + (unsigned)(*at++ - '0');
    }
    *ret_byte = (char)byte;
    return at;
}

/* What stands between $' and the next quote that is no escape. */
static const char *take_escapes(const char *at, char **word)
{
    while (*at != '\0' && *at != '\'') {
        if (*at == '\\' && at[1] >= '0' && at[1] <= '7') {
            at = take_octal(at + 1, *word);
            *word += **word != '\0'; /* a text has no such byte */
        } else {
            at += *at == '\\' && at[1] != '\0';
            *(*word)++ = *at++;
        }
    }
    return at;
}

const char *tool_words_take(const char *at, bool has_escapes, char *word, char *ret_open)
{
    char quote = '\0';
    for (; *at != '\0' && (quote != '\0' || strchr(" \t\n", *at) == NULL); at++) {
        bool is_escape = *at == '\\' && quote != '\'' && at[1] != '\0';
        if (is_escape) {
            *word++ = *++at;
        } else if (has_escapes && quote == '\0' && strncmp(at, "$'", 2) == 0) {
            at = take_escapes(at + 2, &word);
            quote = *at == '\0' ? '\'' : '\0';
            at -= quote != '\0'; /* the end of the text is for the loop to see */
        } else if (quote == '\0' && (*at == '\'' || *at == '"')) {
            quote = *at;
        } else if (*at == quote) {
            quote = '\0';
        } else {
            *word++ = *at;
        }
    }
    *word = '\0';
    *ret_open = quote;
    return at;
}

bool tool_words_split(tool_words *self, const char *text)
{
    *self = (tool_words){0};
    char *word = tool_text_checked(malloc(strlen(text) + 1));
    char open = '\0';
    for (const char *at = text + strspn(text, " \t\n"); *at != '\0'; at += strspn(at, " \t\n")) {
        at = tool_words_take(at, false, word, &open);
        tool_words_add(self, tool_text_checked(strdup(word)));
    }
    free(word);
    if (open != '\0' || self->count == 0) {
        tool_words_fini(self);
        return false;
    }
    return true;
}

void tool_words_copy(tool_words *self, const tool_words *from)
{
    *self = (tool_words){0};
    for (size_t i = 0; i < from->count; i++) {
        tool_words_add(self, tool_text_checked(strdup(from->list[i])));
    }
}

void tool_words_fini(tool_words *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->list[i]);
    }
    free(self->list);
    *self = (tool_words){0};
}
