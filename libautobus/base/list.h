/* SPDX-License-Identifier: MIT
 * A doubly linked ring through its elements. An element knows whether it is in one. */
#ifndef AB_BASE_LIST_H
#define AB_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

typedef struct ab_list ab_list;
struct ab_list {
    ab_list *next, *prev;
};

static inline void ab_list_init(ab_list *list)
{
    list->next = list->prev = list;
}
static inline bool ab_list_is_empty(const ab_list *list)
{
    return list->next == list;
}

static inline void ab_list_insert_before(ab_list *place, ab_list *element)
{
    element->prev = place->prev;
    element->next = place;
    place->prev->next = element;
    place->prev = element;
}
static inline void ab_list_append(ab_list *head, ab_list *element)
{
    ab_list_insert_before(head, element);
}
static inline void ab_list_prepend(ab_list *head, ab_list *element)
{
    ab_list_insert_before(head->next, element);
}

/** Takes an element out; one that is in no list (initialised) is fine. */
static inline void ab_list_remove(ab_list *element)
{
    element->prev->next = element->next;
    element->next->prev = element->prev;
    ab_list_init(element);
}

/** The first element taken out, or NULL. */
static inline ab_list *ab_list_take_first(ab_list *head)
{
    ab_list *first = head->next;
    if (first == head)
        return NULL;
    ab_list_remove(first);
    return first;
}

#define AB_LIST_FOR(at, head) for (ab_list *at = (head)->next; at != (head); at = at->next)
/** The current element may be removed. */
#define AB_LIST_FOR_SAFE(at, head)                                        \
    for (ab_list *at = (head)->next, *at##_next = at->next; at != (head); \
         at = at##_next, at##_next = at->next)

#endif
