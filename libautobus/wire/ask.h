/* SPDX-License-Identifier: MIT
 * What a client asks of the service it is bound to, however it was written. Pure; what is read points into the
 * message. */
#ifndef AB_WIRE_ASK_H
#define AB_WIRE_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "value/scan.h"
#include "wire/lines.h"

#define AB_NAME_MOST 255 /**< bytes of the name of a function, event, object or channel */

/** A name as it reads. */
typedef struct ab_name {
    char bytes[AB_NAME_MOST + 1]; /**< with a '\0' behind */
    size_t length;
} ab_name;

typedef enum ab_verb {
    AB_VERB_OTHER, /**< none of these */
    AB_VERB_CALL,
    AB_VERB_WATCH,
    AB_VERB_UNWATCH,
    AB_VERB_LISTEN,
    AB_VERB_UNLISTEN
} ab_verb;

typedef struct ab_ask {
    ab_verb verb;
    bool has_name; /**< false: there is none, or it is longer than any name */
    ab_value
        id; /**< the answer repeats it; nobody but the codec it came by knows what is in it. NONE: no answer
                      is wanted */
    ab_value arguments;     /**< of a call: any value, NONE: not there */
    const ab_message *line; /**< for verb OTHER: what was said; NULL: not in a line */
    ab_name name;
} ab_ask;

/** The word that lines have for it. */
const char *ab_verb_text(ab_verb verb);
/** Reads a line of a bound connection; any line is one. */
void ab_read_ask(const ab_message *message, ab_ask *ask);
/** False: it is no string, or longer than any name. */
bool ab_read_short_name(ab_value value, ab_name *name);

#endif
