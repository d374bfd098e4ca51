/* SPDX-License-Identifier: MIT
 * Asking by every interface, and asking peers. */
#include "doctor/voice.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/packet.h"
#include "tool/port.h"

/* Sends; 0 or the errno. What an earlier question came to is told once by whatever is sent next, and is not ours. */
static int send_to(int fd, const void *to, socklen_t length, unsigned interface, const char *text)
{
    struct sockaddr_storage target;
    union {
        char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
        struct cmsghdr aligned;
    } control = {0};
    struct iovec piece = {(void *)(uintptr_t)text, strlen(text)};
    memcpy(&target, to, length);
    struct msghdr message = {
        .msg_name = &target, .msg_namelen = length, .msg_iov = &piece, .msg_iovlen = 1};
    if (interface != 0) {
        bool is_ipv4 = target.ss_family == AF_INET;
        struct in_pktinfo v4 = {.ipi_ifindex = (int)interface};
        struct in6_pktinfo v6 = {.ipi6_ifindex = interface};
        size_t size = is_ipv4 ? sizeof v4 : sizeof v6;
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(size);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
        header->cmsg_type = is_ipv4 ? IP_PKTINFO : IPV6_PKTINFO;
        header->cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(header), is_ipv4 ? (void *)&v4 : (void *)&v6, size);
    }
    for (int left = 2; left > 0; left--) {
        if (sendmsg(fd, &message, 0) >= 0) {
            return 0;
        }
    }
    return errno;
}

/* A link-local address that is so new that it may not be used yet is no failure. */
static void note(doctor_attempt *attempt, int error)
{
    if (error == EADDRNOTAVAIL) {
        return;
    }
    if (error != 0 && attempt->way == DOCTOR_WAY_UNTRIED) {
        *attempt = (doctor_attempt){DOCTOR_WAY_REFUSED, error};
    } else if (error == 0 && attempt->way != DOCTOR_WAY_BACK) {
        *attempt = (doctor_attempt){.way = DOCTOR_WAY_LOST}; /* until it is heard */
    }
}

/* Where everybody hears it: the first directed broadcast, or on loopback that of its network. */
static struct in_addr everybody(const doctor_interface *it)
{
    for (size_t i = 0; i < it->count; i++) {
        if (it->addresses[i].family == AF_INET && it->addresses[i].broadcast.s_addr != 0) {
            return it->addresses[i].broadcast;
        }
    }
    bool is_near = it->is_loopback && doctor_interface_has(it, AF_INET);
    return (struct in_addr){is_near ? htonl(0x7fffffff) : 0};
}

static void ask_by(const doctor_ear *self, doctor_interface *it, const char *question)
{
    struct sockaddr_in v4 = {
        .sin_family = AF_INET, .sin_port = htons(self->facts->port), .sin_addr = everybody(it)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons(self->facts->port),
                              .sin6_addr = tool_port_group(),
                              .sin6_scope_id = it->index};
    if (self->own[0] >= 0 && v4.sin_addr.s_addr != 0) {
        note(&it->broadcast, send_to(self->own[0], &v4, sizeof v4, it->index, question));
    }
    if (self->own[1] >= 0 && it->can_multicast && !it->is_loopback &&
        doctor_interface_has(it, AF_INET6)) {
        note(&it->multicast, send_to(self->own[1], &v6, sizeof v6, it->index, question));
    }
}

static void ask_peer(const doctor_ear *self, doctor_peer *peer, const char *question)
{
    struct addrinfo *found = NULL;
    struct addrinfo wanted = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST};
    if (peer->trouble != NULL || getaddrinfo(peer->host, NULL, &wanted, &found) != 0) {
        return;
    }
    struct sockaddr_in6 to = {0}; /* has room for either */
    memcpy(&to, found->ai_addr, found->ai_addrlen);
    to.sin6_port = htons(peer->udp_port); /* at the same place in both */
    int fd = self->own[found->ai_family == AF_INET6];
    int error = fd >= 0 ? send_to(fd, &to, found->ai_addrlen, 0, question) : EAFNOSUPPORT;
    peer->error = peer->error != 0 ? peer->error : error;
    freeaddrinfo(found);
}

void doctor_ear_ask(doctor_ear *self)
{
    char *question = doctor_packet_question(self->id);
    for (size_t i = 0; i < self->facts->interface_count; i++) {
        doctor_interface *it = &self->facts->interfaces[i];
        if (self->facts->uses_broadcast && it->is_used && it->is_up && it->has_link) {
            ask_by(self, it, question);
        }
    }
    for (size_t i = 0; i < self->facts->peer_count; i++) {
        ask_peer(self, &self->facts->peers[i], question);
    }
    free(question);
}

void doctor_voice_failed(doctor_ear *self, const struct sockaddr *asked, int error)
{
    char host[DOCTOR_HOST];
    if (getnameinfo(asked, sizeof(struct sockaddr_storage), host, sizeof host, NULL, 0,
                    NI_NUMERICHOST) != 0) {
        return;
    }
    for (size_t i = 0; i < self->facts->peer_count; i++) {
        doctor_peer *peer = &self->facts->peers[i];
        if (strcmp(peer->host, host) == 0 && peer->error == 0) {
            peer->error = error;
        }
    }
}
