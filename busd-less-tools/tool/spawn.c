/* SPDX-License-Identifier: MIT
 * posix_spawn, and pipes. */
#include "tool/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

void tool_pipes_close(int fds[3])
{
    for (int i = 0; i < 3; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
            fds[i] = -1;
        }
    }
}

bool tool_pipes_open(tool_pipes *self)
{
    *self = (tool_pipes){.theirs = {-1, -1, -1}, .ours = {-1, -1, -1}};
    for (int i = 0; i < 3; i++) {
        int both[2];
        if (pipe2(both, O_CLOEXEC) < 0) {
            int error = errno;
            tool_pipes_close(self->theirs);
            tool_pipes_close(self->ours);
            errno = error;
            return false;
        }
        self->theirs[i] = both[i == 0 ? 0 : 1];
        self->ours[i] = both[i == 0 ? 1 : 0];
        fcntl(self->ours[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

/* Nothing is blocked in it. */
static void set_signals(posix_spawnattr_t *how, bool is_apart)
{
    sigset_t none;
    sigset_t plain;
    sigemptyset(&none);
    if (is_apart) {
        sigfillset(&plain);
        posix_spawnattr_setpgroup(how, 0);
    } else {
        sigemptyset(&plain);
        sigaddset(&plain, SIGPIPE);
        sigaddset(&plain, SIGQUIT);
    }
    posix_spawnattr_setsigmask(how, &none);
    posix_spawnattr_setsigdefault(how, &plain);
    posix_spawnattr_setflags(how, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                          (is_apart ? POSIX_SPAWN_SETPGROUP : 0)));
}

int tool_spawn(const char *program, char *const *argv, const int fds[3], bool is_apart,
               pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t how;
    if (posix_spawn_file_actions_init(&actions) != 0 || posix_spawnattr_init(&how) != 0) {
        return ENOMEM;
    }
    set_signals(&how, is_apart);
    int error = 0;
    for (int i = 0; i < 3 && error == 0; i++) {
        error = posix_spawn_file_actions_adddup2(&actions, fds[i], i);
    }
    if (error == 0) {
        error = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    }
    if (error == 0) {
        error = posix_spawnp(ret_pid, program, &actions, &how, argv, environ);
    }
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}
