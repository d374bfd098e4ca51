/* SPDX-License-Identifier: MIT
 * Sockets as docs/protocol.md has them: SO_REUSEADDR, IPv6 apart from IPv4. */
#include "tool/port.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void set(int fd, int level, int option)
{
    int on = 1;
    (void)setsockopt(fd, level, option, &on, sizeof on);
}

int tool_port_open(int family, uint16_t port)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (fd < 0) {
        return -1;
    }
    if (family == AF_INET6) {
        set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
        set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
    } else {
        set(fd, IPPROTO_IP, IP_PKTINFO);
        set(fd, SOL_SOCKET, SO_BROADCAST);
    }
    if (port != 0) {
        set(fd, SOL_SOCKET, SO_REUSEADDR);
    }
    int done = family == AF_INET6 ? bind(fd, (struct sockaddr *)&v6, sizeof v6)
                                  : bind(fd, (struct sockaddr *)&v4, sizeof v4);
    if (done < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

struct in6_addr tool_port_group(void)
{
    static const struct in6_addr group = {
        .s6_addr = {0xff, 0x12, [9] = 0x61, 0x75, 0x74, 0x6f, 0x62, 0x75, 0x73}};
    return group;
}

void tool_port_join(int fd, unsigned interface)
{
    struct ipv6_mreq wanted = {.ipv6mr_multiaddr = tool_port_group(),
                               .ipv6mr_interface = interface};
    (void)setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &wanted, sizeof wanted);
}

static void copy(void *ret_to, const void *address, size_t length)
{
    if (ret_to != NULL) {
        memcpy(ret_to, address, length);
    }
}

unsigned tool_port_arrival(struct msghdr *message, void *ret_to)
{
    for (struct cmsghdr *it = CMSG_FIRSTHDR(message); it != NULL; it = CMSG_NXTHDR(message, it)) {
        if (it->cmsg_level == IPPROTO_IP && it->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(it), sizeof info);
            copy(ret_to, &info.ipi_addr, sizeof info.ipi_addr);
            return (unsigned)info.ipi_ifindex;
        }
        if (it->cmsg_level == IPPROTO_IPV6 && it->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(it), sizeof info);
            copy(ret_to, &info.ipi6_addr, sizeof info.ipi6_addr);
            return info.ipi6_ifindex;
        }
    }
    return 0;
}

/* "eth0 (10.0.0.2, fe80::1), lo (127.0.0.1)": a name stands at the beginning or behind a comma. */
bool tool_port_is_used(const char *interfaces, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = interfaces; (at = strstr(at, name)) != NULL; at += length) {
        bool begins = at == interfaces || (at - interfaces >= 2 && strncmp(at - 2, ", ", 2) == 0);
        if (begins && (at[length] == '\0' || at[length] == ',' || at[length] == ' ')) {
            return true;
        }
    }
    return false;
}
