/* SPDX-License-Identifier: MIT
 * From each state each next step, and what must hold in all of them. All state lies in two static structs, so that one
 * is kept by copying them. */
#include "unit/peer/orders.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "unit/peer/orders_world.h"

static ab_reader role; /* the content of the real one, while states are changed */
static ab_map seen;

/* What must hold. */

static void check_state(void)
{
    unsigned polling = 0;
    for (unsigned i = 0; i < rules->callers; i++) {
        if (world.callers[i].doing != POLLS)
            continue;
        polling++;
        if (!world.is_lent || role.holder != &world.callers[i].waiter)
            orders_fail("a caller polls what it does not read");
        if (!world.is_fd_open)
            orders_fail("a caller polls an fd that is closed");
    }
    if (polling > 1)
        orders_fail("two readers: two callers poll");
    if (world.is_lent && world.is_watched)
        orders_fail("two readers: the bus thread watches what is lent");
}

/* Nothing happens unless somebody calls, says or closes something, which nobody may count on. */
static void check_quiet(void)
{
    for (unsigned i = 0; i < rules->callers; i++)
        if (world.callers[i].doing != IDLE)
            orders_fail("a wake-up was lost: a caller sleeps for ever");
    if (world.is_lent || role.holder != NULL || !ab_list_is_empty(&reader->waiters))
        orders_fail("the role was not given back");
    if (!world.is_closed && world.arrived.count > 0)
        orders_fail("something came, and nobody reads it");
    if (world.is_closed && world.is_fd_open)
        orders_fail("the fd was not closed");
}

/* A state as bytes: times as what is left of them, waiters by number. */
static bool is_new(void)
{
    unsigned char key[256];
    size_t at = 0;
    for (unsigned i = 0; i < rules->callers; i++) {
        const caller *who = &world.callers[i];
        key[at++] =
            (unsigned char)(who->doing | who->is_woken << 2 | who->waiter.is_done << 3 |
                            who->waiter.is_patient << 4 | (who->waiter.reader != NULL) << 5 |
                            (role.holder == &who->waiter) << 6);
        key[at++] = (unsigned char)who->call;
        ab_time times[] = {who->deadline, who->until, who->waiter.reads_until};
        for (size_t k = 0; k < AB_COUNT(times); k++) {
            int left = times[k] == 0 ? -9999 : (int)(times[k] - world.now);
            left = AB_MAX(AB_MIN(left, 20000), -9999);
            memcpy(key + at, &left, sizeof left);
            at += sizeof left;
        }
    }
    AB_LIST_FOR (place, &reader->waiters)
        key[at++] = (unsigned char)(AB_CONTAINER(place, caller, waiter.place) - world.callers);
    key[at++] = 0xff;
    const line *lines[] = {&world.unsent, &world.asked, &world.arrived};
    for (size_t k = 0; k < AB_COUNT(lines); k++) {
        key[at++] = (unsigned char)lines[k]->count;
        memcpy(key + at, lines[k]->at, lines[k]->count);
        at += lines[k]->count;
    }
    const bool flags[] = {world.is_lent,    world.is_watched, world.is_told,   world.is_posted,
                          world.is_closed,  world.is_fd_open, world.is_paused, world.was_garbage,
                          world.was_paused, world.is_shared,  world.is_wanted, world.was_cancelled};
    memcpy(key + at, flags, sizeof flags);
    at += sizeof flags;
    key[at++] = (unsigned char)world.events;
    if (ab_map_get(&seen, key, at) != NULL)
        return false;
    unsigned char *kept = ab_alloc(1, at);
    memcpy(kept, key, at);
    ab_map_put(&seen, kept, at, kept);
    return true;
}

static void look_on(void);

/* One step from here, everything behind it, and back. */
static void try_step(kind which, int caller_at)
{
    if (caller_at >= 0 ? !orders_may_call(which, &world.callers[caller_at])
                       : !orders_may_happen(which))
        return;
    orders_world before = world;
    ab_reader role_before = *reader;
    if (caller_at >= 0)
        orders_call_step(which, (unsigned)caller_at);
    else
        orders_step(which);
    look_on();
    const char *wrong = world.wrong;
    world = before;
    *reader = role_before;
    world.wrong = wrong;
}

static void look_on(void)
{
    role = *reader;
    check_state();
    if (world.wrong != NULL || !is_new())
        return;
    bool is_quiet = true;
    for (int which = 0; which < KINDS && world.wrong == NULL; which++) {
        for (int i = 0; i < (int)rules->callers && world.wrong == NULL; i++) {
            is_quiet = is_quiet && (!orders_must_happen((kind)which) ||
                                    !orders_may_call((kind)which, &world.callers[i]));
            try_step((kind)which, i);
        }
        is_quiet =
            is_quiet && (!orders_must_happen((kind)which) || !orders_may_happen((kind)which));
        if (world.wrong == NULL)
            try_step((kind)which, -1);
    }
    role = *reader;
    if (is_quiet && world.wrong == NULL)
        check_quiet();
}

const char *orders_try_all(const orders *wish, size_t *states)
{
    orders_begin(wish);
    ab_map_init(&seen);
    look_on();
    *states = seen.count;
    size_t cursor = 0;
    for (void *key; (key = ab_map_next(&seen, &cursor)) != NULL;)
        free(key);
    ab_map_fini(&seen);
    free(reader);
    return world.wrong;
}
