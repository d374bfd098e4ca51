/* SPDX-License-Identifier: MIT
 * The world of orders.h: callers, the bus thread, a connection and the other side, and what each may do next. */
#ifndef AUTOBUS_TEST_ORDERS_WORLD_H
#define AUTOBUS_TEST_ORDERS_WORLD_H

#include "peer/reader.h"
#include "unit/peer/orders.h"

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

typedef struct orders_world {
    caller callers[CALLERS];
    ab_time now;
    line unsent, asked, arrived; /* our queue; the other side's; in our kernel */
    unsigned events;
    bool is_lent, is_watched, is_posted;
    bool is_told;              /* the bus thread was, that there is something */
    bool is_shared, is_wanted; /* not shared: the bus thread has to see to it first */
    bool is_closed, is_fd_open, was_garbage, is_paused, was_paused, was_cancelled;
    const char *wrong;
} orders_world;

typedef enum kind {
    CALL,
    CALL_SHORT,
    CALL_PARTIAL,
    POLLED,
    WOKEN,
    LATE,
    CANCELLED,
    ANSWER_FIRST,
    ANSWER_LAST,
    SAY_EVENT,
    SAY_GARBAGE,
    SEND_REST,
    TELL_BUS,
    BUS_READS,
    BUS_GOES_ON,
    BUS_SHARES,
    CLOSE,
    PAUSE,
    RESUME,
    KINDS
} kind;

extern orders_world world;
extern ab_reader *reader;   /**< the real one */
extern const orders *rules; /**< of this run */

/** A new world by these rules; the reader is to be freed. */
void orders_begin(const orders *wish);
/** The first thing that is wrong is kept. */
void orders_fail(const char *what);
/** What one caller (or, below, anybody else) might do now. */
bool orders_may_call(kind which, const caller *who);
bool orders_may_happen(kind which);
/** It comes by itself, sooner or later. */
bool orders_must_happen(kind which);
void orders_call_step(kind which, unsigned caller_at);
void orders_step(kind which);

#endif
