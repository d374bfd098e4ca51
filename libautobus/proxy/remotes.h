/* SPDX-License-Identifier: MIT
 * The remotes of one bus: hears from the bus which services come and go, and hands that to the proxies it
 * concerns. With the lock. */
#ifndef AB_PROXY_REMOTES_H
#define AB_PROXY_REMOTES_H

#include <stdbool.h>

#include <autobus/bus.h>
#include <autobus/listener.h>
#include <autobus/remote.h>

#include "directory/directory.h"
#include "loop/seat.h"
#include "peer/link.h"

typedef struct ab_remotes ab_remotes;

typedef struct ab_remotes_ops {
    /** One more, or one fewer, who wants to hear of services. */
    void (*want)(void *owner, bool is_more);
    /** A connection to that place broke or was refused. On the bus thread. */
    void (*doubt)(void *owner, const ab_address *at);
    /** The directory of now; NULL while the bus has none. */
    ab_directory *(*directory)(void *owner);
} ab_remotes_ops;

/** Lives as long as the seat; so does `folder`: of the unix sockets, NULL: none are used. */
ab_remotes *ab_remotes_new(ab_seat *seat, const char *folder, const ab_link_limits *limits,
                           const ab_remotes_ops *ops, void *owner);
void ab_remotes_free(ab_remotes *remotes);
/** A service has come, gone, or moved. On any thread; who is told of it hears it on the bus thread. */
void ab_remotes_tell(ab_remotes *remotes, autobus_change change, autobus_sighting *sighting)
    AB_LOCKED;
/** The bus is closing: every remote is closed, every call completes, waiting calls return. On any thread. */
void ab_remotes_close(ab_remotes *remotes) AB_LOCKED;
uint64_t ab_remotes_stat(const ab_remotes *remotes, autobus_stat which);
/** The bus thread has ended: what it would have closed is closed here. */
void ab_remotes_stop(ab_remotes *remotes) AB_LOCKED;

#endif
