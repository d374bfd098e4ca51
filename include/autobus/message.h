/* SPDX-License-Identifier: MIT
 * A message: what a callback is shown. An answer to a call, a fired event, a changed object, a new state of a
 * remote, something on a channel. Borrowed for the callback, private to its thread. */
#ifndef AUTOBUS_MESSAGE_H
#define AUTOBUS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json_types.h>

#include <autobus/result.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct autobus_message autobus_message;

/** What a message tells. The numbers are part of the ABI. */
typedef enum autobus_kind {
    AUTOBUS_ANSWER = 1,       /**< a call is over: result, and value or error */
    AUTOBUS_FIRED = 2,        /**< an event: name, and its arguments as a list */
    AUTOBUS_VALUE = 3,        /**< an object has this value now */
    AUTOBUS_GONE = 4,         /**< an object has no value: not there, or its service is lost */
    AUTOBUS_BOUND = 5,        /**< a remote: a service is there now */
    AUTOBUS_LOST = 6,         /**< a remote: that service is no more; result and error say why */
    AUTOBUS_UNRESPONSIVE = 7, /**< a remote: connected, but nothing was heard for 10 s */
    AUTOBUS_RESPONSIVE = 8,   /**< a remote: it speaks again */
    AUTOBUS_OPENED = 9,       /**< a channel: the other side has accepted it */
    AUTOBUS_DATA = 10,        /**< a channel: a JSON value */
    AUTOBUS_BLOB = 11,        /**< a channel or stream: bytes */
    AUTOBUS_WRITABLE = 12,    /**< a channel: what was refused as busy can be sent now */
    AUTOBUS_ENDED = 13,       /**< a stream: the other side will send no more */
    /** A channel: it is over; result and error say why. AUTOBUS_OK: somebody closed it as intended, and error is the
     *  reason that was given, "" if there was none. The last message. */
    AUTOBUS_CLOSED_NOW = 14
} autobus_kind;

/** The only shape of callback in which news of others arrive. */
typedef void autobus_message_fn(void *userdata, const autobus_message *message);
/** The last touch of userdata. */
typedef void autobus_free_fn(void *userdata);

autobus_kind autobus_message_kind(const autobus_message *message);
/** The id of the service that it came from; "" if there was none, as in the answer of a call that reached
 *  nobody. Texts live as long as the message. */
const char *autobus_message_service(const autobus_message *message);
/** The name of the function, event, object or channel; "" for a state. */
const char *autobus_message_name(const autobus_message *message);
/** AUTOBUS_OK, or why something failed or ended. */
autobus_result autobus_message_result(const autobus_message *message);
/** The sentence to that; "" with AUTOBUS_OK, unless it is the reason of a channel that was closed. */
const char *autobus_message_error(const autobus_message *message);
/** The value as JSON text; "null" where there is none. *ret_length may be NULL. */
const char *autobus_message_text(const autobus_message *message, size_t *ret_length);
/** The value as a tree, parsed when it is first asked for; borrowed. NULL is JSON null. */
json_object *autobus_message_value(const autobus_message *message);
/** The same, but yours to keep (json_object_put), in whatever thread. */
json_object *autobus_message_take(const autobus_message *message);
/** The bytes of a blob; NULL and 0 for anything else. */
const void *autobus_message_bytes(const autobus_message *message, size_t *ret_length);
/** Of an answer: how many answers of the same call are still to come. 0: this was the last. */
size_t autobus_message_remaining(const autobus_message *message);

#ifdef __cplusplus
}
#endif
#endif
