/* SPDX-License-Identifier: MIT
 * Writing and sending. Knows no schedule. */
#include "directory/voice.h"

#include "directory/correspondents.h"

static void send_out(ab_directory *directory, ab_reach reach, const ab_place *to,
                     ab_packet_kind kind)
{
    const char *bytes = ab_buffer_bytes(&directory->out);
    size_t length = ab_buffer_length(&directory->out);
    if (directory->config.is_silent)
        return;
    directory->ops->send(directory->owner, reach, to, kind, bytes, length);
    if (kind != AB_PACKET_QUERY && (reach == AB_REACH_ALL || reach == AB_REACH_EACH))
        ab_correspondents_copy(directory, kind, bytes, length);
}

static ab_buffer *blank(ab_directory *directory)
{
    ab_buffer_truncate(&directory->out, 0);
    return &directory->out;
}

/* What we say of ourselves; whoever hears it knows of every service we have by now. */
static ab_presence speak(ab_directory *directory)
{
    ab_presence presence;
    ab_directory_presence(directory, &presence);
    ab_own_expose(directory);
    return presence;
}

void ab_voice_query(ab_directory *directory, ab_reach reach, const ab_place *to, bool has_known)
{
    ab_presence presence;
    ab_query query = {
        .bus = directory->config.bus,
        .waits = directory->wants,
        .has_known = has_known,
        .known = directory->bus_count,
        .sum = directory->bus_sum,
    };
    if (ab_own_count(directory) > 0) {
        presence = speak(directory);
        query.presence = &presence;
    }
    ab_datagram_query(blank(directory), &query);
    send_out(directory, reach, to, AB_PACKET_QUERY);
}

void ab_voice_pass_on(ab_directory *directory, const ab_packet *query, const ab_address *asker)
{
    ab_query again = {
        .bus = query->bus,
        .waits = query->waits,
        .has_known = query->has_known,
        .known = query->known,
        .sum = query->sum,
        .presence = query->has_presence ? &query->presence : NULL,
        .asker = asker,
    };
    ab_datagram_query(blank(directory), &again);
    send_out(directory, AB_REACH_LOOPBACK, NULL, AB_PACKET_QUERY);
}

void ab_voice_add(ab_directory *directory, ab_reach reach, const ab_own *own)
{
    ab_presence presence = speak(directory);
    ab_datagram_add(blank(directory), presence.port, ab_text_slice(own->id),
                    ab_text_slice(own->info), &presence);
    send_out(directory, reach, NULL, AB_PACKET_ADD);
}

void ab_voice_remove(ab_directory *directory, ab_reach reach, ab_slice id)
{
    ab_presence presence = speak(directory);
    ab_datagram_remove(blank(directory), presence.port, id, &presence);
    send_out(directory, reach, NULL, AB_PACKET_REMOVE);
}

void ab_voice_suspect(ab_directory *directory, ab_reach reach, const ab_place *to, uint64_t about)
{
    ab_datagram_suspect(blank(directory), directory->config.bus, about);
    send_out(directory, reach, to, AB_PACKET_SUSPECT);
}

/* More addresses than a packet holds are not told at all: who reads half a list takes it for the whole. */
static size_t told_addresses(const ab_directory *directory)
{
    return directory->address_count <= AB_PACKET_ADDRESSES ? directory->address_count : 0;
}

void ab_voice_presence(ab_directory *directory, ab_reach reach)
{
    ab_presence presence = speak(directory);
    ab_datagram_presence_begin(blank(directory), &presence, directory->addresses,
                               told_addresses(directory));
    ab_datagram_presence_end(&directory->out);
    send_out(directory, reach, NULL, AB_PACKET_PRESENCE);
}

bool ab_voice_services(ab_directory *directory, ab_reach reach, const ab_place *to, size_t limit,
                       const ab_own *const services[], size_t count, size_t *said)
{
    ab_presence presence = speak(directory);
    ab_buffer *out = blank(directory);
    size_t addresses = told_addresses(directory);
    ab_datagram_presence_begin(out, &presence, directory->addresses, addresses);
    if (addresses > 0 && ab_buffer_length(out) + 1 > limit)
        ab_datagram_presence_begin(blank(directory), &presence, NULL, 0);
    *said = 0;
    if (ab_buffer_length(out) + 1 > limit)
        return false;
    while (*said < count &&
           ab_datagram_presence_service(out, ab_text_slice(services[*said]->id),
                                        ab_text_slice(services[*said]->info), limit))
        ++*said;
    ab_datagram_presence_end(out);
    send_out(directory, reach, to, AB_PACKET_PRESENCE);
    return true;
}
