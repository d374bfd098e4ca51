/* SPDX-License-Identifier: MIT
 * What this bus offers: the services of the program and, while there is one, the library's own introspection
 * service. Tells the directory what to announce and answers the peer layer's questions: may this be bound,
 * which services are there. All with the lock. */
#ifndef AB_SERVICE_OFFERS_H
#define AB_SERVICE_OFFERS_H

#include <autobus/service.h>

#include "base/list.h"
#include "base/map.h"
#include "base/spares.h"
#include "directory/directory.h"
#include "loop/seat.h"
#include "peer/peer.h"
#include "service/pool.h"

typedef struct ab_offers_ops {
    /** A legacy peer spoke to us. */
    void (*legacy_seen)(void *owner);
    /** The directory has something to do. */
    void (*touch)(void *owner);
} ab_offers_ops;

typedef struct ab_offers {
    ab_seat *seat; /**< whose part they are: they live as long as it does */
    const ab_offers_ops *ops;
    void *owner;
    ab_peers *peers AB_UNDER_LOCK;
    ab_directory *directory AB_UNDER_LOCK;
    ab_map by_id AB_UNDER_LOCK; /**< of autobus_service: those of the program that are published */
    ab_list services AB_UNDER_LOCK; /**< of autobus_service.place: the same, oldest first */
    autobus_service *introspection; /**< published while any other is */
    ab_text *details AB_UNDER_LOCK; /**< what it tells; NULL: to be written anew */
    ab_circular fired[AB_CODECS] AB_UNDER_LOCK; /**< an event, as it is told */
    ab_spares requests AB_UNDER_LOCK;           /**< request.c's */
    ab_pool *pool;
    size_t max_message; /**< bytes of what the program may send at a time */
} ab_offers;

ab_offers *ab_offers_new(ab_seat *seat, size_t workers, size_t max_message,
                         const ab_offers_ops *ops, void *owner);
/** With the last reference to the seat. */
void ab_offers_free(ab_offers *offers);

/** For ab_peers_new(), with the offers as owner. */
extern const ab_peer_ops ab_offers_peer_ops;
/** Connects it to what it works on until it is closed. */
void ab_offers_attach(ab_offers *offers, ab_peers *peers, ab_directory *directory) AB_LOCKED;
/** The bus closes: all services count as withdrawn (the directory says the goodbyes by itself), and their sessions
 *  end. Workers finish what they are at. */
void ab_offers_close(ab_offers *offers) AB_LOCKED;

/** Returns when no worker is left. After closing; without the lock; not on a worker. */
void ab_offers_wait(ab_offers *offers) AB_EXCLUDES(ab_the_lock);
/** True on a worker of ours. */
bool ab_offers_is_worker(const ab_offers *offers);

/** Announces a service that is not published. AUTOBUS_IN_USE, AUTOBUS_TOO_LARGE with a sentence; then nothing has
 *  changed. */
autobus_result ab_offers_publish(ab_offers *offers, autobus_service *service) AB_LOCKED;
/** Takes a published one back: says goodbye, ends its sessions. */
void ab_offers_withdraw(ab_offers *offers, autobus_service *service) AB_LOCKED;

#endif
