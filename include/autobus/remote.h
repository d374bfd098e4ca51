/* SPDX-License-Identifier: MIT
 * A remote: a service of somebody else, as this program uses it. There are three kinds, and one type:
 * a connection to one service at one place, which dies with it; a proxy for whichever service matches a
 * filter, which binds again by itself; and a multi proxy for all that match. call.h and watch.h take all. */
#ifndef AUTOBUS_REMOTE_H
#define AUTOBUS_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <autobus/bus.h>
#include <autobus/filter.h>
#include <autobus/message.h>
#include <autobus/sighting.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct autobus_remote autobus_remote;

/** Connects to a service that was discovered, at the best of its places; returns when it is bound, or why it
 *  could not be. A timeout of 0 does not wait: autobus_remote_wait() and the states tell. Never waits in a
 *  callback of the bus thread: AUTOBUS_WRONG_THREAD. */
autobus_result autobus_connect(autobus_bus *bus, const autobus_sighting *sighting, int timeout_ms,
                               autobus_remote **ret_remote);
/** The same to a known place, with discovery off too. `host` is a numeric address, or a name that is looked up
 *  here (which may take a while). `id` NULL: the introspection service of whichever bus is there. */
autobus_result autobus_connect_to(autobus_bus *bus, const char *host, uint16_t port, const char *id,
                                  int timeout_ms, autobus_remote **ret_remote);

/** A proxy: binds to the first service that passes `filter` (taken; NULL: all but the library's own), and when
 *  that one dies, to the next. It listens and watches again by itself. */
autobus_result autobus_proxy_new(autobus_bus *bus, autobus_filter *filter,
                                 autobus_remote **ret_remote);
/** A multi proxy: all services that pass. Calls go to each, their answers say which it was. */
autobus_result autobus_multi_new(autobus_bus *bus, autobus_filter *filter,
                                 autobus_remote **ret_remote);

/** Closes it by hand: calls under way complete as AUTOBUS_CLOSED, nothing is bound any more. Never blocks. */
void autobus_remote_close(autobus_remote *remote);
/** Closes it, frees and clears *remote. After it returns no callback begins, but that calls under way complete
 *  (as AUTOBUS_CLOSED); then the hooks run. Safe from inside its own callbacks. Its subscriptions and channels
 *  may be freed before or after. Never blocks. */
void autobus_remote_free(autobus_remote **remote);

/** Waits until it is bound (a multi proxy: to at least one). AUTOBUS_TIMEOUT; for a connection that has died,
 *  why it did. */
autobus_result autobus_remote_wait(autobus_remote *remote, int timeout_ms);
/** How many services it is bound to now: 0 or 1, a multi proxy any number. */
size_t autobus_remote_bound(autobus_remote *remote);

/** What a call does while nothing is bound. */
typedef enum autobus_unbound {
    AUTOBUS_UNBOUND_DEFAULT = 0, /**< as the remote is set; that is WAIT at first */
    AUTOBUS_UNBOUND_WAIT = 1,    /**< wait for a service, until the call's timeout */
    AUTOBUS_UNBOUND_FAIL = 2,    /**< fail at once: AUTOBUS_NOT_FOUND */
    AUTOBUS_UNBOUND_DROP = 3     /**< succeed without having reached anybody */
} autobus_unbound;
autobus_result autobus_remote_set_unbound(autobus_remote *remote, autobus_unbound policy);

/** Something heard from a remote, or from several of them: free it to hear no more. */
typedef struct autobus_subscription autobus_subscription;
/** After it returns no callback begins. Safe from inside its own callback. Frees and clears. */
void autobus_subscription_free(autobus_subscription **subscription);

/** Hears AUTOBUS_BOUND, LOST, UNRESPONSIVE and RESPONSIVE, each with the service's id. With `initial` it hears
 *  at once of what is bound already, and of the death of a connection that has died already. ret_subscription
 *  NULL: until the remote is freed; so too for the functions of watch.h. */
autobus_result autobus_remote_on_state(autobus_remote *remote, bool initial,
                                       autobus_message_fn *heard, void *userdata,
                                       autobus_free_fn *free_userdata,
                                       autobus_subscription **ret_subscription);

#ifdef __cplusplus
}
#endif
#endif
