/* SPDX-License-Identifier: MIT
 * Reading discovery datagrams. One pass finds the keys, each kind then checks its own: a key that is there
 * holds what it may, or the packet is malformed. How they are written is datagram_write.c. */
#include "wire/datagram.h"

#include <string.h>

#include "wire/fields.h"
#include "wire/presence.h"

/* The keys beside those of presence. */
enum key {
    KEY_COMMAND = AB_PRESENCE_KEYS,
    KEY_SERVICE,
    KEY_INFO,
    KEY_SERVICES,
    KEY_AT,
    KEY_WAITS,
    KEY_KNOWN,
    KEY_SUM,
    KEY_FOR,
    KEY_ABOUT,
    KEYS
};
static const ab_slice names[KEYS] = {
    AB_PRESENCE_NAMES,    AB_FIELD("command"), AB_FIELD("service"), AB_FIELD("info"),
    AB_FIELD("services"), AB_FIELD("at"),      AB_FIELD("waits"),   AB_FIELD("known"),
    AB_FIELD("sum"),      AB_FIELD("for"),     AB_FIELD("about"),
};

/* How each command, in the order of ab_packet_kind, is checked. */
typedef bool read_fn(ab_packet *packet, const ab_value keys[KEYS]);

static bool is_absent(ab_value value)
{
    return value.kind == AB_KIND_NONE;
}

/* "10.0.0.2:4711" or "[fe80::2%eth0]:4711". */
static bool read_asker(ab_value value, ab_address *asker)
{
    char text[6 * AB_ADDRESS_TEXT];
    if (value.kind != AB_KIND_STRING || value.text.length > sizeof text)
        return false;
    size_t length = ab_scan_string(value, text);
    size_t colon = length;
    while (colon > 0 && text[colon - 1] != ':')
        colon--;
    unsigned port = 0;
    for (size_t i = colon; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || i - colon == 5)
            return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    if (colon < 2 || port == 0 || port > UINT16_MAX || memchr(text, '\0', length) != NULL)
        return false;
    char *host = text, *end = text + colon - 1;
    if (*host == '[' && end - host > 1 && end[-1] == ']') {
        host++;
        end--;
    } else if (memchr(host, ':', (size_t)(end - host)) != NULL) {
        return false;
    }
    *end = '\0';
    return ab_address_parse(asker, host, (uint16_t)port);
}

static bool read_query(ab_packet *packet, const ab_value keys[KEYS])
{
    /* Whoever gives no name has nothing else to say that we could trust to be meant for us. */
    if (!packet->has_bus)
        return true;
    ab_kind waits = keys[KEY_WAITS].kind;
    if (waits != AB_KIND_NONE && waits != AB_KIND_TRUE && waits != AB_KIND_FALSE)
        return false;
    packet->waits = waits == AB_KIND_TRUE;

    uint64_t known = 0;
    if (!is_absent(keys[KEY_KNOWN]) && !ab_field_number(keys[KEY_KNOWN], UINT32_MAX, &known))
        return false;
    if (!is_absent(keys[KEY_SUM]) && !ab_field_hex(keys[KEY_SUM], &packet->sum))
        return false;
    packet->known = (uint32_t)known;
    packet->has_known = !is_absent(keys[KEY_KNOWN]) && !is_absent(keys[KEY_SUM]);

    packet->has_asker = !is_absent(keys[KEY_FOR]);
    return !packet->has_asker || read_asker(keys[KEY_FOR], &packet->asker);
}

static bool read_remove(ab_packet *packet, const ab_value keys[KEYS])
{
    uint64_t port;
    if (!ab_field_number(keys[AB_KEY_PORT], UINT16_MAX, &port) || port == 0)
        return false;
    packet->port = (uint16_t)port;
    return ab_field_service(keys[KEY_SERVICE], &packet->service);
}

static bool read_add(ab_packet *packet, const ab_value keys[KEYS])
{
    packet->info = keys[KEY_INFO];
    return packet->info.kind == AB_KIND_MAP && read_remove(packet, keys);
}

static bool read_presence(ab_packet *packet, const ab_value keys[KEYS])
{
    packet->services = keys[KEY_SERVICES];
    packet->addresses = keys[KEY_AT];
    return packet->has_presence &&
           (is_absent(packet->services) || packet->services.kind == AB_KIND_LIST) &&
           (is_absent(packet->addresses) || packet->addresses.kind == AB_KIND_LIST);
}

static bool read_suspect(ab_packet *packet, const ab_value keys[KEYS])
{
    return packet->has_bus && ab_field_hex(keys[KEY_ABOUT], &packet->about);
}

static const struct {
    const char *command;
    read_fn *read;
} kinds[AB_PACKET_KINDS] = {
    [AB_PACKET_QUERY] = {"query", read_query},
    [AB_PACKET_ADD] = {"add", read_add},
    [AB_PACKET_REMOVE] = {"remove", read_remove},
    [AB_PACKET_PRESENCE] = {"presence", read_presence},
    [AB_PACKET_SUSPECT] = {"suspect", read_suspect},
};

/* A packet without a bus id is a legacy peer's: our keys in it are strangers that mean nothing. */
static bool read_sender(ab_packet *packet, const ab_value keys[KEYS])
{
    packet->has_bus = !is_absent(keys[AB_KEY_BUS]);
    if (!packet->has_bus)
        return true;
    if (!ab_presence_read(keys, &packet->presence, &packet->has_presence))
        return false;
    packet->bus = packet->presence.bus;
    return true;
}

bool ab_datagram_decode(ab_packet *packet, const char *bytes, size_t length, bool *is_unknown)
{
    *packet = (ab_packet){.size = length};
    *is_unknown = false;
    ab_value whole, keys[KEYS];
    if (length > AB_DATAGRAM_MAX || !ab_scan((ab_slice){bytes, length}, &whole) ||
        whole.kind != AB_KIND_MAP)
        return false;
    ab_fields_find(whole, names, KEYS, keys);
    if (keys[KEY_COMMAND].kind != AB_KIND_STRING)
        return false;
    for (int kind = 0; kind < AB_PACKET_KINDS; kind++) {
        if (!ab_scan_is(keys[KEY_COMMAND], ab_slice_of(kinds[kind].command)))
            continue;
        packet->kind = (ab_packet_kind)kind;
        return read_sender(packet, keys) && kinds[kind].read(packet, keys);
    }
    *is_unknown = true;
    return false;
}
