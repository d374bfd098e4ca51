/* SPDX-License-Identifier: MIT
 * The world and its steps. */
#include "unit/peer/orders_world.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/error.h"

orders_world world;
ab_reader *reader;
const orders *rules;

void orders_fail(const char *what)
{
    if (world.wrong == NULL)
        world.wrong = what;
}

static void put(line *into, unsigned char what)
{
    cr_assert_lt(into->count, MOST);
    into->at[into->count++] = what;
}

static unsigned char take(line *from, unsigned which)
{
    unsigned char what = from->at[which];
    memmove(from->at + which, from->at + which + 1, --from->count - which);
    from->at[from->count] = 0;
    return what;
}

static void wake_up(caller *who)
{
    who->is_woken = who->doing == SLEEPS;
}

static void finish(caller *who)
{
    who->waiter.is_done = true;
    wake_up(who);
}

/* An answer to a call that was given up is dropped. */
static void answer(unsigned char what)
{
    caller *who = &world.callers[what / 10];
    if (who->call == what % 10 && who->doing != IDLE)
        finish(who);
}

static void close_all(void)
{
    world.is_closed = true;
    world.is_watched = world.is_told = world.is_posted = world.is_wanted = false;
    world.unsent.count = world.asked.count = world.arrived.count = 0;
    for (unsigned i = 0; i < rules->callers; i++)
        if (world.callers[i].doing != IDLE)
            finish(&world.callers[i]);
    reader->references++; /* ours keeps it */
    ab_reader_close(reader);
    if (!world.is_lent || rules->mutant == ORDERS_EARLY_CLOSE)
        world.is_fd_open = false;
}

/* As a stream has it: whoever reads, one after the other. */
static bool hear_all(bool is_bus_thread)
{
    while (world.arrived.count > 0 && !world.is_paused) {
        if (world.arrived.at[0] == GARBAGE && !is_bus_thread)
            return false;
        unsigned char what = take(&world.arrived, 0);
        if (what == GARBAGE) {
            close_all();
            return false;
        }
        if (what != EVENT)
            answer(what);
    }
    return !world.is_paused;
}

static bool lend(void *nothing)
{
    (void)nothing;
    if (world.is_lent)
        orders_fail("two readers: lent twice");
    if (world.is_closed || world.is_posted || world.is_paused)
        return false;
    if (!world.is_shared) {
        world.is_wanted = true;
        return false;
    }
    world.is_lent = true;
    world.is_watched = rules->mutant == ORDERS_NO_DISARM;
    return true;
}

static void give_back(void *nothing)
{
    (void)nothing;
    if (!world.is_lent)
        orders_fail("given back by somebody who did not have it");
    world.is_lent = false;
    if (world.is_closed) {
        world.is_fd_open = false;
        return;
    }
    world.is_watched = rules->mutant != ORDERS_NO_REARM && !world.is_paused;
    world.is_posted = world.arrived.count > 0 && world.arrived.at[0] == GARBAGE;
}

static bool read_turn(void *nothing)
{
    (void)nothing;
    if (!world.is_lent)
        orders_fail("two readers: a caller reads what it has not borrowed");
    return !world.is_closed && hear_all(false);
}

static void wake(void *nothing, ab_waiter *waiter)
{
    (void)nothing;
    if (rules->mutant != ORDERS_NO_SIGNAL)
        wake_up(AB_CONTAINER(waiter, caller, waiter));
}

static const ab_reader_ops ops = {lend, give_back, read_turn, wake};

/* Steps. */

static void leave(caller *who, bool is_late)
{
    who->doing = IDLE;
    who->is_woken = false;
    if (is_late && rules->mutant == ORDERS_KEEPS_ROLE)
        who->call = rules->calls;
    else
        ab_reader_leave(&who->waiter);
    who->waiter.is_done = false;
    who->deadline = who->until = 0;
}

static void go_on(caller *who)
{
    who->until = who->deadline;
    who->is_woken = false;
    switch (ab_reader_next(&who->waiter, world.now, &who->until)) {
    case AB_STEP_DONE: leave(who, false); break;
    case AB_STEP_LATE: leave(who, true); break;
    case AB_STEP_POLL: who->doing = POLLS; break;
    case AB_STEP_SLEEP: who->doing = SLEEPS; break;
    }
}

static void begin_call(unsigned which, bool is_late, bool is_partial)
{
    caller *who = &world.callers[which];
    who->call++;
    if (world.is_closed)
        return;
    who->doing = SLEEPS; /* it has a question, and does not sleep yet */
    who->deadline = world.now + (is_late ? SOON : NEVER);
    ab_reader_join(reader, &who->waiter);
    bool waits = is_partial || world.unsent.count > 0;
    put(waits ? &world.unsent : &world.asked, (unsigned char)(10 * which + who->call));
    go_on(who);
}

static bool is_readable(void)
{
    return world.is_closed || world.arrived.count > 0;
}

static void polled(caller *who)
{
    ab_reader_turn(&who->waiter);
    go_on(who);
}

static void run_late(caller *who)
{
    world.now = AB_MAX(world.now, who->until);
    if (who->doing == POLLS)
        ab_reader_turn(&who->waiter);
    go_on(who);
}

static void bus_reads(void)
{
    world.is_told = false;
    bool may_read = !world.is_lent || rules->mutant == ORDERS_STALE_READS;
    if (!may_read || world.is_closed)
        return;
    if (world.is_lent)
        orders_fail("two readers: the bus thread reads what is lent");
    (void)hear_all(true);
}

/* The bus thread was sent here. */
static void bus_goes_on(void)
{
    world.is_posted = false;
    if (!world.is_lent)
        (void)hear_all(true);
}

static void pause(bool is_paused)
{
    world.is_paused = is_paused;
    world.was_paused = true;
    world.is_watched = !world.is_lent && !is_paused;
    if (!is_paused && world.arrived.count > 0 && !world.is_lent)
        world.is_posted = true;
}

bool orders_may_call(kind which, const caller *who)
{
    bool is_new = who->doing == IDLE && who->call < rules->calls;
    switch (which) {
    case CALL: return is_new;
    case CALL_SHORT: return is_new && rules->has_late;
    case CALL_PARTIAL: return is_new && rules->has_partial;
    case POLLED: return who->doing == POLLS && is_readable();
    case WOKEN: return who->doing == SLEEPS && who->is_woken;
    case LATE: return who->doing != IDLE && who->until - world.now < NEVER / 2;
    case CANCELLED: return who->doing != IDLE && rules->has_cancel && !world.was_cancelled;
    default: return false;
    }
}

bool orders_may_happen(kind which)
{
    bool is_open = !world.is_closed;
    switch (which) {
    case ANSWER_FIRST: return world.asked.count > 0;
    case ANSWER_LAST: return world.asked.count > 1;
    case SAY_EVENT: return is_open && world.events < rules->events;
    case SAY_GARBAGE: return is_open && rules->has_garbage && !world.was_garbage;
    case SEND_REST: return world.unsent.count > 0;
    case TELL_BUS: return world.is_watched && is_readable() && !world.is_told;
    case BUS_READS: return world.is_told;
    case BUS_GOES_ON: return world.is_posted;
    case BUS_SHARES: return world.is_wanted;
    case CLOSE: return is_open && rules->has_close;
    case PAUSE: return is_open && rules->has_pause && !world.was_paused;
    case RESUME: return is_open && world.is_paused;
    default: return false;
    }
}

bool orders_must_happen(kind which)
{
    switch (which) {
    case CALL:
    case CALL_SHORT:
    case CALL_PARTIAL:
    case CANCELLED:
    case SAY_EVENT:
    case SAY_GARBAGE:
    case CLOSE:
    case PAUSE: return false;
    default: return true;
    }
}

void orders_call_step(kind which, unsigned caller_at)
{
    caller *who = &world.callers[caller_at];
    switch (which) {
    case CALL:
    case CALL_SHORT:
    case CALL_PARTIAL: begin_call(caller_at, which == CALL_SHORT, which == CALL_PARTIAL); break;
    case POLLED: polled(who); break;
    case WOKEN: go_on(who); break;
    case CANCELLED: finish(who), world.was_cancelled = true; break;
    default: run_late(who); break;
    }
}

void orders_step(kind which)
{
    switch (which) {
    case ANSWER_FIRST: put(&world.arrived, take(&world.asked, 0)); break;
    case ANSWER_LAST: put(&world.arrived, take(&world.asked, world.asked.count - 1)); break;
    case SAY_EVENT: put(&world.arrived, EVENT), world.events++; break;
    case SAY_GARBAGE: put(&world.arrived, GARBAGE), world.was_garbage = true; break;
    case SEND_REST: put(&world.asked, take(&world.unsent, 0)); break;
    case TELL_BUS: world.is_told = true; break;
    case BUS_READS: bus_reads(); break;
    case BUS_GOES_ON: bus_goes_on(); break;
    case BUS_SHARES: world.is_wanted = false, world.is_shared = true; break;
    case CLOSE: close_all(); break;
    case PAUSE:
    case RESUME: pause(which == PAUSE); break;
    default: break;
    }
}

void orders_begin(const orders *wish)
{
    rules = wish;
    memset(&world, 0, sizeof world);
    reader = ab_reader_new(&ops, NULL);
    world.is_watched = world.is_fd_open = true;
    world.is_shared = !wish->is_fresh;
    for (unsigned i = 0; i < CALLERS; i++)
        ab_list_init(&world.callers[i].waiter.place);
}
