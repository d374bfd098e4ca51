/* SPDX-License-Identifier: MIT
 * The filter as the kernel carries it out: on a pair of sockets, where each datagram stands for a packet. */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monitor/filter.h"
#include "monitor/packet.h"

static int pair[2];
static monitor_ports ports;

static void attach(void)
{
    static struct sock_filter program[MONITOR_FILTER_MOST];
    size_t length = monitor_filter_write(program, 52722, &ports);
    cr_assert_leq(length, MONITOR_FILTER_MOST);
    struct sock_fprog filter = {.len = (unsigned short)length, .filter = program};
    cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
    cr_assert_eq(setsockopt(pair[1], SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter), 0);
}

static bool passes(const unsigned char *bytes, size_t length)
{
    unsigned char room[2048];
    (void)send(pair[0], bytes, length, 0);
    return recv(pair[1], room, sizeof room, 0) == (ssize_t)length;
}

static bool passes_datagram(const char *host, uint16_t from, uint16_t to, const char *text)
{
    unsigned char room[MONITOR_HEADERS + 64];
    monitor_packet packet;
    monitor_end ends[2] = {{.port = from}, {.port = to}};
    for (int i = 0; i < 2; i++) {
        ends[i].family = strchr(host, ':') != NULL ? AF_INET6 : AF_INET;
        inet_pton(ends[i].family, host, ends[i].address);
    }
    memcpy(room + MONITOR_HEADERS, text, strlen(text));
    monitor_packet_wrap(&packet, room + MONITOR_HEADERS, strlen(text), &ends[0], &ends[1]);
    return passes(packet.bytes, packet.length);
}

static bool passes_tcp(int version, uint16_t from, uint16_t to)
{
    unsigned char bytes[60] = {version == 4 ? 0x45 : 0x60};
    size_t header = version == 4 ? 20 : 40;
    bytes[version == 4 ? 9 : 6] = IPPROTO_TCP;
    bytes[header] = (unsigned char)(from >> 8);
    bytes[header + 1] = (unsigned char)from;
    bytes[header + 2] = (unsigned char)(to >> 8);
    bytes[header + 3] = (unsigned char)to;
    return passes(bytes, header + 20);
}

static void detach(void)
{
    close(pair[0]);
    close(pair[1]);
    ports = (monitor_ports){0};
}

Test(filter, takes_datagrams_of_discovery_and_no_others)
{
    attach();
    static const char *const hosts[] = {"10.0.0.2", "fe80::1"};
    for (size_t i = 0; i < 2; i++) {
        cr_assert(passes_datagram(hosts[i], 40000, 52722, "x"));
        cr_assert(passes_datagram(hosts[i], 52722, 40000, "x"));
        cr_assert(passes_datagram(hosts[i], 40000, 40001, "{\"command\":\"presence\"}"));
        cr_assert_not(passes_datagram(hosts[i], 40000, 53, "{\"commerce\":1}"));
        cr_assert_not(passes_datagram(hosts[i], 40000, 53, "{\"com"));
        cr_assert_not(passes_datagram(hosts[i], 40000, 53, ""));
    }
    detach();
}

Test(filter, takes_tcp_of_these_ports_and_of_no_others)
{
    monitor_ports_add(&ports, 4000);
    monitor_ports_add(&ports, 65535);
    attach();
    for (int version = 4; version <= 6; version += 2) {
        cr_assert(passes_tcp(version, 4000, 9));
        cr_assert(passes_tcp(version, 9, 4000));
        cr_assert(passes_tcp(version, 9, 65535));
        cr_assert_not(passes_tcp(version, 9, 4001));
        cr_assert_not(passes_tcp(version, 52722, 9), "that is UDP's");
    }
    detach();
}

Test(filter, takes_no_later_pieces_and_nothing_else)
{
    monitor_ports_add(&ports, 4000);
    attach();
    unsigned char piece[40] = {0x45,       [6] = 0, [7] = 1, [9] = IPPROTO_TCP, [20] = 4000 >> 8,
                               4000 & 0xff};
    cr_assert_not(passes(piece, sizeof piece));
    piece[7] = 0;
    cr_assert(passes(piece, sizeof piece));
    piece[0] = 0x46;
    cr_assert_not(passes(piece, sizeof piece), "with options the ports are elsewhere");
    piece[0] = 0x85;
    cr_assert_not(passes(piece, sizeof piece));
    piece[0] = 0x45;
    piece[9] = IPPROTO_ICMP;
    cr_assert_not(passes(piece, sizeof piece));
    detach();
}

Test(filter, takes_the_first_piece_of_a_long_datagram)
{
    attach();
    unsigned char v6[60] = {0x60,     [6] = IPPROTO_FRAGMENT, [40] = IPPROTO_UDP,
                            [43] = 1, [50] = 52722 >> 8,      52722 & 0xff};
    cr_assert(passes(v6, sizeof v6));
    v6[42] = 1;
    cr_assert_not(passes(v6, sizeof v6), "a later piece");
    v6[42] = 0;
    v6[40] = IPPROTO_ICMPV6;
    cr_assert_not(passes(v6, sizeof v6));
    unsigned char v4[40] = {0x45, [6] = 0x20, [9] = IPPROTO_UDP, [22] = 52722 >> 8, 52722 & 0xff};
    cr_assert(passes(v4, sizeof v4));
    v4[7] = 185;
    cr_assert_not(passes(v4, sizeof v4), "a later piece");
    detach();
}

Test(filter, with_many_ports_takes_all_of_tcp)
{
    for (int port = 1; port <= MONITOR_FILTER_PORTS; port++) {
        monitor_ports_add(&ports, (uint16_t)port);
    }
    attach();
    cr_assert(passes_tcp(4, 9999, MONITOR_FILTER_PORTS));
    cr_assert_not(passes_tcp(4, 9999, MONITOR_FILTER_PORTS + 1));
    monitor_ports more = ports;
    detach();
    ports = more;
    monitor_ports_add(&ports, 5000);
    attach();
    cr_assert(passes_tcp(4, 9999, MONITOR_FILTER_PORTS + 1));
    cr_assert_not(passes_datagram("10.0.0.2", 1, 2, "x"));
    detach();
}
