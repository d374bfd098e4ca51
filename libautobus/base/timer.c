/* SPDX-License-Identifier: MIT
 * The timer heap: binary, each timer knows its slot. Knows no clock and no thread. */
#include "base/timer.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"

void ab_timers_init(ab_timers *timers)
{
    *timers = (ab_timers){.now = INT64_MIN};
}

void ab_timers_fini(ab_timers *timers)
{
    for (size_t i = 0; i < timers->count; i++)
        timers->heap[i]->slot = 0;
    free(timers->heap);
    ab_timers_init(timers);
}

ab_time ab_timers_next(const ab_timers *timers)
{
    return timers->count == 0 ? AB_NEVER : timers->heap[0]->due;
}

static bool is_before(const ab_timer *a, const ab_timer *b)
{
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void put_at(ab_timers *timers, size_t place, ab_timer *timer)
{
    timers->heap[place] = timer;
    timer->slot = place + 1;
}

static void sift_up(ab_timers *timers, size_t place, ab_timer *timer)
{
    while (place > 0) {
        size_t parent = (place - 1) / 2;
        if (!is_before(timer, timers->heap[parent]))
            break;
        put_at(timers, place, timers->heap[parent]);
        place = parent;
    }
    put_at(timers, place, timer);
}

static void sift_down(ab_timers *timers, size_t place, ab_timer *timer)
{
    for (;;) {
        size_t child = place * 2 + 1;
        if (child >= timers->count)
            break;
        if (child + 1 < timers->count && is_before(timers->heap[child + 1], timers->heap[child]))
            child++;
        if (!is_before(timers->heap[child], timer))
            break;
        put_at(timers, place, timers->heap[child]);
        place = child;
    }
    put_at(timers, place, timer);
}

static void settle(ab_timers *timers, size_t place, ab_timer *timer)
{
    if (place > 0 && is_before(timer, timers->heap[(place - 1) / 2]))
        sift_up(timers, place, timer);
    else
        sift_down(timers, place, timer);
}

void ab_timer_init(ab_timer *timer, void (*fire)(ab_timer *timer))
{
    *timer = (ab_timer){.fire = fire};
}

void ab_timer_start(ab_timers *timers, ab_timer *timer, ab_time due)
{
    /* While timers are fired, none may get before those whose turn it is: with its deadline moved up to
     * now and its order behind theirs, the new one is the next call's. */
    timer->due = AB_MAX(due, timers->now);
    timer->order = timers->started++;
    if (timer->slot != 0) {
        settle(timers, timer->slot - 1, timer);
        return;
    }
    if (timers->count == timers->capacity) {
        timers->capacity = AB_MAX(timers->capacity * 2, 16);
        timers->heap = ab_realloc(timers->heap, timers->capacity, sizeof(ab_timer *));
    }
    sift_up(timers, timers->count++, timer);
}

void ab_timer_stop(ab_timers *timers, ab_timer *timer)
{
    if (timer->slot == 0)
        return;
    size_t place = timer->slot - 1;
    assert(place < timers->count && timers->heap[place] == timer);
    timer->slot = 0;
    ab_timer *last = timers->heap[--timers->count];
    if (last != timer)
        settle(timers, place, last);
}

size_t ab_timers_run(ab_timers *timers, ab_time now)
{
    assert(timers->now == INT64_MIN && "timers are not run from inside a timer");
    size_t fired = 0;
    uint64_t later = timers->started;
    timers->now = now;
    while (timers->count > 0) {
        ab_timer *first = timers->heap[0];
        if (first->due > now || first->order >= later)
            break;
        ab_timer_stop(timers, first);
        fired++;
        first->fire(first);
    }
    timers->now = INT64_MIN;
    return fired;
}
