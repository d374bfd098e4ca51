/* SPDX-License-Identifier: MIT
 * Spawning: another process, which inherits our environment and of our descriptors the three that it is given. No shell
 * is asked. */
#ifndef TOOL_SPAWN_H
#define TOOL_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

/** Three pipes: what it gets, what it writes, and what it complains of. Ours do not block; -1 is none. */
typedef struct tool_pipes {
    int theirs[3], ours[3];
} tool_pipes;

/** False with errno, and all are -1. */
bool tool_pipes_open(tool_pipes *self);

/** Closes those of one side that are open; they are -1 then. */
void tool_pipes_close(int fds[3]);

/** Starts `program`, a path or a name on the PATH, with `fds` as its standard streams. `is_apart`: in a process group
 *  of its own, where every signal does what it does by itself; else in ours, where only those that we overlook
 *  ourselves do. An errno, 0 if it has begun. */
int tool_spawn(const char *program, char *const *argv, const int fds[3], bool is_apart,
               pid_t *ret_pid);

#endif
