/* SPDX-License-Identifier: MIT
 * Buses start, speak and are told things. Knows no events and no links. */
#include "sim/scale/bus.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/asking.h"
#include "directory/neighbour.h"
#include "directory/own.h"

#define READ_WINDOW AB_MS(10)
#define READ_MOST   8

sim_bus *sim_bus_new(sim_network *network, unsigned index, bool is_speaker)
{
    sim_bus *bus = ab_alloc(1, sizeof *bus);
    *bus = (sim_bus){
        .network = network,
        .index = index,
        .is_speaker = is_speaker,
        .id = ab_dice_next(&network->dice),
        .seed = ab_dice_next(&network->dice),
        .v4 = ab_address_v4(0x0a000001U + index, SIM_PORT),
        .v6 = {.family = 6, .bytes = {0xfe, 0x80}, .port = SIM_PORT, .scope = 2},
        .wakes_at = AB_NEVER,
    };
    for (unsigned i = 0; i < 4; i++)
        bus->v6.bytes[15 - i] = (uint8_t)((index + 1) >> 8 * i);
    if (!is_speaker) {
        bus->asked = ab_alloc(network->count, sizeof *bus->asked);
        memset(bus->asked, 0xff, network->count * sizeof *bus->asked);
    }
    return bus;
}

void sim_bus_free(sim_bus *bus)
{
    ab_directory_free(bus->directory);
    free(bus->asked);
    free(bus);
}

static void publish(sim_bus *bus, unsigned number)
{
    char id[64], info[160];
    static const char *const types[] = {"lamp", "switch", "thermometer", "blind"};
    snprintf(id, sizeof id, "%u.%u.%016llx", bus->index, number, (unsigned long long)bus->id);
    if (number == 0)
        snprintf(info, sizeof info,
                 "{\"type\":\"autobus.details\",\"pid\":%u,\"hostname\":\"host-%u\"}",
                 bus->index % 30000 + 1000, bus->index);
    else
        snprintf(info, sizeof info,
                 "{\"type\":\"%s\",\"room\":\"room %u\",\"number\":%u,\"hostname\":\"host-%u\"}",
                 types[number % AB_COUNT(types)], bus->index % 97, number, bus->index);
    ab_text *id_text = ab_text_new(id, strlen(id)), *info_text = ab_text_new(info, strlen(info));
    autobus_result result =
        ab_directory_publish(bus->directory, bus->network->now, id_text, info_text);
    assert(result == AUTOBUS_OK);
    (void)result;
    ab_text_unref(id_text);
    ab_text_unref(info_text);
}

void sim_bus_start(sim_bus *bus)
{
    sim_network *network = bus->network;
    ab_directory_config config;
    ab_directory_defaults(&config);
    config.bus = bus->id;
    config.seed = bus->seed;
    config.port = 40001;
    if (bus->is_speaker)
        config.max_buses = 0;
    ab_address addresses[] = {bus->v4, bus->v6};
    addresses[0].port = addresses[1].port = 0;
    ab_directory_free(bus->directory);
    bus->directory = ab_directory_new(&config, &sim_network_ops, bus, network->now);
    bus->state = SIM_RUNS;
    bus->known = bus->of_subject = 0;
    bus->reached = bus->nearly_reached = 0;
    if (!bus->is_speaker)
        network->full++;
    sim_bus_prepare(bus);
    ab_directory_addresses(bus->directory, network->now, addresses, AB_COUNT(addresses));
    ab_directory_want(bus->directory, network->now, true);
    for (unsigned i = 0; i < network->offering; i++)
        publish(bus, i);
    sim_network_touch(bus);
}

void sim_bus_leave(sim_bus *bus)
{
    sim_bus_prepare(bus);
    ab_directory_leave(bus->directory, bus->network->now);
    sim_network_touch(bus);
}

void sim_bus_end(sim_bus *bus)
{
    bus->state = SIM_ABSENT;
    if (!bus->is_speaker)
        bus->network->full--;
    ab_directory_free(bus->directory);
    bus->directory = NULL;
}

/* Speakers. */

void sim_bus_prepare(sim_bus *bus)
{
    if (!bus->is_speaker || bus->view->directory == NULL)
        return;
    const ab_directory *view = bus->view->directory;
    ab_directory *own = bus->directory;
    const ab_neighbour *itself = ab_neighbour_of_bus(view, bus->id);
    bool is_seen = itself != NULL && itself->is_counted;
    own->bus_count = view->bus_count + (ab_own_count(view) > 0) - is_seen;
    own->bus_sum =
        view->bus_sum + (ab_own_count(view) > 0 ? bus->view->id : 0) - (is_seen ? bus->id : 0);
    own->familiar_count =
        view->familiar_count + (ab_own_count(view) > 0) - (is_seen && itself->is_familiar);
}

bool sim_bus_may_read(sim_bus *speaker)
{
    ab_time now = speaker->network->now;
    if (speaker->read_since + READ_WINDOW <= now) {
        speaker->read_since = now;
        speaker->read = 0;
    }
    return speaker->read++ < READ_MOST;
}

static bool view_knows(const sim_bus *speaker, uint64_t bus)
{
    if (bus == speaker->view->id)
        return true;
    const ab_neighbour *neighbour = ab_neighbour_of_bus(speaker->view->directory, bus);
    return neighbour != NULL && neighbour->is_counted;
}

/* What answer.c decides of an asker that is among the neighbours, which a speaker does not have. */
static bool is_known_already(const sim_bus *speaker, const ab_packet *query)
{
    const ab_directory *directory = speaker->directory;
    if (!query->has_known || speaker->view->directory == NULL)
        return false;
    bool is_neighbour = view_knows(speaker, query->bus);
    uint32_t known = directory->bus_count + 1 - is_neighbour;
    uint64_t sum = directory->bus_sum + speaker->id - (is_neighbour ? query->bus : 0);
    if (query->known == known)
        return query->sum == sum;
    uint64_t missing = sum - query->sum;
    return query->known + 1 == known && missing != speaker->id && view_knows(speaker, missing);
}

void sim_bus_hear_question(sim_bus *speaker, const ab_packet *query, const ab_origin *origin,
                           const char *bytes, size_t length)
{
    ab_time now = speaker->network->now;
    sim_bus_prepare(speaker);
    if (is_known_already(speaker, query)) {
        ab_directory_run(speaker->directory, now);
        ab_asking_overheard(speaker->directory, query);
    } else {
        ab_directory_heard(speaker->directory, now, origin, bytes, length);
    }
}

/* What buses are told. */

static bool has_subject(const sim_bus *bus)
{
    return bus->state == SIM_RUNS && !bus->is_speaker && bus->index != bus->network->subject.index;
}

static void tell_of_subject(sim_bus *bus, int change)
{
    sim_subject *subject = &bus->network->subject;
    unsigned all = bus->network->offering;
    if (!has_subject(bus))
        return;
    subject->with_all -= bus->of_subject == all;
    subject->with_none -= bus->of_subject == 0;
    bus->of_subject += (unsigned)change;
    subject->with_all += bus->of_subject == all;
    subject->with_none += bus->of_subject == 0;
    subject->told_at = bus->network->now;
}

void sim_bus_changed(sim_bus *bus, autobus_change change, const char *id)
{
    sim_network *network = bus->network;
    unsigned whose = (unsigned)strtoul(id, NULL, 10);
    bool is_subject = whose == network->subject.index;
    if (bus->is_speaker)
        return;
    sim_network_note(network, (uint64_t)change << 32 | whose, bus->index);
    if (change == AUTOBUS_APPEARED) {
        bus->known++;
        if (bus->known >= bus->nearly && bus->nearly_reached == 0)
            bus->nearly_reached = network->now;
        if (bus->known >= bus->goal && bus->reached == 0)
            bus->reached = network->now;
        if (is_subject)
            tell_of_subject(bus, 1);
    } else if (change == AUTOBUS_LEFT) {
        bus->known--;
        if (is_subject)
            tell_of_subject(bus, -1);
        if (whose != bus->index && !(is_subject && network->subject.may_leave))
            network->false_left++;
    }
}

void sim_bus_watch(sim_network *network, unsigned index, bool may_leave)
{
    network->subject = (sim_subject){.index = index, .may_leave = may_leave};
    for (size_t i = 0; i < network->count; i++) {
        sim_bus *bus = network->buses[i];
        bus->of_subject = 0;
        if (!has_subject(bus))
            continue;
        const ab_neighbour *neighbour =
            ab_neighbour_of_bus(bus->directory, network->buses[index]->id);
        bus->of_subject = neighbour == NULL ? 0 : neighbour->held;
        network->subject.with_all += bus->of_subject == network->offering;
        network->subject.with_none += bus->of_subject == 0;
    }
}
