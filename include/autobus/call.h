/* SPDX-License-Identifier: MIT
 * Calling functions of a remote: and waiting, or being called back, or caring no more. Every call completes
 * exactly once. Nothing is retried silently. */
#ifndef AUTOBUS_CALL_H
#define AUTOBUS_CALL_H

#include <autobus/remote.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Calls and waits. `arguments` (taken) is a list, NULL: none. On success *ret_value is the answer, yours
 *  (NULL is JSON null); ret_value may be NULL.
 *  AUTOBUS_REMOTE: the function failed, and the sentence is its own. AUTOBUS_NOT_FOUND: no such function, or
 *  nothing bound. AUTOBUS_TIMEOUT; AUTOBUS_CLOSED: the connection was lost, and whether the call had its effect
 *  is not known; AUTOBUS_BUSY; AUTOBUS_INVALID: also what the service says of arguments that do not fit.
 *  Not in a callback on the bus thread: AUTOBUS_WRONG_THREAD. Not of a multi proxy: AUTOBUS_INVALID. */
autobus_result autobus_call(autobus_remote *remote, const char *name, json_object *arguments,
                            int timeout_ms, json_object **ret_value);
/** The same with JSON text on both sides; free() the answer. */
autobus_result autobus_call_text(autobus_remote *remote, const char *name, const char *arguments,
                                 int timeout_ms, char **ret_value);

/** Calls and goes on. `done` hears AUTOBUS_ANSWER exactly once; of a multi proxy once for each service that was
 *  bound when the call was sent, or once with no service if there was none. All by the one deadline. If this
 *  returns a failure, `done` is not called (but the hook is). *ret_call (may be NULL) is for cancelling; it is
 *  set before `done` is called. */
autobus_result autobus_call_async(autobus_remote *remote, const char *name, json_object *arguments,
                                  int timeout_ms, autobus_unbound unbound, autobus_message_fn *done,
                                  void *userdata, autobus_free_fn *free_userdata,
                                  uint64_t *ret_call);
autobus_result autobus_call_text_async(autobus_remote *remote, const char *name,
                                       const char *arguments, int timeout_ms,
                                       autobus_unbound unbound, autobus_message_fn *done,
                                       void *userdata, autobus_free_fn *free_userdata,
                                       uint64_t *ret_call);
/** Its answers not yet told complete as AUTOBUS_CLOSED ("cancelled"). A call that is over is AUTOBUS_NOT_FOUND. */
autobus_result autobus_call_cancel(autobus_remote *remote, uint64_t call);

/** Calls and wants no answer. *ret_count (may be NULL): how many services it went to. While nothing is bound
 *  that is 0 and a success, unless `unbound` says FAIL; WAIT keeps it for up to 10 s. */
autobus_result autobus_send(autobus_remote *remote, const char *name, json_object *arguments,
                            autobus_unbound unbound, size_t *ret_count);
autobus_result autobus_send_text(autobus_remote *remote, const char *name, const char *arguments,
                                 autobus_unbound unbound, size_t *ret_count);

#ifdef __cplusplus
}
#endif
#endif
