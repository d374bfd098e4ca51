/* SPDX-License-Identifier: MIT
 * Any bytes as a discovery datagram. What is accepted holds what the header promises, and written again and
 * read again it is the same. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/datagram.h"
#include "wire/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_presence(const ab_presence *presence)
{
    assert(presence->port > 0);
    assert(presence->sequence < (uint64_t)AB_FIELD_EXACT);
}

static void check(const ab_packet *packet)
{
    assert(packet->kind < AB_PACKET_KINDS && packet->size <= AB_DATAGRAM_MAX);
    assert(packet->has_bus || (!packet->has_presence && !packet->has_known && !packet->has_asker));
    if (packet->has_presence) {
        check_presence(&packet->presence);
        assert(packet->presence.bus == packet->bus);
    }
    assert(!packet->has_asker || packet->asker.port > 0);
    if (packet->kind == AB_PACKET_ADD || packet->kind == AB_PACKET_REMOVE)
        assert(packet->port > 0 && packet->service.length > 0);
    assert(packet->kind != AB_PACKET_ADD || packet->info.kind == AB_KIND_MAP);
    assert(packet->kind != AB_PACKET_PRESENCE || packet->has_presence);
    assert(packet->kind != AB_PACKET_SUSPECT || packet->has_bus);
}

static ab_slice plain_id(ab_slice written, char room[AB_DATAGRAM_MAX])
{
    ab_slice id = {room, ab_packet_id(written, room)};
    assert(id.length > 0 && id.length <= AB_FIELD_ID && memchr(id.bytes, '\0', id.length) == NULL);
    return id;
}

static void write_list(ab_buffer *out, const ab_packet *packet)
{
    ab_services_walk walk;
    ab_slice written;
    ab_value info;
    char room[AB_DATAGRAM_MAX];
    ab_datagram_presence_begin(out, &packet->presence, NULL, 0);
    ab_services_begin(&walk, packet->services);
    while (ab_services_next(&walk, &written, &info)) {
        ab_slice id = plain_id(written, room);
        (void)ab_service_digest(id, info.text);
        (void)ab_datagram_presence_service(out, id, info.text, AB_DATAGRAM_MAX);
    }
    ab_datagram_presence_end(out);
}

static void write_again(ab_buffer *out, const ab_packet *packet)
{
    char room[AB_DATAGRAM_MAX];
    const ab_presence *presence = packet->has_presence ? &packet->presence : NULL;
    ab_query query = {packet->bus,
                      packet->waits,
                      packet->has_known,
                      packet->known,
                      packet->sum,
                      presence,
                      packet->has_asker ? &packet->asker : NULL};
    switch (packet->kind) {
    case AB_PACKET_QUERY: ab_datagram_query(out, &query); break;
    case AB_PACKET_ADD:
        ab_datagram_add(out, packet->port, plain_id(packet->service, room), packet->info.text,
                        presence);
        break;
    case AB_PACKET_REMOVE:
        ab_datagram_remove(out, packet->port, plain_id(packet->service, room), presence);
        break;
    case AB_PACKET_PRESENCE: write_list(out, packet); break;
    default: ab_datagram_suspect(out, packet->bus, packet->about); break;
    }
}

static void check_same(const ab_packet *a, const ab_packet *b)
{
    char one[AB_DATAGRAM_MAX], other[AB_DATAGRAM_MAX];
    assert(a->kind == b->kind && a->has_presence == b->has_presence);
    assert(a->port == b->port && a->waits == b->waits && a->has_known == b->has_known);
    assert(!a->has_known || (a->known == b->known && a->sum == b->sum));
    assert(!a->has_bus || a->bus == b->bus || !b->has_bus);
    assert(a->has_asker == b->has_asker && a->about == b->about);
    assert(!a->has_asker || ab_address_equal(&a->asker, &b->asker));
    assert(ab_slice_equal(a->info.text, b->info.text));
    if (a->service.length > 0)
        assert(ab_slice_equal(plain_id(a->service, one), plain_id(b->service, other)));
    if (!a->has_presence)
        return;
    const ab_presence *p = &a->presence, *q = &b->presence;
    assert(p->bus == q->bus && p->sequence == q->sequence && p->digest == q->digest);
    assert(p->count == q->count && p->interval == q->interval && p->port == q->port);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    ab_packet packet, again;
    bool is_unknown;
    /* A copy of exactly this size: reading beyond it is seen. */
    char *copy = malloc(length);
    if (length > 0)
        memcpy(copy, bytes, length);
    if (ab_datagram_decode(&packet, copy, length, &is_unknown)) {
        AB_SCOPED(ab_buffer_fini) ab_buffer out;
        ab_buffer_init(&out);
        check(&packet);
        write_again(&out, &packet);
        /* Escapes can make a packet longer than it came, up to what nobody would take. */
        size_t size = ab_buffer_length(&out);
        if (size <= AB_DATAGRAM_MAX) {
            assert(ab_datagram_decode(&again, ab_buffer_bytes(&out), size, &is_unknown));
            check_same(&packet, &again);
        }
    }
    free(copy);
    return 0;
}
