/* SPDX-License-Identifier: MIT
 * The door. Who is inside is not its affair.
 *
 * A forger makes up a new name for every packet; who is real repeats himself. So a question goes to those that
 * were seen before, first of all. The memory for that is a table of fingerprints which newer ones overwrite. */
#include "directory/newcomers.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/bounds.h"
#include "directory/neighbour.h"
#include "directory/prober.h"
#include "directory/voice.h"

#define SEEN_SLOTS      65536
#define SEEN_TIME       5000 /**< ms */
#define ASKED_SLOTS     1024
#define ASKED_TIME      AB_MS(3000)
#define CANDIDATE_SLOTS 256
#define CANDIDATE_PAUSE AB_MS(100)
#define LONGEST_ID      256

static const ab_rate rate_of_repeated = {AB_MS(1000) / 150, 20};
static const ab_rate rate_of_others = {AB_MS(1000) / 50, 10};
static const ab_rate rate_per_place = {AB_MS(1000), 1};

typedef struct trace {
    uint64_t who;
    ab_time at;
} trace;

/** The same, small, since there are many. */
typedef struct glimpse {
    uint32_t who, at; /**< ms */
} glimpse;

/** A legacy service that may be probed: one of its host's. */
typedef struct candidate {
    uint64_t host; /**< hash; 0: free */
    ab_address at;
    ab_text *id, *info;
    unsigned rivals; /**< of its host, since the slot was emptied */
} candidate;

struct ab_newcomers {
    ab_directory *directory;
    ab_hash_key key;
    glimpse *seen; /**< NULL until there was no room for the first time */
    trace asked[ASKED_SLOTS];
    ab_bucket repeated, others;
    ab_rate_table places;
    candidate *candidates; /**< likewise */
    size_t candidate_count, cursor;
    ab_timer timer;
};

static void free_candidate(struct ab_newcomers *newcomers, candidate *gone)
{
    ab_text_unref(gone->id);
    ab_text_unref(gone->info);
    *gone = (candidate){0};
    newcomers->candidate_count--;
}

/* Probes one candidate after the other, whoever's turn it is. */
static void probe_next(ab_timer *timer)
{
    struct ab_newcomers *newcomers = AB_CONTAINER(timer, struct ab_newcomers, timer);
    ab_directory *directory = newcomers->directory;
    candidate *next;
    if (newcomers->candidate_count == 0)
        return;
    do {
        newcomers->cursor = (newcomers->cursor + 1) % CANDIDATE_SLOTS;
        next = &newcomers->candidates[newcomers->cursor];
    } while (next->host == 0);
    ab_prober_order(directory, &(ab_probe_order){.purpose = AB_PROBE_NEWCOMER,
                                                 .at = next->at,
                                                 .service = next->id,
                                                 .info = next->info});
    free_candidate(newcomers, next);
    ab_timer_start(&directory->timers, timer, directory->now + CANDIDATE_PAUSE);
}

void ab_newcomers_init(ab_directory *directory)
{
    struct ab_newcomers *newcomers = ab_alloc(1, sizeof *newcomers);
    newcomers->directory = directory;
    newcomers->key = (ab_hash_key){ab_dice_next(&directory->dice), ab_dice_next(&directory->dice)};
    ab_timer_init(&newcomers->timer, probe_next);
    directory->newcomers = newcomers;
}

void ab_newcomers_fini(ab_directory *directory)
{
    struct ab_newcomers *newcomers = directory->newcomers;
    for (size_t i = 0; newcomers->candidates != NULL && i < CANDIDATE_SLOTS; i++) {
        if (newcomers->candidates[i].host != 0)
            free_candidate(newcomers, &newcomers->candidates[i]);
    }
    if (newcomers->seen != NULL)
        ab_rate_table_fini(&newcomers->places);
    free(newcomers->seen);
    free(newcomers->candidates);
    free(newcomers);
}

static void open_door(struct ab_newcomers *newcomers)
{
    if (newcomers->seen != NULL)
        return;
    newcomers->seen = ab_alloc(SEEN_SLOTS, sizeof *newcomers->seen);
    newcomers->candidates = ab_alloc(CANDIDATE_SLOTS, sizeof *newcomers->candidates);
    ab_rate_table_init(&newcomers->places, newcomers->key, rate_per_place, ASKED_SLOTS);
}

static uint64_t name_of(const struct ab_newcomers *newcomers, const ab_address *address,
                        uint64_t bus)
{
    struct {
        ab_address address;
        uint64_t bus;
    } name = {*address, bus};
    return ab_hash(newcomers->key, &name, sizeof name) | 1;
}

/* Remembers having seen that one; true if it had been seen before, a moment ago. */
static bool see(struct ab_newcomers *newcomers, uint64_t who, ab_time now)
{
    glimpse *slot = &newcomers->seen[who >> 1 & (SEEN_SLOTS - 1)];
    uint32_t name = (uint32_t)(who >> 32), at = (uint32_t)(now / AB_MS(1));
    bool was_there = slot->who == name && at - slot->at < SEEN_TIME;
    *slot = (glimpse){name, at};
    return was_there;
}

static void ask_to_prove(struct ab_newcomers *newcomers, const ab_place *place, uint64_t who)
{
    ab_directory *directory = newcomers->directory;
    ab_time now = directory->now;
    bool may = see(newcomers, who, now)
                   ? ab_bucket_take(&newcomers->repeated, rate_of_repeated, now)
                   : ab_bucket_take(&newcomers->others, rate_of_others, now);
    const ab_address *address = &place->address;
    if (!may || !ab_rate_table_take(&newcomers->places, address, sizeof *address, now))
        return;
    newcomers->asked[who >> 1 & (ASKED_SLOTS - 1)] = (trace){who, now};
    ab_voice_query(directory, AB_REACH_ONE, place, false);
}

ab_neighbour *ab_newcomers_bus(ab_directory *directory, const ab_place *place, uint64_t bus,
                               bool is_direct)
{
    struct ab_newcomers *newcomers = directory->newcomers;
    if (ab_bounds_has_room(directory, &place->address, false))
        return ab_neighbour_new(directory, AB_NEIGHBOUR_BUS, bus, &place->address, false);
    uint64_t who = name_of(newcomers, &place->address, bus);
    const trace *asked = &newcomers->asked[who >> 1 & (ASKED_SLOTS - 1)];
    bool is_proven = is_direct && asked->who == who && asked->at + ASKED_TIME > directory->now;
    bool has_room = ab_bounds_has_room(directory, &place->address, true);
    if (is_proven && has_room)
        return ab_neighbour_new(directory, AB_NEIGHBOUR_BUS, bus, &place->address, true);
    ab_count(directory, AUTOBUS_STAT_DROPPED_FULL);
    if (has_room) {
        open_door(newcomers);
        ask_to_prove(newcomers, place, who);
    }
    return NULL;
}

void ab_newcomers_legacy(ab_directory *directory, const ab_address *tcp, ab_slice id, ab_slice info)
{
    struct ab_newcomers *newcomers = directory->newcomers;
    ab_address host = *tcp;
    host.port = 0;
    ab_count(directory, AUTOBUS_STAT_DROPPED_FULL);
    if (id.length > LONGEST_ID || info.length > AB_DATAGRAM_GOOD)
        return;
    open_door(newcomers);
    uint64_t who = ab_hash(newcomers->key, &host, sizeof host) | 1;
    candidate *slot = &newcomers->candidates[who >> 1 & (CANDIDATE_SLOTS - 1)];
    /* Of all that come by before its turn, each has the same chance to be the one. */
    if (slot->host != 0 && ab_dice_below(&directory->dice, ++slot->rivals) != 0)
        return;
    unsigned rivals = AB_MAX(slot->rivals, 1);
    if (slot->host != 0)
        free_candidate(newcomers, slot);
    *slot = (candidate){who, *tcp, ab_text_new(id.bytes, id.length),
                        ab_text_new(info.bytes, info.length), rivals};
    newcomers->candidate_count++;
    if (!ab_timer_is_running(&newcomers->timer))
        ab_timer_start(&directory->timers, &newcomers->timer, directory->now + CANDIDATE_PAUSE);
}
