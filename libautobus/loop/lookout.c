/* SPDX-License-Identifier: MIT
 * Looking out before sleeping. To wake a sleeper takes the kernel longer than two programs need for a batch of calls,
 * so who has just sent a batch, and will soon hear of it, looks a moment whether something is there; so does who has
 * read much, of which there may be more; and a bus that was told to spin, whenever it has heard anything. The core is
 * offered to everybody else meanwhile. */
#include "loop/inside.h"

#include <sched.h>

#include <event2/event.h>

bool ab_lookout_is_worth_it(ab_lookout *lookout)
{
    ab_time of_news = lookout->expects_news ? lookout->most : 0;
    ab_time of_spin = lookout->has_heard ? lookout->spin : 0;
    lookout->now = AB_MAX(of_news, of_spin);
    lookout->expects_news = lookout->has_heard = lookout->is_awake = false;
    return lookout->now > 0 && ab_patience_is_there(&lookout->patience);
}

/* How long it took. */
static ab_time look(ab_lookout *lookout, struct event_base *base)
{
    ab_time begun = ab_clock_now(lookout->clock), took = 0;
    lookout->has_found = false;
    while (!lookout->has_found && took <= lookout->now) {
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
    ab_patience_note(&lookout->patience, lookout->has_found, lookout->now, took);
    return lookout->has_found;
}
