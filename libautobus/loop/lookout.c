/* SPDX-License-Identifier: MIT
 * Looking out before sleeping. To wake a sleeper takes the kernel longer than two programs need for a batch of calls,
 * so who has just sent a batch, and will soon hear of it, looks a moment whether something is there; so does who has
 * read much, of which there may be more. The core is offered to everybody else meanwhile. Who looks in vain looks less
 * often, and who gets the core back late, because somebody wanted all of it and kept it, hardly ever: a sleeper would
 * have been woken sooner. */
#include "loop/inside.h"

#include <sched.h>

#include <event2/event.h>

/* Batches that pass between two looks, at most: after some in vain, and after one that took the core away. */
#define PASSES_MOST 255
#define PASSES_LATE 4095

/* Longer than anybody needs for a batch, and less than a slice of the core that somebody takes who wants all of it. */
#define LATE ((ab_time)500)

bool ab_lookout_is_worth_it(ab_lookout *lookout)
{
    bool expects_news = lookout->expects_news;
    lookout->expects_news = lookout->is_awake = false;
    if (!expects_news || lookout->patience == 0)
        return false;
    if (lookout->to_pass == 0)
        return true;
    lookout->to_pass--;
    return false;
}

/* How long it took. */
static ab_time look(ab_lookout *lookout, struct event_base *base)
{
    ab_time begun = ab_clock_now(lookout->clock), took = 0;
    lookout->has_found = false;
    while (!lookout->has_found && took <= lookout->patience) {
        event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        if (!lookout->has_found)
            sched_yield();
        took = ab_clock_now(lookout->clock) - begun;
    }
    return took;
}

bool ab_lookout_finds(ab_lookout *lookout, struct event_base *base)
{
    lookout->is_awake = true;
    ab_time took = look(lookout, base);
    lookout->is_awake = lookout->has_found;
    if (took > lookout->patience + LATE)
        lookout->passes = PASSES_LATE;
    else if (lookout->has_found)
        lookout->passes /= 2;
    else if (lookout->passes < PASSES_MOST)
        lookout->passes = 2 * lookout->passes + 1;
    lookout->to_pass = lookout->passes;
    return lookout->has_found;
}
