/* SPDX-License-Identifier: MIT
 * The thread that talks to the avahi daemon, from the bus's side: what to publish goes in, what was found comes
 * out. It lives while a daemon does; nothing here waits for it. */
#ifndef AB_DISCOVERY_AVAHI_THREAD_H
#define AB_DISCOVERY_AVAHI_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/list.h"
#include "loop/loop.h"
#include "wire/datagram.h"

#define AB_AVAHI_INTERFACES 32

/** What we want to be known. */
typedef struct ab_avahi_offer {
    ab_presence presence; /**< count 0: nothing */
    size_t count;         /**< of interfaces; 0: all that the daemon uses */
    unsigned interfaces[AB_AVAHI_INTERFACES];
} ab_avahi_offer;

typedef enum ab_avahi_event {
    AB_AVAHI_FOUND, /**< a service, or news of one found before */
    AB_AVAHI_GONE,
    AB_AVAHI_COMPLETE /**< the daemon believes that it has told all there are */
} ab_avahi_event;

typedef struct ab_avahi_news {
    ab_list place;
    ab_avahi_event event;
    uint64_t item; /**< one service on one interface and protocol; never used twice by one thread */
    unsigned interface;
    ab_address at; /**< TCP */
    ab_presence presence;
} ab_avahi_news;

typedef struct ab_avahi_thread ab_avahi_thread;
/** There is news, or the thread is over. On the bus thread with the lock. */
typedef void ab_avahi_thread_fn(void *owner);

/** On the bus thread or before it runs. NULL with a sentence. */
ab_avahi_thread *ab_avahi_thread_start(ab_loop *loop, const ab_avahi_offer *offer,
                                       ab_avahi_thread_fn *rung, void *owner) AB_LOCKED;
/** Any thread. Of several in a row the last counts. */
void ab_avahi_thread_offer(ab_avahi_thread *thread, const ab_avahi_offer *offer);
/** The oldest news, for the caller to free(); NULL: no more. */
ab_avahi_news *ab_avahi_thread_take(ab_avahi_thread *thread);
/** A daemon has answered, and has not gone since. Any thread. */
bool ab_avahi_thread_has_daemon(const ab_avahi_thread *thread);
/** The daemon has gone, or there was none: let go of it. */
bool ab_avahi_thread_is_over(const ab_avahi_thread *thread);
/** Ends it, which withdraws what it published. If that takes longer than `patience`, it ends later by itself. */
void ab_avahi_thread_end(ab_avahi_thread *thread, ab_time patience) AB_LOCKED;

#endif
