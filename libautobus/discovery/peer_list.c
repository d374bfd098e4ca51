/* SPDX-License-Identifier: MIT
 * Reads a list of peers as people type it. Pure, but for the names of interfaces in IPv6 addresses. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "discovery/peers.h"

#define LONGEST_NAME 253

static autobus_result refuse(const char *entry, const char *why)
{
    return ab_fail(AUTOBUS_INVALID, "the peer \"%s\" %s", entry, why);
}

/* Cuts blanks off both ends, in place. */
static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

/* Cuts `entry` in two in place. *port stays NULL without one. False: brackets that do not match. */
static bool split(char *entry, char **host, char **port)
{
    *port = NULL;
    *host = entry;
    if (*entry == '[') {
        char *end = strchr(entry, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':'))
            return false;
        *host = entry + 1;
        *port = end[1] == ':' ? end + 2 : NULL;
        *end = '\0';
        return strchr(*host, ':') != NULL;
    }
    char *colon = strchr(entry, ':');
    if (colon == NULL || strchr(colon + 1, ':') != NULL)
        return true;
    *colon = '\0';
    *port = colon + 1;
    return true;
}

static bool parse_port(const char *text, uint16_t *port)
{
    size_t length = strlen(text);
    if (length == 0 || length > 5 || strspn(text, "0123456789") != length)
        return false;
    unsigned long number = strtoul(text, NULL, 10);
    *port = (uint16_t)number;
    return number >= 1 && number <= 65535;
}

/* A last label of digits only would be taken for a shortened IPv4 address by the resolver: 10.1 for 10.0.0.1. */
static bool is_name(const char *host)
{
    size_t length = strlen(host);
    if (length == 0 || length > LONGEST_NAME || host[0] == '-' || host[0] == '.')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)host[i]) && strchr("-._", host[i]) == NULL)
            return false;
    }
    const char *dot = strrchr(host, '.');
    const char *label = dot == NULL ? host : dot + 1;
    return label[strspn(label, "0123456789")] != '\0' || *label == '\0';
}

static autobus_result parse_entry(const char *entry, uint16_t port, ab_listed_peer *peer)
{
    AB_SCOPED(ab_free_ptr) char *copy = ab_strdup(entry);
    char *host, *port_text;
    if (!split(copy, &host, &port_text))
        return refuse(
            entry, "has brackets that hold no IPv6 address; [fe80::1%eth0]:52722 would be right");
    peer->port = port;
    if (port_text != NULL && !parse_port(port_text, &peer->port))
        return refuse(entry,
                      "has no UDP port behind its colon; a number from 1 to 65535 would be right");
    if (ab_address_parse(&peer->addresses[0], host, peer->port)) {
        if (peer->addresses[0].family == 6 && ab_address_is_link_local(&peer->addresses[0]) &&
            peer->addresses[0].scope == 0)
            return refuse(
                entry, "is on one link only and does not say which; fe80::1%eth0 would be right");
        peer->count = 1;
    } else if (is_name(host)) {
        peer->is_name = true;
    } else {
        return refuse(
            entry,
            "is neither a host name nor an address; attic.lan, 10.1.0.5 or 10.1.0.5:52722 would be right");
    }
    peer->host = ab_strdup(host);
    return AUTOBUS_OK;
}

autobus_result ab_listed_parse(const char *text, uint16_t port, ab_listed_peer **ret,
                               size_t *ret_count)
{
    ab_listed_peer *peers = NULL;
    size_t count = 0;
    AB_SCOPED(ab_free_ptr) char *copy = ab_strdup(text == NULL ? "" : text);
    char *rest = copy, *entry;
    while ((entry = strsep(&rest, ",")) != NULL) {
        entry = trim(entry);
        if (*entry == '\0')
            continue;
        peers = ab_realloc(peers, count + 1, sizeof *peers);
        peers[count] = (ab_listed_peer){0};
        autobus_result result = parse_entry(entry, port, &peers[count]);
        if (result == AUTOBUS_OK && ++count > AB_LISTED_MAX)
            result = ab_fail(AUTOBUS_TOO_LARGE, "the list of peers has more than %d entries",
                             AB_LISTED_MAX);
        if (result != AUTOBUS_OK) {
            ab_listed_clear(peers, count);
            return result;
        }
    }
    *ret = peers;
    *ret_count = count;
    return AUTOBUS_OK;
}

void ab_listed_clear(ab_listed_peer *peers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(peers[i].host);
    free(peers);
}
