/* SPDX-License-Identifier: MIT
 * Looking out before sleeping. To wake a sleeper takes the kernel longer than two programs need for a batch of calls,
 * so who has just sent a batch, and will soon hear of it, looks a moment whether something is there. The core is
 * offered to everybody else meanwhile; and who found nothing lets some batches pass before it looks again. */
#include "loop/inside.h"

#include <sched.h>

#include <event2/event.h>

/* Batches passed after looks in vain, at most; twice as many and one after each. */
#define PASSED_MOST 63

bool ab_lookout_is_worth_it(ab_lookout *lookout)
{
    bool has_sent = lookout->has_sent;
    lookout->has_sent = lookout->is_awake = false;
    if (!has_sent || lookout->patience == 0)
        return false;
    if (lookout->to_pass == 0)
        return true;
    lookout->to_pass--;
    return false;
}

static bool look(ab_lookout *lookout, struct event_base *base)
{
    ab_time end = ab_clock_now(&ab_clock_real) + lookout->patience;
    lookout->has_found = false;
    do {
        event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        if (!lookout->has_found)
            sched_yield();
    } while (!lookout->has_found && ab_clock_now(&ab_clock_real) < end);
    return lookout->has_found;
}

bool ab_lookout_finds(ab_lookout *lookout, struct event_base *base)
{
    lookout->is_awake = true;
    bool finds = look(lookout, base);
    lookout->is_awake = finds;
    lookout->passes = finds ? 0 : AB_MIN(2 * lookout->passes + 1, PASSED_MOST);
    lookout->to_pass = lookout->passes;
    return finds;
}
