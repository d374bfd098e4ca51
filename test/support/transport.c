/* SPDX-License-Identifier: MIT
 * The way of connections. It is chosen before main(), for every bus that is made without an opinion of its own. */
#include "support/transport.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define VARIABLE "AUTOBUS_RUNTIME_DIR"

static char folder[] = "/tmp/autobus-test-XXXXXX";
static pid_t maker; /* 0: there is no folder */

static bool is_asked_for(const char *way)
{
    const char *asked = getenv("AUTOBUS_TEST_TRANSPORT");
    return asked != NULL && strcmp(asked, way) == 0;
}

__attribute__((constructor)) static void choose(void)
{
    if (!is_asked_for("tcp") && mkdtemp(folder) != NULL)
        maker = getpid();
    setenv(VARIABLE, maker != 0 ? folder : "none", 1);
}

static int remove_one(const char *path, const struct stat *is, int kind, struct FTW *where)
{
    (void)is;
    (void)kind;
    (void)where;
    return remove(path);
}

/* Children that end leave it alone. What the killed among them left in it goes too. */
__attribute__((destructor)) static void clear_away(void)
{
    if (maker == getpid())
        nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

bool transport_is_unix(void)
{
    return is_asked_for("unix");
}

bool transport_of_buses_is_unix(void)
{
    return maker != 0;
}

bool transport_make_folder(char path[TRANSPORT_PATH])
{
    snprintf(path, TRANSPORT_PATH, "%s/XXXXXX", folder);
    return mkdtemp(path) != NULL;
}

static int connect_as(int family, const void *place, socklen_t length)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, place, length) == 0)
        return fd;
    close(fd);
    return -1;
}

int transport_connect(uint16_t port, const char *bus)
{
    struct sockaddr_in tcp = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_un near = {.sun_family = AF_UNIX};
    snprintf(near.sun_path, sizeof near.sun_path, "%s/%s", folder, bus);
    return transport_is_unix() ? connect_as(AF_UNIX, &near, sizeof near)
                               : connect_as(AF_INET, &tcp, sizeof tcp);
}
