/* SPDX-License-Identifier: MIT
 * One round of the tests of "any callback may do anything": two houses (buses), a service in one of them, what the
 * other uses of it, a callback that comes at some moment, and deeds that are done in it, on another thread at that
 * moment, or both. Knows nothing of which moments and deeds meet. */
#ifndef TEST_API_ROUND_H
#define TEST_API_ROUND_H

#include <stdatomic.h>
#include <stdbool.h>

#include <autobus/autobus.h>

#include "base/random.h"

#define ROUND_TALLIES 24

/** A bus. `keeper`, never published, keeps its memory: a freed bus may still be asked. */
typedef struct house {
    autobus_bus *bus;
    autobus_service *keeper;
    bool is_dispatched;
    atomic_bool is_freed; /**< somebody frees it, or has */
    atomic_bool is_over;  /**< autobus_bus_free() has waited and returned */
    atomic_int running;   /**< callbacks */
} house;

/** A handle that several threads may use until one of them takes it, to free it. */
typedef struct holder {
    union {
        autobus_remote *remote;
        autobus_subscription *ear;
        autobus_listener *listener;
        autobus_service *service;
        autobus_channel *channel;
        autobus_request *request;
    };
    atomic_bool is_there, is_taken;
    atomic_int users;
} holder;

/** Where the deed is done. */
typedef enum place {
    INSIDE, /**< the callback */
    BESIDE, /**< it, on another thread */
    BOTH,
    PLACES
} place;

/** The callback that it is about. The first ones are of who uses, the later ones of who serves. */
typedef enum moment {
    FOUND,
    LEFT,
    STATE_BOUND,
    STATE_LOST,
    VALUE,
    GONE,
    FIRED,
    DETAILS,
    ANSWER,
    OPENED,
    DATA_HERE,
    WRITABLE_HERE,
    CLOSED_HERE,
    HANDLED,  /**< a function inline */
    WORKED,   /**< a function on the pool */
    DEFERRED, /**< a function that answers later */
    KNOCKED,  /**< a channel to be accepted */
    DATA_THERE,
    WRITABLE_THERE,
    CLOSED_THERE,
    HOOKED, /**< a free hook, of whatever */
    MOMENTS
} moment;

typedef struct round round;

/** What is known of one callback that was given to the library; its userdata. */
typedef struct tally {
    round *round;
    const char *name;
    house *house;                /**< whose callbacks these are */
    _Atomic(holder *) owners[2]; /**< when one of them is freed, no more begin */
    moment moment;               /**< MOMENTS: none */
    bool is_pooled, is_call, is_channel;
    atomic_bool is_refused; /**< the registration failed */
    int *touched;           /**< plain memory that callbacks write and the hook frees */
    atomic_int begun, hooks, last, late;
    atomic_int ended; /**< 1: no more may begin but the one that had; 2: none */
} tally;

struct round {
    ab_dice dice; /**< the main thread's */
    unsigned long seed;
    int number;
    house *serving, *using;
    moment moment;
    place place;
    int deed_inside, deed_beside;
    bool waits_for_moment; /**< the other thread does */
    holder *to_free;       /**< HOOKED: whose hook it is, */
    const char *to_remove; /**< or what part of the service; neither: a call */
    holder remote, service, extra, ear, bystander, listener, here, there, request;
    _Atomic uint64_t call;
    tally *subject;     /**< whose ear it is, once there is one */
    atomic_int chatter; /**< messages that may still be sent on channels */
    atomic_bool has_come, is_done, go;
    _Atomic(const char *) fault;
    atomic_int tally_count;
    tally tallies[ROUND_TALLIES];
};

/** The innermost house in whose callback this thread is; a worker's handler does not count. */
extern _Thread_local house *round_inside;

/* Handles. */
/** It is filled in; also said by its first callback, which may come before the registration returns. */
void holder_show(holder *at);
/** True: it is there, and stays until holder_leave(). */
bool holder_use(holder *at);
void holder_leave(holder *at);
/** True for one caller alone, when nobody uses it any more: free it. */
bool holder_take(holder *at);

/* Tallies: round_tally.c. */
void round_fault(round *at, const char *what);
tally *tally_new(round *at, const char *name, house *whose, moment which);
tally *tally_own(tally *self, holder *first, holder *second);
/** The house before; for tally_end(). */
house *tally_begin(tally *self);
void tally_end(tally *self, house *before);
/** An autobus_free_fn. */
void tally_hook(void *userdata);
/** What the handle's destructor promises begins now. */
void round_freed(round *at, const holder *freed);
/** All hooks have run. */
bool round_is_over(round *at);
/** Faults of what should have come by now, and has not, or more often. */
void round_audit(round *at);

/** It is the moment: what is to be done inside is done. */
void round_moment(round *at);

/* Callbacks: round_heard.c. */
void round_heard(void *userdata, const autobus_message *message);
void round_noticed(void *userdata, autobus_change change, const autobus_sighting *sighting);
void round_handle(void *userdata, autobus_request *request);
void round_knocked(void *userdata, autobus_channel *offered);
/** Sends until the other side has to read first. */
void round_fill(holder *channel);
/** Answers what was kept, if it still is. */
void round_answer(round *at);

/* Deeds: round_deed.c. */
int deed_count(void);
const char *deed_name(int deed);
/** `is_outside`: this thread is in no callback, hook or handler. */
void deed_do(round *at, int deed, uint64_t seed, bool is_outside);
/** Frees whatever is left, in some order. */
void round_clear(round *at);

/* What happens: round_plot.c. */
/** A service, somebody who uses it, and callbacks that nobody waits for. */
void round_set_up(round *at);
/** Whoever hears of the moment, and what makes it come. */
void round_trigger(round *at);
/** Again and again while it is awaited. */
void round_nudge(round *at);
const char *moment_name(moment which);

#endif
