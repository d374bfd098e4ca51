/* SPDX-License-Identifier: MIT
 * An internet address and port as a plain value; no socket, no name lookup. IPv4 in IPv6 is IPv4 here. */
#ifndef AB_BASE_ADDRESS_H
#define AB_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;
struct sockaddr_storage;

/** Compare with ab_address_equal; all unused bytes are zero, so the struct itself can be a map key. */
typedef struct ab_address {
    uint8_t family;    /**< 4 or 6; 0: none */
    uint8_t bytes[16]; /**< network order; IPv4 uses the first four */
    uint8_t unused;
    uint16_t port;  /**< host order */
    uint32_t scope; /**< interface index of a link-local IPv6 address, else 0 */
} ab_address;

#define AB_ADDRESS_TEXT 80 /**< enough for any address, its scope and port */

ab_address ab_address_v4(uint32_t host_order, uint16_t port);
bool ab_address_from_sockaddr(ab_address *address, const struct sockaddr *sockaddr);
/** Returns the length for bind, connect and sendmsg. */
unsigned ab_address_to_sockaddr(const ab_address *address, struct sockaddr_storage *sockaddr);
/** A numeric host such as "10.0.0.1" or "fe80::1%eth0"; false if it is none. */
bool ab_address_parse(ab_address *address, const char *host, uint16_t port);
/** The host without the port. Returns text. */
const char *ab_address_host(const ab_address *address, char text[AB_ADDRESS_TEXT]);
/** "10.0.0.1:80", "[fe80::1%eth0]:80". Returns text. */
const char *ab_address_text(const ab_address *address, char text[AB_ADDRESS_TEXT]);
bool ab_address_equal(const ab_address *a, const ab_address *b);
/** The same host, whatever the port. */
bool ab_address_same_host(const ab_address *a, const ab_address *b);
bool ab_address_is_loopback(const ab_address *address);
bool ab_address_is_link_local(const ab_address *address);
/** True if both are in one network of that many leading bits. */
bool ab_address_in_prefix(const ab_address *address, const ab_address *network, unsigned bits);

#endif
