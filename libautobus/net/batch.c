/* SPDX-License-Identifier: MIT
 * recvmmsg and what comes with a datagram: source, destination, interface, TTL, drops.
 *
 * A bus reads four sockets, mostly small packets, and is idle most of its life. So the buffers belong to
 * the process, are few, and are never cleared: a page that no packet reached costs nothing. */
#include "net/batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"

#define CONTROL_SIZE 128

struct ab_batch {
    struct mmsghdr headers[AB_BATCH_SLOTS];
    struct iovec pieces[AB_BATCH_SLOTS];
    struct sockaddr_in6 sources[AB_BATCH_SLOTS];
    _Alignas(struct cmsghdr) char controls[AB_BATCH_SLOTS][CONTROL_SIZE];
    char slots[AB_BATCH_SLOTS][AB_DATAGRAM_LARGEST + 1];
};

/* The batch nobody uses now. Two buses that read at the same moment have two, and one is freed after. */
static _Atomic(ab_batch *) spare;
static atomic_uint keepers;

void ab_batch_keep(void)
{
    atomic_fetch_add(&keepers, 1);
}

void ab_batch_unkeep(void)
{
    if (atomic_fetch_sub(&keepers, 1) == 1)
        free(atomic_exchange(&spare, NULL));
}

ab_batch *ab_batch_borrow(void)
{
    ab_batch *batch = atomic_exchange(&spare, NULL);
    return batch != NULL ? batch : ab_realloc(NULL, 1, sizeof *batch);
}

void ab_batch_return(ab_batch *batch)
{
    free(atomic_exchange(&spare, batch));
}

int ab_batch_receive(ab_batch *batch, int fd, unsigned slots)
{
    slots = AB_MIN(slots, (unsigned)AB_BATCH_SLOTS);
    for (unsigned i = 0; i < slots; i++) {
        batch->pieces[i] = (struct iovec){batch->slots[i], sizeof batch->slots[i]};
        batch->headers[i].msg_hdr = (struct msghdr){
            .msg_name = &batch->sources[i],
            .msg_namelen = sizeof batch->sources[i],
            .msg_iov = &batch->pieces[i],
            .msg_iovlen = 1,
            .msg_control = batch->controls[i],
            .msg_controllen = sizeof batch->controls[i],
        };
    }
    int count = recvmmsg(fd, batch->headers, slots, MSG_DONTWAIT, NULL);
    return count < 0 ? -errno : count;
}

static void read_pktinfo4(ab_arrival *arrival, const struct in_pktinfo *info)
{
    arrival->interface = (unsigned)info->ipi_ifindex;
    arrival->destination = ab_address_v4(ntohl(info->ipi_addr.s_addr), 0);
}

static void read_pktinfo6(ab_arrival *arrival, const struct in6_pktinfo *info)
{
    struct sockaddr_in6 to = {
        .sin6_family = AF_INET6, .sin6_addr = info->ipi6_addr, .sin6_scope_id = info->ipi6_ifindex};
    arrival->interface = info->ipi6_ifindex;
    ab_address_from_sockaddr(&arrival->destination, (const struct sockaddr *)&to);
}

static bool is_kind(const struct cmsghdr *at, int level, int type, size_t length)
{
    return at->cmsg_level == level && at->cmsg_type == type && at->cmsg_len >= CMSG_LEN(length);
}

static void read_control(ab_batch_packet *packet, struct cmsghdr *at)
{
    /* Copied: the payload need not be aligned. */
    union {
        struct in_pktinfo info4;
        struct in6_pktinfo info6;
        int number;
        uint32_t drops;
    } payload;
    if (is_kind(at, IPPROTO_IP, IP_PKTINFO, sizeof payload.info4)) {
        memcpy(&payload.info4, CMSG_DATA(at), sizeof payload.info4);
        read_pktinfo4(&packet->arrival, &payload.info4);
    } else if (is_kind(at, IPPROTO_IPV6, IPV6_PKTINFO, sizeof payload.info6)) {
        memcpy(&payload.info6, CMSG_DATA(at), sizeof payload.info6);
        read_pktinfo6(&packet->arrival, &payload.info6);
    } else if (is_kind(at, IPPROTO_IP, IP_TTL, sizeof payload.number) ||
               is_kind(at, IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof payload.number)) {
        memcpy(&payload.number, CMSG_DATA(at), sizeof payload.number);
        packet->arrival.ttl = payload.number;
    } else if (is_kind(at, SOL_SOCKET, SO_RXQ_OVFL, sizeof payload.drops)) {
        memcpy(&payload.drops, CMSG_DATA(at), sizeof payload.drops);
        packet->drops = payload.drops;
    }
}

ab_batch_packet ab_batch_get(ab_batch *batch, int index)
{
    struct mmsghdr *header = &batch->headers[index];
    ab_batch_packet packet = {
        .arrival.ttl = -1, .bytes = batch->slots[index], .length = header->msg_len};
    ab_address_from_sockaddr(&packet.arrival.source, (struct sockaddr *)&batch->sources[index]);
    struct cmsghdr *at = CMSG_FIRSTHDR(&header->msg_hdr);
    for (; at != NULL; at = CMSG_NXTHDR(&header->msg_hdr, at))
        read_control(&packet, at);
    return packet;
}
