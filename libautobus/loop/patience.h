/* SPDX-License-Identifier: MIT
 * Whether looking for news, instead of sleeping until it comes, is worth it. Who looks in vain looks less often, and
 * who gets the core back late, because somebody wanted all of it and kept it, hardly ever: a sleeper would have been
 * woken sooner. */
#ifndef AB_LOOP_PATIENCE_H
#define AB_LOOP_PATIENCE_H

#include <stdbool.h>

#include "base/clock.h"

/** All zero in the beginning. */
typedef struct ab_patience {
    unsigned passes,
        to_pass; /**< chances that pass before the next look; how many of them are left */
} ab_patience;

/** Asked at each chance. */
bool ab_patience_is_there(ab_patience *patience);
/** It looked, meant to for `most`, and that took so long. */
void ab_patience_note(ab_patience *patience, bool has_found, ab_time most, ab_time took);

#endif
