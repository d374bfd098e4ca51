/* SPDX-License-Identifier: MIT
 * Remotes: making them, waiting for them, ending them. Behind the public functions of the same names; they take
 * the lock themselves. */
#ifndef AB_PROXY_REMOTE_H
#define AB_PROXY_REMOTE_H

#include <autobus/remote.h>

#include "base/address.h"
#include "proxy/remotes.h"

/** A connection to one of these places. `service` is copied; "" is introspection. */
autobus_result ab_connection_new(ab_remotes *remotes, const char *service,
                                 const ab_address *addresses, size_t count, int timeout_ms,
                                 autobus_remote **ret);
/** The filter is taken, also on failure. */
autobus_result ab_proxy_new(ab_remotes *remotes, autobus_filter *filter, bool is_multi,
                            autobus_remote **ret);
void ab_remote_close(autobus_remote *remote);
void ab_remote_free(autobus_remote *remote);
autobus_result ab_remote_wait(autobus_remote *remote, int timeout_ms);
size_t ab_remote_bound(autobus_remote *remote);
autobus_result ab_remote_set_unbound(autobus_remote *remote, autobus_unbound policy);

/** Fails: a public function was given NULL for a remote. */
autobus_result ab_remote_missing(void);
/** Enters for a public function; refuses what is closed. */
bool ab_remote_enter(autobus_remote *remote, autobus_result *why) AB_TRY_ACQUIRE(true, ab_the_lock);
void ab_remote_leave(autobus_remote *remote) AB_RELEASE(ab_the_lock);

#endif
