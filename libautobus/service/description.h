/* SPDX-License-Identifier: MIT
 * What a program says of a function, an event, an object or a channel: read once, checked, and kept both as the
 * text that is shown to others and as what calls are held to. Immutable; knows no service. */
#ifndef AB_SERVICE_DESCRIPTION_H
#define AB_SERVICE_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/text.h"
#include "service/type.h"

/** Of what: it decides which keys have a meaning. All others are kept and shown as they are. */
typedef enum ab_described {
    AB_OF_FUNCTION,
    AB_OF_EVENT,
    AB_OF_OBJECT,
    AB_OF_CHANNEL,
    AB_OF_STREAM
} ab_described;

typedef struct ab_parameter {
    ab_text *name; /**< NULL for an object itself */
    ab_type type;
    bool has_low, has_high;
    double low, high;
    ab_text *unit;     /**< NULL: none */
    ab_text *fallback; /**< JSON text of the default; NULL: none */
} ab_parameter;

typedef struct ab_description {
    ab_text *text; /**< a JSON map in one line; "{}" if nothing was said */
    bool has_parameters;
    size_t count, required;
    ab_parameter *parameters;
    bool has_rest;
    ab_type rest;
} ab_description;

/** Reads JSON text, single quotes are fine; NULL: nothing is said. `name` is for the sentences. NULL with a sentence
 *  (AUTOBUS_INVALID) where a key that has a meaning holds something else. */
ab_description *ab_description_parse(ab_described of, const char *name, const char *text);
void ab_description_free(ab_description *description);

/** True if the value may be given for it. */
bool ab_parameter_takes(const ab_parameter *parameter, ab_value value);
/** Appends what may: "an integer from 0 to 100 (%)". */
void ab_parameter_say(const ab_parameter *parameter, ab_buffer *out);

#endif
