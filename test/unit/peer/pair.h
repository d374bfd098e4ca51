/* SPDX-License-Identifier: MIT
 * Two sides of a connection tied back to back in memory, each with its channels: the client opens, the server is
 * offered. Nothing happens by itself: pair_run() carries lines, answers offers and runs callbacks until it is quiet. */
#ifndef AUTOBUS_TEST_PAIR_H
#define AUTOBUS_TEST_PAIR_H

#include <stdatomic.h>

#include "base/clock.h"
#include "peer/channel.h"

#define PAIR_WINDOW 1000
#define PAIR_MOST   4 /**< channels at once */

typedef struct pair pair;

/** Somebody who hears a channel, and writes down what: "opened, data 1, blob 3, closed ok: why". */
typedef struct ear {
    pair *at;
    autobus_channel *channel;
    char heard[4096];
    atomic_uint count, frees;
    atomic_size_t bytes;                                           /**< of blobs */
    atomic_bool is_over;                                           /**< CLOSED_NOW was heard */
    void (*also)(struct ear *who, const autobus_message *message); /**< inside the callback */
} ear;

typedef struct side {
    pair *at;
    struct side *other;
    ab_channels *channels; /**< NULL: its connection is over */
    ab_buffer out;         /**< said, and not carried yet */
    char log[8192];        /**< all that it ever said, if it fits */
    size_t room;           /**< for what is weighed */
} side;

typedef enum pair_answer {
    PAIR_ACCEPTS,
    PAIR_IGNORES,
    PAIR_CLOSES,
    PAIR_FREES,
    PAIR_KNOWS_NONE,
    PAIR_WAITS /**< until another answer is set */
} pair_answer;

struct pair {
    ab_seat seat;
    ab_clock_fake clock; /**< without a thread: stands still */
    bool has_thread;
    side client, server;
    pair_answer answer;
    autobus_channel *offered[PAIR_MOST]; /**< and not answered yet */
    atomic_uint offers;
    ear *next_ear; /**< of the server: for the next one accepted, counting up */
    bool is_seat_free;
};

/** With a thread, callbacks run by themselves; lines still wait for pair_carry(). */
pair *pair_open(bool has_thread);
/** Everything that hangs on it must be gone by then. */
void pair_close(pair *at);
void pair_lock(pair *at);
void pair_unlock(pair *at);
/** Everything said on either side, until nothing more is. */
void pair_carry(pair *at);
/** The offered are answered. */
void pair_settle(pair *at);
/** Everything, until it is quiet. */
void pair_run(pair *at);
/** Both sides lose their connection. */
void pair_break(pair *at, autobus_result why, const char *sentence);
/** The other side says this line. */
void pair_say(side *to, const char *line);

autobus_result pair_try_open(pair *at, ear *with, const char *name, bool is_stream,
                             const char *argument);
/** Opens one from the client to `there` (its server's end), and runs until it is open. */
void pair_connect(pair *at, ear *here, ear *there, bool is_stream);
void ear_hear(void *userdata, const autobus_message *message);
void ear_free(void *userdata);

autobus_result pair_send(const ear *from, const char *value);
/** Frees the handles, and runs. */
void pair_leave(pair *at, ear *here, ear *there);

#endif
