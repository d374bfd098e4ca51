/* SPDX-License-Identifier: MIT
 * The inside of a remote, for the files of this folder alone: a remote has bindings, subscriptions and callings.
 * Everything with the lock. */
#ifndef AB_PROXY_INSIDE_H
#define AB_PROXY_INSIDE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <autobus/remote.h>

#include "base/address.h"
#include "base/list.h"
#include "base/map.h"
#include "base/spares.h"
#include "base/text.h"
#include "directory/directory.h"
#include "directory/sighting.h"
#include "peer/hearer.h"
#include "peer/link.h"
#include "proxy/remotes.h"

struct ab_remotes {
    ab_seat *seat;
    const char *folder; /**< of the unix sockets of this user; NULL: they are not used */
    ab_link_limits limits;
    ab_remotes_ops ops;
    void *owner;
    ab_list remotes;            /**< of autobus_remote.place: those not yet taken apart */
    ab_list reports;            /**< of report.place: told on other threads, not yet passed on */
    ab_task task;               /**< passes them on */
    ab_list connections;        /**< that its links share (see ab_link_road) */
    ab_spares callings;         /**< order.c's */
    uint64_t bound, bound_near; /**< links that ever were; of them, over unix sockets */
};

#define AB_FAILED_KEPT 8

typedef enum ab_remote_kind {
    AB_CONNECTION,
    AB_PROXY,
    AB_MULTI
} ab_remote_kind;

/** How often one may dial: twice at once, then once each 350 ms. */
typedef struct ab_pace {
    ab_time next;
} ab_pace;

/** One service that a remote is, or tries to be, bound to. On the bus thread. */
typedef struct ab_binding ab_binding;
struct ab_binding {
    ab_list place; /**< in the remote's bindings */
    autobus_remote *remote;
    uint64_t serial;       /**< of the sighting; 0: a place known beforehand */
    ab_text *service;      /**< id; "" for introspection */
    ab_address *addresses; /**< where it may be, best first */
    size_t count, at;      /**< `at`: the next one to try */
    ab_link *link;         /**< NULL: not dialled now */
    ab_budget *budget;     /**< what the program has not yet heard of it */
    ab_map values;         /**< of ab_value_kept by name: the objects watched */
    ab_timer retry;        /**< until the next place may be dialled; multi: until the next try */
    unsigned failures;     /**< in a row */
    ab_pace pace;          /**< multi: of this one */
    ab_address dialled;    /**< where the link goes */
    ab_time bound_at;
    ab_timer stall;         /**< while it dials: how long the others wait for it */
    bool is_stalled;        /**< longer than that */
    bool is_bound, is_left; /**< is_left: no longer in the directory */
    bool is_slow;           /**< paused, for the program does not keep up */
    unsigned awaited; /**< calls to it that threads wait for: it is read on for their answers */
};

/** The latest value of an object. */
typedef struct ab_value_kept {
    ab_text *name, *text; /**< text NULL: gone */
    bool is_known;        /**< the service has said something of it */
} ab_value_kept;

/** A name that somebody listens to or watches. */
typedef struct ab_topic {
    ab_text *name;
    ab_list subscriptions; /**< of autobus_subscription.place */
} ab_topic;

struct autobus_remote {
    ab_list place; /**< in the registry until it is taken apart, which holds a reference */
    unsigned references;
    ab_seat *seat;
    ab_remotes *remotes;
    ab_remote_kind kind;
    autobus_filter *filter;
    autobus_unbound unbound;
    ab_list bindings;       /**< of ab_binding.place */
    size_t bound;           /**< of them bound */
    ab_map events, objects; /**< of ab_topic by name */
    ab_list state_watchers; /**< of autobus_subscription.place */
    ab_list callings;       /**< of ab_calling.place: calls not yet over */
    ab_list waiting;        /**< of ab_calling.waits: those that wait for a service, oldest first */
    size_t calls;           /**< how many callings */
    uint64_t last_call;
    ab_text *called;   /**< the function that was called last; NULL: none */
    ab_task task;      /**< brings the bus thread here */
    ab_timer timer;    /**< until the next try */
    ab_timer patience; /**< until the first calling has run out of time, or before */
    ab_list round;     /**< of ab_candidate.place: still to be tried */
    ab_address failed[AB_FAILED_KEPT]; /**< places that ended a link; a ring */
    unsigned fails;                    /**< how many ever did */
    unsigned failures;                 /**< rounds in a row */
    ab_pace pace;
    pthread_cond_t news; /**< bound, dead or closed */
    bool wants;          /**< counted among those who want to hear of services */
    bool is_closed;      /**< by hand, or with the bus */
    bool is_dead;        /**< a connection's */
    autobus_result why;  /**< it is dead */
    ab_text *sentence;
    ab_text *died_of; /**< the service of a connection that died */
};

typedef struct ab_candidate {
    ab_list place;
    autobus_sighting *sighting;
} ab_candidate;

/* remote.c */
autobus_remote *ab_remote_hold(autobus_remote *remote) AB_LOCKED;
/** The last one frees. */
void ab_remote_release(autobus_remote *remote) AB_LOCKED;
/** Has the bus thread look after it. */
void ab_remote_touch(autobus_remote *remote) AB_LOCKED;
/** Ends everything that may be ended on any thread; the links follow on the bus thread. */
void ab_remote_shut(autobus_remote *remote, const char *sentence) AB_LOCKED;
/** Closes its links and leaves the registry. On the bus thread, or when that is over. */
void ab_remote_dismantle(autobus_remote *remote) AB_LOCKED;
/** The first bound one; NULL. */
ab_binding *ab_remote_bound_one(const autobus_remote *remote) AB_LOCKED;

/* seek.c: finding services to bind to; on the bus thread. */
void ab_seek(autobus_remote *remote) AB_LOCKED;
void ab_seek_tell(autobus_remote *remote, autobus_change change, autobus_sighting *sighting)
    AB_LOCKED;
/** This place would not have it: the next one, as soon as the pace allows. False: there is none left. */
bool ab_seek_next(ab_binding *binding) AB_LOCKED;
/** The binding has tried every place in vain, or was bound and is not any more. It is freed, or tried again. */
void ab_seek_failed(ab_binding *binding, autobus_result why, const char *sentence) AB_LOCKED;
void ab_seek_forget_round(autobus_remote *remote);
/** When one may dial: now or later. Who tries again for want of anything better leaves one dial to what may come. */
ab_time ab_pace_ready(const ab_pace *pace, bool is_again, ab_time now);
void ab_pace_use(ab_pace *pace, ab_time now);

/* binding.c */
ab_binding *ab_binding_new(autobus_remote *remote, ab_text *service, const ab_address *addresses,
                           size_t count) AB_LOCKED;
ab_binding *ab_binding_to(autobus_remote *remote, const autobus_sighting *sighting) AB_LOCKED;
/** Each of its places is one where a link of this remote ended lately. */
bool ab_binding_has_failed(const autobus_remote *remote, const autobus_sighting *sighting)
    AB_LOCKED;
/** Somebody is said to be there again: what ended at these places is forgotten. */
void ab_binding_forgive(autobus_remote *remote, const autobus_sighting *sighting) AB_LOCKED;
/** A link of this remote ended there lately: the same port is the same bus, whichever of its addresses was tried. */
bool ab_place_has_failed(const autobus_remote *remote, const ab_address *place) AB_LOCKED;
/** It moved: the places to try next. */
void ab_binding_move(ab_binding *binding, const autobus_sighting *sighting) AB_LOCKED;
/** It may not be there any more: asks at once, if it lives at this place. */
void ab_binding_doubt(ab_binding *binding, const ab_address *at) AB_LOCKED;
/** Dials the next place. False: there is none left. */
bool ab_binding_dial(ab_binding *binding) AB_LOCKED;
/** Closes its link, if there is one. */
void ab_binding_hang_up(ab_binding *binding, const char *sentence) AB_LOCKED;
/** Closes and frees it; whoever was bound to it hears that it is lost. */
void ab_binding_free(ab_binding *binding, autobus_result why, const char *sentence) AB_LOCKED;
/** A thread begins or ends waiting for an answer. More is read for it than else, but not without end. */
void ab_binding_await(ab_binding *binding, bool is_awaited) AB_LOCKED;
/** No answer can be read, not even for those who wait, before the program has heard what is there already. */
bool ab_binding_is_full(const ab_binding *binding) AB_LOCKED;
/** What it knows of an object; makes it. */
ab_value_kept *ab_binding_value(ab_binding *binding, ab_text *name) AB_LOCKED;
void ab_binding_forget_value(ab_binding *binding, const ab_text *name) AB_LOCKED;

/* subscription.c: what is told to the program. */
void ab_tell_state(autobus_remote *remote, autobus_kind kind, ab_text *service, autobus_result why,
                   const char *sentence) AB_LOCKED;
/** `value` NULL: gone. */
void ab_tell_value(autobus_remote *remote, ab_text *service, ab_slice name, ab_text *value)
    AB_LOCKED;
/** A service was lost before it had said what watchers wait for: those who never heard anything hear GONE. */
void ab_tell_nothing(autobus_remote *remote, ab_text *service) AB_LOCKED;
void ab_tell_fired(ab_binding *binding, ab_slice name, ab_slice arguments) AB_LOCKED;
void ab_subscriptions_end(autobus_remote *remote) AB_LOCKED;

/* calling.c: calls. */
/** Fails those whose time is over. */
void ab_callings_run_out(ab_timer *timer) AB_LOCKED;
void ab_callings_bound(autobus_remote *remote, ab_binding *binding) AB_LOCKED;
/** Threads that wait inside of a callback wait in vain: what would have to be heard first is behind it. */
void ab_callings_fail_inside(autobus_remote *remote) AB_LOCKED;
/** Completes everything that is under way. */
void ab_callings_fail(autobus_remote *remote, autobus_result why, const char *sentence) AB_LOCKED;
/** A connection that is dead: those that wait for it wait in vain. */
void ab_callings_fail_waiting(autobus_remote *remote, autobus_result why, const char *sentence)
    AB_LOCKED;

#endif
