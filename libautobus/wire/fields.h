/* SPDX-License-Identifier: MIT
 * The members of one JSON map that a codec knows, found in a single pass, and what may stand in them. Knows
 * no command and no meaning. */
#ifndef AB_WIRE_FIELDS_H
#define AB_WIRE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "value/scan.h"

#define AB_FIELD_NAME  16                 /**< a name is shorter than this */
#define AB_FIELD_ID    1024               /**< bytes of the longest service id, escapes undone */
#define AB_FIELD_EXACT (INT64_C(1) << 53) /**< numbers below it survive every JSON reader */

/** A name in a constant list of them. */
#define AB_FIELD(literal)            \
    {                                \
        literal, sizeof(literal) - 1 \
    }

/** found[i] becomes the member names[i] of a checked map, kind NONE if it is not there. Of duplicates the
 *  last one counts; escapes in keys are undone. */
void ab_fields_find(ab_value map, const ab_slice names[], size_t count, ab_value found[]);
/** The same for a map whose members are known already. */
void ab_fields_pick(const ab_member members[], size_t members_count, const ab_slice names[],
                    size_t count, ab_value found[]);

/** A whole number of 0 .. `most`. */
bool ab_field_number(ab_value value, int64_t most, uint64_t *ret);
/** A string of exactly 16 hexadecimal digits. */
bool ab_field_hex(ab_value value, uint64_t *ret);
/** A service id: a string of 1 .. AB_FIELD_ID bytes, none of them zero. *written is what stands between the
 *  quotes. */
bool ab_field_service(ab_value value, ab_slice *written);

/** Appends "0123456789abcdef" with its quotes. */
void ab_field_write_hex(ab_buffer *out, uint64_t number);

#endif
