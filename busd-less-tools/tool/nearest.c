/* SPDX-License-Identifier: MIT
 * Distances between names: a letter more, less, wrong, or two of them swapped count one. */
#include "tool/nearest.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool/text.h"

enum {
    LONGEST = 64, /* a longer name is nobody's slip of the finger */
    FAR = 1000,
    MOST = 3
};

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST + 1]; /* of the letter before the last, the last, and this one */
    size_t length = strlen(b);
    for (size_t j = 0; j <= length; j++) {
        rows[1][j] = j;
    }
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        rows[2][0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t least = rows[1][j - 1] + (a[i - 1] != b[j - 1]);
            least = least_of(least, least_of(rows[1][j], rows[2][j - 1]) + 1);
            bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            rows[2][j] = is_swap ? least_of(least, rows[0][j - 2] + 1) : least;
        }
        memcpy(rows[0], rows[1], sizeof rows[0]);
        memcpy(rows[1], rows[2], sizeof rows[1]);
    }
    return rows[1][length];
}

/* How far a name is; FAR if it is not near at all. Half of a name, or its other case, is near. */
static size_t score(const char *word, const char *name)
{
    size_t length = strlen(word);
    size_t other = strlen(name);
    if (length == 0 || length > LONGEST || other > LONGEST) {
        return FAR;
    }
    if (strcasecmp(word, name) == 0) {
        return 0;
    }
    size_t far = distance(word, name);
    size_t longer = length > other ? length : other;
    if (far <= 1 + longer / 5 && far < longer) {
        return far;
    }
    bool is_part = length >= 3 && strcasestr(name, word) != NULL;
    bool has_part = other >= 3 && strcasestr(word, name) != NULL;
    return is_part || has_part ? LONGEST + far : FAR;
}

typedef struct guess {
    const char *name;
    size_t score;
} guess;

/* Keeps the best three, in order, each once. */
static void consider(guess *guesses, size_t *count, guess fresh)
{
    size_t at = 0;
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(guesses[i].name, fresh.name) == 0) {
            return;
        }
        at += guesses[i].score <= fresh.score;
    }
    if (at >= MOST) {
        return;
    }
    *count = *count < MOST ? *count + 1 : MOST;
    memmove(guesses + at + 1, guesses + at, (*count - at - 1) * sizeof *guesses);
    guesses[at] = fresh;
}

char *tool_nearest(const char *word, const char *const *names, size_t count)
{
    guess guesses[MOST];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        guess fresh = {names[i], score(word, names[i])};
        if (fresh.score < FAR) {
            consider(guesses, &found, fresh);
        }
    }
    if (found == 0) {
        return NULL;
    }
    char *text = NULL;
    size_t length;
    FILE *out = tool_text_stream(&text, &length);
    for (size_t i = 0; i < found; i++) {
        fprintf(out, "%s'%s'", i == 0 ? "" : i + 1 < found ? ", " : " or ", guesses[i].name);
    }
    fclose(out);
    return tool_text_checked(text);
}
