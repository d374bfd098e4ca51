/* SPDX-License-Identifier: MIT
 * The reader's role. test/unit/peer/test_reader.c goes through every order in which threads can come through here. */
#include "peer/reader.h"

#include <stdlib.h>

#include "base/error.h"

/* Nobody else knows it yet: no lock. */
ab_reader *ab_reader_new(const ab_reader_ops *ops, void *connection) AB_UNCHECKED
{
    ab_reader *reader = ab_alloc(1, sizeof *reader);
    reader->ops = ops;
    reader->connection = connection;
    reader->references = 1;
    ab_list_init(&reader->waiters);
    return reader;
}

static void unref(ab_reader *reader) AB_LOCKED
{
    if (--reader->references == 0)
        free(reader);
}

void ab_reader_close(ab_reader *reader)
{
    if (reader == NULL)
        return;
    reader->is_closed = true;
    unref(reader);
}

static void give_back(ab_reader *reader) AB_LOCKED
{
    reader->holder = NULL;
    reader->ops->give_back(reader->connection);
}

/* Whom a slow answer keeps waiting does not get it again: those who come and go quickly meanwhile would have to wake
 * it, and to wait for it. */
static void pass_on(ab_reader *reader) AB_LOCKED
{
    AB_LIST_FOR (at, &reader->waiters) {
        ab_waiter *next = AB_CONTAINER(at, ab_waiter, place);
        if (next->is_done || next->is_patient)
            continue;
        reader->holder = next;
        reader->ops->wake(reader->connection, next);
        return;
    }
    give_back(reader);
}

void ab_reader_join(ab_reader *reader, ab_waiter *waiter)
{
    reader->references++;
    waiter->reader = reader;
    waiter->reads_until = 0;
    waiter->is_patient = false;
    ab_list_append(&reader->waiters, &waiter->place);
    if (reader->holder == NULL && !reader->is_closed && reader->ops->lend(reader->connection))
        reader->holder = waiter;
}

ab_reader_step ab_reader_next(ab_waiter *waiter, ab_time now, ab_time *until)
{
    ab_reader *reader = waiter->reader;
    if (waiter->is_done)
        return AB_STEP_DONE;
    if (now >= *until)
        return AB_STEP_LATE;
    if (reader->holder != waiter)
        return AB_STEP_SLEEP;
    if (waiter->reads_until == 0)
        waiter->reads_until = now + AB_READER_TURN;
    if (now >= waiter->reads_until) {
        waiter->is_patient = true;
        give_back(reader);
        return AB_STEP_SLEEP;
    }
    *until = AB_MIN(*until, waiter->reads_until);
    return AB_STEP_POLL;
}

void ab_reader_turn(ab_waiter *waiter)
{
    ab_reader *reader = waiter->reader;
    if (!reader->ops->read(reader->connection))
        give_back(reader);
}

void ab_reader_leave(ab_waiter *waiter)
{
    ab_reader *reader = waiter->reader;
    if (reader == NULL)
        return;
    waiter->reader = NULL;
    ab_list_remove(&waiter->place);
    if (reader->holder == waiter)
        pass_on(reader);
    unref(reader);
}
