/* SPDX-License-Identifier: MIT
 * The front of the directory: puts its parts together and hands each call to the one it concerns. */
#include "directory/directory.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/answer.h"
#include "directory/asking.h"
#include "directory/bounds.h"
#include "directory/bulk.h"
#include "directory/catalogue.h"
#include "directory/claim.h"
#include "directory/correspondents.h"
#include "directory/fetching.h"
#include "directory/hearing.h"
#include "directory/herald.h"
#include "directory/inquiry.h"
#include "directory/lease.h"
#include "directory/legacy.h"
#include "directory/neighbour.h"
#include "directory/newcomers.h"
#include "directory/own.h"
#include "directory/prober.h"
#include "directory/saying.h"
#include "directory/voice.h"

#define WAKING_GRACE   AB_MS(2000)
#define QUIET          AB_MS(150) /**< where nobody says how much there is */
#define ANSWER_LEAST   AB_MS(150) /**< 20 ms lost answers on a busy machine, and by radio */
#define ANSWER_PER_BUS AB_MS(1)
#define ANSWER_SLACK   AB_MS(10)

void ab_directory_defaults(ab_directory_config *config)
{
    *config = (ab_directory_config){
        /* Whoever answers takes what comes within 100 ms for copies of one question. */
        .query_times = {6, {0, AB_MS(110), AB_MS(300), AB_MS(700), AB_MS(1500), AB_MS(4000)}},
        .say_times = {3, {0, AB_MS(250), AB_MS(750)}},
        .hold_back = AB_MS(1000),
        .presence = AB_MS(10000),
        .presence_per_bus = AB_MS(100),
        .legacy_lease = AB_MS(30000),
        .probe_timeout = AB_MS(3000),
        .lease_percent = 115,
        .max_services = 65536,
        .max_services_per_source = 1024,
        .max_buses = 16384,
    };
}

static void make_self(ab_directory *directory)
{
    ab_address here = ab_address_v4(0x7f000001, directory->config.port);
    directory->self =
        ab_neighbour_new(directory, AB_NEIGHBOUR_SELF, directory->config.bus, &here, true);
    ab_neighbour_told(directory->self, &here);
}

ab_directory *ab_directory_new(const ab_directory_config *config, const ab_directory_ops *ops,
                               void *owner, ab_time now)
{
    ab_directory *directory = ab_alloc(1, sizeof *directory);
    directory->config = *config;
    directory->ops = ops;
    directory->owner = owner;
    directory->now = directory->started = directory->news_at = now;
    directory->renamed_at = INT64_MIN / 2;
    ab_dice_seed(&directory->dice, config->seed);
    ab_timers_init(&directory->timers);
    ab_buffer_init(&directory->out);
    ab_bounds_init(directory);
    ab_catalogue_init(directory);
    ab_neighbours_init(directory);
    ab_own_init(directory);
    ab_inquiries_init(directory);
    ab_fetching_init(directory);
    ab_prober_init(directory);
    ab_correspondents_init(directory);
    ab_newcomers_init(directory);
    ab_legacy_init(directory);
    ab_herald_init(directory);
    ab_bulk_init(directory);
    ab_saying_init(directory);
    ab_answers_init(directory);
    ab_hearing_init(directory);
    ab_asking_init(directory);
    make_self(directory);
    return directory;
}

void ab_directory_free(ab_directory *directory)
{
    if (directory == NULL)
        return;
    ab_timers_fini(&directory->timers); /* first: it touches every timer that still runs */
    ab_asking_fini(directory);
    ab_hearing_fini(directory);
    ab_answers_fini(directory);
    ab_saying_fini(directory);
    ab_bulk_fini(directory);
    ab_herald_fini(directory);
    ab_legacy_fini(directory);
    ab_newcomers_fini(directory);
    ab_correspondents_fini(directory);
    ab_prober_fini(directory);
    ab_fetching_fini(directory);
    ab_inquiries_fini(directory);
    ab_own_fini(directory);
    ab_neighbours_fini(directory);
    ab_catalogue_fini(directory);
    ab_bounds_fini(directory);
    ab_buffer_fini(&directory->out);
    free(directory);
}

ab_time ab_directory_deadline(const ab_directory *directory)
{
    return ab_timers_next(&directory->timers);
}

static void advance(ab_directory *directory, ab_time now)
{
    directory->now = AB_MAX(directory->now, now);
}

void ab_directory_run(ab_directory *directory, ab_time now)
{
    advance(directory, now);
    ab_timers_run(&directory->timers, directory->now);
}

/* Other sources. */

void ab_directory_told(ab_directory *directory, ab_time now, const ab_address *at,
                       const ab_presence *presence)
{
    advance(directory, now);
    if (presence->bus == directory->config.bus)
        return;
    ab_neighbour *neighbour = ab_neighbour_of_bus(directory, presence->bus);
    if (neighbour == NULL) {
        if (presence->count == 0)
            return;
        if (!ab_bounds_has_room(directory, at, false)) {
            ab_count(directory, AUTOBUS_STAT_DROPPED_FULL);
            return;
        }
        neighbour = ab_neighbour_new(directory, AB_NEIGHBOUR_BUS, presence->bus, at, false);
    }
    if (ab_neighbour_told(neighbour, at) == NULL)
        return;
    ab_claim claim = ab_claim_take(neighbour, presence, false);
    if (claim == AB_CLAIM_OLD)
        return;
    ab_lease_heard(neighbour);
    if (neighbour->has_left)
        ab_claim_depart(neighbour);
    else
        ab_inquiry_review(neighbour, AB_CAUSE_PRESENCE);
}

void ab_directory_lost(ab_directory *directory, ab_time now, const ab_address *at, uint64_t bus)
{
    advance(directory, now);
    ab_neighbour *neighbour = ab_neighbour_of_bus(directory, bus);
    ab_location *location = neighbour == NULL ? NULL : ab_neighbour_location(neighbour, at);
    if (location == NULL || !location->is_told)
        return;
    location->is_told = false;
    /* Where its packets come from too, they tell. */
    if (location->place.address.family == 0)
        ab_neighbour_leave_location(location);
}

void ab_directory_doubt(ab_directory *directory, ab_time now, const ab_address *at)
{
    advance(directory, now);
    ab_neighbour *neighbour = ab_neighbour_at(directory, at, AB_NEIGHBOUR_BUS);
    if (neighbour != NULL)
        ab_lease_doubt(neighbour);
}

void ab_directory_legacy_seen(ab_directory *directory, ab_time now)
{
    advance(directory, now);
    if (!directory->config.is_silent)
        ab_legacy_seen(directory);
}

/* Our place. */

static bool has_address(const ab_directory *directory, const ab_address *address)
{
    for (size_t i = 0; i < AB_MIN(directory->address_count, AB_PACKET_ADDRESSES); i++) {
        if (ab_address_same_host(&directory->addresses[i], address))
            return true;
    }
    return false;
}

void ab_directory_addresses(ab_directory *directory, ab_time now, const ab_address *addresses,
                            size_t count)
{
    ab_address kept[AB_PACKET_ADDRESSES];
    size_t kept_count = 0;
    bool has_new = false;
    advance(directory, now);
    for (size_t i = 0; i < count; i++) {
        if (ab_address_is_loopback(&addresses[i]))
            continue;
        has_new = has_new || !has_address(directory, &addresses[i]);
        if (kept_count < AB_PACKET_ADDRESSES)
            kept[kept_count] = addresses[i];
        kept_count++;
    }
    kept_count = AB_MIN(kept_count, AB_PACKET_ADDRESSES + 1);
    bool is_other = has_new || kept_count != directory->address_count;
    memcpy(directory->addresses, kept,
           AB_MIN(kept_count, AB_PACKET_ADDRESSES) * sizeof(ab_address));
    directory->address_count = kept_count;
    if (directory->config.is_silent || !is_other)
        return;
    ab_saying_presence_now(directory);
    if (has_new)
        ab_asking_restart(directory);
}

void ab_directory_stood_still(ab_directory *directory, ab_time now, ab_time gap)
{
    advance(directory, now);
    if (directory->config.is_silent)
        return;
    AB_LIST_FOR (at, &directory->neighbours) {
        ab_neighbour *neighbour = AB_CONTAINER(at, ab_neighbour, place);
        if (neighbour->kind == AB_NEIGHBOUR_LEGACY)
            ab_legacy_prolong(neighbour, gap, WAKING_GRACE);
        else
            ab_lease_prolong(neighbour, gap, WAKING_GRACE);
    }
    ab_saying_presence_now(directory);
    ab_asking_restart(directory);
}

/* What we offer, and want. */

void ab_directory_tell_presence(ab_directory *directory)
{
    ab_presence presence;
    if (directory->ops->presence == NULL)
        return;
    ab_directory_presence(directory, &presence);
    directory->ops->presence(directory->owner, &presence);
}

/* As long as it may be: alone in an `add`, with every number at its longest. */
static bool fits_packet(ab_directory *directory, const ab_text *id, const ab_text *info)
{
    ab_presence longest = {UINT64_MAX, UINT64_MAX >> 11, UINT64_MAX,
                           UINT32_MAX, UINT32_MAX,       UINT16_MAX};
    ab_buffer_truncate(&directory->out, 0);
    ab_datagram_add(&directory->out, UINT16_MAX, ab_text_slice(id), ab_text_slice(info), &longest);
    return ab_buffer_length(&directory->out) <= AB_DATAGRAM_MAX;
}

autobus_result ab_directory_publish(ab_directory *directory, ab_time now, ab_text *id,
                                    ab_text *info)
{
    advance(directory, now);
    if (ab_own_find(directory, ab_text_slice(id)) != NULL)
        return ab_fail(AUTOBUS_IN_USE,
                       "this bus publishes a service with the id \"%s\" already; withdraw that "
                       "first, or choose another id",
                       id->bytes);
    if (!fits_packet(directory, id, info))
        return ab_fail(AUTOBUS_TOO_LARGE,
                       "the service \"%.40s\" needs %zu bytes to be announced, but a packet holds "
                       "%d: shorten its info",
                       id->bytes, ab_buffer_length(&directory->out), AB_DATAGRAM_MAX);
    ab_own_add(directory, id, info);
    ab_catalogue_put_own(directory, id, info, ab_own_find(directory, ab_text_slice(id))->digest);
    ab_saying_appeared(directory, id);
    if (ab_saying_is_held_back(directory))
        ab_asking_hurry(directory);
    ab_directory_tell_presence(directory);
    return AUTOBUS_OK;
}

static void withdraw(ab_directory *directory, const ab_own *own)
{
    bool was_exposed;
    ab_text *id = ab_own_remove(directory, own, &was_exposed);
    ab_catalogue_drop(ab_catalogue_held(directory->self, ab_text_slice(id)));
    ab_saying_left(directory, id, was_exposed);
    ab_text_unref(id);
}

autobus_result ab_directory_withdraw(ab_directory *directory, ab_time now, ab_slice id)
{
    advance(directory, now);
    const ab_own *own = ab_own_find(directory, id);
    if (own == NULL)
        return ab_fail(AUTOBUS_NOT_FOUND, "this bus publishes no service with the id \"%.*s\"",
                       (int)AB_MIN(id.length, 80), id.bytes);
    withdraw(directory, own);
    ab_directory_tell_presence(directory);
    return AUTOBUS_OK;
}

void ab_directory_want(ab_directory *directory, ab_time now, bool waits)
{
    advance(directory, now);
    bool is_new = waits && !directory->wants;
    directory->wants = waits;
    if (is_new)
        ab_asking_want(directory);
}

void ab_directory_leave(ab_directory *directory, ab_time now)
{
    advance(directory, now);
    ab_herald_hurry(directory);
    if (ab_own_count(directory) == 0)
        return;
    while (ab_own_count(directory) > 0)
        withdraw(directory, ab_own_at(directory, ab_own_count(directory) - 1));
    ab_directory_tell_presence(directory);
}

bool ab_directory_is_said(const ab_directory *directory)
{
    return ab_saying_is_done(directory) && ab_herald_is_done(directory);
}

/* What is known. */

void ab_directory_each(const ab_directory *directory,
                       void (*visit)(void *userdata, autobus_sighting *sighting), void *userdata)
{
    AB_LIST_FOR (at, &directory->entries)
        visit(userdata, ab_catalogue_sighting(AB_CONTAINER(at, ab_entry, place)));
}

size_t ab_directory_find(const ab_directory *directory, ab_slice id, autobus_sighting **ret)
{
    size_t count = 0;
    for (ab_entry *entry = ab_catalogue_first(directory, id); entry != NULL; entry = entry->next) {
        if (count++ == 0)
            *ret = ab_catalogue_sighting(entry);
    }
    return count;
}

uint64_t ab_directory_bus_at(const ab_directory *directory, const ab_address *tcp)
{
    const ab_location *last = NULL;
    if (ab_neighbour_at(directory, tcp, AB_NEIGHBOUR_SELF) != NULL)
        return directory->config.bus;
    for (const ab_location *each = ab_map_get(&directory->locations, tcp, sizeof *tcp);
         each != NULL; each = each->next) {
        if (each->neighbour->kind == AB_NEIGHBOUR_BUS &&
            (last == NULL || each->heard > last->heard))
            last = each;
    }
    return last != NULL ? last->neighbour->bus : 0;
}

ab_time ab_directory_settles(const ab_directory *directory)
{
    ab_time began = ab_asking_began(directory);
    if (directory->config.is_silent)
        return directory->started;
    if (began == AB_NEVER || ab_inquiries_open(directory) > 0)
        return AB_NEVER;
    bool is_unsure =
        directory->bus_count == 0 || directory->legacy_count > 0 || ab_legacy_is_about(directory);
    if (is_unsure)
        return AB_MAX(began, directory->news_at) + QUIET;
    ab_time answers = ANSWER_PER_BUS * ab_crowd(directory) + ANSWER_SLACK;
    return AB_MAX(began + AB_MAX(answers, ANSWER_LEAST), directory->news_at);
}

uint64_t ab_directory_stat(const ab_directory *directory, autobus_stat which)
{
    switch (which) {
    case AUTOBUS_STAT_BUSES: return directory->bus_count + directory->legacy_count;
    case AUTOBUS_STAT_LEGACY_BUSES: return directory->legacy_count;
    case AUTOBUS_STAT_SERVICES: return directory->entry_count;
    case AUTOBUS_STAT_OFFERED: return ab_own_count(directory);
    default: return which < AUTOBUS_STAT_COUNT ? directory->stats[which] : 0;
    }
}
