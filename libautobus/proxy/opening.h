/* SPDX-License-Identifier: MIT
 * Opening a channel of the service that a remote is bound to. Takes the lock itself. */
#ifndef AB_PROXY_OPENING_H
#define AB_PROXY_OPENING_H

#include <autobus/channel.h>

#include "base/text.h"
#include "proxy/subscription.h"

/** `argument` is JSON text. On failure the hook has run. */
autobus_result ab_remote_open(autobus_remote *remote, const char *name, bool is_stream,
                              ab_slice argument, const ab_ear *ear, autobus_channel **ret);

#endif
