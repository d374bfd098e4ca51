/* SPDX-License-Identifier: MIT
 * A packet: UDP or TCP over IPv4 or IPv6, from its IP header on, taken apart where it lies. Pure, and safe whatever the
 * bytes are. */
#ifndef MONITOR_PACKET_H
#define MONITOR_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

/** Room for the headers that monitor_packet_wrap() makes. */
#define MONITOR_HEADERS 48

/** The text of an address. */
#define MONITOR_HOST 46

typedef struct monitor_end {
    int family; /**< AF_INET or AF_INET6 */
    unsigned char address[16];
    uint16_t port;
} monitor_end;

typedef struct monitor_packet {
    int64_t time_ns; /**< since 1970; whoever caught it fills this in, and the interface */
    unsigned interface;
    const unsigned char *bytes; /**< from the IP header on, borrowed */
    size_t length;
    bool is_tcp;
    monitor_end from, to;
    const unsigned char *payload; /**< as far as it was caught */
    size_t payload_length;
    size_t
        size; /**< of the whole payload: of a datagram in several pieces, only the first is here */
    uint32_t sequence; /**< TCP */
    unsigned flags;    /**< TCP: MONITOR_FIN and so on */
} monitor_packet;

enum {
    MONITOR_FIN = 0x01,
    MONITOR_SYN = 0x02,
    MONITOR_RST = 0x04,
    MONITOR_ACK = 0x10
};

/** Takes `length` bytes apart, which outlive the packet. False if it is neither UDP nor TCP, or does not begin here. */
bool monitor_packet_read(monitor_packet *self, const unsigned char *bytes, size_t length);

/** Writes the headers of a datagram into the MONITOR_HEADERS bytes that lie before its payload: as it may have
 *  travelled. What came in has been stripped of them. The packet then begins within these, and is `self`. */
void monitor_packet_wrap(monitor_packet *self, unsigned char *payload, size_t length,
                         const monitor_end *from, const monitor_end *to);

/** The end that an address of a socket is. */
monitor_end monitor_end_of(const struct sockaddr *address);
bool monitor_end_equals(const monitor_end *a, const monitor_end *b);
/** Its host as text. */
const char *monitor_end_host(const monitor_end *self, char room[MONITOR_HOST]);

#endif
