/* SPDX-License-Identifier: MIT
 * The accounts of the unproven, by host and together. Knows no packets. */
#include "directory/bounds.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/neighbour.h"

#define MOST_BYTES     (64 * 1024 * 1024) /**< of text, all services together */
/* What one costs, measured: the structs, their places in tables, the allocator's share. */
#define NEIGHBOUR_COST 1024
#define SERVICE_COST   480

/** The unproven of one host. */
struct ab_guests {
    ab_address host; /**< port 0; key in bounds.guests */
    unsigned neighbours, services;
};

void ab_bounds_init(ab_directory *directory)
{
    ab_map_init(&directory->bounds.guests);
}

void ab_bounds_fini(ab_directory *directory)
{
    ab_map_fini(&directory->bounds.guests);
}

static ab_address host_of(const ab_address *address)
{
    ab_address host = *address;
    host.port = 0;
    return host;
}

bool ab_bounds_has_room(const ab_directory *directory, const ab_address *host, bool is_proven)
{
    const ab_bounds *bounds = &directory->bounds;
    if (directory->buses.count + directory->legacy_count >= directory->config.max_buses)
        return false;
    if (is_proven)
        return true;
    if (bounds->unproven_bytes + NEIGHBOUR_COST > AB_UNPROVEN_BYTES)
        return false;
    ab_address key = host_of(host);
    const ab_guests *guests = ab_map_get(&bounds->guests, &key, sizeof key);
    return guests == NULL || (guests->neighbours < directory->config.max_services_per_source &&
                              guests->services < directory->config.max_services_per_source);
}

void ab_bounds_seat(ab_neighbour *neighbour, const ab_address *host)
{
    ab_bounds *bounds = &neighbour->directory->bounds;
    ab_address key = host_of(host);
    ab_guests *guests = ab_map_get(&bounds->guests, &key, sizeof key);
    if (guests == NULL) {
        guests = ab_alloc(1, sizeof *guests);
        guests->host = key;
        ab_map_put(&bounds->guests, &guests->host, sizeof guests->host, guests);
    }
    guests->neighbours++;
    bounds->unproven_bytes += NEIGHBOUR_COST;
    neighbour->guests = guests;
}

void ab_bounds_unseat(ab_neighbour *neighbour)
{
    ab_guests *guests = neighbour->guests;
    if (guests == NULL)
        return;
    ab_bounds *bounds = &neighbour->directory->bounds;
    neighbour->guests = NULL;
    guests->neighbours--;
    bounds->unproven_bytes -= NEIGHBOUR_COST;
    if (guests->neighbours > 0)
        return;
    ab_map_take(&bounds->guests, &guests->host, sizeof guests->host);
    free(guests);
}

static bool has_room_for(const ab_neighbour *neighbour, size_t bytes)
{
    const ab_directory *directory = neighbour->directory;
    const ab_bounds *bounds = &directory->bounds;
    if (bounds->services >= directory->config.max_services || bounds->bytes + bytes > MOST_BYTES)
        return false;
    return neighbour->guests == NULL ||
           (neighbour->guests->services < directory->config.max_services_per_source &&
            bounds->unproven_bytes + SERVICE_COST + bytes <= AB_UNPROVEN_BYTES);
}

bool ab_bounds_take(ab_neighbour *neighbour, size_t bytes)
{
    ab_directory *directory = neighbour->directory;
    if (neighbour->kind == AB_NEIGHBOUR_SELF)
        return true;
    if (!has_room_for(neighbour, bytes)) {
        ab_count(directory, AUTOBUS_STAT_DROPPED_FULL);
        return false;
    }
    directory->bounds.services++;
    directory->bounds.bytes += bytes;
    if (neighbour->guests != NULL) {
        neighbour->guests->services++;
        directory->bounds.unproven_bytes += SERVICE_COST + bytes;
    }
    return true;
}

void ab_bounds_give(ab_neighbour *neighbour, size_t bytes)
{
    ab_bounds *bounds = &neighbour->directory->bounds;
    if (neighbour->kind == AB_NEIGHBOUR_SELF)
        return;
    bounds->services--;
    bounds->bytes -= bytes;
    if (neighbour->guests != NULL) {
        neighbour->guests->services--;
        bounds->unproven_bytes -= SERVICE_COST + bytes;
    }
}

void ab_bounds_prove(ab_neighbour *neighbour)
{
    ab_bounds *bounds = &neighbour->directory->bounds;
    neighbour->wants_proof = false;
    if (neighbour->is_proven)
        return;
    neighbour->is_proven = true;
    AB_LIST_FOR (at, &neighbour->holdings) {
        const ab_entry *entry = AB_CONTAINER(at, ab_holding, in_neighbour)->entry;
        neighbour->guests->services--;
        bounds->unproven_bytes -= SERVICE_COST + entry->id->length + entry->info->length;
    }
    ab_bounds_unseat(neighbour);
    ab_neighbour_set_counted(neighbour, neighbour->is_counted);
}

bool ab_bounds_is_crowded(const ab_directory *directory)
{
    return directory->bounds.unproven_bytes >= AB_UNPROVEN_CROWD;
}
