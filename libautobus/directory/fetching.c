/* SPDX-License-Identifier: MIT
 * The queue of fetches and what they bring. When one is called for is inquiry.c's affair. */
#include "directory/fetching.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/bounds.h"
#include "directory/claim.h"
#include "directory/inquiry.h"
#include "directory/lease.h"
#include "directory/neighbour.h"

#define AT_A_TIME 8
#define STRANGERS 4             /**< of them */
#define PATIENCE  AB_MS(120000) /**< with a fetch of which nothing is heard any more */

/** A fetch under way; its neighbour may be gone by now. */
typedef struct fetch {
    uint64_t token; /**< 0: free */
    uint64_t bus, serial;
    ab_time began, heard;
    ab_presence presence; /**< of the first page */
    unsigned round;
    bool is_stranger, has_page;
    bool is_torn; /**< pages of different states, or older than what was heard since */
} fetch;

struct ab_fetching {
    ab_directory *directory;
    ab_list queue; /**< of ab_neighbour.in_fetch_queue */
    fetch fetches[AT_A_TIME];
    uint64_t tokens;
};

void ab_fetching_init(ab_directory *directory)
{
    directory->fetching = ab_alloc(1, sizeof *directory->fetching);
    directory->fetching->directory = directory;
    ab_list_init(&directory->fetching->queue);
}

void ab_fetching_fini(ab_directory *directory)
{
    free(directory->fetching);
}

static fetch *find_fetch(struct ab_fetching *fetching, uint64_t token)
{
    for (size_t i = 0; i < AT_A_TIME; i++) {
        if (token != 0 && fetching->fetches[i].token == token)
            return &fetching->fetches[i];
    }
    return NULL;
}

static fetch *find_free(struct ab_fetching *fetching, bool is_stranger)
{
    fetch *free_place = NULL;
    unsigned strangers = 0;
    for (size_t i = 0; i < AT_A_TIME; i++) {
        fetch *place = &fetching->fetches[i];
        if (place->token == 0 || place->heard + PATIENCE < fetching->directory->now)
            free_place = place;
        else
            strangers += place->is_stranger;
    }
    return is_stranger && strangers >= STRANGERS ? NULL : free_place;
}

/* Whom the fetch is for; NULL: gone, or met anew since. */
static ab_neighbour *neighbour_of(const ab_directory *directory, const fetch *from)
{
    ab_neighbour *neighbour = ab_neighbour_of_bus(directory, from->bus);
    return neighbour != NULL && neighbour->serial == from->serial ? neighbour : NULL;
}

/* Where to connect to: by turns where packets come from, or where another source says. */
static const ab_address *place_of(const ab_neighbour *neighbour)
{
    ab_location *reach = ab_inquiry_reach(neighbour);
    if (reach == NULL)
        reach = AB_CONTAINER(neighbour->locations.next, ab_location, in_neighbour);
    reach->tried_at = neighbour->directory->now;
    return &reach->tcp;
}

static void begin(struct ab_fetching *fetching, fetch *place, ab_neighbour *neighbour)
{
    ab_directory *directory = fetching->directory;
    *place = (fetch){
        .token = ++fetching->tokens,
        .bus = neighbour->bus,
        .serial = neighbour->serial,
        .began = directory->now,
        .heard = directory->now,
        .round = (unsigned)++directory->serials,
        .is_stranger = !ab_neighbour_is_familiar(neighbour),
    };
    neighbour->fetch = place->token;
    ab_count(directory, AUTOBUS_STAT_FETCHES);
    directory->ops->fetch(directory->owner, place->token, place_of(neighbour));
}

/* The familiar stand in front. */
static void begin_next(struct ab_fetching *fetching)
{
    while (!ab_list_is_empty(&fetching->queue)) {
        ab_neighbour *first = AB_CONTAINER(fetching->queue.next, ab_neighbour, in_fetch_queue);
        fetch *place = find_free(fetching, !ab_neighbour_is_familiar(first));
        if (place == NULL)
            return;
        ab_list_remove(&first->in_fetch_queue);
        begin(fetching, place, first);
    }
}

void ab_fetching_order(ab_neighbour *neighbour)
{
    struct ab_fetching *fetching = neighbour->directory->fetching;
    if (neighbour->fetch != 0 || neighbour->location_count == 0)
        return;
    ab_list_remove(&neighbour->in_fetch_queue); /* it may stand there as a stranger */
    if (ab_neighbour_is_familiar(neighbour))
        ab_list_prepend(&fetching->queue, &neighbour->in_fetch_queue);
    else
        ab_list_append(&fetching->queue, &neighbour->in_fetch_queue);
    begin_next(fetching);
}

void ab_fetching_forget(ab_neighbour *neighbour)
{
    ab_list_remove(&neighbour->in_fetch_queue);
}

bool ab_fetching_has(const ab_neighbour *neighbour)
{
    return neighbour->fetch != 0 || !ab_list_is_empty(&neighbour->in_fetch_queue);
}

/* Something newer was heard while the pages came. */
static bool is_overtaken(const fetch *from, const ab_neighbour *neighbour,
                         const ab_presence *presence)
{
    return presence->sequence < neighbour->said.sequence && neighbour->said_at >= from->began;
}

bool ab_directory_page(ab_directory *directory, ab_time now, uint64_t token,
                       const ab_presence *presence, ab_value services)
{
    fetch *from = find_fetch(directory->fetching, token);
    directory->now = AB_MAX(directory->now, now);
    ab_neighbour *neighbour = from == NULL ? NULL : neighbour_of(directory, from);
    /* Somebody else lives there now. */
    if (neighbour == NULL || presence->bus != neighbour->bus)
        return false;
    from->heard = directory->now;
    if (!from->has_page)
        from->presence = *presence;
    from->has_page = true;
    from->is_torn = from->is_torn || presence->sequence != from->presence.sequence ||
                    is_overtaken(from, neighbour, presence);
    /* A connection cannot be forged: it is where it says it is. */
    ab_bounds_prove(neighbour);
    if (!from->is_torn)
        ab_claim_take(neighbour, presence, true);
    uint64_t digest = 0;
    if (!from->is_torn && presence->count > 0)
        ab_claim_services(neighbour, services, from->round, &digest);
    ab_lease_heard(neighbour);
    return !from->is_torn;
}

static void conclude(ab_neighbour *neighbour, const fetch *from, bool is_whole)
{
    neighbour->fetch = 0;
    if (is_whole && neighbour->has_left) {
        ab_claim_depart(neighbour);
        return;
    }
    if (is_whole && !ab_claim_is_held(neighbour))
        ab_claim_sweep(neighbour, from->round);
    if (!is_whole || !ab_claim_is_held(neighbour))
        neighbour->tries++;
    if (is_whole || !ab_claim_is_held(neighbour))
        ab_inquiry_review(neighbour, AB_CAUSE_FETCH);
}

void ab_directory_fetched(ab_directory *directory, ab_time now, uint64_t token, bool at_end)
{
    fetch *over = find_fetch(directory->fetching, token);
    directory->now = AB_MAX(directory->now, now);
    if (over == NULL)
        return;
    fetch from = *over;
    *over = (fetch){0};
    ab_neighbour *neighbour = neighbour_of(directory, &from);
    if (neighbour != NULL && neighbour->fetch == token)
        conclude(neighbour, &from, at_end && from.has_page && !from.is_torn);
    begin_next(directory->fetching);
}
