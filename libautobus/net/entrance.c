/* SPDX-License-Identifier: MIT
 * The kernel keeps by which interface a connection was opened, as it does for datagrams, and tells it through the same
 * option. The address it was opened to would say less: a machine answers to all of its addresses on every interface. */
#include "net/entrance.h"

#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

typedef struct option {
    int level, wanted,
        told; /* setsockopt() with the second makes getsockopt() with the third tell */
} option;

/* A socket for both families tells of IPv4 as of IPv6. */
static const option options[] = {
    {IPPROTO_IPV6, IPV6_RECVPKTINFO, IPV6_2292PKTOPTIONS},
    {IPPROTO_IP, IP_PKTINFO, IP_PKTOPTIONS},
};

/* Among what a message would have brought along. 0: it is not there. */
static unsigned find_index(void *bytes, size_t length)
{
    struct msghdr message = {.msg_control = bytes, .msg_controllen = length};
    for (struct cmsghdr *it = CMSG_FIRSTHDR(&message); it != NULL; it = CMSG_NXTHDR(&message, it)) {
        if (it->cmsg_level == IPPROTO_IPV6 && it->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(it), sizeof info);
            return info.ipi6_ifindex;
        }
        if (it->cmsg_level == IPPROTO_IP && it->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(it), sizeof info);
            return (unsigned)info.ipi_ifindex;
        }
    }
    return 0;
}

/* The option is switched off again: it would be paid for with every segment. */
static unsigned ask(int fd, const option *by)
{
    _Alignas(struct cmsghdr) char bytes[256];
    socklen_t length = sizeof bytes;
    int on = 1, off = 0;
    if (setsockopt(fd, by->level, by->wanted, &on, sizeof on) < 0)
        return 0;
    unsigned index =
        getsockopt(fd, by->level, by->told, bytes, &length) == 0 ? find_index(bytes, length) : 0;
    (void)setsockopt(fd, by->level, by->wanted, &off, sizeof off);
    return index;
}

bool ab_entrance_is_chosen(const ab_globs *chosen, int fd)
{
    if (chosen->count == 0)
        return true;
    unsigned index = ask(fd, &options[0]);
    if (index == 0)
        index = ask(fd, &options[1]);
    struct ifreq interface = {.ifr_ifindex = (int)index};
    if (index == 0 || ioctl(fd, SIOCGIFNAME, &interface) < 0)
        return false;
    if (ab_globs_picks(chosen, interface.ifr_name))
        return true;
    return ioctl(fd, SIOCGIFFLAGS, &interface) == 0 && (interface.ifr_flags & IFF_LOOPBACK) != 0;
}
