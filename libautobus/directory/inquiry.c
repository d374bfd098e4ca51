/* SPDX-License-Identifier: MIT
 * When to ask a bus for what we miss, and how. The fetches themselves are fetching.c. */
#include "directory/inquiry.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/bounds.h"
#include "directory/claim.h"
#include "directory/fetching.h"
#include "directory/neighbour.h"
#include "directory/voice.h"

#define ANSWERABLE    8           /**< services of ordinary size that fit into an answer */
#define FEW_NEWCOMERS 8           /**< that are asked at once */
#define ANSWER_TIME   AB_MS(3000) /**< so long an answer to our question is one */
#define BULK_TIME \
    AB_MS(2250) /**< that announcing many services takes at most, beyond the hold-back */
#define PROOF_TRIES    2
#define ASK_EACH       AB_MS(5) /**< between two questions of ours, among few buses */
#define ASK_BURST      64
#define NETWORK_PROOFS 1000 /**< a second, that all buses together may ask for */
#define PROOF_PAUSE    AB_MS(30000)

struct ab_inquiries {
    size_t open;
    ab_bucket asked[2]; /**< of strangers, of the familiar */
    ab_bucket proofs;
};

void ab_inquiries_init(ab_directory *directory)
{
    directory->inquiries = ab_alloc(1, sizeof *directory->inquiries);
}

void ab_inquiries_fini(ab_directory *directory)
{
    free(directory->inquiries);
}

size_t ab_inquiries_open(const ab_directory *directory)
{
    return directory->inquiries->open;
}

static void set_missing(ab_neighbour *neighbour, bool is_missing)
{
    struct ab_inquiries *inquiries = neighbour->directory->inquiries;
    if (neighbour->is_missing == is_missing)
        return;
    neighbour->is_missing = is_missing;
    inquiries->open += is_missing ? 1 : -(size_t)1;
    neighbour->directory->news_at = neighbour->directory->now;
}

static void start(ab_neighbour *neighbour, ab_time delay)
{
    ab_directory *directory = neighbour->directory;
    ab_timer_start(&directory->timers, &neighbour->inquiry, directory->now + delay);
}

static void start_no_later(ab_neighbour *neighbour, ab_time delay)
{
    if (!ab_timer_is_running(&neighbour->inquiry) ||
        neighbour->inquiry.due > neighbour->directory->now + delay)
        start(neighbour, delay);
}

/* Asking. */

/* However many strangers there are, the familiar get their turn. */
static bool may_ask(const ab_neighbour *neighbour)
{
    ab_directory *directory = neighbour->directory;
    ab_rate rate = {ASK_EACH, ASK_BURST};
    ab_bucket *bucket = &directory->inquiries->asked[ab_neighbour_is_familiar(neighbour)];
    return ab_bucket_take(bucket, rate, directory->now);
}

/* Where it is crowded, everybody wants proof of everybody: that may take its time. */
static bool may_ask_for_proof(ab_neighbour *neighbour)
{
    ab_directory *directory = neighbour->directory;
    ab_time crowd = AB_MS(1000) * ab_crowd(directory) / NETWORK_PROOFS;
    ab_rate rate = {AB_MAX(ASK_EACH, crowd), 1};
    if (neighbour->proof_at + PROOF_PAUSE > directory->now ||
        !ab_bucket_take(&directory->inquiries->proofs, rate, directory->now))
        return false;
    neighbour->proof_at = directory->now;
    return true;
}

void ab_inquiry_ask_at(ab_location *location)
{
    ab_directory *directory = location->neighbour->directory;
    if (location->place.address.family == 0)
        return;
    location->asked_at = location->tried_at = directory->now;
    ab_voice_query(directory, AB_REACH_ONE, &location->place, false);
}

bool ab_inquiry_expects(const ab_directory *directory, const ab_location *location)
{
    return location->asked_at + ANSWER_TIME > directory->now;
}

static ab_time pause_after(ab_neighbour *neighbour)
{
    static const ab_time pauses[] = {AB_MS(250), AB_MS(1000), AB_MS(4000), AB_MS(10000)};
    size_t last = AB_COUNT(pauses) - 1;
    ab_time pause = pauses[AB_MIN(neighbour->tries == 0 ? 0 : neighbour->tries - 1, last)];
    return pause + ab_jitter(neighbour->directory, pause / 4);
}

/* First where it was heard last. Then each two tries elsewhere: a question, a fetch at another place, a question there,
 * a fetch at the next one. */
ab_location *ab_inquiry_reach(const ab_neighbour *neighbour)
{
    bool is_elsewhere = neighbour->tries % 2 == 1;
    ab_location *found = ab_neighbour_reach(neighbour, 0);
    if (neighbour->tries == 0)
        return found;
    AB_LIST_FOR (at, &neighbour->locations) {
        ab_location *location = AB_CONTAINER(at, ab_location, in_neighbour);
        if (location->place.address.family != 0 && location->tried_at != found->tried_at &&
            (location->tried_at < found->tried_at) == is_elsewhere)
            found = location;
    }
    return found;
}

/* Turn and turn about, whichever promises more first. */
static bool is_turn_of_fetch(const ab_neighbour *neighbour, const ab_location *reach)
{
    if (!neighbour->is_missing || neighbour->has_left)
        return false;
    bool is_long = neighbour->said.count > ANSWERABLE;
    return reach == NULL || (neighbour->tries % 2 == 0) == is_long;
}

static void inquire(ab_timer *timer)
{
    ab_neighbour *neighbour = AB_CONTAINER(timer, ab_neighbour, inquiry);
    ab_location *reach = ab_inquiry_reach(neighbour);
    if (!neighbour->is_missing && !neighbour->wants_proof)
        return;
    if (is_turn_of_fetch(neighbour, reach)) {
        ab_inquiry_fetch(neighbour);
        return;
    }
    if (reach == NULL || !may_ask(neighbour)) {
        start(neighbour, AB_MS(100) + ab_jitter(neighbour->directory, AB_MS(100)));
        return;
    }
    ab_inquiry_ask_at(reach);
    neighbour->tries++;
    if (!neighbour->is_missing && neighbour->tries >= PROOF_TRIES) {
        neighbour->wants_proof = false;
        neighbour->tries = 0;
        return;
    }
    start(neighbour, pause_after(neighbour));
}

void ab_inquiry_init(ab_neighbour *neighbour)
{
    ab_timer_init(&neighbour->inquiry, inquire);
}

void ab_inquiry_stop(ab_neighbour *neighbour)
{
    set_missing(neighbour, false);
    ab_timer_stop(&neighbour->directory->timers, &neighbour->inquiry);
    ab_fetching_forget(neighbour);
}

void ab_inquiry_fetch(ab_neighbour *neighbour)
{
    ab_timer_stop(&neighbour->directory->timers, &neighbour->inquiry);
    ab_fetching_order(neighbour);
}

/* When. */

static ab_time crowd_delay(const ab_neighbour *neighbour, ab_time each)
{
    return each * ab_crowd(neighbour->directory);
}

static ab_time first_delay(ab_neighbour *neighbour, ab_cause cause)
{
    ab_directory *directory = neighbour->directory;
    bool is_young = neighbour->young_until > directory->now;
    bool are_few = directory->inquiries->open <= FEW_NEWCOMERS;
    if (is_young && (!are_few || (cause == AB_CAUSE_QUERY && !directory->wants)))
        return neighbour->young_until - directory->now +
               ab_jitter(directory, AB_MS(250) + crowd_delay(neighbour, AB_MS(2)));
    if (cause == AB_CAUSE_QUERY)
        return 0;
    if (cause == AB_CAUSE_SERVICES)
        return AB_MS(100) + ab_jitter(directory, AB_MS(200) + crowd_delay(neighbour, AB_MS(2)));
    return ab_jitter(directory, AB_MS(10) + crowd_delay(neighbour, AB_MS(2)));
}

static void review_held(ab_neighbour *neighbour, ab_cause cause)
{
    ab_directory *directory = neighbour->directory;
    neighbour->tries = neighbour->wants_proof ? neighbour->tries : 0;
    ab_fetching_forget(neighbour);
    if (cause == AB_CAUSE_ANSWER || cause == AB_CAUSE_FETCH) {
        ab_bounds_prove(neighbour);
        ab_neighbour_take_places(neighbour);
    }
    if (!neighbour->is_proven && !neighbour->wants_proof && ab_bounds_is_crowded(directory) &&
        may_ask_for_proof(neighbour)) {
        neighbour->wants_proof = true;
        start(neighbour, ab_jitter(directory, AB_MS(100)));
    }
    if (!neighbour->wants_proof)
        ab_timer_stop(&directory->timers, &neighbour->inquiry);
}

void ab_inquiry_review(ab_neighbour *neighbour, ab_cause cause)
{
    ab_directory *directory = neighbour->directory;
    bool is_held = ab_claim_is_held(neighbour);
    if (cause == AB_CAUSE_QUERY)
        neighbour->young_until = directory->now + directory->config.hold_back + BULK_TIME;
    set_missing(neighbour, !is_held);
    if (is_held) {
        review_held(neighbour, cause);
        return;
    }
    bool is_other = neighbour->said.digest != neighbour->inquired;
    if (is_other)
        neighbour->tries = 0;
    neighbour->inquired = neighbour->said.digest;
    if (ab_fetching_has(neighbour)) {
        ab_fetching_order(neighbour);
        return;
    }
    if (cause == AB_CAUSE_FETCH)
        start(neighbour, pause_after(neighbour));
    else if (cause == AB_CAUSE_ANSWER)
        ab_inquiry_fetch(neighbour); /* its answer was not all */
    else if (is_other || !ab_timer_is_running(&neighbour->inquiry))
        start_no_later(neighbour, first_delay(neighbour, cause));
}

void ab_inquiry_doubt(ab_neighbour *neighbour, ab_time later)
{
    ab_directory *directory = neighbour->directory;
    if (!neighbour->wants_proof)
        neighbour->tries = 0;
    neighbour->wants_proof = true;
    start_no_later(neighbour, later + ab_jitter(directory, later * 2));
}
