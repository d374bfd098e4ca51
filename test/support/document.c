/* SPDX-License-Identifier: MIT
 * Finds fenced blocks. Knows of Markdown that a fence is three backquotes at the beginning of a line. */
#include "support/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/recording.h"

size_t document_blocks(const char *path, const char *word,
                       void (*visit)(void *userdata, char *text), void *userdata)
{
    char *text = tree_text(path);
    char opening[64];
    snprintf(opening, sizeof opening, "\n```%s\n", word);
    size_t count = 0;
    for (char *at = text; (at = strstr(at, opening)) != NULL;) {
        char *inside = at + strlen(opening);
        char *end = strstr(inside, "\n```");
        if (end == NULL)
            break;
        end[1] = '\0'; /* the block keeps its last line end */
        visit(userdata, inside);
        count++;
        at = end + 2;
    }
    free(text);
    return count;
}
