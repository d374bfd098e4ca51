/* SPDX-License-Identifier: MIT
 * Bells are eventfds. */
#include "bench/bell.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tool/start.h"

int bench_bell_open(void)
{
    int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (bell < 0) {
        tool_complain("an eventfd is refused: %s", strerror(errno));
        exit(TOOL_FAILED);
    }
    return bell;
}

void bench_bell_ring(int bell)
{
    uint64_t one = 1;
    (void)!write(bell, &one, sizeof one); /* full is rung, too */
}

void bench_bell_take(int bell)
{
    uint64_t rings;
    (void)!read(bell, &rings, sizeof rings);
}
