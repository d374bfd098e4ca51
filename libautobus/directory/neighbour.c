/* SPDX-License-Identifier: MIT
 * Who is known, and where. Knows no packets; what neighbours offer is the catalogue's. */
#include "directory/neighbour.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/bounds.h"
#include "directory/catalogue.h"
#include "directory/inquiry.h"
#include "directory/lease.h"

void ab_neighbours_init(ab_directory *directory)
{
    ab_list_init(&directory->neighbours);
    ab_map_init(&directory->buses);
    ab_map_init(&directory->locations);
}

/* Frees it without telling anybody: the directory goes with it. */
static void discard(ab_neighbour *neighbour)
{
    AB_LIST_FOR_SAFE (at, &neighbour->locations)
        free(AB_CONTAINER(at, ab_location, in_neighbour));
    ab_bounds_unseat(neighbour);
    ab_map_fini(&neighbour->index);
    free(neighbour);
}

void ab_neighbours_fini(ab_directory *directory)
{
    AB_LIST_FOR_SAFE (at, &directory->neighbours)
        discard(AB_CONTAINER(at, ab_neighbour, place));
    discard(directory->self);
    ab_map_fini(&directory->buses);
    ab_map_fini(&directory->locations);
}

ab_neighbour *ab_neighbour_new(ab_directory *directory, ab_neighbour_kind kind, uint64_t bus,
                               const ab_address *host, bool is_proven)
{
    ab_neighbour *neighbour = ab_alloc(1, sizeof *neighbour);
    neighbour->directory = directory;
    neighbour->kind = kind;
    neighbour->bus = bus;
    neighbour->serial = ++directory->serials;
    neighbour->met = neighbour->heard = neighbour->said_at = directory->now;
    neighbour->is_proven = is_proven;
    neighbour->proof_at = INT64_MIN / 2;
    ab_list_init(&neighbour->place);
    ab_list_init(&neighbour->locations);
    ab_list_init(&neighbour->holdings);
    ab_list_init(&neighbour->in_fetch_queue);
    ab_map_init(&neighbour->index);
    ab_inquiry_init(neighbour);
    ab_lease_init(neighbour);
    if (kind == AB_NEIGHBOUR_SELF)
        return neighbour;
    ab_list_append(&directory->neighbours, &neighbour->place);
    if (!is_proven)
        ab_bounds_seat(neighbour, host);
    if (kind == AB_NEIGHBOUR_LEGACY)
        directory->legacy_count++;
    else
        ab_map_put(&directory->buses, &neighbour->bus, sizeof neighbour->bus, neighbour);
    directory->news_at = directory->now;
    return neighbour;
}

void ab_neighbour_set_counted(ab_neighbour *neighbour, bool is_counted)
{
    ab_directory *directory = neighbour->directory;
    bool is_familiar = is_counted && ab_neighbour_is_familiar(neighbour);
    if (neighbour->is_familiar != is_familiar)
        directory->familiar_count += is_familiar ? 1 : -1U;
    neighbour->is_familiar = is_familiar;
    if (neighbour->is_counted == is_counted)
        return;
    neighbour->is_counted = is_counted;
    directory->bus_count += is_counted ? 1 : -1U;
    directory->bus_sum += is_counted ? neighbour->bus : 0 - neighbour->bus;
}

/* Locations. */

static void index_location(ab_directory *directory, ab_location *location)
{
    ab_location *first = ab_map_get(&directory->locations, &location->tcp, sizeof location->tcp);
    if (first == NULL) {
        ab_map_put(&directory->locations, &location->tcp, sizeof location->tcp, location);
        return;
    }
    location->next = first->next;
    first->next = location;
}

static void unindex_location(ab_directory *directory, ab_location *location)
{
    ab_location *first = ab_map_get(&directory->locations, &location->tcp, sizeof location->tcp);
    if (first == location) {
        ab_map_take(&directory->locations, &location->tcp, sizeof location->tcp);
        if (location->next != NULL)
            ab_map_put(&directory->locations, &location->next->tcp, sizeof location->tcp,
                       location->next);
    } else {
        while (first->next != location)
            first = first->next;
        first->next = location->next;
    }
    location->next = NULL;
}

static void free_location(ab_location *location)
{
    ab_neighbour *neighbour = location->neighbour;
    unindex_location(neighbour->directory, location);
    ab_list_remove(&location->in_neighbour);
    neighbour->location_count--;
    free(location);
}

void ab_neighbour_free(ab_neighbour *neighbour)
{
    ab_directory *directory = neighbour->directory;
    ab_neighbour_set_counted(neighbour, false);
    ab_inquiry_stop(neighbour);
    ab_lease_stop(neighbour);
    ab_catalogue_drop_all(neighbour);
    while (!ab_list_is_empty(&neighbour->locations))
        free_location(AB_CONTAINER(neighbour->locations.next, ab_location, in_neighbour));
    if (neighbour->kind == AB_NEIGHBOUR_LEGACY)
        directory->legacy_count--;
    else
        ab_map_take(&directory->buses, &neighbour->bus, sizeof neighbour->bus);
    ab_list_remove(&neighbour->place);
    discard(neighbour);
}

bool ab_neighbour_leave_location(ab_location *location)
{
    ab_neighbour *neighbour = location->neighbour;
    if (neighbour->location_count == 1) {
        ab_neighbour_free(neighbour);
        return false;
    }
    free_location(location);
    ab_catalogue_moved(neighbour);
    return true;
}

ab_neighbour *ab_neighbour_of_bus(const ab_directory *directory, uint64_t bus)
{
    return ab_map_get(&directory->buses, &bus, sizeof bus);
}

ab_neighbour *ab_neighbour_at(const ab_directory *directory, const ab_address *tcp,
                              ab_neighbour_kind kind)
{
    const ab_location *location = ab_map_get(&directory->locations, tcp, sizeof *tcp);
    while (location != NULL && location->neighbour->kind != kind)
        location = location->next;
    return location == NULL ? NULL : location->neighbour;
}

ab_location *ab_neighbour_location(const ab_neighbour *neighbour, const ab_address *host)
{
    AB_LIST_FOR (at, &neighbour->locations) {
        ab_location *location = AB_CONTAINER(at, ab_location, in_neighbour);
        if (ab_address_same_host(&location->tcp, host))
            return location;
    }
    return NULL;
}

/* Room for one more: the one unheard for longest goes, if that is long enough. */
static bool make_room(ab_neighbour *neighbour)
{
    ab_location *oldest = NULL;
    if (neighbour->location_count < AB_NEIGHBOUR_LOCATIONS)
        return true;
    AB_LIST_FOR (at, &neighbour->locations) {
        ab_location *location = AB_CONTAINER(at, ab_location, in_neighbour);
        if (!location->is_told && (oldest == NULL || location->heard < oldest->heard))
            oldest = location;
    }
    if (oldest == NULL || oldest->heard + neighbour->interval * 2 > neighbour->directory->now)
        return false;
    return ab_neighbour_leave_location(oldest);
}

static ab_location *add_location(ab_neighbour *neighbour, const ab_address *tcp)
{
    if (!make_room(neighbour))
        return NULL;
    ab_location *location = ab_alloc(1, sizeof *location);
    location->neighbour = neighbour;
    location->tcp = *tcp;
    location->asked_at = location->tried_at = INT64_MIN / 2;
    ab_list_append(&neighbour->locations, &location->in_neighbour);
    neighbour->location_count++;
    index_location(neighbour->directory, location);
    ab_catalogue_moved(neighbour);
    return location;
}

static void change_port(ab_location *location, uint16_t port)
{
    ab_directory *directory = location->neighbour->directory;
    unindex_location(directory, location);
    location->tcp.port = port;
    index_location(directory, location);
    ab_catalogue_moved(location->neighbour);
}

ab_location *ab_neighbour_settle(ab_neighbour *neighbour, const ab_place *place, uint16_t port)
{
    ab_location *location = ab_neighbour_location(neighbour, &place->address);
    if (location == NULL) {
        ab_address tcp = place->address;
        tcp.port = port;
        location = add_location(neighbour, &tcp);
    } else if (location->tcp.port != port) {
        change_port(location, port);
    }
    if (location != NULL) {
        location->place = *place;
        location->heard = neighbour->directory->now;
    }
    return location;
}

ab_location *ab_neighbour_told(ab_neighbour *neighbour, const ab_address *tcp)
{
    ab_location *location = ab_neighbour_location(neighbour, tcp);
    if (location == NULL)
        location = add_location(neighbour, tcp);
    if (location != NULL)
        location->is_told = true;
    return location;
}

/* Takes that TCP address away from everybody but `keeper`. */
static void clear_place(ab_location *keeper)
{
    ab_directory *directory = keeper->neighbour->directory;
    ab_location *location = ab_map_get(&directory->locations, &keeper->tcp, sizeof keeper->tcp);
    while (location != NULL) {
        ab_location *next = location->next;
        ab_neighbour_kind kind = location->neighbour->kind;
        if (location != keeper && kind != AB_NEIGHBOUR_SELF)
            ab_neighbour_leave_location(location);
        location = next;
    }
}

void ab_neighbour_take_places(ab_neighbour *neighbour)
{
    AB_LIST_FOR (at, &neighbour->locations)
        clear_place(AB_CONTAINER(at, ab_location, in_neighbour));
}

ab_location *ab_neighbour_reach(const ab_neighbour *neighbour, unsigned attempt)
{
    unsigned reachable = 0;
    AB_LIST_FOR (at, &neighbour->locations)
        reachable += AB_CONTAINER(at, ab_location, in_neighbour)->place.address.family != 0;
    if (reachable == 0)
        return NULL;
    /* As many as have been heard later than this one come before it. */
    unsigned wanted = attempt % reachable;
    AB_LIST_FOR (at, &neighbour->locations) {
        ab_location *location = AB_CONTAINER(at, ab_location, in_neighbour);
        unsigned before = 0;
        bool is_behind = false;
        AB_LIST_FOR (in, &neighbour->locations) {
            const ab_location *other = AB_CONTAINER(in, ab_location, in_neighbour);
            is_behind = is_behind || other == location;
            before +=
                other->place.address.family != 0 &&
                (other->heard > location->heard || (other->heard == location->heard && !is_behind));
        }
        if (location->place.address.family != 0 && before == wanted)
            return location;
    }
    return NULL;
}
