/* SPDX-License-Identifier: MIT
 * Headers of IPv4 (RFC 791), IPv6 (RFC 8200), UDP (RFC 768) and TCP (RFC 9293), byte for byte. */
#include "monitor/packet.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum {
    IPV4_LEAST = 20,
    IPV6_LENGTH = 40,
    UDP_LENGTH = 8,
    TCP_LEAST = 20,
    HOPS = 64
};

static unsigned u16(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static uint32_t u32(const unsigned char *at)
{
    return (uint32_t)u16(at) << 16 | u16(at + 2);
}

static void put16(unsigned char *at, unsigned number)
{
    at[0] = (unsigned char)(number >> 8);
    at[1] = (unsigned char)number;
}

/* Bytes of headers before those of UDP or TCP; 0 if this is no such packet. */
static size_t read_ipv4(monitor_packet *self, int *ret_protocol, size_t *ret_end)
{
    const unsigned char *bytes = self->bytes;
    size_t header = self->length >= IPV4_LEAST ? (size_t)(bytes[0] & 0x0f) * 4 : 0;
    if (header < IPV4_LEAST || header > self->length || (u16(bytes + 6) & 0x1fff) != 0) {
        return 0; /* or a later piece of one */
    }
    *ret_protocol = bytes[9];
    *ret_end = u16(bytes + 2);
    self->from.family = self->to.family = AF_INET;
    memcpy(self->from.address, bytes + 12, 4);
    memcpy(self->to.address, bytes + 16, 4);
    return header;
}

static size_t read_ipv6(monitor_packet *self, int *ret_protocol, size_t *ret_end)
{
    const unsigned char *bytes = self->bytes;
    size_t header = IPV6_LENGTH;
    if (self->length < IPV6_LENGTH + 8) {
        return 0;
    }
    *ret_protocol = bytes[6];
    *ret_end = IPV6_LENGTH + u16(bytes + 4);
    if (*ret_protocol == IPPROTO_FRAGMENT) {
        if ((u16(bytes + IPV6_LENGTH + 2) & 0xfff8) != 0) {
            return 0;
        }
        *ret_protocol = bytes[IPV6_LENGTH];
        header += 8;
    }
    self->from.family = self->to.family = AF_INET6;
    memcpy(self->from.address, bytes + 8, 16);
    memcpy(self->to.address, bytes + 24, 16);
    return header;
}

static size_t read_tcp(monitor_packet *self, const unsigned char *header, size_t left)
{
    size_t length = left >= TCP_LEAST ? (size_t)(header[12] >> 4) * 4 : 0;
    if (length < TCP_LEAST || length > left) {
        return 0;
    }
    self->is_tcp = true;
    self->sequence = u32(header + 4);
    self->flags = header[13];
    return length;
}

bool monitor_packet_read(monitor_packet *self, const unsigned char *bytes, size_t length)
{
    int protocol = 0;
    size_t end = 0;
    *self = (monitor_packet){.bytes = bytes, .length = length};
    int version = length > 0 ? bytes[0] >> 4 : 0;
    size_t before = version == 4   ? read_ipv4(self, &protocol, &end)
                    : version == 6 ? read_ipv6(self, &protocol, &end)
                                   : 0;
    /* A length of 0 is one too large for its field; what lies behind the end has filled up a frame. */
    end = end > before && end < length ? end : length;
    if (before == 0 || end < before + UDP_LENGTH) {
        return false;
    }
    const unsigned char *header = bytes + before;
    size_t more = protocol == IPPROTO_UDP   ? UDP_LENGTH
                  : protocol == IPPROTO_TCP ? read_tcp(self, header, end - before)
                                            : 0;
    if (more == 0) {
        return false;
    }
    self->from.port = (uint16_t)u16(header);
    self->to.port = (uint16_t)u16(header + 2);
    self->payload = header + more;
    self->payload_length = end - before - more;
    self->size = self->payload_length;
    if (!self->is_tcp && u16(header + 4) > self->size + UDP_LENGTH) {
        self->size = u16(header + 4) - UDP_LENGTH;
    }
    return true;
}

/* The sum of RFC 1071, not yet folded. */
static uint32_t sum(uint32_t before, const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2) {
        before += u16(bytes + i);
    }
    return length % 2 == 0 ? before : before + ((unsigned)bytes[length - 1] << 8);
}

static unsigned folded(uint32_t total)
{
    while (total > 0xffff) {
        total = (total & 0xffff) + (total >> 16);
    }
    return ~total & 0xffff;
}

static void wrap_ipv4(unsigned char *header, size_t length, const monitor_end *from,
                      const monitor_end *to)
{
    memset(header, 0, IPV4_LEAST);
    header[0] = 0x45;
    put16(header + 2, (unsigned)(IPV4_LEAST + length));
    header[8] = HOPS;
    header[9] = IPPROTO_UDP;
    memcpy(header + 12, from->address, 4);
    memcpy(header + 16, to->address, 4);
    put16(header + 10, folded(sum(0, header, IPV4_LEAST)));
}

static void wrap_ipv6(unsigned char *header, size_t length, const monitor_end *from,
                      const monitor_end *to)
{
    memset(header, 0, IPV6_LENGTH);
    header[0] = 0x60;
    put16(header + 4, (unsigned)length);
    header[6] = IPPROTO_UDP;
    header[7] = HOPS;
    memcpy(header + 8, from->address, 16);
    memcpy(header + 24, to->address, 16);
}

void monitor_packet_wrap(monitor_packet *self, unsigned char *payload, size_t length,
                         const monitor_end *from, const monitor_end *to)
{
    bool is_ipv4 = from->family == AF_INET;
    size_t addresses = is_ipv4 ? 4 : 16;
    unsigned char *udp = payload - UDP_LENGTH;
    unsigned char *ip = udp - (is_ipv4 ? IPV4_LEAST : IPV6_LENGTH);
    size_t size = UDP_LENGTH + length;
    put16(udp, from->port);
    put16(udp + 2, to->port);
    put16(udp + 4, (unsigned)size);
    put16(udp + 6, 0);
    uint32_t total = sum((uint32_t)(IPPROTO_UDP + size), from->address, addresses);
    unsigned check = folded(sum(sum(total, to->address, addresses), udp, size));
    put16(udp + 6, check != 0 ? check : 0xffff);
    (is_ipv4 ? wrap_ipv4 : wrap_ipv6)(ip, size, from, to);
    (void)monitor_packet_read(self, ip, (size_t)(udp - ip) + size);
}

monitor_end monitor_end_of(const struct sockaddr *address)
{
    monitor_end end = {.family = address->sa_family};
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (end.family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        memcpy(end.address, &v4.sin_addr, sizeof v4.sin_addr);
        end.port = ntohs(v4.sin_port);
    } else {
        memcpy(&v6, address, sizeof v6);
        memcpy(end.address, &v6.sin6_addr, sizeof v6.sin6_addr);
        end.port = ntohs(v6.sin6_port);
    }
    return end;
}

bool monitor_end_equals(const monitor_end *a, const monitor_end *b)
{
    return a->port == b->port && a->family == b->family &&
           memcmp(a->address, b->address, sizeof a->address) == 0;
}

const char *monitor_end_host(const monitor_end *self, char room[MONITOR_HOST])
{
    const char *text = inet_ntop(self->family, self->address, room, MONITOR_HOST);
    return text != NULL ? text : "";
}
