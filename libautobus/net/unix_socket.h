/* SPDX-License-Identifier: MIT
 * The unix socket of a bus, named by the bus id in the runtime folder: made, dialled, removed. Both ends make sure
 * that the other is a process of the same user. Whatever does not fit is no failure: TCP is always there; a line at
 * debug level says what it was. */
#ifndef AB_NET_UNIX_SOCKET_H
#define AB_NET_UNIX_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** Listens there, in a folder that is made if it is gone; -1: it cannot. The fd is non-blocking and close-on-exec. */
int ab_unix_socket_listen(const char *folder, uint64_t bus);
/** True if its file is where it was made. */
bool ab_unix_socket_is_there(const char *folder, uint64_t bus);
/** Of a listening one that we made: so that nobody finds it any more. Its fd is still to be closed. */
void ab_unix_socket_remove(const char *folder, uint64_t bus);
/** Connects, at once or not at all; -1: it cannot. What a dead bus left behind is removed when it is met. */
int ab_unix_socket_dial(const char *folder, uint64_t bus);
/** True if the other end of a connection is a process of our own user; *process is its id as we see it, or 0. */
bool ab_unix_socket_is_trusted(int fd, pid_t *process);
/** Removes what dead buses left behind. Those that are alive notice nothing. */
void ab_unix_socket_sweep(const char *folder);

#endif
