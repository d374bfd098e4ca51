/* SPDX-License-Identifier: MIT
 * Listeners that survive their own removal while they are called. Knows nothing of what they hear. */
#include "base/listeners.h"

void ab_listeners_init(ab_listeners *listeners)
{
    ab_list_init(&listeners->hooks);
    ab_list_init(&listeners->walkers);
}

void ab_listeners_add(ab_listeners *listeners, ab_hook *hook)
{
    ab_list_append(&listeners->hooks, &hook->place);
}

static ab_list *step_from(const ab_walk *walk, ab_list *place)
{
    return place == walk->last ? &walk->listeners->hooks : place->next;
}

void ab_listeners_remove(ab_listeners *listeners, ab_hook *hook)
{
    ab_list *place = &hook->place;
    AB_LIST_FOR (at, &listeners->walkers) {
        ab_walk *walk = AB_CONTAINER(at, ab_walk, place);
        if (walk->next == place)
            walk->next = step_from(walk, place);
        if (walk->last == place)
            walk->last = place->prev;
    }
    ab_list_remove(place);
}

void ab_walk_begin(ab_walk *walk, ab_listeners *listeners)
{
    walk->listeners = listeners;
    walk->next = listeners->hooks.next;
    walk->last = listeners->hooks.prev;
    ab_list_append(&listeners->walkers, &walk->place);
}

ab_hook *ab_walk_next(ab_walk *walk)
{
    ab_list *place = walk->next;
    if (place == &walk->listeners->hooks)
        return NULL;
    walk->next = step_from(walk, place);
    return AB_CONTAINER(place, ab_hook, place);
}

void ab_walk_end(ab_walk *walk)
{
    ab_list_remove(&walk->place);
}
