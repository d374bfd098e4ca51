/* SPDX-License-Identifier: MIT
 * getifaddrs(), an ioctl, and two files of the kernel's. */
#include "doctor/interfaces.h"

#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool/port.h"
#include "tool/text.h"

static int mtu_of(const char *name)
{
    struct ifreq asked = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(asked.ifr_name, sizeof asked.ifr_name, "%s", name);
    int mtu = fd >= 0 && ioctl(fd, SIOCGIFMTU, &asked) == 0 ? asked.ifr_mtu : 0;
    if (fd >= 0) {
        close(fd);
    }
    return mtu;
}

static bool is_device(const char *name)
{
    char *path = tool_text_format("/sys/class/net/%s/device", name);
    bool is_there = access(path, F_OK) == 0;
    free(path);
    return is_there;
}

static doctor_interface *known(doctor_facts *facts, const struct ifaddrs *told)
{
    for (size_t i = 0; i < facts->interface_count; i++) {
        if (strcmp(facts->interfaces[i].name, told->ifa_name) == 0) {
            return &facts->interfaces[i];
        }
    }
    size_t size = sizeof *facts->interfaces;
    facts->interfaces =
        tool_text_checked(reallocarray(facts->interfaces, facts->interface_count + 1, size));
    doctor_interface *fresh = &facts->interfaces[facts->interface_count++];
    *fresh = (doctor_interface){
        .index = if_nametoindex(told->ifa_name),
        .is_loopback = (told->ifa_flags & IFF_LOOPBACK) != 0,
        .is_up = (told->ifa_flags & IFF_UP) != 0,
        .has_link = (told->ifa_flags & IFF_RUNNING) != 0,
        .can_broadcast = (told->ifa_flags & IFF_BROADCAST) != 0,
        .can_multicast = (told->ifa_flags & IFF_MULTICAST) != 0,
        .is_device = is_device(told->ifa_name),
        .is_used = (told->ifa_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING),
        .mtu = mtu_of(told->ifa_name),
    };
    snprintf(fresh->name, sizeof fresh->name, "%s", told->ifa_name);
    return fresh;
}

static unsigned bits_of(const unsigned char *mask, size_t length)
{
    unsigned bits = 0;
    for (size_t i = 0; i < length; i++) {
        bits += (unsigned)__builtin_popcount(mask[i]);
    }
    return bits;
}

static void add_address(doctor_interface *it, const struct ifaddrs *told)
{
    const struct sockaddr *mask = told->ifa_netmask;
    if (it->count == DOCTOR_ADDRESSES || mask == NULL) {
        return;
    }
    doctor_address *fresh = &it->addresses[it->count++];
    *fresh = (doctor_address){.family = told->ifa_addr->sa_family};
    if (fresh->family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)told->ifa_addr;
        const struct sockaddr_in *last = (const struct sockaddr_in *)told->ifa_broadaddr;
        const struct sockaddr_in *bits = (const struct sockaddr_in *)mask;
        memcpy(fresh->bytes, &v4->sin_addr, sizeof v4->sin_addr);
        fresh->prefix = bits_of((const unsigned char *)&bits->sin_addr, sizeof bits->sin_addr);
        if (it->can_broadcast && last != NULL) {
            fresh->broadcast = last->sin_addr;
        }
    } else {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)told->ifa_addr;
        const struct sockaddr_in6 *bits = (const struct sockaddr_in6 *)mask;
        memcpy(fresh->bytes, &v6->sin6_addr, sizeof v6->sin6_addr);
        fresh->prefix = bits_of(bits->sin6_addr.s6_addr, sizeof bits->sin6_addr);
    }
}

/* Destination and mask of zero, in the kernel's table. */
static bool find_default_route(void)
{
    char line[256];
    bool is_there = false;
    FILE *table = fopen("/proc/self/net/route", "re");
    while (table != NULL && !is_there && fgets(line, sizeof line, table) != NULL) {
        char name[IF_NAMESIZE];
        char target[9];
        is_there = sscanf(line, "%15s %8s", name, target) == 2 && strcmp(target, "00000000") == 0;
    }
    if (table != NULL) {
        fclose(table);
    }
    return is_there;
}

bool doctor_interfaces_look(doctor_facts *facts)
{
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) < 0) {
        return false;
    }
    for (const struct ifaddrs *told = all; told != NULL; told = told->ifa_next) {
        doctor_interface *it = known(facts, told);
        int family = told->ifa_addr != NULL ? told->ifa_addr->sa_family : AF_UNSPEC;
        if (family == AF_INET || family == AF_INET6) {
            add_address(it, told);
        }
    }
    freeifaddrs(all);
    facts->has_default_route = find_default_route();
    return true;
}

void doctor_interfaces_note_used(doctor_facts *facts, const char *used)
{
    for (size_t i = 0; i < facts->interface_count; i++) {
        facts->interfaces[i].is_used = tool_port_is_used(used, facts->interfaces[i].name);
    }
}
