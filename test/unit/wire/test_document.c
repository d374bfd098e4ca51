/* SPDX-License-Identifier: MIT
 * docs/protocol.md says what the codec does: each datagram in it is read, and written again byte for byte. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/recording.h"
#include "wire/datagram.h"
#include "wire/frames.h"

#define PAGE      "docs/protocol.md"
#define SHORT_PAD "\"pad\":\"\xe2\x80\xa6\"}"
#define PAD       "\"pad\":\""

typedef struct tally {
    unsigned kinds[AB_PACKET_KINDS], ours;
} tally;

/* The page cuts the dots of a query. */
static size_t fill(char text[AB_DATAGRAM_MAX], const char *line)
{
    snprintf(text, AB_DATAGRAM_MAX, "%s", line);
    char *cut = strstr(text, SHORT_PAD);
    if (cut == NULL)
        return strlen(text);
    size_t start = (size_t)(cut - text) + sizeof PAD - 1;
    memset(text + start, '.', AB_QUERY_SIZE - 2 - start);
    memcpy(text + AB_QUERY_SIZE - 2, "\"}", 3);
    return AB_QUERY_SIZE;
}

static void write_list(ab_buffer *out, const ab_packet *packet)
{
    ab_address addresses[AB_PACKET_ADDRESSES];
    size_t count = 0;
    ab_members members;
    ab_slice key, id;
    ab_value host, info;
    ab_members_begin(&members, packet->addresses);
    while (ab_members_next(&members, &key, &host)) {
        char text[AB_ADDRESS_TEXT];
        text[ab_scan_string(host, text)] = '\0';
        cr_assert(ab_address_parse(&addresses[count++], text, 0), "%s", text);
    }
    ab_datagram_presence_begin(out, &packet->presence, addresses, count);
    uint64_t digest = 0;
    ab_services_walk walk;
    ab_services_begin(&walk, packet->services);
    while (ab_services_next(&walk, &id, &info)) {
        digest += ab_service_digest(id, info.text);
        cr_assert(ab_datagram_presence_service(out, id, info.text, AB_DATAGRAM_GOOD));
    }
    ab_datagram_presence_end(out);
    if (packet->services.kind != AB_KIND_NONE || packet->presence.count == 0)
        cr_assert_eq(digest, packet->presence.digest, "the digest is %016lx",
                     (unsigned long)digest);
}

static void write_again(ab_buffer *out, const ab_packet *packet)
{
    const ab_presence *presence = packet->has_presence ? &packet->presence : NULL;
    ab_query query = {
        .bus = packet->bus,
        .waits = packet->waits,
        .has_known = packet->has_known,
        .known = packet->known,
        .sum = packet->sum,
        .presence = presence,
        .asker = packet->has_asker ? &packet->asker : NULL,
    };
    switch (packet->kind) {
    case AB_PACKET_QUERY: ab_datagram_query(out, &query); break;
    case AB_PACKET_ADD:
        ab_datagram_add(out, packet->port, packet->service, packet->info.text, presence);
        break;
    case AB_PACKET_REMOVE: ab_datagram_remove(out, packet->port, packet->service, presence); break;
    case AB_PACKET_PRESENCE: write_list(out, packet); break;
    default: ab_datagram_suspect(out, packet->bus, packet->about); break;
    }
}

static void check_datagram(tally *seen, const char *line)
{
    char text[AB_DATAGRAM_MAX];
    size_t length = fill(text, line);
    ab_packet packet;
    bool is_unknown;
    cr_assert(ab_datagram_decode(&packet, text, length, &is_unknown), "%s", text);
    seen->kinds[packet.kind]++;
    if (!packet.has_bus)
        return;
    seen->ours++;
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    write_again(&out, &packet);
    ab_slice written = {ab_buffer_bytes(&out), ab_buffer_length(&out)};
    cr_assert(ab_slice_equal(written, (ab_slice){text, length}), "%s\nis written\n%.*s", text,
              (int)written.length, written.bytes);
}

static void check_block(void *userdata, char *text)
{
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        check_datagram(userdata, line);
}

Test(document, shows_datagrams_as_they_are)
{
    tally seen = {0};
    cr_assert_gt(document_blocks(PAGE, "datagram", check_block, &seen), 5);
    for (int kind = 0; kind < AB_PACKET_KINDS; kind++)
        cr_expect_gt(seen.kinds[kind], 0, "it shows none of kind %d", kind);
    cr_assert_geq(seen.ours, 9);
}

static void check_json(void *userdata, char *text)
{
    ab_value value;
    (void)userdata;
    cr_assert(ab_scan(ab_slice_of(text), &value), "%s", text);
}

Test(document, shows_json_that_is_some)
{
    cr_assert_gt(document_blocks(PAGE, "json", check_json, NULL), 0);
}

static const char *const keys[] = {"command",  "bus",     "seq",  "port", "count",    "digest",
                                   "interval", "service", "info", "at",   "services", "waits",
                                   "known",    "sum",     "for",  "pad",  "about"};

Test(document, names_every_key)
{
    char *page = tree_text(PAGE);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char word[32];
        snprintf(word, sizeof word, "`%s`", keys[i]);
        cr_expect(strstr(page, word) != NULL, "%s", word);
    }
    free(page);
}

/* "01 0a \"text\"": bytes as they are written on the page. */
static void read_bytes(const char *at, ab_buffer *bytes)
{
    while (*at != '\0') {
        char *end;
        if (*at == ' ') {
            at++;
        } else if (*at == '"') {
            for (at++; *at != '"'; at++) {
                at += *at == '\\';
                ab_buffer_append(bytes, at, 1);
            }
            at++;
        } else {
            unsigned long byte = strtoul(at, &end, 16);
            cr_assert(end == at + 2, "%s", at);
            ab_buffer_append(bytes, &(char){(char)byte}, 1);
            at = end;
        }
    }
}

static void check_frame(bool seen[256], const char *line)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer bytes;
    ab_frame frame;
    size_t taken;
    const char *mistake = NULL;
    ab_buffer_init(&bytes);
    read_bytes(line + strlen("C: "), &bytes);
    ab_frame_state state = ab_frame_next(ab_buffer_bytes(&bytes), ab_buffer_length(&bytes), 65536,
                                         &frame, &taken, &mistake);
    cr_assert_eq(state, AB_FRAME_READY, "%s: %s", line, mistake);
    cr_assert_eq(taken, ab_buffer_length(&bytes), "%s", line);
    seen[frame.kind] = true;
}

static void check_frames(void *userdata, char *text)
{
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        check_frame(userdata, line);
}

Test(document, shows_frames_as_they_are)
{
    bool seen[256] = {false};
    cr_assert_gt(document_blocks(PAGE, "frame", check_frames, seen), 0);
    for (int kind = AB_FRAME_CALL; kind <= AB_FRAME_GRANT; kind++)
        cr_expect(seen[kind], "it shows none of kind %d", kind);
}
