/* SPDX-License-Identifier: MIT
 * Neighbours that only `add` and `remove`. What we say for them is the herald's. */
#include "directory/legacy.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/bounds.h"
#include "directory/catalogue.h"
#include "directory/claim.h"
#include "directory/herald.h"
#include "directory/neighbour.h"
#include "directory/newcomers.h"

#define PROBES_A_PEER  8
#define FAREWELLS      64
#define FAREWELL_DELAY AB_MS(1000)

/** A service that was said to have left: if it is still there, it comes back. */
typedef struct farewell {
    ab_list place;
    ab_time due;
    ab_address at;
    ab_text *id, *info;
} farewell;

struct ab_legacy {
    ab_directory *directory;
    ab_list farewells; /**< of farewell.place, the oldest first */
    size_t farewell_count;
    ab_timer timer;
    bool is_about;
};

/* Farewells. */

static void free_farewell(struct ab_legacy *legacy, farewell *gone)
{
    ab_list_remove(&gone->place);
    ab_text_unref(gone->id);
    ab_text_unref(gone->info);
    free(gone);
    legacy->farewell_count--;
}

static void check_farewells(ab_timer *timer)
{
    struct ab_legacy *legacy = AB_CONTAINER(timer, struct ab_legacy, timer);
    ab_directory *directory = legacy->directory;
    while (!ab_list_is_empty(&legacy->farewells)) {
        farewell *oldest = AB_CONTAINER(legacy->farewells.next, farewell, place);
        if (oldest->due > directory->now) {
            ab_timer_start(&directory->timers, timer, oldest->due);
            return;
        }
        ab_prober_order(directory, &(ab_probe_order){.purpose = AB_PROBE_FAREWELL,
                                                     .at = oldest->at,
                                                     .service = oldest->id,
                                                     .info = oldest->info});
        free_farewell(legacy, oldest);
    }
}

static void expect_back(struct ab_legacy *legacy, const ab_address *at, const ab_entry *entry)
{
    ab_directory *directory = legacy->directory;
    if (legacy->farewell_count >= FAREWELLS)
        return;
    farewell *fresh = ab_alloc(1, sizeof *fresh);
    *fresh = (farewell){.due = directory->now + FAREWELL_DELAY,
                        .at = *at,
                        .id = ab_text_ref(entry->id),
                        .info = ab_text_ref(entry->info)};
    ab_list_append(&legacy->farewells, &fresh->place);
    legacy->farewell_count++;
    if (!ab_timer_is_running(&legacy->timer))
        ab_timer_start(&directory->timers, &legacy->timer, fresh->due);
}

void ab_legacy_init(ab_directory *directory)
{
    struct ab_legacy *legacy = ab_alloc(1, sizeof *legacy);
    legacy->directory = directory;
    ab_list_init(&legacy->farewells);
    ab_timer_init(&legacy->timer, check_farewells);
    directory->legacy = legacy;
}

void ab_legacy_fini(ab_directory *directory)
{
    struct ab_legacy *legacy = directory->legacy;
    AB_LIST_FOR_SAFE (at, &legacy->farewells)
        free_farewell(legacy, AB_CONTAINER(at, farewell, place));
    free(legacy);
}

void ab_legacy_seen(ab_directory *directory)
{
    directory->legacy->is_about = true;
    ab_herald_legacy_seen(directory);
}

bool ab_legacy_is_about(const ab_directory *directory)
{
    return directory->legacy->is_about;
}

/* Freshness: the neighbour's holdings stand in the order in which they were heard of. */

static void schedule(ab_neighbour *neighbour)
{
    ab_directory *directory = neighbour->directory;
    AB_LIST_FOR (at, &neighbour->holdings) {
        const ab_holding *holding = AB_CONTAINER(at, ab_holding, in_neighbour);
        if (holding->is_probed)
            continue;
        ab_time due = holding->heard + directory->config.legacy_lease;
        if (neighbour->probes >= PROBES_A_PEER)
            break;
        ab_timer_start(&directory->timers, &neighbour->lease, AB_MAX(due, neighbour->grace));
        return;
    }
    ab_timer_stop(&directory->timers, &neighbour->lease);
}

static void refresh(ab_holding *holding)
{
    ab_neighbour *neighbour = holding->neighbour;
    holding->heard = neighbour->heard = neighbour->directory->now;
    ab_list_remove(&holding->in_neighbour);
    ab_list_append(&neighbour->holdings, &holding->in_neighbour);
}

static const ab_address *address_of(const ab_neighbour *neighbour)
{
    return &AB_CONTAINER(neighbour->locations.next, ab_location, in_neighbour)->tcp;
}

void ab_legacy_check(ab_neighbour *neighbour)
{
    ab_directory *directory = neighbour->directory;
    ab_time oldest = directory->now - directory->config.legacy_lease;
    AB_LIST_FOR (at, &neighbour->holdings) {
        ab_holding *holding = AB_CONTAINER(at, ab_holding, in_neighbour);
        if (holding->heard > oldest || neighbour->probes >= PROBES_A_PEER)
            break;
        if (holding->is_probed)
            continue;
        holding->is_probed = true;
        neighbour->probes++;
        ab_prober_order(directory, &(ab_probe_order){.purpose = AB_PROBE_LEGACY,
                                                     .at = *address_of(neighbour),
                                                     .service = holding->entry->id,
                                                     .serial = neighbour->serial,
                                                     .is_proven = neighbour->is_proven});
    }
    schedule(neighbour);
}

void ab_legacy_prolong(ab_neighbour *neighbour, ab_time gap, ab_time grace)
{
    neighbour->grace = neighbour->directory->now + grace;
    AB_LIST_FOR (at, &neighbour->holdings) {
        ab_holding *holding = AB_CONTAINER(at, ab_holding, in_neighbour);
        holding->heard = AB_MIN(holding->heard + gap, neighbour->directory->now);
    }
    schedule(neighbour);
}

/* What they say. */

static ab_neighbour *meet(ab_directory *directory, const ab_place *from, uint16_t port,
                          bool is_proven)
{
    ab_address tcp = from->address;
    tcp.port = port;
    ab_neighbour *neighbour = ab_neighbour_at(directory, &tcp, AB_NEIGHBOUR_LEGACY);
    if (neighbour == NULL && ab_bounds_has_room(directory, &tcp, is_proven)) {
        neighbour = ab_neighbour_new(directory, AB_NEIGHBOUR_LEGACY, 0, &tcp, is_proven);
        ab_neighbour_settle(neighbour, from, port);
    }
    if (neighbour != NULL && is_proven)
        ab_bounds_prove(neighbour);
    return neighbour;
}

static void forget_if_empty(ab_neighbour *neighbour)
{
    if (ab_list_is_empty(&neighbour->holdings))
        ab_neighbour_free(neighbour);
    else
        schedule(neighbour);
}

/* False: there is no room for it. */
static bool admit(ab_directory *directory, const ab_place *from, uint16_t port, ab_slice id,
                  ab_slice info, bool is_proven)
{
    ab_neighbour *neighbour = meet(directory, from, port, is_proven);
    if (neighbour == NULL)
        return false;
    ab_holding *holding = ab_catalogue_put(neighbour, id, info);
    if (holding != NULL)
        refresh(holding);
    forget_if_empty(neighbour);
    return holding != NULL;
}

/* A bus that has shown to be there speaks for itself, and never in this form. */
static bool is_place_of_bus(const ab_directory *directory, const ab_address *tcp)
{
    const ab_neighbour *bus = ab_neighbour_at(directory, tcp, AB_NEIGHBOUR_BUS);
    return bus != NULL && bus->is_proven;
}

void ab_legacy_add(ab_directory *directory, const ab_place *from, const ab_packet *packet)
{
    char id[AB_CLAIM_ID];
    ab_address tcp = from->address;
    tcp.port = packet->port;
    if (packet->service.length + 2 > sizeof id || is_place_of_bus(directory, &tcp))
        return;
    ab_slice plain = {id, ab_packet_id(packet->service, id)};
    if (!admit(directory, from, packet->port, plain, packet->info.text, false))
        ab_newcomers_legacy(directory, &tcp, plain, packet->info.text);
}

void ab_legacy_remove(ab_directory *directory, const ab_place *from, const ab_packet *packet)
{
    char id[AB_CLAIM_ID];
    ab_address tcp = from->address;
    tcp.port = packet->port;
    ab_neighbour *neighbour = ab_neighbour_at(directory, &tcp, AB_NEIGHBOUR_LEGACY);
    if (neighbour == NULL || packet->service.length + 2 > sizeof id)
        return;
    ab_slice plain = {id, ab_packet_id(packet->service, id)};
    ab_holding *holding = ab_catalogue_held(neighbour, plain);
    if (holding == NULL)
        return;
    expect_back(directory->legacy, &tcp, holding->entry);
    ab_catalogue_drop(holding);
    forget_if_empty(neighbour);
}

/* What probes found. */

static void conclude(ab_directory *directory, const ab_probe_order *order, bool is_alive)
{
    ab_neighbour *neighbour = ab_neighbour_at(directory, &order->at, AB_NEIGHBOUR_LEGACY);
    if (neighbour == NULL || neighbour->serial != order->serial)
        return;
    neighbour->probes--;
    ab_holding *holding = ab_catalogue_held(neighbour, ab_text_slice(order->service));
    if (holding == NULL || !holding->is_probed) {
        schedule(neighbour);
        return;
    }
    holding->is_probed = false;
    if (is_alive) {
        ab_bounds_prove(neighbour);
        refresh(holding);
    } else if (order->began == 0 || holding->heard < order->began) {
        ab_catalogue_drop(holding);
    }
    forget_if_empty(neighbour);
}

void ab_legacy_probed(ab_directory *directory, const ab_probe_order *order, bool is_alive)
{
    if (order->purpose == AB_PROBE_LEGACY) {
        conclude(directory, order, is_alive);
        return;
    }
    if (!is_alive)
        return;
    ab_place from = {.address = order->at};
    admit(directory, &from, order->at.port, ab_text_slice(order->service),
          ab_text_slice(order->info), true);
}
