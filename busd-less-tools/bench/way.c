/* SPDX-License-Identifier: MIT
 * The two ways. */
#include "bench/way.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool bench_way_is_unix(const bench_request *request)
{
    return strcmp(request->transport, "unix") == 0;
}

/* A UDP port that nobody on loopback uses now; 0: none is told. */
static long free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_bound = probe >= 0 && bind(probe, (struct sockaddr *)&at, sizeof at) == 0 &&
                    getsockname(probe, (struct sockaddr *)&at, &length) == 0;
    if (probe >= 0) {
        close(probe);
    }
    return is_bound ? ntohs(at.sin_port) : 0;
}

static bool starts_the_other_side(const bench_request *request)
{
    return request->place == NULL && strcmp(request->verb, "serve") != 0;
}

void bench_way_take(bench_request *request)
{
    tool_family *family = &request->family;
    char port[32], spin[32];
    setenv("AUTOBUS_WIRE", request->wire, 1);
    snprintf(spin, sizeof spin, "%ld", request->spin_us);
    if (request->spin_us > 0) {
        setenv("AUTOBUS_SPIN_US", spin, 1);
    }
    if (!bench_way_is_unix(request)) {
        return;
    }
    if (family->port == 0 && starts_the_other_side(request)) {
        family->port = free_port();
    }
    family->port = tool_family_port(family);
    family->interfaces = "lo";
    family->discovery = "broadcast";
    snprintf(port, sizeof port, "%ld", family->port);
    setenv("AUTOBUS_PORT", port, 1);
    setenv("AUTOBUS_INTERFACES", family->interfaces, 1);
    setenv("AUTOBUS_DISCOVERY", family->discovery, 1);
}

const char *const *bench_way_words(const bench_request *request)
{
    static const char *const by_unix[] = {"serve",       "bench", "--attached", "-q",
                                          "--transport", "unix",  NULL};
    static const char *const by_tcp[] = {"serve",       "bench", "--attached", "-q",
                                         "--discovery", "none",  NULL};
    return bench_way_is_unix(request) ? by_unix : by_tcp;
}
