/* SPDX-License-Identifier: MIT
 * Packets from their IP header on: what is in them, and what is none. */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "monitor/packet.h"

static unsigned char room[MONITOR_HEADERS + 64];
static unsigned char *const payload = room + MONITOR_HEADERS;

static monitor_end end_at(const char *host, uint16_t port)
{
    monitor_end end = {.family = strchr(host, ':') != NULL ? AF_INET6 : AF_INET, .port = port};
    cr_assert_eq(inet_pton(end.family, host, end.address), 1);
    return end;
}

static monitor_packet wrapped(const char *from, const char *to)
{
    monitor_packet packet;
    monitor_end ends[] = {end_at(from, 40000), end_at(to, 52722)};
    memcpy(payload, "hello", 5);
    monitor_packet_wrap(&packet, payload, 5, &ends[0], &ends[1]);
    return packet;
}

static void is_hello(const monitor_packet *packet, const char *from, const char *to)
{
    char host[MONITOR_HOST];
    cr_assert_not(packet->is_tcp);
    cr_assert_str_eq(monitor_end_host(&packet->from, host), from);
    cr_assert_str_eq(monitor_end_host(&packet->to, host), to);
    cr_assert_eq(packet->from.port, 40000);
    cr_assert_eq(packet->to.port, 52722);
    cr_assert_eq(packet->size, 5);
    cr_assert_eq(packet->payload_length, 5);
    cr_assert_arr_eq(packet->payload, "hello", 5);
}

Test(packet, that_was_wrapped_reads_as_it_travelled)
{
    static const char *const pairs[][2] = {{"10.0.0.2", "10.0.0.255"},
                                           {"fe80::1", "ff12::61:7574:6f62:7573"}};
    for (size_t i = 0; i < 2; i++) {
        monitor_packet packet = wrapped(pairs[i][0], pairs[i][1]);
        is_hello(&packet, pairs[i][0], pairs[i][1]);
    }
}

/* The sum of RFC 1071 over words is all ones where the checksum is right. */
static uint32_t sum(uint32_t before, const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        before += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    }
    while (before > 0xffff) {
        before = (before & 0xffff) + (before >> 16);
    }
    return before;
}

Test(packet, that_was_wrapped_has_right_checksums)
{
    monitor_packet packet = wrapped("10.0.0.2", "10.0.0.255");
    cr_assert_eq(sum(0, packet.bytes, 20), 0xffff);
    cr_assert_eq(sum(17 + 13, packet.bytes + 12, 8 + 13), 0xffff);
    packet = wrapped("fe80::1", "fe80::2");
    cr_assert_eq(sum(17 + 13, packet.bytes + 8, 32 + 13), 0xffff);
}

static const unsigned char tcp[] = {
    0x45, 0,    0,    46,   0,   0,   0x40, 0, 64, 6, 0, 0, 10,   0,    0, 1, 10, 0, 0, 2, /* IPv4 */
    0x9c, 0x40, 0x11, 0x94, 0,   0,   1,    0, 0,  0, 0, 9, 0x60, 0x18, 0, 1, 0,  0, 0, 0, 1,
    1,    1,    0,    'h',  'i', '!', '!' /* that fills up a frame */
};

Test(packet, of_tcp_tells_its_place)
{
    monitor_packet packet;
    cr_assert(monitor_packet_read(&packet, tcp, sizeof tcp));
    cr_assert(packet.is_tcp);
    cr_assert_eq(packet.from.port, 40000);
    cr_assert_eq(packet.to.port, 4500);
    cr_assert_eq(packet.sequence, 256);
    cr_assert_eq(packet.flags, MONITOR_ACK | 0x08);
    cr_assert_eq(packet.payload_length, 2);
    cr_assert_arr_eq(packet.payload, "hi", 2);
}

Test(packet, that_is_cut_off_or_something_else_is_none)
{
    monitor_packet packet = wrapped("10.0.0.2", "10.0.0.255");
    unsigned char copy[sizeof tcp];
    for (size_t length = 0; length < 28; length++) {
        cr_assert_not(monitor_packet_read(&packet, packet.bytes, length), "%zu bytes", length);
        packet = wrapped("10.0.0.2", "10.0.0.255");
    }
    for (size_t length = 0; length < 44; length++) {
        cr_assert_not(monitor_packet_read(&packet, tcp, length), "%zu bytes", length);
    }
    static const struct {
        size_t at;
        unsigned char byte;
    } wrong[] = {{0, 0x25}, {0, 0x44}, {0, 0x4f}, {7, 1}, {9, 1}, {32, 0x40}, {32, 0xf0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(copy, tcp, sizeof tcp);
        copy[wrong[i].at] = wrong[i].byte;
        cr_assert_not(monitor_packet_read(&packet, copy, sizeof copy), "case %zu", i);
    }
}

Test(packet, of_which_only_the_first_piece_is_here_tells_how_long_it_is)
{
    monitor_packet packet = wrapped("10.0.0.2", "10.0.0.255");
    unsigned char first[33];
    memcpy(first, packet.bytes, sizeof first);
    first[6] = 0x20;
    first[24] = 8000 >> 8;
    first[25] = 8000 & 0xff;
    cr_assert(monitor_packet_read(&packet, first, sizeof first));
    cr_assert_eq(packet.size, 8000 - 8);
    cr_assert_eq(packet.payload_length, 5);
}
