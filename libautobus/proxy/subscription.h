/* SPDX-License-Identifier: MIT
 * Hearing of a remote: its states, events and objects. Behind the public functions; they take the lock
 * themselves. */
#ifndef AB_PROXY_SUBSCRIPTION_H
#define AB_PROXY_SUBSCRIPTION_H

#include <json-c/json_types.h>

#include <autobus/watch.h>

#include "proxy/remotes.h"

typedef enum ab_subscribed {
    AB_TO_STATE,
    AB_TO_EVENT,
    AB_TO_OBJECT
} ab_subscribed;

/** Whom it is told to. */
typedef struct ab_ear {
    autobus_message_fn *heard;
    void *userdata;
    autobus_free_fn *free_userdata;
    size_t size; /**< of a call: userdata is so many bytes, and a copy is handed over; else 0 */
} ab_ear;
#define AB_EAR_MOST (3 * sizeof(void *)) /**< such bytes, aligned as a pointer */

/** `name` NULL for states. `ret` NULL: until the remote is freed. On failure the hook has run. */
autobus_result ab_subscribe(autobus_remote *remote, ab_subscribed what, const char *name,
                            bool initial, const ab_ear *ear, autobus_subscription **ret);
void ab_subscription_free(autobus_subscription *subscription);

/** Appends the latest value of an object, or the table of all services' values, as JSON text. */
autobus_result ab_remote_value(autobus_remote *remote, const char *name, ab_text **ret);
autobus_result ab_remote_values(autobus_remote *remote, const char *name, ab_buffer *out);

#endif
