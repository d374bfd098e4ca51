/* SPDX-License-Identifier: MIT
 * A vigil: waiting for the next line, while the bus and the jobs go on. */
#ifndef SHELL_VIGIL_H
#define SHELL_VIGIL_H

#include "shell/jobs.h"
#include "tool/desk.h"

typedef enum shell_event {
    SHELL_INPUT, /**< there is something to read, or it has ended */
    SHELL_INTERRUPTED,
    SHELL_RESIZED,
    SHELL_PAUSED, /**< Ctrl-Z */
    SHELL_CLOSING /**< the desk is to close, or nobody reads what is printed */
} shell_event;

typedef struct shell_vigil {
    tool_desk *desk;
    shell_jobs *jobs;
    /** Called before and after something may be printed, so that it stands above what is being typed. */
    void (*hide)(void *userdata);
    void (*show)(void *userdata);
    void *userdata;
} shell_vigil;

/** Waits for `fd` and everything else. */
shell_event shell_vigil_wait(const shell_vigil *self, int fd);

#endif
