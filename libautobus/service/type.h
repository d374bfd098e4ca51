/* SPDX-License-Identifier: MIT
 * The types that descriptions speak of: null boolean number integer string list map any. Looks at values where
 * they lie. */
#ifndef AB_SERVICE_TYPE_H
#define AB_SERVICE_TYPE_H

#include <stdbool.h>

#include "value/scan.h"

typedef enum ab_type {
    AB_TYPE_ANY,
    AB_TYPE_NULL,
    AB_TYPE_BOOLEAN,
    AB_TYPE_NUMBER,
    AB_TYPE_INTEGER,
    AB_TYPE_STRING,
    AB_TYPE_LIST,
    AB_TYPE_MAP
} ab_type;

/** All of them in one line, for sentences. */
#define AB_TYPES "null, boolean, number, integer, string, list, map or any"

/** False: there is no type of this name. */
bool ab_type_read(const char *name, ab_type *type);
/** As in a sentence: "an integer". */
const char *ab_type_text(ab_type type);
/** Whole numbers are integers if 64 bits hold them; NaN and the infinities are no numbers. */
bool ab_type_fits(ab_type type, ab_value value);

#endif
