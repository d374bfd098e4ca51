/* SPDX-License-Identifier: MIT
 * What a bus says of itself, taken as true as far as it is new: its sequence, its services, its addresses. */
#ifndef AB_DIRECTORY_CLAIM_H
#define AB_DIRECTORY_CLAIM_H

#include "directory/state.h"

#define AB_CLAIM_ID (6 * 1024 + 2) /**< room for the longest service id as it is written */

typedef enum ab_claim {
    AB_CLAIM_OLD,  /**< we know better; only a sign of life */
    AB_CLAIM_SAME, /**< said before */
    AB_CLAIM_NEW
} ab_claim;

/** `is_answer`: it came from where we asked, so it counts whatever we were told before. */
ab_claim ab_claim_take(ab_neighbour *neighbour, const ab_presence *presence, bool is_answer);
/** True if we hold exactly what it says it offers. */
bool ab_claim_is_held(const ab_neighbour *neighbour);
/** It says it offers nothing: all its services leave. It is remembered a while. */
void ab_claim_depart(ab_neighbour *neighbour);
/** Takes these services ("services" of a packet, or a page); each gets the mark `round`. Returns how many, and
 *  adds up their digests. */
uint32_t ab_claim_services(ab_neighbour *neighbour, ab_value services, unsigned round,
                           uint64_t *digest);
/** Drops every service that does not have that mark. */
void ab_claim_sweep(ab_neighbour *neighbour, unsigned round);
/** Drops the addresses that are not in the list, but for loopback and `keep`. */
void ab_claim_addresses(ab_neighbour *neighbour, ab_value addresses, const ab_location *keep);
/** Drops addresses that were silent for long while others were not, after asking them. */
void ab_claim_age(ab_neighbour *neighbour);

#endif
