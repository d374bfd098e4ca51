/* SPDX-License-Identifier: MIT
 * Asking one bus for what we miss of it: by unicast if that may be enough, else by fetching its list over
 * TCP; after a random delay, once per digest, then ever more seldom. */
#ifndef AB_DIRECTORY_INQUIRY_H
#define AB_DIRECTORY_INQUIRY_H

#include "directory/state.h"

/** What brought it to our mind. */
typedef enum ab_cause {
    AB_CAUSE_QUERY,    /**< it asked everybody, and offers something */
    AB_CAUSE_SERVICES, /**< it is telling its services; more may be on the way */
    AB_CAUSE_PRESENCE,
    AB_CAUSE_GOODBYE,
    AB_CAUSE_ANSWER, /**< it answered us */
    AB_CAUSE_FETCH   /**< we have just fetched its list */
} ab_cause;

void ab_inquiries_init(ab_directory *directory);
void ab_inquiries_fini(ab_directory *directory);
/** Buses that we miss something of. */
size_t ab_inquiries_open(const ab_directory *directory);

void ab_inquiry_init(ab_neighbour *neighbour);
void ab_inquiry_stop(ab_neighbour *neighbour);
/** After anything it said: asks if something is missing, stops asking if nothing is. */
void ab_inquiry_review(ab_neighbour *neighbour, ab_cause cause);
/** What we were told of it may be false: asks itself, about so much later. */
void ab_inquiry_doubt(ab_neighbour *neighbour, ab_time later);
/** Fetches its list, as soon as one of the few places for that is free. */
void ab_inquiry_fetch(ab_neighbour *neighbour);
/** Where to ask next: by turns where its packets come from. NULL: none ever came. */
ab_location *ab_inquiry_reach(const ab_neighbour *neighbour);
/** Asks now, at one place of it. */
void ab_inquiry_ask_at(ab_location *location);
/** True if we asked there a moment ago. */
bool ab_inquiry_expects(const ab_directory *directory, const ab_location *location);

#endif
