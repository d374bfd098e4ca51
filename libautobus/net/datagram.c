/* SPDX-License-Identifier: MIT
 * The UDP socket: its options, reading in batches, and sending out of a chosen interface. Keeps no queue:
 * what cannot be sent now is the caller's to send again, or not. */
#include "net/datagram.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "net/batch.h"

#define RECEIVE_BUFFER (1024 * 1024)
#define FARTHEST       255

/* Work of one turn: bytes, and packets, which cost more than their bytes. */
#define TURN_BYTES   65536
#define TURN_PACKETS 32

struct ab_datagram {
    ab_loop *loop;
    ab_watch watch;
    int fd;
    ab_datagram_config config;
    uint16_t port;
    bool is_reading; /* closing waits for the packet being handed over */
    bool is_closed;
    uint32_t drops; /* as the kernel last counted them */
    uint64_t overflows;
    ab_datagram *first; /**< read before this one; NULL: none */
};

static bool set_option(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/* What we cannot do without; the rest makes things better where it exists. */
static bool set_options4(int fd)
{
    set_option(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
    set_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, FARTHEST);
    set_option(fd, IPPROTO_IP, IP_TTL, FARTHEST);
    set_option(fd, IPPROTO_IP, IP_RECVTTL, 1);
    return set_option(fd, IPPROTO_IP, IP_PKTINFO, 1) && set_option(fd, SOL_SOCKET, SO_BROADCAST, 1);
}

static bool set_options6(int fd)
{
#ifdef IPV6_MULTICAST_ALL
    set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
#endif
    set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1);
    set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, FARTHEST);
    set_option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, FARTHEST);
    set_option(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    return set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
           set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
}

static bool set_options(int fd, const ab_datagram_config *config)
{
    set_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    if (!set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER))
        set_option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
    if (config->is_shared && !set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1))
        return false;
    return config->family == 4 ? set_options4(fd) : set_options6(fd);
}

static autobus_result bind_socket(int fd, const ab_datagram_config *config)
{
    ab_address any = {.family = (uint8_t)config->family, .port = config->port};
    struct sockaddr_storage here;
    unsigned length = ab_address_to_sockaddr(&any, &here);
    if (bind(fd, (struct sockaddr *)&here, length) == 0)
        return AUTOBUS_OK;
    if (errno == EADDRINUSE)
        return ab_fail(
            AUTOBUS_IN_USE,
            "UDP port %u is taken by a program that does not share it: end that program, or use "
            "another port",
            (unsigned)config->port);
    return ab_fail_errno(errno, "can't use UDP port %u for IPv%d", (unsigned)config->port,
                         config->family);
}

static autobus_result open_socket(const ab_datagram_config *config, int *ret_fd)
{
    int domain = config->family == 4 ? AF_INET : AF_INET6;
    int fd = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return ab_fail_errno(errno, "can't open an IPv%d UDP socket", config->family);
    autobus_result result = AUTOBUS_OK;
    if (!set_options(fd, config))
        result = ab_fail_errno(errno, "can't set up an IPv%d UDP socket", config->family);
    else
        result = bind_socket(fd, config);
    if (result != AUTOBUS_OK) {
        close(fd);
        return result;
    }
    *ret_fd = fd;
    return AUTOBUS_OK;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage here = {0};
    socklen_t length = sizeof here;
    ab_address address = {0};
    if (getsockname(fd, (struct sockaddr *)&here, &length) == 0)
        ab_address_from_sockaddr(&address, (struct sockaddr *)&here);
    return address.port;
}

static void hear(ab_datagram *datagram, const ab_batch_packet *packet)
{
    if (packet->drops != 0) {
        datagram->overflows += (uint32_t)(packet->drops - datagram->drops);
        datagram->drops = packet->drops;
    }
    datagram->config.heard(datagram->config.owner, &packet->arrival, packet->bytes, packet->length);
}

/* Each call asks for no more than the turn has left, were every packet the largest. */
static void read_turn(ab_datagram *datagram, ab_batch *batch)
{
    size_t bytes = 0;
    int packets = 0;
    while (bytes + AB_DATAGRAM_LARGEST <= TURN_BYTES && packets < TURN_PACKETS) {
        unsigned slots = (unsigned)((TURN_BYTES - bytes) / AB_DATAGRAM_LARGEST);
        slots = AB_MIN(slots, (unsigned)AB_BATCH_SLOTS);
        int count = ab_batch_receive(batch, datagram->fd, slots);
        for (int i = 0; i < count && !datagram->is_closed; i++) {
            ab_batch_packet packet = ab_batch_get(batch, i);
            bytes += packet.length;
            hear(datagram, &packet);
        }
        /* Fewer than asked: that was all. An error told about an earlier packet changes nothing here. */
        if (datagram->is_closed || count < (int)slots)
            return;
        packets += count;
    }
}

static void free_datagram(ab_datagram *datagram)
{
    close(datagram->fd);
    ab_batch_unkeep();
    free(datagram);
}

/* Whoever is called may close any of the two. */
static void read_both(ab_datagram *datagram, ab_datagram *first, ab_batch *batch)
{
    datagram->is_reading = first->is_reading = true;
    if (first != datagram)
        read_turn(first, batch);
    if (!datagram->is_closed)
        read_turn(datagram, batch);
    datagram->is_reading = first->is_reading = false;
}

static void datagram_ready(ab_watch *watch, bool can_read, bool can_write)
{
    (void)can_write;
    ab_datagram *datagram = AB_CONTAINER(watch, ab_datagram, watch);
    ab_datagram *first = datagram->first != NULL ? datagram->first : datagram;
    if (!can_read)
        return;
    ab_batch *batch = ab_batch_borrow();
    read_both(datagram, first, batch);
    ab_batch_return(batch);
    if (first != datagram && first->is_closed)
        free_datagram(first);
    if (datagram->is_closed)
        free_datagram(datagram);
}

void ab_datagram_read_after(ab_datagram *datagram, ab_datagram *first)
{
    datagram->first = first;
}

autobus_result ab_datagram_open(ab_loop *loop, const ab_datagram_config *config, ab_datagram **ret)
{
    int fd = -1;
    autobus_result result = open_socket(config, &fd);
    if (result != AUTOBUS_OK)
        return result;
    ab_datagram *datagram = ab_alloc(1, sizeof *datagram);
    datagram->loop = loop;
    datagram->fd = fd;
    datagram->config = *config;
    datagram->port = port_of(fd);
    ab_batch_keep();
    ab_watch_init(&datagram->watch, loop, fd, datagram_ready);
    ab_watch_want(&datagram->watch, true, false);
    *ret = datagram;
    return AUTOBUS_OK;
}

void ab_datagram_close(ab_datagram *datagram)
{
    if (datagram == NULL || datagram->is_closed)
        return;
    datagram->is_closed = true;
    ab_watch_fini(&datagram->watch);
    if (!datagram->is_reading)
        free_datagram(datagram);
}

uint16_t ab_datagram_port(const ab_datagram *datagram)
{
    return datagram->port;
}

/* Joins (or leaves) with the two families' own requests. */
static bool change_membership(ab_datagram *datagram, bool joins, const ab_address *group,
                              unsigned interface)
{
    if (group->family != datagram->config.family) {
        errno = EAFNOSUPPORT;
        return false;
    }
    if (group->family == 4) {
        struct ip_mreqn request = {.imr_ifindex = (int)interface};
        memcpy(&request.imr_multiaddr, group->bytes, 4);
        int option = joins ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
        return setsockopt(datagram->fd, IPPROTO_IP, option, &request, sizeof request) == 0;
    }
    struct ipv6_mreq request = {.ipv6mr_interface = interface};
    memcpy(&request.ipv6mr_multiaddr, group->bytes, 16);
    int option = joins ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;
    return setsockopt(datagram->fd, IPPROTO_IPV6, option, &request, sizeof request) == 0;
}

bool ab_datagram_join(ab_datagram *datagram, const ab_address *group, unsigned interface)
{
    return change_membership(datagram, true, group, interface) || errno == EADDRINUSE;
}

void ab_datagram_leave(ab_datagram *datagram, const ab_address *group, unsigned interface)
{
    change_membership(datagram, false, group, interface);
}

typedef struct send_control {
    _Alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
} send_control;

static void put_control(struct msghdr *header, send_control *control, int level, int type,
                        const void *payload, size_t length)
{
    memset(control, 0, sizeof *control);
    header->msg_control = control->bytes;
    header->msg_controllen = CMSG_SPACE(length);
    struct cmsghdr *at = CMSG_FIRSTHDR(header);
    at->cmsg_level = level;
    at->cmsg_type = type;
    at->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(at), payload, length);
}

/* Says out of which interface and from which address. The limited broadcast leaves a machine without a
 * default route only this way. */
static void choose_way(struct msghdr *header, send_control *control, int family, unsigned interface,
                       const ab_address *source)
{
    if (family == 4) {
        struct in_pktinfo info = {.ipi_ifindex = (int)interface};
        memcpy(&info.ipi_spec_dst, source->bytes, 4);
        put_control(header, control, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else {
        struct in6_pktinfo info = {.ipi6_ifindex = interface};
        memcpy(&info.ipi6_addr, source->bytes, 16);
        put_control(header, control, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
}

static int send_message(int fd, const struct msghdr *header)
{
    if (sendmsg(fd, header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return 0;
    return errno;
}

int ab_datagram_send(ab_datagram *datagram, const ab_address *to, unsigned interface,
                     const ab_address *source, const void *bytes, size_t length)
{
    static const ab_address any;
    if (source == NULL)
        source = &any;
    int family = datagram->config.family;
    if (to->family != family || (source->family != 0 && source->family != family))
        return EAFNOSUPPORT;
    struct sockaddr_storage there;
    /* sendmsg reads the piece, although it takes it without const. */
    struct iovec piece = {.iov_len = length};
    memcpy(&piece.iov_base, &bytes, sizeof bytes);
    struct msghdr header = {.msg_name = &there, .msg_iov = &piece, .msg_iovlen = 1};
    header.msg_namelen = ab_address_to_sockaddr(to, &there);
    send_control control;
    if (interface != 0 || source->family != 0)
        choose_way(&header, &control, family, interface, source);
    int error = send_message(datagram->fd, &header);
    /* That is news of an earlier packet, and this one has not been sent. */
    if (error == ECONNREFUSED || error == EINTR)
        error = send_message(datagram->fd, &header);
    return error;
}

uint64_t ab_datagram_overflows(const ab_datagram *datagram)
{
    return datagram->overflows;
}
