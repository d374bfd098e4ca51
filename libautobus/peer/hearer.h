/* SPDX-License-Identifier: MIT
 * Somebody in the program who hears messages: a callback, its userdata and its hook. Messages to it go through
 * the delivery queue, in the order in which they were told. With the lock, any thread. Knows no protocol. */
#ifndef AB_PEER_HEARER_H
#define AB_PEER_HEARER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/spares.h"
#include "loop/seat.h"
#include "value/news.h"

typedef struct ab_hearer ab_hearer;

/** Counts what waits for a program that is slow. `eased` is told with the lock, on whatever thread, each time
 *  that a notice of it has run or was dropped. */
typedef struct ab_budget ab_budget;
struct ab_budget {
    unsigned references; /**< the owner's, and one a notice */
    size_t used;
    void (*eased)(ab_budget *budget, size_t cost); /**< NULL: the owner is gone */
    void *owner;
};
ab_budget *ab_budget_new(void (*eased)(ab_budget *budget, size_t cost), void *owner);
/** The owner goes; nothing is told any more. */
void ab_budget_leave(ab_budget *budget) AB_LOCKED;

#define AB_NOTICE_ROOM 120 /**< bytes of a body that needs no memory of its own */

/** One message on its way. Everything in it is hearer.c's. */
typedef struct ab_notice ab_notice;
struct ab_notice {
    ab_delivery delivery;
    ab_list place AB_UNDER_LOCK;
    bool is_aside AB_UNDER_LOCK;
    autobus_message news AB_UNDER_LOCK; /**< once it has begun, of whoever runs it */
    ab_notice **slot AB_UNDER_LOCK;
    ab_budget *budget;
    size_t cost;
    /** A short body. The last member: it is not cleared. */
    _Alignas(ab_text) char room[AB_TEXT_ROOM(AB_NOTICE_ROOM)];
};

/** In its owner, or made by ab_hearer_new(). Everything in it is hearer.c's. */
struct ab_hearer {
    ab_target target;
    ab_seat *seat;
    autobus_message_fn *heard;
    void *userdata;
    autobus_free_fn *free_userdata;
    void (*gone)(ab_hearer *hearer);
    ab_list waiting AB_UNDER_LOCK;    /**< of ab_notice.place: told, and not begun, in order */
    unsigned queued AB_UNDER_LOCK;    /**< how many of them are in the delivery queue */
    unsigned set_aside AB_UNDER_LOCK; /**< and how many are not */
    ab_spares spares AB_UNDER_LOCK;   /**< of ab_notice, beside the first */
    bool is_first_used AB_UNDER_LOCK; /**< it is told, or waits to be */
    ab_notice *running AB_UNDER_LOCK; /**< the latest that began; NULL: none yet */
    ab_notice first;                  /**< most calls need no other */
    bool is_paused AB_UNDER_LOCK;
};

/** `gone`: the hook was the last touch of the program, and this comes after it; with the lock. */
void ab_hearer_init(ab_hearer *hearer, ab_seat *seat, autobus_message_fn *heard, void *userdata,
                    autobus_free_fn *free_userdata, void (*gone)(ab_hearer *hearer));
/** One that frees itself. */
ab_hearer *ab_hearer_new(ab_seat *seat, autobus_message_fn *heard, void *userdata,
                         autobus_free_fn *free_userdata);
/** Queues a message; its texts are taken (references), `news` itself is the caller's. `budget` may be NULL, else
 *  `cost` is counted in it until the callback has returned. `slot` may be NULL; else *slot is the notice until
 *  its callback begins (or it is dropped), and NULL after: for ab_notice_update(). `name` is a literal. */
void ab_hearer_tell(ab_hearer *hearer, const autobus_message *news, ab_budget *budget, size_t cost,
                    ab_notice **slot, const char *name) AB_LOCKED;
/** The same, without a slot, with a body that is copied; empty: that of the news. */
void ab_hearer_tell_copy(ab_hearer *hearer, const autobus_message *news, ab_slice body,
                         ab_budget *budget, size_t cost, const char *name) AB_LOCKED;
/** Replaces what an undelivered notice will say, in its place in the queue. Its cost stays. */
void ab_notice_update(ab_notice *notice, const autobus_message *news) AB_LOCKED;
/** The slot goes away before the notice does. */
void ab_notice_forget_slot(ab_notice *notice) AB_LOCKED;

/** While paused, what a channel brings (DATA, BLOB, ENDED, and then CLOSED_NOW) waits, even if it was told before;
 *  everything else passes by. */
void ab_hearer_pause(ab_hearer *hearer, bool is_paused) AB_LOCKED;

/** No message more. With `is_dropping` those queued are dropped, else they still come, except those that a pause
 *  holds back. Then the hook runs, and the hearer is gone. May drop the lock on its way, but only once the deliveries
 *  are finished. */
void ab_hearer_end(ab_hearer *hearer, bool is_dropping) AB_LOCKED;

#endif
