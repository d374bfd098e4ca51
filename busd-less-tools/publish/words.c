/* SPDX-License-Identifier: MIT
 * Splitting, character by character. */
#include "publish/words.h"

#include <stdlib.h>
#include <string.h>

#include "tool/text.h"

void publish_words_add(publish_words *self, char *word)
{
    self->list = tool_text_checked(reallocarray(self->list, self->count + 2, sizeof *self->list));
    self->list[self->count++] = word;
    self->list[self->count] = NULL;
}

/* One word, its quotes taken away, into `word`; where it ends, or NULL if a quote stays open. */
static const char *take_word(const char *at, char *word)
{
    char quote = '\0';
    for (; *at != '\0' && (quote != '\0' || strchr(" \t\n", *at) == NULL); at++) {
        bool is_escape = *at == '\\' && quote != '\'' && at[1] != '\0';
        if (is_escape) {
            *word++ = *++at;
        } else if (quote == '\0' && (*at == '\'' || *at == '"')) {
            quote = *at;
        } else if (*at == quote) {
            quote = '\0';
        } else {
            *word++ = *at;
        }
    }
    *word = '\0';
    return quote == '\0' ? at : NULL;
}

bool publish_words_split(publish_words *self, const char *text)
{
    *self = (publish_words){0};
    char *word = tool_text_checked(malloc(strlen(text) + 1));
    const char *at = text;
    for (at += strspn(at, " \t\n"); at != NULL && *at != '\0';) {
        at = take_word(at, word);
        if (at != NULL) {
            publish_words_add(self, tool_text_checked(strdup(word)));
            at += strspn(at, " \t\n");
        }
    }
    free(word);
    if (at == NULL || self->count == 0) {
        publish_words_fini(self);
        return false;
    }
    return true;
}

void publish_words_copy(publish_words *self, const publish_words *from)
{
    *self = (publish_words){0};
    for (size_t i = 0; i < from->count; i++) {
        publish_words_add(self, tool_text_checked(strdup(from->list[i])));
    }
}

void publish_words_fini(publish_words *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->list[i]);
    }
    free(self->list);
    *self = (publish_words){0};
}
