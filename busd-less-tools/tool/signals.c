/* SPDX-License-Identifier: MIT
 * signalfd, and which signals go into it. */
#include "tool/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

int tool_signals_open(void)
{
    static const int ours[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        struct sigaction now;
        if (sigaction(ours[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN) {
            sigaddset(&set, ours[i]);
        }
    }
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd >= 0 && sigprocmask(SIG_BLOCK, &set, NULL) < 0) {
        close(fd);
        return -1;
    }
    return fd; /* without one the signals do what they always do */
}

int tool_signals_next(int fd)
{
    struct signalfd_siginfo signal;
    return read(fd, &signal, sizeof signal) == sizeof signal ? (int)signal.ssi_signo : 0;
}

void tool_signals_pause(void)
{
    raise(SIGSTOP);
}
