/* SPDX-License-Identifier: MIT
 * Addresses as values: to and from sockaddr and text. Asks no name server; the kernel only for the names of
 * interfaces. */
#include "base/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static bool is_link_local_v6(const uint8_t bytes[16])
{
    return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

ab_address ab_address_v4(uint32_t host_order, uint16_t port)
{
    ab_address address = {.family = 4, .port = port};
    uint32_t network = htonl(host_order);
    memcpy(address.bytes, &network, 4);
    return address;
}

static ab_address address_v6(const struct in6_addr *in6, uint16_t port, uint32_t scope)
{
    ab_address address = {.family = 6, .port = port};
    if (IN6_IS_ADDR_V4MAPPED(in6)) {
        address.family = 4;
        memcpy(address.bytes, in6->s6_addr + 12, 4);
        return address;
    }
    memcpy(address.bytes, in6, 16);
    if (is_link_local_v6(address.bytes) || IN6_IS_ADDR_MC_LINKLOCAL(in6))
        address.scope = scope;
    return address;
}

bool ab_address_from_sockaddr(ab_address *address, const struct sockaddr *sockaddr)
{
    *address = (ab_address){0};
    if (sockaddr->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)sockaddr;
        *address = ab_address_v4(ntohl(in->sin_addr.s_addr), ntohs(in->sin_port));
        return true;
    }
    if (sockaddr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)sockaddr;
        *address = address_v6(&in6->sin6_addr, ntohs(in6->sin6_port), in6->sin6_scope_id);
        return true;
    }
    return false;
}

unsigned ab_address_to_sockaddr(const ab_address *address, struct sockaddr_storage *sockaddr)
{
    memset(sockaddr, 0, sizeof *sockaddr);
    if (address->family == 6) {
        struct sockaddr_in6 *in6 = (void *)sockaddr;
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(address->port);
        in6->sin6_scope_id = address->scope;
        memcpy(&in6->sin6_addr, address->bytes, 16);
        return sizeof *in6;
    }
    struct sockaddr_in *in = (void *)sockaddr;
    in->sin_family = AF_INET;
    in->sin_port = htons(address->port);
    memcpy(&in->sin_addr, address->bytes, 4);
    return sizeof *in;
}

/* "eth0" or "3". 0: there is no such interface. */
static uint32_t parse_scope(const char *name)
{
    if (name[0] != '\0' && strspn(name, "0123456789") == strlen(name) && strlen(name) < 10)
        return (uint32_t)strtoul(name, NULL, 10);
    return if_nametoindex(name);
}

bool ab_address_parse(ab_address *address, const char *host, uint16_t port)
{
    *address = (ab_address){0};
    struct in_addr in;
    if (inet_pton(AF_INET, host, &in) == 1) {
        *address = ab_address_v4(ntohl(in.s_addr), port);
        return true;
    }
    char plain[INET6_ADDRSTRLEN];
    size_t length = strcspn(host, "%");
    if (length >= sizeof plain)
        return false;
    memcpy(plain, host, length);
    plain[length] = '\0';
    struct in6_addr in6;
    if (inet_pton(AF_INET6, plain, &in6) != 1)
        return false;
    uint32_t scope = 0;
    if (host[length] == '%' && (scope = parse_scope(host + length + 1)) == 0)
        return false;
    ab_address parsed = address_v6(&in6, port, scope);
    if (parsed.scope != scope)
        return false;
    *address = parsed;
    return true;
}

const char *ab_address_host(const ab_address *address, char text[AB_ADDRESS_TEXT])
{
    if (address->family == 4) {
        inet_ntop(AF_INET, address->bytes, text, AB_ADDRESS_TEXT);
    } else if (address->family == 6) {
        inet_ntop(AF_INET6, address->bytes, text, AB_ADDRESS_TEXT);
        char name[IF_NAMESIZE];
        size_t length = strlen(text);
        if (address->scope != 0 && if_indextoname(address->scope, name) != NULL)
            snprintf(text + length, AB_ADDRESS_TEXT - length, "%%%s", name);
        else if (address->scope != 0)
            snprintf(text + length, AB_ADDRESS_TEXT - length, "%%%u", address->scope);
    } else {
        snprintf(text, AB_ADDRESS_TEXT, "none");
    }
    return text;
}

const char *ab_address_text(const ab_address *address, char text[AB_ADDRESS_TEXT])
{
    char host[AB_ADDRESS_TEXT];
    ab_address_host(address, host);
    /* The longest host (46 + 1 + 15 characters) leaves room for brackets and port. */
    if (address->family == 6)
        snprintf(text, AB_ADDRESS_TEXT, "[%.63s]:%u", host, (unsigned)address->port);
    else
        snprintf(text, AB_ADDRESS_TEXT, "%.63s:%u", host, (unsigned)address->port);
    return text;
}

bool ab_address_equal(const ab_address *a, const ab_address *b)
{
    return a->port == b->port && ab_address_same_host(a, b);
}

bool ab_address_same_host(const ab_address *a, const ab_address *b)
{
    return a->family == b->family && a->scope == b->scope && memcmp(a->bytes, b->bytes, 16) == 0;
}

bool ab_address_is_loopback(const ab_address *address)
{
    static const uint8_t one[16] = {[15] = 1};
    if (address->family == 4)
        return address->bytes[0] == 127;
    return address->family == 6 && memcmp(address->bytes, one, 16) == 0;
}

bool ab_address_is_link_local(const ab_address *address)
{
    if (address->family == 4)
        return address->bytes[0] == 169 && address->bytes[1] == 254;
    return address->family == 6 && is_link_local_v6(address->bytes);
}

bool ab_address_in_prefix(const ab_address *address, const ab_address *network, unsigned bits)
{
    unsigned most = network->family == 4 ? 32 : 128;
    if (network->family == 0 || address->family != network->family || bits > most)
        return false;
    if (network->scope != 0 && address->scope != network->scope)
        return false;
    if (memcmp(address->bytes, network->bytes, bits / 8) != 0)
        return false;
    unsigned rest = bits % 8;
    if (rest == 0)
        return true;
    uint8_t mask = (uint8_t)(0xff00U >> rest);
    return ((address->bytes[bits / 8] ^ network->bytes[bits / 8]) & mask) == 0;
}
