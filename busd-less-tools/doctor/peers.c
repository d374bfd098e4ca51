/* SPDX-License-Identifier: MIT
 * Taking lists of peers apart, and looking names up. */
#include "doctor/peers.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool/options.h"
#include "tool/text.h"

static bool is_of_network(const doctor_facts *facts, const struct sockaddr *address)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    if (address->sa_family == AF_INET6) {
        return IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr);
    }
    for (size_t i = 0; i < facts->interface_count; i++) {
        const doctor_interface *it = &facts->interfaces[i];
        if (!it->is_loopback && doctor_interface_reaches(it, v4->sin_addr)) {
            return true;
        }
    }
    return false;
}

/* Only an address of this machine can be bound. */
static bool is_here(const struct addrinfo *found)
{
    int fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_own = fd >= 0 && bind(fd, found->ai_addr, found->ai_addrlen) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is_own;
}

static doctor_peer *add(doctor_facts *facts, const char *name, uint16_t udp_port)
{
    facts->peers =
        tool_text_checked(reallocarray(facts->peers, facts->peer_count + 1, sizeof *facts->peers));
    doctor_peer *fresh = &facts->peers[facts->peer_count++];
    *fresh = (doctor_peer){.name = tool_text_checked(strdup(name)), .udp_port = udp_port};
    return fresh;
}

/* NULL if that is no name; then *ret_trouble says why, and is yours. */
static struct addrinfo *look_up(const char *host, char **ret_trouble)
{
    struct addrinfo *found = NULL;
    struct addrinfo wanted = {.ai_socktype = SOCK_DGRAM};
    int failure = getaddrinfo(host, NULL, &wanted, &found);
    *ret_trouble = failure == 0 ? NULL : tool_text_checked(strdup(gai_strerror(failure)));
    return failure == 0 ? found : NULL;
}

static void locate(const doctor_facts *facts, doctor_peer *peer, const struct addrinfo *found)
{
    if (getnameinfo(found->ai_addr, found->ai_addrlen, peer->host, sizeof peer->host, NULL, 0,
                    NI_NUMERICHOST) != 0) {
        *peer->host = '\0';
    }
    peer->is_beyond = !is_of_network(facts, found->ai_addr);
}

static void add_listed(doctor_facts *facts, const char *entry)
{
    tool_place place;
    char *trouble;
    bool has_port = tool_place_parse(&place, entry);
    char *bare = tool_text_checked(strdup(has_port ? place.host : entry));
    size_t length = strlen(bare);
    if (length > 2 && bare[0] == '[' && bare[length - 1] == ']') {
        memmove(bare, bare + 1, length);
        bare[length - 2] = '\0';
    }
    struct addrinfo *found = look_up(bare, &trouble);
    doctor_peer *peer = add(facts, entry, has_port ? place.port : facts->port);
    peer->trouble = trouble;
    if (found != NULL) {
        locate(facts, peer, found);
        freeaddrinfo(found);
    }
    free(bare);
    if (has_port) {
        tool_place_fini(&place);
    }
}

void doctor_peers_add_listed(doctor_facts *facts, const char *list)
{
    char *copy = tool_text_checked(strdup(list != NULL ? list : ""));
    char *rest = copy;
    for (char *entry = strsep(&rest, ","); entry != NULL; entry = strsep(&rest, ",")) {
        entry += strspn(entry, " \t");
        entry[strcspn(entry, " \t")] = '\0';
        if (*entry != '\0') {
            add_listed(facts, entry);
        }
    }
    free(copy);
}

void doctor_peers_add_place(doctor_facts *facts, const tool_place *place)
{
    char *trouble;
    struct addrinfo *found = look_up(place->host, &trouble);
    if (found == NULL || !is_here(found)) {
        doctor_peer *peer = add(facts, place->host, facts->port);
        peer->is_place = true;
        peer->tcp_port = place->port;
        peer->trouble = trouble;
        if (found != NULL) {
            locate(facts, peer, found);
        }
    }
    if (found != NULL) {
        freeaddrinfo(found);
    }
}
