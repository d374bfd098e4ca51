/* SPDX-License-Identifier: MIT
 * Words, and the few characters that are none. */
#include "shell/line.h"

#include <stdlib.h>
#include <string.h>

#include "tool/text.h"

#define BLANKS    " \t\n"
#define OPERATORS "|;<>&"

/* Where in the text of a word an operator stands that no quote protects; NULL if there is none. */
static const char *find_operator(const char *at, const char *end, const char *word)
{
    size_t length = strlen(word);
    bool is_plain = length == (size_t)(end - at) && memcmp(at, word, length) == 0;
    size_t before = strcspn(word, OPERATORS); /* of this word alone: the line may be long */
    return is_plain && before < length ? at + before : NULL;
}

static bool ends_with_ampersand(const char *sign)
{
    return *sign == '&' && sign[1 + strspn(sign + 1, BLANKS)] == '\0';
}

static void take_operator(shell_line *self, const char *sign)
{
    if (ends_with_ampersand(sign)) {
        self->is_beside = true;
        return;
    }
    self->mistake = tool_text_format(
        "'%c' does nothing here: there are no pipes and files, and one command a line. As text it "
        "is written in quotes",
        *sign);
}

/* One word and what is behind it; NULL at the end. */
static const char *take_word(shell_line *self, const char *at, char *word)
{
    char open;
    const char *end = tool_words_take(at, true, word, &open);
    const char *sign = find_operator(at, end, word);
    if (open != '\0') {
        self->mistake = tool_text_format("the quote %c is not closed", open);
        return NULL;
    }
    if (sign != NULL) {
        take_operator(self, sign);
        word[sign - at] = '\0';
    }
    if (sign == NULL || sign > at) {
        tool_words_add(&self->words, tool_text_checked(strdup(word)));
    }
    end += strspn(end, BLANKS);
    return sign != NULL || *end == '\0' ? NULL : end;
}

void shell_line_init(shell_line *self, const char *text)
{
    const char *at = text + strspn(text, BLANKS);
    char *word = tool_text_checked(malloc(strlen(text) + 1));
    *self = (shell_line){0};
    while (at != NULL && *at != '\0' && *at != '#') {
        at = take_word(self, at, word);
    }
    if (self->is_beside && self->words.count == 0) {
        self->mistake = tool_text_format("there is nothing before &");
    }
    free(word);
}

void shell_line_fini(shell_line *self)
{
    tool_words_fini(&self->words);
    free(self->mistake);
    *self = (shell_line){0};
}
