/* SPDX-License-Identifier: MIT
 * The world and its steps. All of its state lies in two static structs, so that a state is kept by copying them. */
#include "unit/peer/orders.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/error.h"
#include "base/map.h"
#include "peer/reader.h"

#define CALLERS 3
#define MOST    12   /* messages on their way at once */
#define SOON    1000 /* a deadline within the time that one may read */
#define NEVER   1000000000

typedef enum message {
    EVENT = 100, /* below: the answer to, or the question of, call n of caller k as 10 * k + n */
    GARBAGE
} message;

typedef struct line {
    unsigned char at[MOST];
    unsigned count;
} line;

typedef struct caller {
    ab_waiter waiter;
    enum {
        IDLE,
        POLLS,
        SLEEPS
    } doing;
    bool is_woken;
    ab_time deadline, until;
    unsigned call; /* which; calls made so far */
} caller;

static struct {
    caller callers[CALLERS];
    ab_time now;
    line unsent, asked, arrived; /* our queue; the other side's; in our kernel */
    unsigned events;
    bool is_lent, is_watched, is_told,
        is_posted; /* is_told: the bus thread was told that there is something */
    bool is_closed, is_fd_open, was_garbage, is_paused, was_paused;
    const char *wrong;
} world;
static ab_reader role; /* the content of the real one, while states are changed */
static ab_reader *reader;
static const orders *rules;
static ab_map seen;

static void fail(const char *what)
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
    world.is_watched = world.is_told = world.is_posted = false;
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
        fail("two readers: lent twice");
    if (world.is_closed || world.is_posted || world.is_paused)
        return false;
    world.is_lent = true;
    world.is_watched = rules->mutant == ORDERS_NO_DISARM;
    return true;
}

static void give_back(void *nothing)
{
    (void)nothing;
    if (!world.is_lent)
        fail("given back by somebody who did not have it");
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
        fail("two readers: a caller reads what it has not borrowed");
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
        fail("two readers: the bus thread reads what is lent");
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

typedef enum kind {
    CALL,
    CALL_SHORT,
    CALL_PARTIAL,
    POLLED,
    WOKEN,
    LATE,
    ANSWER_FIRST,
    ANSWER_LAST,
    SAY_EVENT,
    SAY_GARBAGE,
    SEND_REST,
    TELL_BUS,
    BUS_READS,
    BUS_GOES_ON,
    CLOSE,
    PAUSE,
    RESUME,
    KINDS
} kind;

/* What one caller might do now. */
static bool may_call(kind which, const caller *who)
{
    bool is_new = who->doing == IDLE && who->call < rules->calls;
    switch (which) {
    case CALL: return is_new;
    case CALL_SHORT: return is_new && rules->has_late;
    case CALL_PARTIAL: return is_new && rules->has_partial;
    case POLLED: return who->doing == POLLS && is_readable();
    case WOKEN: return who->doing == SLEEPS && who->is_woken;
    case LATE: return who->doing != IDLE && who->until - world.now < NEVER / 2;
    default: return false;
    }
}

static bool may_happen(kind which)
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
    case CLOSE: return is_open && rules->has_close;
    case PAUSE: return is_open && rules->has_pause && !world.was_paused;
    case RESUME: return is_open && world.is_paused;
    default: return false;
    }
}

static bool must_happen(kind which)
{
    switch (which) {
    case CALL:
    case CALL_SHORT:
    case CALL_PARTIAL:
    case SAY_EVENT:
    case SAY_GARBAGE:
    case CLOSE:
    case PAUSE: return false;
    default: return true;
    }
}

static void call_step(kind which, unsigned caller_at)
{
    caller *who = &world.callers[caller_at];
    switch (which) {
    case CALL:
    case CALL_SHORT:
    case CALL_PARTIAL: begin_call(caller_at, which == CALL_SHORT, which == CALL_PARTIAL); break;
    case POLLED: polled(who); break;
    case WOKEN: go_on(who); break;
    default: run_late(who); break;
    }
}

static void step(kind which)
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
    case CLOSE: close_all(); break;
    case PAUSE:
    case RESUME: pause(which == PAUSE); break;
    default: break;
    }
}

/* What must hold. */

static void check_state(void)
{
    unsigned polling = 0;
    for (unsigned i = 0; i < rules->callers; i++) {
        if (world.callers[i].doing != POLLS)
            continue;
        polling++;
        if (!world.is_lent || role.holder != &world.callers[i].waiter)
            fail("a caller polls what it does not read");
        if (!world.is_fd_open)
            fail("a caller polls an fd that is closed");
    }
    if (polling > 1)
        fail("two readers: two callers poll");
    if (world.is_lent && world.is_watched)
        fail("two readers: the bus thread watches what is lent");
}

/* Nothing happens unless somebody calls, says or closes something, which nobody may count on. */
static void check_quiet(void)
{
    for (unsigned i = 0; i < rules->callers; i++)
        if (world.callers[i].doing != IDLE)
            fail("a wake-up was lost: a caller sleeps for ever");
    if (world.is_lent || role.holder != NULL || !ab_list_is_empty(&reader->waiters))
        fail("the role was not given back");
    if (!world.is_closed && world.arrived.count > 0)
        fail("something came, and nobody reads it");
    if (world.is_closed && world.is_fd_open)
        fail("the fd was not closed");
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
    const bool flags[] = {world.is_lent,   world.is_watched,  world.is_told,
                          world.is_posted, world.is_closed,   world.is_fd_open,
                          world.is_paused, world.was_garbage, world.was_paused};
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
    if (caller_at >= 0 ? !may_call(which, &world.callers[caller_at]) : !may_happen(which))
        return;
    AB_TYPEOF(world) before = world;
    ab_reader role_before = *reader;
    if (caller_at >= 0)
        call_step(which, (unsigned)caller_at);
    else
        step(which);
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
            is_quiet = is_quiet &&
                       (!must_happen((kind)which) || !may_call((kind)which, &world.callers[i]));
            try_step((kind)which, i);
        }
        is_quiet = is_quiet && (!must_happen((kind)which) || !may_happen((kind)which));
        if (world.wrong == NULL)
            try_step((kind)which, -1);
    }
    role = *reader;
    if (is_quiet && world.wrong == NULL)
        check_quiet();
}

const char *orders_try_all(const orders *wish, size_t *states)
{
    rules = wish;
    memset(&world, 0, sizeof world);
    reader = ab_reader_new(&ops, NULL);
    world.is_watched = world.is_fd_open = true;
    for (unsigned i = 0; i < CALLERS; i++)
        ab_list_init(&world.callers[i].waiter.place);
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
