/* SPDX-License-Identifier: MIT
 * Folders and users for tests. */
#include "support/scratch.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

const char *scratch_enter(void)
{
    strcpy(folder, "/tmp/autobus-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    return folder;
}

static int remove_one(const char *path, const struct stat *is, int kind, struct FTW *where)
{
    (void)is;
    (void)kind;
    (void)where;
    return remove(path);
}

void scratch_leave(void)
{
    if (folder[0] != '\0')
        nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    folder[0] = '\0';
}

const char *scratch_path(const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

void scratch_need_root(void)
{
    if (geteuid() != 0)
        cr_skip_test("only root can be another user as well");
}

int scratch_as_nobody(int (*body)(void))
{
    int status = -1;
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0)
        _exit(setgid(SCRATCH_NOBODY) == 0 && setuid(SCRATCH_NOBODY) == 0 ? body() : 99);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
