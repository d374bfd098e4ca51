/* SPDX-License-Identifier: MIT
 * One condition of a filter. What is expected is kept as text, as it came, and is compared with text: so no
 * tree is built, and a filter may be looked at by any thread. Immutable once made. */
#ifndef AB_VALUE_CONDITION_H
#define AB_VALUE_CONDITION_H

#include <stdbool.h>

#include "base/text.h"
#include "value/filter.h"
#include "value/scan.h"

typedef enum ab_condition_test {
    AB_TEST_PRESENT, /**< is there, with any value */
    AB_TEST_EQUAL,   /**< equals the JSON value */
    AB_TEST_PRINTED, /**< is, or prints, exactly as these words */
    AB_TEST_GLOB     /**< is, or prints, as the shell pattern allows */
} ab_condition_test;

typedef struct ab_condition {
    ab_condition_test test;
    bool is_negated;   /**< holds whenever the plain one does not */
    ab_text *key;      /**< as the program wrote it; ours */
    ab_text *expected; /**< JSON, words or pattern; ours; NULL for PRESENT */
    ab_value value;    /**< of `expected`, if it reads as JSON; else of kind NONE */
} ab_condition;

/** `expected` is copied; for EQUAL it must be JSON: false if it is not. */
bool ab_condition_init(ab_condition *condition, ab_condition_test test, ab_slice key,
                       ab_slice expected);
void ab_condition_fini(ab_condition *condition);
/** The same condition once more; the texts are shared. */
ab_condition ab_condition_copy(const ab_condition *condition);
bool ab_condition_holds(const ab_condition *condition, const ab_subject *subject);

#endif
