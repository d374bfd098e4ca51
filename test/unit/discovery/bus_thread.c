/* SPDX-License-Identifier: MIT
 * The bus thread of this folder's tests. */
#include "unit/discovery/bus_thread.h"

#include <arpa/inet.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#define PATIENCE 10000.0

double bus_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

AB_UNCHECKED void bus_lock(ab_loop *loop)
{
    ab_lock_take(ab_loop_lock(loop));
}

AB_UNCHECKED void bus_unlock(ab_loop *loop)
{
    ab_lock_drop(ab_loop_lock(loop));
}

ab_loop *bus_thread_new(void)
{
    static const ab_loop_ops none;
    ab_loop *loop = ab_loop_new(NULL, &none, NULL);
    cr_assert_not_null(loop, "%s", autobus_last_error());
    return loop;
}

void bus_thread_start(ab_loop *loop)
{
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK, "%s", autobus_last_error());
}

void bus_thread_stop(ab_loop *loop)
{
    ab_loop_stop(loop);
}

bool bus_thread_until(ab_loop *loop, bool (*holds)(void *argument), void *argument)
{
    double end = bus_milliseconds() + PATIENCE;
    for (;;) {
        bus_lock(loop);
        bool does = holds(argument);
        bus_unlock(loop);
        if (does || bus_milliseconds() > end)
            return does;
        nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    }
}

unsigned short bus_free_port(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    close(fd);
    return ntohs(address.sin_port);
}
