/* SPDX-License-Identifier: MIT
 * The link: what a directory sends or asks for becomes an event, and an event becomes a call. Handling takes no
 * time; that a process handles only so many packets a second shows in its receive buffers. Connections are not
 * simulated byte by byte: a probe or a fetch finds what is there when it arrives. */
#include "sim/scale/network.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "sim/scale/bus.h"
#include "sim/scale/event.h"
#include "value/json.h"

#define BUFFER_PACKETS 166.0 /**< measured: of 500 bytes, in the buffer a kernel gives by default */
#define HANDLING       10.0  /**< microseconds a packet */
#define LATENCY        100   /**< microseconds, and up to JITTER more */
#define JITTER         400
#define ASKED_SECONDS  15 /**< so long a packet to whom asked by unicast is taken for the answer */
#define PAGE_SERVICES  64

void sim_network_note(sim_network *network, uint64_t what, uint64_t who)
{
    const uint64_t all[] = {network->digest, (uint64_t)network->now, what, who};
    network->digest = ab_hash((ab_hash_key){1, 2}, all, sizeof all);
}

void sim_network_touch(sim_bus *bus)
{
    ab_time due = bus->state == SIM_RUNS ? ab_directory_deadline(bus->directory) : AB_NEVER;
    if (due >= bus->wakes_at)
        return;
    bus->wakes_at = due;
    sim_event wake = {.at = AB_MAX(due, bus->network->now), .kind = SIM_EVENT_WAKE, .bus = bus};
    sim_event_push(bus->network, &wake);
}

/* Chance. */

static ab_time travel_time(sim_network *network)
{
    return LATENCY + (ab_time)ab_dice_below(&network->dice, JITTER + 1);
}

static bool is_chance(sim_network *network, double share)
{
    return share >= 1 ||
           (share > 0 && (double)(ab_dice_next(&network->dice) >> 11) * 0x1p-53 < share);
}

static bool is_lost(sim_network *network)
{
    bool lost = network->plan.loss > 0 && ab_dice_below(&network->dice, 1000) < network->plan.loss;
    network->meter.lost += lost;
    return lost;
}

/* So many packets come at once: the share of them for which there is room. */
static double admit(sim_level *level, ab_time now, double packets)
{
    level->packets = AB_MAX(0.0, level->packets - (double)(now - level->at) / HANDLING);
    level->at = now;
    double share = AB_MAX(0.0, AB_MIN(1.0, (BUFFER_PACKETS - level->packets) / packets));
    level->packets += share * packets;
    return share;
}

/* Sending. */

static sim_bus *find_bus(const sim_network *network, const ab_address *address)
{
    const uint8_t *bytes = address->family == 4 ? address->bytes : address->bytes + 12;
    uint32_t number =
        (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    uint32_t index = number - (address->family == 4 ? 0x0a000001U : 1);
    return index < network->count ? network->buses[index] : NULL;
}

static unsigned stands_for(const sim_bus *bus)
{
    return bus->is_speaker || bus->is_alone ? 1 : bus->network->weight;
}

static int32_t seconds(const sim_network *network)
{
    return (int32_t)(network->now / AB_MS(1000));
}

/* How many such packets there would be if all those a sampled bus stands for did as it does. */
static unsigned unicast_weight(sim_bus *from, const sim_bus *to, ab_packet_kind kind)
{
    int32_t now = seconds(from->network);
    if (kind == AB_PACKET_QUERY || kind == AB_PACKET_SUSPECT) {
        if (from->asked != NULL)
            from->asked[to->index] = now;
        return stands_for(from);
    }
    bool is_answer = to->asked != NULL && to->asked[from->index] >= 0 &&
                     to->asked[from->index] + ASKED_SECONDS > now;
    return is_answer ? stands_for(to) : 1;
}

static void send_one(sim_bus *from, const ab_place *place, ab_packet_kind kind, const char *bytes,
                     size_t length)
{
    sim_network *network = from->network;
    sim_bus *to = find_bus(network, &place->address);
    if (to == NULL)
        return;
    unsigned weight = unicast_weight(from, to, kind);
    sim_meter_sent(&network->meter, network->now, kind, length, weight);
    network->meter.unicast.packets += weight;
    network->meter.unicast.bytes += weight * length;
    bool is_question = kind == AB_PACKET_QUERY || kind == AB_PACKET_SUSPECT;
    if (to->is_speaker && !is_question)
        return;
    sim_event mail = {
        .at = network->now + travel_time(network),
        .kind = SIM_EVENT_TO_ONE,
        .weight = is_question ? weight : 1,
        .bus = to,
        .other = from,
        .is_v6 = place->address.family == 6,
        .bytes = ab_text_new(bytes, length),
    };
    sim_event_push(network, &mail);
}

/* The last word of the one who is to vanish. */
static void meet_doom(sim_bus *bus)
{
    sim_network *network = bus->network;
    bus->state = SIM_VANISHED;
    network->doomed_at = network->now;
    network->full -= !bus->is_speaker;
}

static void send_all(sim_bus *from, ab_reach reach, ab_packet_kind kind, const char *bytes,
                     size_t length)
{
    sim_network *network = from->network;
    bool is_for_legacy = kind != AB_PACKET_PRESENCE && kind != AB_PACKET_SUSPECT;
    /* To all: directed broadcast, limited broadcast where legacy peers need it, IPv6 multicast. */
    sim_event mail = {
        .at = network->now + travel_time(network),
        .kind = SIM_EVENT_TO_ALL,
        .weight = 1,
        .bus = from,
        .copies = {reach == AB_REACH_ALL && is_for_legacy ? 2 : 1, reach == AB_REACH_ALL},
        .bytes = ab_text_new(bytes, length),
    };
    sim_meter_sent(&network->meter, network->now, kind, length, mail.copies[0] + mail.copies[1]);
    sim_event_push(network, &mail);
    if (from == network->doomed && kind == AB_PACKET_PRESENCE && reach == AB_REACH_EACH)
        meet_doom(from);
}

static void bus_send(void *owner, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                     const char *bytes, size_t length)
{
    sim_bus *bus = owner;
    uint64_t hash = ab_hash((ab_hash_key){3, 4}, bytes, length);
    sim_network_note(bus->network, hash + reach, bus->index);
    if (reach == AB_REACH_ONE)
        send_one(bus, to, kind, bytes, length);
    else if (reach != AB_REACH_LOOPBACK)
        send_all(bus, reach, kind, bytes, length);
}

/* TCP. */

static void visit(sim_bus *bus, sim_event *event, const ab_address *at, ab_time round_trips)
{
    sim_network *network = bus->network;
    event->bus = bus;
    event->weight = stands_for(bus);
    event->other = find_bus(network, at);
    bool is_silent = event->other == NULL || event->other->state == SIM_VANISHED;
    event->at = network->now + (is_silent ? AB_MS(3000) : round_trips * travel_time(network));
    if (is_silent || event->other->state != SIM_RUNS)
        event->other = NULL;
}

static void bus_probe(void *owner, uint64_t token, const ab_address *at, const char *service)
{
    sim_bus *bus = owner;
    sim_event event = {.kind = SIM_EVENT_PROBED, .token = token};
    visit(bus, &event, at, 4);
    event.is_good =
        event.other != NULL &&
        (service == NULL || ab_directory_offers(event.other->directory, ab_slice_of(service)));
    bus->network->meter.probes += event.weight;
    sim_network_note(bus->network, token, bus->index);
    sim_event_push(bus->network, &event);
}

static void bus_fetch(void *owner, uint64_t token, const ab_address *at)
{
    sim_bus *bus = owner;
    sim_event event = {.kind = SIM_EVENT_FETCHED, .token = token};
    visit(bus, &event, at, 6);
    bus->network->meter.fetched.packets += event.weight;
    sim_network_note(bus->network, token, bus->index);
    sim_event_push(bus->network, &event);
}

static void bus_changed(void *owner, autobus_change change, autobus_sighting *sighting)
{
    sim_bus_changed(owner, change, sighting->id->bytes);
}

static void bus_renamed(void *owner, uint64_t id)
{
    sim_bus *bus = owner;
    bus->id = id;
}

static bool bus_is_near(void *owner, const ab_address *address)
{
    (void)owner;
    (void)address;
    return true;
}

const ab_directory_ops sim_network_ops = {
    .send = bus_send,
    .probe = bus_probe,
    .fetch = bus_fetch,
    .changed = bus_changed,
    .renamed = bus_renamed,
    .is_near = bus_is_near,
};

/* Fetches. */

typedef struct page {
    ab_buffer list;
    size_t count;
    ab_slice last;
} page;

static bool add_to_page(void *userdata, ab_slice id, ab_slice info)
{
    page *now = userdata;
    if (now->count == PAGE_SERVICES)
        return false;
    ab_buffer_append_text(&now->list, now->count++ == 0 ? "[" : ",[");
    ab_json_print_string(&now->list, id);
    ab_buffer_append_text(&now->list, ",");
    ab_buffer_append(&now->list, info.bytes, info.length);
    ab_buffer_append_text(&now->list, "]");
    now->last = id;
    return true;
}

/* False: that was the last one. */
static bool deliver_page(const sim_event *event, ab_slice *after)
{
    sim_network *network = event->bus->network;
    ab_presence presence;
    page now = {.count = 0};
    ab_buffer_init(&now.list);
    ab_directory_presence(event->other->directory, &presence);
    ab_buffer_append_text(&now.list, "[");
    bool at_end = ab_directory_offers_after(event->other->directory,
                                            after->bytes == NULL ? NULL : after, add_to_page, &now);
    ab_buffer_append_text(&now.list, "]");
    network->meter.fetched.bytes += event->weight * ab_buffer_length(&now.list);
    ab_value list = {AB_KIND_LIST, {ab_buffer_bytes(&now.list), ab_buffer_length(&now.list)}};
    bool goes_on =
        ab_directory_page(event->bus->directory, network->now, event->token, &presence, list);
    *after = now.last;
    ab_buffer_fini(&now.list);
    return goes_on && !at_end;
}

static void deliver_fetch(const sim_event *event)
{
    ab_slice after = {0};
    bool is_there = event->other != NULL && event->other->state == SIM_RUNS;
    if (is_there)
        sim_bus_prepare(event->other);
    while (is_there && deliver_page(event, &after))
        continue;
    ab_directory_fetched(event->bus->directory, event->bus->network->now, event->token, is_there);
}

/* Packets. */

static ab_origin origin_of(const sim_bus *from, bool is_v6, bool is_unicast)
{
    return (ab_origin){
        .from = {.address = is_v6 ? from->v6 : from->v4, .interface = 2},
        .is_near = true,
        .is_shared = !is_unicast,
        .is_unicast = is_unicast,
    };
}

static void hear(sim_bus *to, const ab_origin *origin, const ab_text *bytes)
{
    sim_network *network = to->network;
    if (!to->is_speaker) {
        network->meter.heard.packets++;
        network->meter.heard.bytes += bytes->length;
    }
    ab_directory_heard(to->directory, network->now, origin, bytes->bytes, bytes->length);
}

/* How many of these copies get as far as the process. */
static unsigned arrive(sim_bus *to, unsigned copies, double share)
{
    sim_network *network = to->network;
    unsigned arrived = 0;
    for (unsigned i = 0; i < copies; i++) {
        if (is_lost(network))
            continue;
        if (is_chance(network, share))
            arrived++;
        else
            network->meter.overrun += !to->is_speaker;
    }
    return arrived;
}

static void deliver_to_speaker(sim_bus *to, const sim_event *event, const ab_packet *packet,
                               const double shares[2])
{
    bool is_v4 = arrive(to, event->copies[0], shares[0]) > 0;
    bool is_v6 = arrive(to, event->copies[1], shares[1]) > 0;
    if ((!is_v4 && !is_v6) || (packet->kind == AB_PACKET_QUERY && !sim_bus_may_read(to)))
        return;
    ab_origin origin = origin_of(event->bus, !is_v4, false);
    const ab_text *bytes = event->bytes;
    if (packet->kind == AB_PACKET_QUERY) {
        sim_bus_hear_question(to, packet, &origin, bytes->bytes, bytes->length);
    } else {
        sim_bus_prepare(to);
        hear(to, &origin, bytes);
    }
    sim_network_touch(to);
}

static void deliver_to_full(sim_bus *to, const sim_event *event, const ab_origin origins[2],
                            const double shares[2])
{
    for (unsigned is_v6 = 0; is_v6 < 2; is_v6++) {
        unsigned arrived = arrive(to, event->copies[is_v6], shares[is_v6]);
        for (unsigned i = 0; i < arrived; i++)
            hear(to, &origins[is_v6], event->bytes);
    }
    sim_network_touch(to);
}

/* All but a question, or a suspicion about itself, leaves a speaker cold. */
static bool concerns_speaker(const sim_bus *speaker, const ab_packet *packet)
{
    return packet->kind == AB_PACKET_QUERY ||
           (packet->kind == AB_PACKET_SUSPECT && packet->about == speaker->id);
}

static void deliver_to_all(sim_network *network, const sim_event *event)
{
    ab_packet packet;
    bool is_unknown;
    ab_origin origins[2] = {origin_of(event->bus, false, false),
                            origin_of(event->bus, true, false)};
    double shares[2] = {1, 1};
    for (unsigned is_v6 = 0; is_v6 < 2; is_v6++) {
        if (event->copies[is_v6] > 0)
            shares[is_v6] = admit(&network->shared[is_v6], network->now, event->copies[is_v6]);
    }
    if (!ab_datagram_decode(&packet, event->bytes->bytes, event->bytes->length, &is_unknown))
        abort();
    for (size_t i = 0; i < network->count; i++) {
        sim_bus *to = network->buses[i];
        if (to == event->bus || to->state != SIM_RUNS)
            continue;
        if (!to->is_speaker)
            deliver_to_full(to, event, origins, shares);
        else if (concerns_speaker(to, &packet))
            deliver_to_speaker(to, event, &packet, shares);
    }
}

static void deliver_to_one(sim_network *network, const sim_event *event)
{
    sim_bus *to = event->bus;
    ab_packet packet;
    bool is_unknown;
    double share = admit(&to->own[event->is_v6], network->now, event->weight);
    if (arrive(to, 1, share) == 0)
        return;
    ab_origin origin = origin_of(event->other, event->is_v6, true);
    if (to->is_speaker) {
        if (ab_datagram_decode(&packet, event->bytes->bytes, event->bytes->length, &is_unknown))
            sim_bus_hear_question(to, &packet, &origin, event->bytes->bytes, event->bytes->length);
    } else {
        hear(to, &origin, event->bytes);
    }
}

/* Time. */

static void happen_to(sim_network *network, const sim_event *event)
{
    sim_bus *bus = event->bus;
    if (event->kind == SIM_EVENT_START) {
        sim_bus_start(bus);
        return;
    }
    if (event->kind == SIM_EVENT_WAKE) {
        if (event->at < bus->wakes_at)
            return;
        bus->wakes_at = AB_NEVER;
    }
    if (bus->state != SIM_RUNS)
        return;
    sim_bus_prepare(bus);
    switch (event->kind) {
    case SIM_EVENT_WAKE: ab_directory_run(bus->directory, network->now); break;
    case SIM_EVENT_TO_ONE: deliver_to_one(network, event); break;
    case SIM_EVENT_PROBED:
        ab_directory_probed(bus->directory, network->now, event->token, event->is_good);
        break;
    case SIM_EVENT_FETCHED: deliver_fetch(event); break;
    case SIM_EVENT_START:
    case SIM_EVENT_TO_ALL: break;
    }
    sim_network_touch(bus);
}

bool sim_network_step(sim_network *network, ab_time until)
{
    sim_event event;
    if (!sim_event_pop(network, until, &event))
        return false;
    network->now = AB_MAX(network->now, event.at);
    if (event.kind == SIM_EVENT_TO_ALL)
        deliver_to_all(network, &event);
    else
        happen_to(network, &event);
    ab_text_unref(event.bytes);
    return true;
}

void sim_network_run(sim_network *network, ab_time by)
{
    ab_time until = network->now + by;
    while (sim_network_step(network, until))
        continue;
    network->now = until;
}

/* The whole. */

sim_network *sim_network_new(const sim_plan *plan)
{
    sim_network *network = ab_alloc(1, sizeof *network);
    network->plan = *plan;
    network->now = AB_MS(1000000);
    network->offering = plan->services + 1;
    network->weight = (plan->buses + plan->sampled / 2) / plan->sampled;
    network->count = plan->buses + 1;
    network->subject.index = plan->buses + 1;
    ab_dice_seed(&network->dice, plan->seed);
    network->buses = ab_alloc(network->count, sizeof(sim_bus *));
    for (unsigned i = 0; i < network->count; i++) {
        bool is_guest = i == plan->buses, is_speaker = !is_guest && i >= plan->sampled;
        network->buses[i] = sim_bus_new(network, i, is_speaker);
        network->buses[i]->is_alone = is_guest;
        network->buses[i]->view = network->buses[i % plan->sampled];
    }
    return network;
}

void sim_network_free(sim_network *network)
{
    sim_event event;
    while (sim_event_pop(network, AB_NEVER, &event))
        ab_text_unref(event.bytes);
    for (size_t i = 0; i < network->count; i++)
        sim_bus_free(network->buses[i]);
    free(network->buses);
    free(network->heap);
    free(network);
}
