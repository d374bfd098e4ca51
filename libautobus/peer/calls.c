/* SPDX-License-Identifier: MIT
 * Chains of calls. The table grows with how many are under way at once, and is given back with the last of many. */
#include "peer/calls.h"

#include <stdlib.h>

#include "base/error.h"

#define NARROWEST 16
#define KEPT      256

void ab_calls_init(ab_calls *calls)
{
    *calls = (ab_calls){0};
}

void ab_calls_fini(ab_calls *calls)
{
    free(calls->rows);
    ab_calls_init(calls);
}

static ab_call **row_of(const ab_calls *calls, uint64_t id)
{
    return &calls->rows[id & (calls->width - 1)];
}

static void put(ab_calls *calls, ab_call *call)
{
    ab_call **row = row_of(calls, call->id);
    call->next = *row;
    *row = call;
}

static void widen(ab_calls *calls)
{
    ab_calls old = *calls;
    calls->width = AB_MAX(old.width * 2, (size_t)NARROWEST);
    calls->rows = ab_alloc(calls->width, sizeof(ab_call *));
    for (size_t i = 0; i < old.width; i++) {
        for (ab_call *call = old.rows[i], *next; call != NULL; call = next) {
            next = call->next;
            put(calls, call);
        }
    }
    free(old.rows);
}

void ab_calls_put(ab_calls *calls, ab_call *call)
{
    if (calls->count == calls->width)
        widen(calls);
    put(calls, call);
    calls->count++;
}

ab_call *ab_calls_take(ab_calls *calls, uint64_t id)
{
    if (calls->count == 0)
        return NULL;
    ab_call **at = row_of(calls, id);
    while (*at != NULL && (*at)->id != id)
        at = &(*at)->next;
    ab_call *found = *at;
    if (found == NULL)
        return NULL;
    *at = found->next;
    if (--calls->count == 0 && calls->width > KEPT)
        ab_calls_fini(calls);
    return found;
}

static int compare(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return (one > other) - (one < other);
}

uint64_t *ab_calls_numbers(const ab_calls *calls)
{
    uint64_t *numbers = ab_alloc(calls->count, sizeof *numbers);
    size_t count = 0;
    for (size_t i = 0; i < calls->width; i++)
        for (const ab_call *call = calls->rows[i]; call != NULL; call = call->next)
            numbers[count++] = call->id;
    qsort(numbers, count, sizeof *numbers, compare);
    return numbers;
}
