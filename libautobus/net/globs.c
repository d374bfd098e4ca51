/* SPDX-License-Identifier: MIT
 * Lists of glob patterns, matched with fnmatch. */
#include "net/globs.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void ab_globs_init(ab_globs *globs, const char *list)
{
    *globs = (ab_globs){0};
    if (list == NULL)
        return;
    globs->text = ab_alloc(strlen(list) + 1, 1);
    char *end = globs->text;
    while (*list != '\0') {
        list += strspn(list, ", \t");
        size_t length = strcspn(list, ", \t");
        if (length == 0)
            break;
        memcpy(end, list, length);
        if (*end != '!')
            globs->has_picks = true;
        end += length + 1;
        list += length;
        globs->count++;
    }
}

void ab_globs_fini(ab_globs *globs)
{
    free(globs->text);
    *globs = (ab_globs){0};
}

bool ab_globs_picks(const ab_globs *globs, const char *name)
{
    bool is_picked = !globs->has_picks;
    const char *item = globs->text;
    for (size_t i = 0; i < globs->count; i++, item += strlen(item) + 1) {
        if (*item == '!' && fnmatch(item + 1, name, 0) == 0)
            return false;
        if (*item != '!' && fnmatch(item, name, 0) == 0)
            is_picked = true;
    }
    return is_picked;
}

const char *ab_globs_next_literal(const ab_globs *globs, const char *literal)
{
    const char *item = globs->text;
    bool is_behind = literal == NULL;
    for (size_t i = 0; i < globs->count; i++, item += strlen(item) + 1) {
        if (is_behind && *item != '!' && strpbrk(item, "*?[") == NULL)
            return item;
        if (item == literal)
            is_behind = true;
    }
    return NULL;
}
