/* SPDX-License-Identifier: MIT
 * From netlink's messages to interfaces and their addresses. */
#include "net/interface_table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/log.h"
#include "net/netlink.h"

/* A table that changes under every reading is taken as it is: the bell rings for the rest. */
#define READINGS 5

/* IFF_LOWER_UP, which <linux/if.h> has and <net/if.h> has not; the two cannot be included together. */
#define CARRIER 0x10000U

static ab_interface *add_interface(ab_interface_table *table)
{
    if (table->count == table->capacity) {
        table->capacity = AB_MAX(table->capacity * 2, 4);
        table->items = ab_realloc(table->items, table->capacity, sizeof *table->items);
    }
    ab_interface *interface = &table->items[table->count++];
    memset(interface, 0, sizeof *interface);
    return interface;
}

static void read_link(void *owner, struct nlmsghdr *message)
{
    const struct ifinfomsg *link = NLMSG_DATA(message);
    if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof *link))
        return;
    const char *name = ab_netlink_attribute(message, sizeof *link, IFLA_IFNAME, 1);
    if (name == NULL || link->ifi_index <= 0)
        return;
    ab_interface *interface = add_interface(owner);
    interface->index = (unsigned)link->ifi_index;
    strncpy(interface->name, name, sizeof interface->name - 1);
    interface->is_loopback = (link->ifi_flags & IFF_LOOPBACK) != 0;
    interface->can_broadcast = (link->ifi_flags & IFF_BROADCAST) != 0;
    interface->can_multicast = (link->ifi_flags & IFF_MULTICAST) != 0;
    /* Running: the kernel has also seen the carrier, and lets packets through. */
    unsigned needed = interface->is_loopback ? IFF_UP : IFF_UP | IFF_RUNNING | CARRIER;
    interface->is_up = (link->ifi_flags & needed) == needed;
}

static bool is_usable(struct nlmsghdr *message, const struct ifaddrmsg *body)
{
    const uint32_t *wide = ab_netlink_attribute(message, sizeof *body, IFA_FLAGS, sizeof *wide);
    uint32_t flags = wide != NULL ? *wide : body->ifa_flags;
    if (flags & IFA_F_DADFAILED)
        return false;
    return (flags & IFA_F_TENTATIVE) == 0 || (flags & IFA_F_OPTIMISTIC) != 0;
}

static ab_address address_of(const void *bytes, int family, unsigned index)
{
    ab_address address = {.family = family == AF_INET ? 4 : 6};
    if (bytes == NULL)
        return (ab_address){0};
    memcpy(address.bytes, bytes, family == AF_INET ? 4 : 16);
    if (family == AF_INET6 && ab_address_is_link_local(&address))
        address.scope = index;
    return address;
}

/* The directed broadcast address of the network, where it has one. */
static ab_address compute_broadcast(const ab_address *address, unsigned prefix)
{
    if (prefix > 30)
        return (ab_address){0};
    uint32_t host;
    memcpy(&host, address->bytes, sizeof host);
    return ab_address_v4(ntohl(host) | (0xffffffffU >> prefix), 0);
}

static void read_address(void *owner, struct nlmsghdr *message)
{
    const struct ifaddrmsg *body = NLMSG_DATA(message);
    if (message->nlmsg_type != RTM_NEWADDR || message->nlmsg_len < NLMSG_LENGTH(sizeof *body))
        return;
    if ((body->ifa_family != AF_INET && body->ifa_family != AF_INET6) || !is_usable(message, body))
        return;
    ab_interface *interface = ab_interface_table_find(owner, body->ifa_index);
    size_t width = body->ifa_family == AF_INET ? 4 : 16;
    const void *local = ab_netlink_attribute(message, sizeof *body, IFA_LOCAL, width);
    const void *network = ab_netlink_attribute(message, sizeof *body, IFA_ADDRESS, width);
    if (interface == NULL || (local == NULL && network == NULL))
        return;
    if (interface->count == AB_INTERFACE_ADDRESSES) {
        ab_log(AB_LOG_INFO, "%s has more than %d addresses; the others are not used",
               interface->name, AB_INTERFACE_ADDRESSES);
        return;
    }
    ab_interface_address *at = &interface->addresses[interface->count++];
    int family = body->ifa_family;
    at->address = address_of(local != NULL ? local : network, family, interface->index);
    /* On a point-to-point link the network is the other end's. */
    if (local != NULL && network != NULL && memcmp(local, network, width) != 0)
        at->peer = address_of(network, family, interface->index);
    at->prefix = body->ifa_prefixlen;
    if (family == AF_INET && interface->can_broadcast) {
        const void *given = ab_netlink_attribute(message, sizeof *body, IFA_BROADCAST, width);
        at->broadcast = given != NULL ? address_of(given, family, 0)
                                      : compute_broadcast(&at->address, at->prefix);
    }
}

static int compare_index(const void *a, const void *b)
{
    unsigned left = ((const ab_interface *)a)->index, right = ((const ab_interface *)b)->index;
    return (left > right) - (left < right);
}

int ab_interface_table_read(ab_interface_table *table, int netlink_fd, bool *has_rung)
{
    int error = EINTR;
    *has_rung = false;
    *table = (ab_interface_table){0};
    for (int i = 0; i < READINGS && error == EINTR; i++) {
        table->count = 0;
        error = ab_netlink_dump(netlink_fd, RTM_GETLINK, read_link, table, has_rung);
        if (error != 0 && error != EINTR)
            break;
        if (table->count > 1)
            qsort(table->items, table->count, sizeof *table->items, compare_index);
        int torn = error;
        error = ab_netlink_dump(netlink_fd, RTM_GETADDR, read_address, table, has_rung);
        if (error == 0)
            error = torn;
    }
    if (error == EINTR) {
        *has_rung = true;
        error = 0;
    }
    if (error != 0)
        ab_interface_table_fini(table);
    return error;
}

void ab_interface_table_fini(ab_interface_table *table)
{
    free(table->items);
    *table = (ab_interface_table){0};
}

ab_interface *ab_interface_table_find(const ab_interface_table *table, unsigned index)
{
    if (table->count == 0)
        return NULL;
    ab_interface key = {.index = index};
    return bsearch(&key, table->items, table->count, sizeof *table->items, compare_index);
}

bool ab_interface_table_equal(const ab_interface_table *a, const ab_interface_table *b)
{
    if (a->count != b->count)
        return false;
    return a->count == 0 || memcmp(a->items, b->items, a->count * sizeof *a->items) == 0;
}
