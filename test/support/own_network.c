/* SPDX-License-Identifier: MIT
 * Entering and leaving a fresh network, and changing it with iproute2.
 *
 * Who is not root becomes root of a user namespace before main(): later the process has threads, and the
 * kernel refuses. */
#include "support/own_network.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/eventually.h"

static int way_back = -1;

static void write_line(const char *path, const char *line)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, line, strlen(line)) < 0)
        fprintf(stderr, "can't write %s: %s\n", path, strerror(errno));
    if (fd >= 0)
        close(fd);
}

__attribute__((constructor)) static void become_root(void)
{
    char user[32], group[32];
    snprintf(user, sizeof user, "0 %u 1", (unsigned)geteuid());
    snprintf(group, sizeof group, "0 %u 1", (unsigned)getegid());
    /* With a network of its own as home: to that one a test may return. */
    if (geteuid() == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return;
    write_line("/proc/self/setgroups", "deny");
    write_line("/proc/self/uid_map", user);
    write_line("/proc/self/gid_map", group);
    if (system("ip link set lo up") != 0)
        fprintf(stderr, "can't bring lo up\n");
}

void own_network_enter(void)
{
    way_back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (unshare(CLONE_NEWNET) == 0) {
        own_network_ip("link set lo up");
        return;
    }
    const char *required = getenv("AUTOBUS_REQUIRE_NETNS");
    const char *reason = strerror(errno);
    cr_assert(required == NULL || strcmp(required, "1") != 0, "no network namespace: %s", reason);
    cr_skip_test("no network namespace: %s", reason);
}

void own_network_leave(void)
{
    if (way_back >= 0) {
        setns(way_back, CLONE_NEWNET);
        close(way_back);
    }
    way_back = -1;
}

void own_network_ip(const char *arguments)
{
    char command[4096];
    snprintf(command, sizeof command, "ip %s", arguments);
    cr_assert_eq(system(command), 0, "ip %s failed", arguments);
}

void own_network_device(const char *name)
{
    char arguments[128];
    snprintf(arguments, sizeof arguments, "link add %s type veth peer name far-%s", name, name);
    own_network_ip(arguments);
    snprintf(arguments, sizeof arguments, "link set far-%s up", name);
    own_network_ip(arguments);
}

static bool is_running(int fd, struct ifreq *device)
{
    return ioctl(fd, SIOCGIFFLAGS, device) == 0 && (device->ifr_flags & IFF_RUNNING) != 0;
}

void own_network_up(const char *name)
{
    char arguments[128];
    struct ifreq device = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(arguments, sizeof arguments, "link set %s up", name);
    own_network_ip(arguments);
    snprintf(device.ifr_name, sizeof device.ifr_name, "%s", name);
    EVENTUALLY(is_running(fd, &device));
    close(fd);
}

void own_network_set(const char *name, const char *value)
{
    char path[256];
    snprintf(path, sizeof path, "/proc/sys/net/%s", name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file, "can't open %s", path);
    fputs(value, file);
    cr_assert_eq(fclose(file), 0, "can't write %s to %s", value, path);
}

void own_network_without_ipv6(void)
{
    own_network_set("ipv6/conf/all/disable_ipv6", "1");
    own_network_set("ipv6/conf/default/disable_ipv6", "1");
}
