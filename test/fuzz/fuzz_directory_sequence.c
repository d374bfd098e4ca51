/* SPDX-License-Identifier: MIT
 * Any sequence of packets, time, probes, fetches and calls into a directory. Whatever comes: a service appears
 * before it leaves and not twice, what is told is what is known, bounds hold, nobody is answered more than
 * three times what was asked, and time always gets on. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "directory/directory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define MOST_BUSES    12
#define MOST_SERVICES 40
#define MOST_JOBS     64
#define OWN_BUS       UINT64_C(0xb0)

/** What the directory has told and ordered. */
typedef struct world {
    const uint8_t *bytes, *end;
    ab_directory *directory;
    ab_time now;
    ab_map shown; /**< of autobus_sighting by serial: appeared and not left */
    uint64_t probes[MOST_JOBS], fetches[MOST_JOBS];
    size_t probe_count, fetch_count;
    size_t longest_question;
    size_t sent_now; /**< packets since time went on */
    uint64_t bus;
    bool has_left;
} world;

static uint8_t take(world *all)
{
    return all->bytes < all->end ? *all->bytes++ : 0;
}

/* Actions. */

static void fuzz_send(void *owner, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                      const char *bytes, size_t length)
{
    world *all = owner;
    ab_packet packet;
    bool is_unknown;
    assert((reach == AB_REACH_ONE) == (to != NULL));
    assert(ab_datagram_decode(&packet, bytes, length, &is_unknown) && packet.kind == kind);
    if (reach == AB_REACH_ONE && kind == AB_PACKET_PRESENCE && packet.services.kind == AB_KIND_LIST)
        assert(length <= AB_DATAGRAM_GOOD && length <= all->longest_question * AB_ANSWER_FACTOR);
    assert(++all->sent_now < 4000);
}

static void fuzz_probe(void *owner, uint64_t token, const ab_address *at, const char *service)
{
    world *all = owner;
    (void)at, (void)service;
    assert(all->probe_count < 32);
    all->probes[all->probe_count++] = token;
}

static void fuzz_fetch(void *owner, uint64_t token, const ab_address *at)
{
    world *all = owner;
    (void)at;
    assert(all->fetch_count < MOST_JOBS);
    all->fetches[all->fetch_count++] = token;
}

static void fuzz_changed(void *owner, autobus_change change, autobus_sighting *sighting)
{
    world *all = owner;
    assert(sighting->count >= 1);
    autobus_sighting *before = ab_map_take(&all->shown, &sighting->serial, sizeof sighting->serial);
    assert((change == AUTOBUS_APPEARED) == (before == NULL));
    if (change == AUTOBUS_CHANGED)
        assert(!ab_address_equal(&before->locations[0], &sighting->locations[0]));
    if (change == AUTOBUS_LEFT)
        assert(ab_text_is(before->id, (ab_slice){sighting->id->bytes, sighting->id->length}));
    if (change != AUTOBUS_LEFT) {
        ab_sighting_ref(sighting);
        ab_map_put(&all->shown, &sighting->serial, sizeof sighting->serial, sighting);
    }
    ab_sighting_unref(before);
}

static void fuzz_renamed(void *owner, uint64_t bus)
{
    ((world *)owner)->bus = bus;
}

static bool fuzz_is_near(void *owner, const ab_address *address)
{
    (void)owner;
    return address->bytes[0] == 10;
}

static const ab_directory_ops ops = {
    .send = fuzz_send,
    .probe = fuzz_probe,
    .fetch = fuzz_fetch,
    .changed = fuzz_changed,
    .renamed = fuzz_renamed,
    .is_near = fuzz_is_near,
};

/* What is put in. */

static const char *const ids[] = {"a", "b", "c", "d", "e\\u0041", "f", "lamp", "\\\"g"};
static const char *const plain_ids[] = {"a", "b", "c", "d", "eA", "f", "lamp", "\"g"};
static const char *const infos[] = {"{}", "{\"type\":\"lamp\"}", "{\"n\": 1}", "{\"n\":[1,2]}"};

static ab_address take_address(world *all, uint16_t port)
{
    uint8_t which = take(all);
    if (which % 8 == 7)
        return ab_address_v4(0x7f000001, port);
    if (which % 8 == 6)
        return ab_address_v4(0xc0a80000U + which, port);
    return ab_address_v4(0x0a000000U + which % 16, port);
}

static uint64_t take_bus(world *all)
{
    uint8_t which = take(all) % 20;
    return which == 19 ? all->bus : OWN_BUS + 1 + which;
}

/* The sum of the digests of the ids whose bits are set, all with that info. */
static uint64_t digest_of(uint8_t set, const char *info, unsigned *count)
{
    uint64_t digest = 0;
    *count = 0;
    for (unsigned i = 0; i < AB_COUNT(ids); i++) {
        if ((set >> i & 1) == 0)
            continue;
        digest += ab_service_digest(ab_slice_of(plain_ids[i]), ab_slice_of(info));
        ++*count;
    }
    return digest;
}

static int write_services(char *text, size_t size, uint8_t set, const char *info)
{
    int length = snprintf(text, size, "\"services\":[");
    bool is_first = true;
    for (unsigned i = 0; i < AB_COUNT(ids); i++) {
        if ((set >> i & 1) == 0)
            continue;
        length += snprintf(text + length, size - (size_t)length, "%s[\"%s\",%s]",
                           is_first ? "" : ",", ids[i], info);
        is_first = false;
    }
    return length + snprintf(text + length, size - (size_t)length, "],");
}

static void write_packet(world *all, char *text, size_t size)
{
    static const char *const kinds[] = {"query", "add", "remove", "presence", "suspect"};
    uint8_t flags = take(all), set = take(all), told = take(all);
    const char *info = infos[take(all) % AB_COUNT(infos)];
    unsigned count;
    uint64_t digest = digest_of(set, info, &count);
    int length = snprintf(text, size, "{\"command\":\"%s\",", kinds[flags % AB_COUNT(kinds)]);
    if ((flags & 64) == 0)
        length += snprintf(text + length, size - (size_t)length, "\"bus\":\"%016llx\",",
                           (unsigned long long)take_bus(all));
    length += snprintf(text + length, size - (size_t)length,
                       "\"service\":\"%s\",\"info\":%s,\"about\":\"%016llx\",", ids[told % 8], info,
                       (unsigned long long)(told & 1 ? all->bus : OWN_BUS + told % 20));
    if ((flags & 32) != 0)
        length += write_services(text + length, size - (size_t)length, told, info);
    if ((flags & 128) != 0)
        length += snprintf(text + length, size - (size_t)length,
                           "\"known\":%u,\"sum\":\"%016llx\",\"at\":[\"10.0.0.%u\"],", told,
                           (unsigned long long)digest, told % 16);
    snprintf(text + length, size - (size_t)length,
             "\"port\":%u,\"seq\":%u,\"count\":%u,\"digest\":\"%016llx\",\"interval\":%u}",
             1000U + take(all) % 4, take(all), count, (unsigned long long)digest, take(all) * 100U);
}

static void put_packet(world *all, bool is_raw)
{
    char text[2048];
    uint8_t flags = take(all);
    ab_origin origin = {
        .from = {.address = take_address(all, (uint16_t)(4000 + flags % 4)), .interface = 2},
        .is_near = (flags & 8) == 0,
        .is_shared = (flags & 16) == 0,
        .is_unicast = (flags & 32) != 0,
        .is_own = flags == 255,
    };
    if (is_raw) {
        size_t wanted = (size_t)take(all) * 4, length = (size_t)(all->end - all->bytes);
        length = AB_MIN(AB_MIN(wanted, length), sizeof text - 1);
        memcpy(text, all->bytes, length);
        text[length] = '\0';
        all->bytes += length;
    } else {
        write_packet(all, text, sizeof text);
    }
    all->longest_question = AB_MAX(all->longest_question, strlen(text));
    ab_directory_heard(all->directory, all->now, &origin, text, strlen(text));
}

/* Time goes on, and what is due is done. */
static void pass_time(world *all, ab_time by)
{
    ab_time until = all->now + by;
    for (;;) {
        ab_time due = ab_directory_deadline(all->directory);
        if (due > until)
            break;
        if (due > all->now)
            all->sent_now = 0;
        all->now = AB_MAX(all->now, due);
        for (unsigned turn = 0; ab_directory_deadline(all->directory) <= all->now; turn++) {
            assert(turn < 100);
            ab_directory_run(all->directory, all->now);
        }
    }
    all->now = until;
    all->sent_now = 0;
}

static uint64_t take_job(world *all, uint64_t *jobs, size_t *count)
{
    if (*count == 0)
        return 0;
    size_t at = take(all) % *count;
    uint64_t token = jobs[at];
    jobs[at] = jobs[--*count];
    return token;
}

static void end_fetch(world *all)
{
    uint64_t token = take_job(all, all->fetches, &all->fetch_count);
    uint8_t pages = take(all) % 4;
    bool goes_on = true;
    for (uint8_t i = 0; i < pages && goes_on; i++) {
        char text[1024];
        uint8_t set = take(all);
        const char *info = infos[take(all) % AB_COUNT(infos)];
        int length = write_services(text, sizeof text, set, info);
        ab_presence presence = {
            .bus = take_bus(all), .sequence = take(all), .interval = 5000, .port = 1000};
        unsigned count;
        presence.digest = digest_of(set, info, &count);
        presence.count = count;
        ab_value list = {AB_KIND_LIST, {text + 11, (size_t)length - 12}};
        goes_on = ab_directory_page(all->directory, all->now, token, &presence, list);
    }
    ab_directory_fetched(all->directory, all->now, token, (take(all) & 1) == 0);
}

static void offer(world *all, bool is_new)
{
    const char *id = plain_ids[take(all) % AB_COUNT(plain_ids)];
    if (!is_new) {
        (void)ab_directory_withdraw(all->directory, all->now, ab_slice_of(id));
        return;
    }
    const char *info = infos[take(all) % AB_COUNT(infos)];
    ab_text *id_text = ab_text_new(id, strlen(id)), *info_text = ab_text_new(info, strlen(info));
    if (!all->has_left)
        (void)ab_directory_publish(all->directory, all->now, id_text, info_text);
    ab_text_unref(id_text);
    ab_text_unref(info_text);
}

static void tell(world *all, bool is_there)
{
    ab_address at = take_address(all, 1000);
    ab_presence presence = {
        .bus = take_bus(all), .sequence = take(all), .interval = 3000, .port = 1000};
    unsigned count;
    presence.digest = digest_of(take(all), infos[0], &count);
    presence.count = count;
    if (is_there)
        ab_directory_told(all->directory, all->now, &at, &presence);
    else
        ab_directory_lost(all->directory, all->now, &at, presence.bus);
}

static void move(world *all, bool are_peers)
{
    ab_address addresses[3];
    size_t count = take(all) % 4;
    for (size_t i = 0; i < count; i++)
        addresses[i] = take_address(all, are_peers ? 52722 : 0);
    if (are_peers)
        ab_directory_peers(all->directory, all->now, addresses, count);
    else
        ab_directory_addresses(all->directory, all->now, addresses, count);
}

static void step(world *all)
{
    uint8_t what = take(all) % 20;
    switch (what) {
    case 8: put_packet(all, true); break;
    case 9: pass_time(all, (ab_time)take(all) * 100); break;
    case 10: pass_time(all, AB_MS((ab_time)take(all))); break;
    case 11: pass_time(all, AB_MS(100) * take(all)); break;
    case 12:
        ab_directory_probed(all->directory, all->now, take_job(all, all->probes, &all->probe_count),
                            (take(all) & 1) != 0);
        break;
    case 13: end_fetch(all); break;
    case 14: offer(all, true); break;
    case 15: offer(all, false); break;
    case 16: ab_directory_want(all->directory, all->now, (take(all) & 1) != 0); break;
    case 17: tell(all, (take(all) & 1) != 0); break;
    case 18: move(all, (take(all) & 1) != 0); break;
    case 19:
        if ((take(all) & 7) == 0) {
            ab_directory_leave(all->directory, all->now);
            all->has_left = true;
        } else {
            ab_directory_stood_still(all->directory, all->now, AB_MS(1000) * take(all));
        }
        break;
    default: put_packet(all, false); break;
    }
}

/* What holds at every moment. */

static void check_shown(void *userdata, autobus_sighting *sighting)
{
    world *all = userdata;
    autobus_sighting *shown = ab_map_get(&all->shown, &sighting->serial, sizeof sighting->serial);
    assert(shown != NULL && ab_address_equal(&shown->locations[0], &sighting->locations[0]));
}

static void check(world *all)
{
    ab_directory *directory = all->directory;
    assert(ab_directory_stat(directory, AUTOBUS_STAT_BUSES) <= MOST_BUSES);
    assert(ab_directory_stat(directory, AUTOBUS_STAT_SERVICES) <= MOST_SERVICES + AB_COUNT(ids));
    assert(ab_directory_stat(directory, AUTOBUS_STAT_SERVICES) == all->shown.count);
    assert(!all->has_left || ab_directory_stat(directory, AUTOBUS_STAT_OFFERED) == 0);
    ab_directory_each(directory, check_shown, all);
    (void)ab_directory_settles(directory);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    world all = {.bytes = bytes, .end = bytes + length, .now = AB_MS(1000), .bus = OWN_BUS};
    ab_directory_config config;
    ab_directory_defaults(&config);
    config.bus = OWN_BUS;
    config.seed = take(&all);
    config.port = 999;
    config.allow_routed = (take(&all) & 1) != 0;
    config.max_buses = MOST_BUSES;
    config.max_services = MOST_SERVICES;
    config.max_services_per_source = 10;
    ab_map_init(&all.shown);
    all.directory = ab_directory_new(&config, &ops, &all, all.now);
    while (all.bytes < all.end) {
        step(&all);
        check(&all);
    }
    pass_time(&all, AB_MS(60000));
    check(&all);
    assert(!all.has_left || ab_directory_is_said(all.directory));
    ab_directory_free(all.directory);
    size_t cursor = 0;
    for (autobus_sighting *each; (each = ab_map_next(&all.shown, &cursor)) != NULL;)
        ab_sighting_unref(each);
    ab_map_fini(&all.shown);
    return 0;
}
