/* SPDX-License-Identifier: MIT
 * The books of a round: which callback has begun when, and whether it may have. */
#include "round.h"

#include <sched.h>
#include <stdlib.h>

#include <criterion/criterion.h>

_Thread_local house *round_inside;

void holder_show(holder *at)
{
    atomic_store(&at->is_there, true);
}

bool holder_use(holder *at)
{
    atomic_fetch_add(&at->users, 1);
    if (atomic_load(&at->is_there) && !atomic_load(&at->is_taken))
        return true;
    atomic_fetch_sub(&at->users, 1);
    return false;
}

void holder_leave(holder *at)
{
    atomic_fetch_sub(&at->users, 1);
}

bool holder_take(holder *at)
{
    if (!atomic_load(&at->is_there) || atomic_exchange(&at->is_taken, true))
        return false;
    while (atomic_load(&at->users) > 0)
        sched_yield();
    return true;
}

void round_fault(round *at, const char *what)
{
    const char *none = NULL;
    atomic_compare_exchange_strong(&at->fault, &none, what);
}

tally *tally_new(round *at, const char *name, house *whose, moment which)
{
    int index = atomic_fetch_add(&at->tally_count, 1);
    cr_assert(index < ROUND_TALLIES);
    tally *self = &at->tallies[index];
    self->name = name;
    self->house = whose;
    self->moment = which;
    self->touched = calloc(1, sizeof *self->touched);
    self->round = at;
    return self;
}

tally *tally_own(tally *self, holder *first, holder *second)
{
    atomic_store(&self->owners[0], first);
    atomic_store(&self->owners[1], second);
    return self;
}

/* What came after the end: one may have been on its way to its first instruction, on another thread. */
static void check_end(tally *self)
{
    int most = self->is_pooled ? 2 : 1;
    int ended = atomic_load(&self->ended);
    if (ended == 2 || (ended == 1 && atomic_fetch_add(&self->late, 1) >= most))
        round_fault(self->round, "a callback began after its destructor had returned");
}

house *tally_begin(tally *self)
{
    house *before = round_inside;
    holder *own = atomic_load(&self->owners[0]);
    if (own != NULL)
        holder_show(own);
    check_end(self);
    if (atomic_load(&self->hooks) > 0)
        round_fault(self->round, "a callback began after its hook");
    if (atomic_load(&self->last) > 0)
        round_fault(self->round, "a callback began after the last one");
    if (atomic_load(&self->is_refused))
        round_fault(self->round, "a callback began that was refused");
    if (atomic_load(&self->house->is_over))
        round_fault(self->round, "a callback began after its bus was freed");
    atomic_fetch_add(&self->begun, 1);
    if (self->is_pooled) {
        (void)*(volatile int *)self->touched;
        return before;
    }
    if (atomic_fetch_add(&self->house->running, 1) > 0)
        round_fault(self->round, "two callbacks of a bus ran at once");
    (*self->touched)++;
    round_inside = self->house;
    return before;
}

void tally_end(tally *self, house *before)
{
    if (atomic_load(&self->hooks) > 0)
        round_fault(self->round, "a hook ran before its callback had returned");
    if (atomic_load(&self->house->is_over))
        round_fault(self->round, "a bus was freed before its callback had returned");
    if (!self->is_pooled)
        atomic_fetch_sub(&self->house->running, 1);
    round_inside = before;
}

void tally_hook(void *userdata)
{
    tally *self = userdata;
    round *at = self->round;
    if (atomic_load(&self->hooks) > 0) {
        round_fault(at, "a hook ran twice");
        return;
    }
    if (self->moment == HOOKED)
        round_moment(at);
    int *touched = self->touched;
    *touched = -1;
    free(touched);
    /* From here on the round may be over. */
    atomic_fetch_add(&self->hooks, 1);
}

void round_freed(round *at, const holder *freed)
{
    for (int i = 0; i < atomic_load(&at->tally_count); i++) {
        tally *each = &at->tallies[i];
        if (atomic_load(&each->owners[0]) != freed && atomic_load(&each->owners[1]) != freed)
            continue;
        int ended = each->house == round_inside && !each->is_pooled ? 2 : 1, before = 0;
        atomic_compare_exchange_strong(&each->ended, &before, ended);
    }
}

bool round_is_over(round *at)
{
    for (int i = 0; i < atomic_load(&at->tally_count); i++)
        if (atomic_load(&at->tallies[i].hooks) == 0)
            return false;
    return true;
}

void round_audit(round *at)
{
    for (int i = 0; i < atomic_load(&at->tally_count); i++) {
        tally *each = &at->tallies[i];
        if (atomic_load(&each->hooks) != 1)
            round_fault(at, "a hook did not run exactly once");
        if (each->is_call && !atomic_load(&each->is_refused) && atomic_load(&each->last) != 1)
            round_fault(at, "a call did not complete exactly once");
    }
}
