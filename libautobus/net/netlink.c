/* SPDX-License-Identifier: MIT
 * The routing netlink socket. Knows no table of interfaces and no loop. */
#include "net/netlink.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

/* The kernel cuts a dump to pieces of the largest buffer it was ever offered. */
#define PIECE 16384

autobus_result ab_netlink_open(int *ret_fd)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (fd < 0)
        return ab_fail_errno(errno, "can't open a netlink socket to read the network interfaces");
    struct sockaddr_nl here = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
    };
    if (bind(fd, (struct sockaddr *)&here, sizeof here) < 0) {
        int error = errno;
        close(fd);
        return ab_fail_errno(error, "can't hear changes of the network interfaces");
    }
    *ret_fd = fd;
    return AUTOBUS_OK;
}

bool ab_netlink_rang(int fd)
{
    /* The content does not matter: the rest of a longer message goes with it. */
    char bytes[64];
    bool has_rung = false;
    for (;;) {
        if (recv(fd, bytes, sizeof bytes, 0) >= 0 || errno == ENOBUFS)
            has_rung = true;
        else if (errno != EINTR)
            return has_rung;
    }
}

static int ask(int fd, int type, uint32_t sequence)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg body; /* also for addresses: both begin with the family, 0 for all */
    } question = {
        .header = {.nlmsg_len = sizeof question,
                   .nlmsg_type = (uint16_t)type,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                   .nlmsg_seq = sequence},
    };
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ssize_t sent =
        sendto(fd, &question, sizeof question, 0, (struct sockaddr *)&kernel, sizeof kernel);
    return sent < 0 ? errno : 0;
}

/* One dump under way. */
typedef struct dumping {
    uint32_t sequence;
    ab_netlink_fn *each;
    void *owner;
    bool *has_rung;
    bool is_torn; /* the kernel's tables changed between two pieces */
    bool is_done;
} dumping;

static int read_piece(dumping *dump, char *bytes, size_t length)
{
    struct nlmsghdr *message = (void *)bytes;
    for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
        if (message->nlmsg_seq != dump->sequence) {
            *dump->has_rung = true;
            continue;
        }
        if (message->nlmsg_flags & NLM_F_DUMP_INTR)
            dump->is_torn = true;
        if (message->nlmsg_type == NLMSG_DONE) {
            dump->is_done = true;
        } else if (message->nlmsg_type == NLMSG_ERROR) {
            const struct nlmsgerr *error = NLMSG_DATA(message);
            return error->error < 0 ? -error->error : EPROTO;
        } else {
            dump->each(dump->owner, message);
        }
    }
    return 0;
}

int ab_netlink_dump(int fd, int type, ab_netlink_fn *each, void *owner, bool *has_rung)
{
    /* Late pieces of a dump given up carry another number. Notifications carry 0. */
    static atomic_uint counter;
    dumping dump = {.sequence = atomic_fetch_add(&counter, 1) | 0x80000000U,
                    .each = each,
                    .owner = owner,
                    .has_rung = has_rung};
    int error = ask(fd, type, dump.sequence);
    /* A torn one is read to its end too: the kernel refuses a second before that. */
    while (error == 0 && !dump.is_done) {
        _Alignas(struct nlmsghdr) char bytes[PIECE];
        struct sockaddr_nl from;
        struct iovec piece = {bytes, sizeof bytes};
        struct msghdr header = {
            .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &piece, .msg_iovlen = 1};
        ssize_t length = recvmsg(fd, &header, 0);
        if (length < 0 && errno == ENOBUFS)
            *has_rung = true;
        else if (length < 0 && errno != EINTR)
            error = errno;
        else if (length >= 0 && from.nl_pid == 0)
            error = read_piece(&dump, bytes, (size_t)length);
    }
    if (error == 0 && dump.is_torn)
        return EINTR;
    return error;
}

const void *ab_netlink_attribute(struct nlmsghdr *message, size_t header, unsigned short type,
                                 size_t length)
{
    if (message->nlmsg_len < NLMSG_SPACE(header))
        return NULL;
    size_t left = message->nlmsg_len - NLMSG_SPACE(header);
    struct rtattr *at = (void *)((char *)message + NLMSG_SPACE(header));
    for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
        if ((at->rta_type & NLA_TYPE_MASK) == type && RTA_PAYLOAD(at) >= length)
            return RTA_DATA(at);
    }
    return NULL;
}
