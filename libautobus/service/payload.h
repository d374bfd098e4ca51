/* SPDX-License-Identifier: MIT
 * What the program hands over to be sent: made into one line of JSON in the thread that calls, before any lock.
 * Knows nothing of who gets it. */
#ifndef AB_SERVICE_PAYLOAD_H
#define AB_SERVICE_PAYLOAD_H

#include <stdbool.h>

#include <json-c/json_types.h>

#include <autobus/result.h>

#include "base/buffer.h"
#include "base/text.h"

/** Bytes of anything handed over; what a connection takes is less, and its own to check. */
#define AB_PAYLOAD_MOST ((size_t)16 << 20)

typedef struct ab_payload {
    ab_slice text;  /**< JSON without blanks but those in strings; NULL: it was not made */
    ab_buffer room; /**< where it lies, unless the program's text was like that already */
} ab_payload;

/** Prints a tree (taken; NULL is null). AUTOBUS_TOO_LARGE with a sentence: over `most` bytes, or nested so deep that
 *  nobody would read it. `what` says what it is: "an answer". On failure there is nothing to end. */
autobus_result ab_payload_of_tree(json_object *tree, const char *what, size_t most,
                                  ab_payload *ret);
/** The same from JSON text, on however many lines; single quotes are fine. AUTOBUS_INVALID: it is none. May point into
 *  the text. */
autobus_result ab_payload_of_text(const char *text, const char *what, size_t most, ab_payload *ret);
void ab_payload_fini(ab_payload *payload);
/** A copy to keep. */
ab_text *ab_payload_keep(const ab_payload *payload);
/** True if it is a list. */
bool ab_payload_is_list(const ab_payload *payload);

#endif
