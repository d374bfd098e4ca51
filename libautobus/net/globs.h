/* SPDX-License-Identifier: MIT
 * A comma list of glob patterns that picks names: "eth*,!eth1". `!` excludes, and an exclude always wins; a
 * list of only excludes starts from all. Knows nothing of what the names name. */
#ifndef AB_NET_GLOBS_H
#define AB_NET_GLOBS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ab_globs {
    char *text;     /**< a copy, the items ended by '\0' */
    size_t count;   /**< of items */
    bool has_picks; /**< an item without `!` */
} ab_globs;

/** NULL, or nothing but blanks and commas: all. */
void ab_globs_init(ab_globs *globs, const char *list);
void ab_globs_fini(ab_globs *globs);
bool ab_globs_picks(const ab_globs *globs, const char *name);
/** Walks the items that pick one name literally (no `!`, no * ? [). Start with NULL; NULL at the end. */
const char *ab_globs_next_literal(const ab_globs *globs, const char *literal);

#endif
