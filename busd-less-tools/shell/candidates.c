/* SPDX-License-Identifier: MIT
 * Sorting, comparing, laying out. */
#include "shell/candidates.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tool/quote.h"
#include "tool/text.h"

enum {
    GAP = 2
};

void shell_candidates_init(shell_candidates *self, const char *part)
{
    *self = (shell_candidates){.part = tool_text_checked(strdup(part))};
}

void shell_candidates_fini(shell_candidates *self)
{
    tool_words_fini(&self->words);
    free(self->part);
    self->part = NULL;
}

void shell_candidates_add(shell_candidates *self, const char *before, const char *text)
{
    char *word = tool_text_format("%s%s", before, text);
    if (strncmp(word, self->part, strlen(self->part)) == 0) {
        tool_words_add(&self->words, word);
    } else {
        free(word);
    }
}

static int by_letters(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void shell_candidates_sort(shell_candidates *self)
{
    tool_words *words = &self->words;
    size_t kept = 0;
    if (words->count > 0) {
        qsort(words->list, words->count, sizeof *words->list, by_letters);
    }
    for (size_t i = 0; i < words->count; i++) {
        if (kept > 0 && strcmp(words->list[kept - 1], words->list[i]) == 0) {
            free(words->list[i]);
        } else {
            words->list[kept++] = words->list[i];
        }
    }
    words->count = kept;
}

/* Of sorted words the first and the last have in common what all have. A character stays whole. */
static char *in_common(const tool_words *words)
{
    const char *first = words->list[0];
    const char *last = words->list[words->count - 1];
    size_t length = 0;
    while (first[length] != '\0' && first[length] == last[length]) {
        length++;
    }
    while (length > 0 && ((unsigned char)first[length] & 0xc0) == 0x80) {
        length--;
    }
    return tool_text_format("%.*s", (int)length, first);
}

/* A quoted word may go on if its last quote is left out. */
static void reopen(char *quoted)
{
    size_t length = strlen(quoted);
    if (length > 1 && quoted[length - 1] == '\'') {
        quoted[length - 1] = '\0';
    }
}

char *shell_candidates_typed(const shell_candidates *self)
{
    if (self->words.count == 0) {
        return NULL;
    }
    char *common = in_common(&self->words);
    bool is_only = self->words.count == 1;
    char *typed = NULL;
    if (is_only || strlen(common) > strlen(self->part)) {
        bool goes_on = !is_only || strchr("=/", common[strlen(common) - 1]) != NULL;
        char *quoted = tool_quote(common);
        if (goes_on) {
            reopen(quoted);
        }
        typed = tool_text_format("%s%s", quoted, goes_on ? "" : " ");
        free(quoted);
    }
    free(common);
    return typed;
}

/* The cells, clean and no wider than the paper; the widest in *ret_width. */
static char **cells_of(const shell_candidates *self, size_t most, size_t *ret_width)
{
    size_t count = self->words.count;
    char **cells = tool_text_checked(calloc(count, sizeof *cells));
    *ret_width = 0;
    for (size_t i = 0; i < count; i++) {
        char *clean = tool_text_clean(self->words.list[i]);
        cells[i] = tool_text_cut(clean, most);
        size_t width = tool_text_width(cells[i]);
        *ret_width = width > *ret_width ? width : *ret_width;
        free(clean);
    }
    return cells;
}

void shell_candidates_print(const shell_candidates *self, const tool_paper *paper, FILE *out)
{
    size_t count = self->words.count;
    size_t width;
    if (count == 0) {
        return;
    }
    char **cells = cells_of(self, paper->width, &width);
    size_t columns = width + GAP <= paper->width ? (paper->width + GAP) / (width + GAP) : 1;
    size_t rows = (count + columns - 1) / columns;
    size_t most = paper->height / 2 > 0 ? paper->height / 2 : 1;
    size_t shown = 0;
    for (size_t row = 0; row < rows && row < most; row++) {
        for (size_t i = row; i < count; i += rows) {
            bool is_last = i + rows >= count;
            size_t blanks = is_last ? 0 : width + GAP - tool_text_width(cells[i]);
            fprintf(out, "%s%*s", cells[i], (int)blanks, "");
            shown++;
        }
        fputc('\n', out);
    }
    if (shown < count) {
        fprintf(out, "and %zu more\n", count - shown);
    }
    for (size_t i = 0; i < count; i++) {
        free(cells[i]);
    }
    free(cells);
}
