/* SPDX-License-Identifier: MIT
 * A scratch folder of a test's own, and processes of other users. */
#ifndef TEST_SUPPORT_SCRATCH_H
#define TEST_SUPPORT_SCRATCH_H

#define SCRATCH_NOBODY 65534

/** Makes a fresh one, of mode 0700; fails the test if it cannot. Its path, in a static buffer. */
const char *scratch_enter(void);
/** Removes it with all that is in it. */
void scratch_leave(void);
/** A path in it, in one of a few static buffers. */
const char *scratch_path(const char *name);

/** Skips the test unless we are root, who alone can be somebody else as well. */
void scratch_need_root(void);
/** Runs `body` in a process of that other user and returns its exit status. */
int scratch_as_nobody(int (*body)(void));

#endif
