/* SPDX-License-Identifier: MIT
 * One datagram; libsystemd is not needed for that. */
#include "tool/ready.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void say(const char *name, const char *text)
{
    struct sockaddr_un there = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    int fd = length < sizeof there.sun_path ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
    if (fd < 0) {
        return;
    }
    memcpy(there.sun_path, name, length);
    if (*name == '@') {
        there.sun_path[0] = '\0'; /* a name that is in no folder */
    }
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    (void)sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&there, size);
    close(fd);
}

void tool_ready_tell(void)
{
    const char *name = getenv("NOTIFY_SOCKET");
    if (name != NULL && (*name == '/' || *name == '@')) {
        say(name, "READY=1");
    }
    unsetenv("NOTIFY_SOCKET");
}
