/* SPDX-License-Identifier: MIT
 * By which interface a TCP connection came in, and whether that one is chosen. Asks the kernel each time, so nothing
 * has to follow interfaces that come, go and change address. */
#ifndef AB_NET_ENTRANCE_H
#define AB_NET_ENTRANCE_H

#include <stdbool.h>

#include "net/globs.h"

/** Whether the globs pick the interface by which an accepted connection came in. Loopback is always
 *  welcome: who is on this machine comes by it. One of which the kernel does not tell is not, unless there are no
 *  globs. */
bool ab_entrance_is_chosen(const ab_globs *chosen, int fd);

#endif
