/* SPDX-License-Identifier: MIT
 * What this bus offers: the services of the program and, while there is one, the library's own introspection
 * service. Tells the directory what to announce and answers the peer layer's questions: may this be bound,
 * which services are there, what does this command mean. All with the lock. */
#ifndef AB_SERVICE_OFFERS_H
#define AB_SERVICE_OFFERS_H

#include <autobus/result.h>

#include "base/text.h"
#include "directory/directory.h"
#include "peer/peer.h"

typedef struct ab_offers ab_offers;

ab_offers *ab_offers_new(void);
void ab_offers_free(ab_offers *offers);

/** For ab_peers_new(), with the offers as owner. */
extern const ab_peer_ops ab_offers_peer_ops;
/** Connects it to what it works on, which must outlive it. `legacy_seen`: a legacy peer spoke to us. */
void ab_offers_attach(ab_offers *offers, ab_peers *peers, ab_directory *directory,
                      void (*legacy_seen)(void *owner), void *owner);

/** Announces a service. AUTOBUS_IN_USE, AUTOBUS_TOO_LARGE with a sentence; then nothing has changed. */
autobus_result ab_offers_publish(ab_offers *offers, ab_time now, ab_text *id, ab_text *info)
    AB_LOCKED;
/** Takes it back: says goodbye, closes its sessions. AUTOBUS_NOT_FOUND. */
autobus_result ab_offers_withdraw(ab_offers *offers, ab_time now, const ab_text *id) AB_LOCKED;

#endif
