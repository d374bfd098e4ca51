/* SPDX-License-Identifier: MIT
 * Presence and the list of services that may go with it, read and written. Knows neither what carries them
 * nor what they lead to. */
#include "wire/presence.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "value/json.h"
#include "wire/fields.h"

bool ab_presence_read(const ab_value keys[AB_PRESENCE_KEYS], ab_presence *presence,
                      bool *is_complete)
{
    uint64_t numbers[AB_PRESENCE_KEYS] = {0};
    static const int64_t most[AB_PRESENCE_KEYS] = {
        [AB_KEY_SEQ] = AB_FIELD_EXACT - 1,
        [AB_KEY_PORT] = UINT16_MAX,
        [AB_KEY_COUNT] = UINT32_MAX,
        [AB_KEY_INTERVAL] = UINT32_MAX,
    };
    *is_complete = true;
    for (int i = 0; i < AB_PRESENCE_KEYS; i++) {
        bool is_hex = i == AB_KEY_BUS || i == AB_KEY_DIGEST;
        if (keys[i].kind == AB_KIND_NONE)
            *is_complete = false;
        else if (is_hex ? !ab_field_hex(keys[i], &numbers[i])
                        : !ab_field_number(keys[i], most[i], &numbers[i]))
            return false;
    }
    if (keys[AB_KEY_PORT].kind != AB_KIND_NONE && numbers[AB_KEY_PORT] == 0)
        return false;
    *presence = (ab_presence){
        .bus = numbers[AB_KEY_BUS],
        .sequence = numbers[AB_KEY_SEQ],
        .digest = numbers[AB_KEY_DIGEST],
        .count = (uint32_t)numbers[AB_KEY_COUNT],
        .interval = (uint32_t)numbers[AB_KEY_INTERVAL],
        .port = (uint16_t)numbers[AB_KEY_PORT],
    };
    return true;
}

void ab_presence_write(ab_buffer *out, const ab_presence *presence)
{
    ab_buffer_append_text(out, "\"bus\":");
    ab_field_write_hex(out, presence->bus);
    ab_buffer_appendf(out, ",\"port\":%u", (unsigned)presence->port);
    ab_presence_write_rest(out, presence);
}

void ab_presence_write_rest(ab_buffer *out, const ab_presence *presence)
{
    ab_buffer_appendf(out,
                      ",\"seq\":%" PRIu64 ",\"count\":%" PRIu32 ",\"digest\":", presence->sequence,
                      presence->count);
    ab_field_write_hex(out, presence->digest);
    ab_buffer_appendf(out, ",\"interval\":%" PRIu32, presence->interval);
}

void ab_presence_write_service(ab_buffer *out, ab_slice id, ab_slice info)
{
    ab_buffer_append_text(out, "[");
    ab_json_print_string(out, id);
    ab_buffer_append_text(out, ",");
    ab_buffer_append(out, info.bytes, info.length);
    ab_buffer_append_text(out, "]");
}

uint64_t ab_service_digest(ab_slice id, ab_slice info)
{
    static const ab_hash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    AB_SCOPED(ab_buffer_fini) ab_buffer whole;
    ab_buffer_init(&whole);
    ab_buffer_reserve(&whole, id.length + 1 + info.length);
    ab_buffer_append(&whole, id.bytes, id.length);
    ab_buffer_append(&whole, "", 1);
    ab_buffer_append(&whole, info.bytes, info.length);
    return ab_hash(key, ab_buffer_bytes(&whole), ab_buffer_length(&whole));
}

size_t ab_packet_id(ab_slice written, char *out)
{
    if (written.length == 0)
        return 0;
    if (memchr(written.bytes, '\\', written.length) == NULL) {
        memcpy(out, written.bytes, written.length);
        return written.length;
    }
    /* Only a checked string can have an escape, and around it are its quotes. */
    return ab_scan_string((ab_value){AB_KIND_STRING, {written.bytes - 1, written.length + 2}}, out);
}

void ab_services_begin(ab_services_walk *walk, ab_value services)
{
    if (services.kind != AB_KIND_LIST)
        services = (ab_value){AB_KIND_LIST, AB_SLICE("[]")};
    ab_members_begin(&walk->members, services);
}

bool ab_services_next(ab_services_walk *walk, ab_slice *written_id, ab_value *info)
{
    ab_slice no_key;
    ab_value pair, id, surplus;
    if (!ab_members_next(&walk->members, &no_key, &pair) || pair.kind != AB_KIND_LIST)
        return false;
    ab_members parts;
    ab_members_begin(&parts, pair);
    return ab_members_next(&parts, &no_key, &id) && ab_field_service(id, written_id) &&
           ab_members_next(&parts, &no_key, info) && info->kind == AB_KIND_MAP &&
           !ab_members_next(&parts, &no_key, &surplus);
}
