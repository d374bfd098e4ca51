/* SPDX-License-Identifier: MIT
 * Twice as many chances pass after each look in vain, half as many after each that found something. */
#include "loop/patience.h"

/* Chances that pass between two looks, at most: after some in vain, and after one that took the core away. */
#define PASSES_MOST 255
#define PASSES_LATE 4095

/* Longer than anybody needs for a batch, and less than a slice of the core that somebody takes who wants all of it. */
#define LATE ((ab_time)500)

bool ab_patience_is_there(ab_patience *patience)
{
    if (patience->to_pass == 0)
        return true;
    patience->to_pass--;
    return false;
}

void ab_patience_note(ab_patience *patience, bool has_found, ab_time most, ab_time took)
{
    if (took > most + LATE)
        patience->passes = PASSES_LATE;
    else if (has_found)
        patience->passes /= 2;
    else if (patience->passes < PASSES_MOST)
        patience->passes = 2 * patience->passes + 1;
    patience->to_pass = patience->passes;
}
