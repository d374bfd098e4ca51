/* SPDX-License-Identifier: MIT
 * Believing a death. Knows no packets; legacy neighbours are legacy.c's. */
#include "directory/lease.h"

#include "directory/bounds.h"
#include "directory/catalogue.h"
#include "directory/claim.h"
#include "directory/inquiry.h"
#include "directory/legacy.h"
#include "directory/neighbour.h"
#include "directory/prober.h"
#include "directory/voice.h"

#define LATE_PERCENT  105 /**< of its interval: then it is asked */
#define ASK_PAUSE     AB_MS(250)
#define ALOUD_JITTER  AB_MS(100)
#define PROBE_JITTER  AB_MS(250)
#define NEXT_PROBE    AB_MS(1000) /**< until the next of its addresses is tried as well */
#define VERDICT_SLACK AB_MS(50)
#define REFUSAL       AB_MS(500)  /**< who fails a probe sooner has refused it: nobody is there */
#define TOMB          AB_MS(3000) /**< so long nothing old brings it back */
#define ASKS          ((ab_rate){AB_MS(2), 100})
#define SYNC_EVERY    2 /**< renewals by probes alone after which its list is fetched */

ab_time ab_lease_length(const ab_neighbour *neighbour)
{
    return neighbour->interval / 100 * neighbour->directory->config.lease_percent;
}

static void start(ab_neighbour *neighbour, ab_time due)
{
    ab_timer_start(&neighbour->directory->timers, &neighbour->lease, due);
}

static ab_time late_at(ab_neighbour *neighbour)
{
    ab_time interval = neighbour->interval;
    ab_time spread = interval / 100 * 4;
    return neighbour->heard + interval / 100 * LATE_PERCENT +
           ab_jitter(neighbour->directory, spread);
}

/* By turns at all its addresses, as far as the network bears it. */
static void ask(ab_neighbour *neighbour)
{
    ab_directory *directory = neighbour->directory;
    ab_location *reach = ab_neighbour_reach(neighbour, neighbour->asks++);
    ab_bucket *bucket = &directory->lease_asks[ab_neighbour_is_familiar(neighbour)];
    if (reach == NULL || !ab_bucket_take(bucket, ASKS, directory->now))
        return;
    /* Most often one packet was lost, and others miss it too: one word to all is the answer to that. */
    if (neighbour->stage == AB_LEASE_LATE)
        ab_voice_suspect(directory, AB_REACH_ONE, &reach->place, neighbour->bus);
    else
        ab_inquiry_ask_at(reach);
}

/* The address to probe next: the best one not probed in this suspicion. */
static ab_location *next_to_probe(const ab_neighbour *neighbour)
{
    ab_location *best = NULL;
    AB_LIST_FOR (at, &neighbour->locations) {
        ab_location *location = AB_CONTAINER(at, ab_location, in_neighbour);
        if (location->probed == neighbour->suspicion)
            continue;
        if (best == NULL || ab_catalogue_rank(&location->tcp) < ab_catalogue_rank(&best->tcp))
            best = location;
    }
    return best;
}

static void probe(ab_neighbour *neighbour)
{
    ab_location *location = next_to_probe(neighbour);
    neighbour->probe_at = AB_NEVER;
    if (location == NULL)
        return;
    location->probed = neighbour->suspicion;
    neighbour->probes++;
    if (next_to_probe(neighbour) != NULL)
        neighbour->probe_at = neighbour->directory->now + NEXT_PROBE;
    ab_text *service = NULL;
    if (!ab_list_is_empty(&neighbour->holdings))
        service = AB_CONTAINER(neighbour->holdings.next, ab_holding, in_neighbour)->entry->id;
    ab_prober_order(neighbour->directory, &(ab_probe_order){.purpose = AB_PROBE_LEASE,
                                                            .at = location->tcp,
                                                            .service = service,
                                                            .bus = neighbour->bus,
                                                            .serial = neighbour->serial,
                                                            .suspicion = neighbour->suspicion,
                                                            .is_proven = neighbour->is_proven});
}

static void suspect(ab_neighbour *neighbour)
{
    ab_directory *directory = neighbour->directory;
    neighbour->stage = AB_LEASE_OVER;
    neighbour->suspicion++;
    neighbour->probes = 0;
    neighbour->ask_at = directory->now;
    neighbour->aloud_at = directory->now + ab_jitter(directory, ALOUD_JITTER);
    neighbour->probe_at = directory->now + ab_jitter(directory, PROBE_JITTER);
    neighbour->verdict_at = AB_NEVER;
}

/* Silence alone is believed no sooner of those who speak often than of the others: it may be the road. */
static ab_time silence_ends(const ab_neighbour *neighbour)
{
    const ab_directory_config *config = &neighbour->directory->config;
    return neighbour->heard + config->presence / 100 * config->lease_percent +
           config->probe_timeout;
}

static bool is_believable(const ab_neighbour *neighbour)
{
    ab_time now = neighbour->directory->now;
    return now - neighbour->probe_began < REFUSAL || silence_ends(neighbour) <= now;
}

/* What is due of: asking, telling aloud, probing. */
static void pursue(ab_neighbour *neighbour)
{
    ab_directory *directory = neighbour->directory;
    ab_time now = directory->now;
    if (neighbour->verdict_at <= now && neighbour->grace <= now) {
        ab_neighbour_free(neighbour);
        return;
    }
    if (neighbour->ask_at <= now) {
        neighbour->ask_at = now + ASK_PAUSE;
        ask(neighbour);
    }
    if (neighbour->aloud_at <= now) {
        neighbour->aloud_at = AB_NEVER;
        bool is_credible = neighbour->is_proven || !ab_bounds_is_crowded(directory);
        if (is_credible && ab_neighbour_reach(neighbour, 0) != NULL)
            ab_voice_suspect(directory, AB_REACH_ALL, NULL, neighbour->bus);
    }
    if (neighbour->probe_at <= now)
        probe(neighbour);
    ab_time next = AB_MIN(neighbour->ask_at, neighbour->aloud_at);
    next = AB_MIN(next, neighbour->probe_at);
    if (neighbour->verdict_at != AB_NEVER)
        next = AB_MIN(next, AB_MAX(neighbour->verdict_at, neighbour->grace));
    start(neighbour, next);
}

static void grow_late(ab_neighbour *neighbour)
{
    ab_time now = neighbour->directory->now;
    if (now >= neighbour->lease_over) {
        suspect(neighbour);
        pursue(neighbour);
        return;
    }
    neighbour->stage = AB_LEASE_LATE;
    ask(neighbour);
    ab_time pause = AB_MAX(ASK_PAUSE, neighbour->interval / 20);
    start(neighbour, AB_MIN(now + pause, neighbour->lease_over));
}

static void fire(ab_timer *timer)
{
    ab_neighbour *neighbour = AB_CONTAINER(timer, ab_neighbour, lease);
    if (neighbour->kind == AB_NEIGHBOUR_LEGACY)
        ab_legacy_check(neighbour);
    else if (neighbour->has_left)
        ab_neighbour_free(neighbour);
    else if (neighbour->stage == AB_LEASE_OVER)
        pursue(neighbour);
    else
        grow_late(neighbour);
}

void ab_lease_init(ab_neighbour *neighbour)
{
    ab_timer_init(&neighbour->lease, fire);
}

void ab_lease_stop(ab_neighbour *neighbour)
{
    ab_timer_stop(&neighbour->directory->timers, &neighbour->lease);
}

static void renew(ab_neighbour *neighbour)
{
    ab_time now = neighbour->directory->now;
    neighbour->heard = now;
    ab_neighbour_set_counted(neighbour, neighbour->is_counted);
    neighbour->stage = AB_LEASE_GOOD;
    neighbour->asks = 0;
    neighbour->lease_over = AB_MAX(now + ab_lease_length(neighbour), neighbour->grace);
    start(neighbour, late_at(neighbour));
}

void ab_lease_heard(ab_neighbour *neighbour)
{
    if (neighbour->has_left)
        return;
    neighbour->renewals = 0;
    renew(neighbour);
}

void ab_lease_bury(ab_neighbour *neighbour)
{
    neighbour->stage = AB_LEASE_GOOD;
    start(neighbour, neighbour->directory->now + TOMB);
}

void ab_lease_suspected(ab_neighbour *neighbour)
{
    if (neighbour->stage == AB_LEASE_OVER)
        neighbour->aloud_at = AB_NEVER;
}

void ab_lease_doubt(ab_neighbour *neighbour)
{
    if (neighbour->has_left || neighbour->stage == AB_LEASE_OVER)
        return;
    suspect(neighbour);
    pursue(neighbour);
}

void ab_lease_prolong(ab_neighbour *neighbour, ab_time gap, ab_time grace)
{
    ab_time now = neighbour->directory->now;
    neighbour->heard = AB_MIN(neighbour->heard + gap, now);
    neighbour->grace = now + grace;
    if (neighbour->has_left)
        return;
    neighbour->stage = AB_LEASE_GOOD;
    neighbour->suspicion++; /* what probes find out now was asked before */
    neighbour->lease_over = AB_MAX(neighbour->heard + ab_lease_length(neighbour), neighbour->grace);
    start(neighbour, AB_MAX(late_at(neighbour), now + grace / 2));
}

/* The prober's news. */

static ab_neighbour *suspect_of(const ab_directory *directory, uint64_t bus, uint64_t serial)
{
    ab_neighbour *neighbour = ab_neighbour_of_bus(directory, bus);
    if (neighbour == NULL || neighbour->serial != serial || neighbour->has_left)
        return NULL;
    return neighbour;
}

void ab_lease_probe_began(ab_directory *directory, uint64_t bus, uint64_t serial)
{
    ab_neighbour *neighbour = suspect_of(directory, bus, serial);
    if (neighbour == NULL || neighbour->stage != AB_LEASE_OVER || neighbour->verdict_at != AB_NEVER)
        return;
    neighbour->probe_began = directory->now;
    neighbour->verdict_at = AB_MAX(directory->now + directory->config.probe_timeout + VERDICT_SLACK,
                                   silence_ends(neighbour));
    if (ab_timer_is_running(&neighbour->lease))
        start(neighbour, AB_MIN(neighbour->lease.due, neighbour->verdict_at));
}

void ab_lease_probed(ab_directory *directory, uint64_t bus, uint64_t serial, unsigned suspicion,
                     bool is_alive)
{
    ab_neighbour *neighbour = suspect_of(directory, bus, serial);
    if (neighbour == NULL)
        return;
    if (is_alive)
        ab_bounds_prove(neighbour);
    if (neighbour->stage != AB_LEASE_OVER || neighbour->suspicion != suspicion)
        return;
    if (is_alive) {
        renew(neighbour);
        /* It does not reach us by datagrams, but what it offers may change all the same. */
        if (++neighbour->renewals % SYNC_EVERY == 0 || ab_neighbour_reach(neighbour, 0) == NULL)
            ab_inquiry_fetch(neighbour);
        return;
    }
    neighbour->probes--;
    if (next_to_probe(neighbour) != NULL) {
        neighbour->probe_at = directory->now;
        start(neighbour, directory->now);
    } else if (neighbour->probes == 0 && is_believable(neighbour)) {
        ab_neighbour_free(neighbour);
    } else if (neighbour->probes == 0) {
        neighbour->verdict_at = silence_ends(neighbour);
        start(neighbour, directory->now);
    }
}
