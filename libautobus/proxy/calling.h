/* SPDX-License-Identifier: MIT
 * Callings: calls of a remote's functions, to one service or to all, waiting for one if need be. Each completes
 * exactly once for each service it went to. Behind the public functions; they take the lock themselves. */
#ifndef AB_PROXY_CALLING_H
#define AB_PROXY_CALLING_H

#include <autobus/call.h>

#include "base/text.h"
#include "proxy/subscription.h"

/** What is called. `arguments` is the checked text of a list. */
typedef struct ab_order {
    const char *name;
    ab_slice arguments;
    int timeout_ms;
    autobus_unbound unbound;
} ab_order;

/** Waits. On success *ret is the answer's text (may be NULL: null). */
autobus_result ab_calling_call(autobus_remote *remote, const ab_order *order, ab_text **ret);
/** On failure the hook has run. */
autobus_result ab_calling_ask(autobus_remote *remote, const ab_order *order, const ab_ear *ear,
                              uint64_t *ret_call);
autobus_result ab_calling_send(autobus_remote *remote, const ab_order *order, size_t *ret_count);
autobus_result ab_calling_cancel(autobus_remote *remote, uint64_t call);

#endif
