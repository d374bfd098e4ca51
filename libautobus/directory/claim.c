/* SPDX-License-Identifier: MIT
 * Taking a bus by its word. Knows no sockets; whether its word is enough is decided by who calls. */
#include "directory/claim.h"

#include "directory/catalogue.h"
#include "directory/inquiry.h"
#include "directory/lease.h"
#include "directory/neighbour.h"

#define SHORTEST_INTERVAL AB_MS(1000)
#define LONGEST_INTERVAL  AB_MS(3600000)
#define UNTOLD_INTERVAL   AB_MS(60000) /**< of a bus that names none */
#define OVERTAKING        AB_MS(1000)  /**< so long a packet may be on its way behind a later one */
#define MOST_ADDRESSES    32           /**< of a list that is read */
#define SILENT_ASKED      1            /**< leases after which a silent address is asked */
#define SILENT_GONE       12           /**< and given up: on a bad road many answers are lost */

static ab_time interval_of(const ab_presence *presence)
{
    if (presence->interval == 0)
        return UNTOLD_INTERVAL;
    ab_time interval = AB_MS((ab_time)presence->interval);
    return AB_MAX(SHORTEST_INTERVAL, AB_MIN(interval, LONGEST_INTERVAL));
}

bool ab_claim_is_held(const ab_neighbour *neighbour)
{
    return neighbour->held == neighbour->said.count && neighbour->digest == neighbour->said.digest;
}

static bool says_the_same(const ab_presence *a, const ab_presence *b)
{
    return a->digest == b->digest && a->count == b->count;
}

/* We know better, or think so. A packet that was overtaken is nothing unusual; but if one comes long after what
 * we know, or speaks of something else, then what we know may be forged. */
static bool is_outdated(ab_neighbour *neighbour, const ab_presence *presence)
{
    const ab_presence *said = &neighbour->said;
    bool is_other = !says_the_same(presence, said);
    if (presence->sequence > said->sequence || (presence->sequence == said->sequence && !is_other))
        return false;
    if (is_other || neighbour->said_at + OVERTAKING < neighbour->directory->now)
        ab_inquiry_doubt(neighbour, neighbour->has_left ? 0 : AB_MS(300));
    return true;
}

ab_claim ab_claim_take(ab_neighbour *neighbour, const ab_presence *presence, bool is_answer)
{
    ab_presence *said = &neighbour->said;
    bool is_first = neighbour->interval == 0;
    if (!is_first && !is_answer && is_outdated(neighbour, presence))
        return AB_CLAIM_OLD;
    bool is_new =
        is_first || presence->sequence != said->sequence || !says_the_same(presence, said);
    *said = *presence;
    neighbour->interval = interval_of(presence);
    if (is_new)
        neighbour->said_at = neighbour->directory->now;
    neighbour->has_left = presence->count == 0;
    ab_neighbour_set_counted(neighbour, presence->count > 0);
    return is_new ? AB_CLAIM_NEW : AB_CLAIM_SAME;
}

void ab_claim_depart(ab_neighbour *neighbour)
{
    ab_catalogue_drop_all(neighbour);
    ab_inquiry_review(neighbour, AB_CAUSE_GOODBYE);
    ab_lease_bury(neighbour);
}

uint32_t ab_claim_services(ab_neighbour *neighbour, ab_value services, unsigned round,
                           uint64_t *digest)
{
    ab_services_walk walk;
    ab_slice written;
    ab_value info;
    uint32_t count = 0;
    ab_services_begin(&walk, services);
    while (ab_services_next(&walk, &written, &info)) {
        char id[AB_CLAIM_ID];
        if (written.length + 2 > sizeof id)
            continue;
        ab_slice plain = {id, ab_packet_id(written, id)};
        count++;
        *digest += ab_service_digest(plain, info.text);
        ab_holding *holding = ab_catalogue_put(neighbour, plain, info.text);
        if (holding != NULL)
            holding->round = round;
    }
    return count;
}

void ab_claim_sweep(ab_neighbour *neighbour, unsigned round)
{
    AB_LIST_FOR_SAFE (at, &neighbour->holdings) {
        ab_holding *holding = AB_CONTAINER(at, ab_holding, in_neighbour);
        if (holding->round != round)
            ab_catalogue_drop(holding);
    }
}

/* A scope is an interface of the machine that wrote it, and says nothing here. */
static size_t read_addresses(ab_value list, ab_address found[MOST_ADDRESSES])
{
    ab_members members;
    ab_slice key;
    ab_value element;
    size_t count = 0;
    ab_members_begin(&members, list);
    while (count < MOST_ADDRESSES && ab_members_next(&members, &key, &element)) {
        char text[6 * AB_ADDRESS_TEXT];
        if (element.kind != AB_KIND_STRING || element.text.length >= sizeof text)
            continue;
        text[ab_scan_string(element, text)] = '\0';
        count += ab_address_parse(&found[count], text, 0);
    }
    return count;
}

static bool is_among(ab_address address, const ab_address *found, size_t count)
{
    address.scope = 0;
    for (size_t i = 0; i < count; i++) {
        if (ab_address_same_host(&address, &found[i]))
            return true;
    }
    return false;
}

void ab_claim_addresses(ab_neighbour *neighbour, ab_value addresses, const ab_location *keep)
{
    ab_address found[MOST_ADDRESSES];
    if (addresses.kind != AB_KIND_LIST)
        return;
    size_t count = read_addresses(addresses, found);
    AB_LIST_FOR_SAFE (at, &neighbour->locations) {
        ab_location *location = AB_CONTAINER(at, ab_location, in_neighbour);
        if (location == keep || location->is_told || neighbour->location_count == 1 ||
            ab_address_is_loopback(&location->tcp) || is_among(location->tcp, found, count))
            continue;
        ab_neighbour_leave_location(location);
    }
}

/* Presence goes to one destination an interface, which is IPv4's where there is one: so IPv6 may be silent. */
void ab_claim_age(ab_neighbour *neighbour)
{
    ab_time now = neighbour->directory->now, lease = ab_lease_length(neighbour);
    AB_LIST_FOR_SAFE (at, &neighbour->locations) {
        ab_location *location = AB_CONTAINER(at, ab_location, in_neighbour);
        if (location->is_told || location->tcp.family != 4 ||
            location->heard + lease * SILENT_ASKED > now)
            continue;
        if (location->heard + lease * SILENT_GONE > now)
            ab_inquiry_ask_at(location);
        else if (neighbour->location_count > 1)
            ab_neighbour_leave_location(location);
    }
}
