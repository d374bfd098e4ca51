/* SPDX-License-Identifier: MIT
 * Calls, for the raw face. */
#ifndef AB_API_CALL_H
#define AB_API_CALL_H

#include <autobus/call.h>

#include "proxy/subscription.h"

/** autobus_call_text_async(), told to an ear whose userdata may be bytes. */
autobus_result ab_call_text_async(autobus_remote *remote, const char *name, const char *arguments,
                                  int timeout_ms, autobus_unbound unbound, const ab_ear *ear,
                                  uint64_t *ret_call);

#endif
