/* SPDX-License-Identifier: MIT
 * Its socket lies where its packages put it. A file that a dead daemon left behind refuses. */
#include "doctor/avahi.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool doctor_avahi_is_there(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "/run/avahi-daemon/socket"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_there = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is_there;
}
