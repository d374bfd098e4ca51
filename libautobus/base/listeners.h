/* SPDX-License-Identifier: MIT
 * A list of listeners that may be added and removed while it is being called, also by the one called. */
#ifndef AB_BASE_LISTENERS_H
#define AB_BASE_LISTENERS_H

#include "base/list.h"

/** An element; embed it. */
typedef struct ab_hook {
    ab_list place;
} ab_hook;

typedef struct ab_listeners {
    ab_list hooks;   /**< of ab_hook.place */
    ab_list walkers; /**< of ab_walk.place: calls under way */
} ab_listeners;

/** One call under way; lives on the caller's stack. */
typedef struct ab_walk {
    ab_list place;
    ab_list *next; /**< the hook to visit next; moved on when that one is removed */
    ab_list *
        last; /**< the last hook there when the walk began, and still is; later ones are not visited */
    ab_listeners *listeners;
} ab_walk;

void ab_listeners_init(ab_listeners *listeners);
void ab_listeners_add(ab_listeners *listeners, ab_hook *hook);
/** Safe at any time, for one that is not in the list too (ab_list_init its place first). */
void ab_listeners_remove(ab_listeners *listeners, ab_hook *hook);

void ab_walk_begin(ab_walk *walk, ab_listeners *listeners);
/** The next hook, NULL at the end. */
ab_hook *ab_walk_next(ab_walk *walk);
void ab_walk_end(ab_walk *walk);

#endif
