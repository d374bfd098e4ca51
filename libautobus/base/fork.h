/* SPDX-License-Identifier: MIT
 * Knowing that we are a fork's child: what was made before the fork is unusable there. */
#ifndef AB_BASE_FORK_H
#define AB_BASE_FORK_H

/** Counts the forks between the process's first call of this and here; cheap enough for every call. */
unsigned ab_fork_generation(void);

#endif
