/* SPDX-License-Identifier: MIT
 * Twice as many chances pass after each look in vain, half as many after each that found something. Whom somebody takes
 * the core from once may have been unlucky; whom it is taken from each time soon stops. */
#include "loop/patience.h"

#include "base/compiler.h"

/* Chances that pass between two looks: at most after some in vain; after one that the core came back late from, and at
 * most after several. */
#define PASSES_MOST  255
#define PASSES_LATE  63
#define PASSES_NEVER 4095

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
        patience->passes = AB_MIN(4 * patience->passes + PASSES_LATE, PASSES_NEVER);
    else if (has_found)
        patience->passes /= 2;
    else if (patience->passes < PASSES_MOST)
        patience->passes = 2 * patience->passes + 1;
    patience->to_pass = patience->passes;
}
