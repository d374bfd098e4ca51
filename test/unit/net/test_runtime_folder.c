/* SPDX-License-Identifier: MIT
 * Which folder is taken, and which is not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/runtime_folder.h"
#include "support/scratch.h"

static void begin(void)
{
    (void)scratch_enter();
    unsetenv("XDG_RUNTIME_DIR");
}

TestSuite(runtime_folder, .init = begin, .fini = scratch_leave);

/* What is found, in a static buffer; "": nothing. */
static const char *found(const char *chosen)
{
    static char text[256];
    char *path = ab_runtime_folder_find(chosen);
    strcpy(text, path != NULL ? path : "");
    free(path);
    return text;
}

static unsigned mode_of(const char *path)
{
    struct stat is = {0};
    cr_assert_eq(lstat(path, &is), 0, "%s", path);
    return is.st_mode & 07777;
}

Test(runtime_folder, that_was_chosen_is_made_for_us_alone)
{
    const char *path = scratch_path("chosen");
    cr_expect_str_eq(found(path), path);
    cr_expect_eq(mode_of(path), 0700);
    cr_expect_str_eq(found(path), path, "the second time as well");
}

Test(runtime_folder, is_that_of_the_session)
{
    setenv("XDG_RUNTIME_DIR", scratch_path(""), 1);
    const char *path = scratch_path("/autobus");
    cr_expect_str_eq(found(NULL), path);
    cr_expect_eq(mode_of(path), 0700);
    unsetenv("XDG_RUNTIME_DIR");
}

Test(runtime_folder, is_our_own_one_where_there_is_no_session)
{
    char tmp[64], run[64];
    snprintf(tmp, sizeof tmp, "/tmp/autobus-%u", (unsigned)geteuid());
    snprintf(run, sizeof run, "/run/user/%u/autobus", (unsigned)geteuid());
    const char *path = found(NULL);
    cr_expect(strcmp(path, tmp) == 0 || strcmp(path, run) == 0, "%s", path);
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    cr_expect_str_neq(found(NULL), "relative/autobus");
    setenv("XDG_RUNTIME_DIR", scratch_path("missing"), 1);
    cr_expect_neq(access(scratch_path("missing/autobus"), F_OK), 0);
    cr_expect_str_neq(found(NULL), scratch_path("missing/autobus"));
    unsetenv("XDG_RUNTIME_DIR");
}

/* As after `su`, which keeps the environment. */
Test(runtime_folder, is_never_made_in_the_session_of_somebody_else)
{
    scratch_need_root();
    const char *theirs = scratch_path("theirs");
    cr_assert_eq(mkdir(theirs, 0700), 0);
    cr_assert_eq(chown(theirs, SCRATCH_NOBODY, SCRATCH_NOBODY), 0);
    setenv("XDG_RUNTIME_DIR", theirs, 1);
    cr_expect_str_neq(found(NULL), scratch_path("theirs/autobus"));
    cr_expect_neq(access(scratch_path("theirs/autobus"), F_OK), 0);
    unsetenv("XDG_RUNTIME_DIR");
}

Test(runtime_folder, that_others_may_enter_is_not_taken)
{
    const char *path = scratch_path("open");
    for (unsigned bit = 1; bit < 0100; bit <<= 1) {
        cr_assert_eq(mkdir(path, 0700), 0);
        cr_assert_eq(chmod(path, 0700 | bit), 0);
        cr_expect_str_eq(found(path), "", "mode 0700 and %#o", bit);
        cr_assert_eq(rmdir(path), 0);
    }
}

Test(runtime_folder, that_belongs_to_somebody_else_is_not_taken)
{
    scratch_need_root();
    const char *path = scratch_path("squatted");
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_assert_eq(chown(path, SCRATCH_NOBODY, SCRATCH_NOBODY), 0);
    cr_expect_str_eq(found(path), "");
}

Test(runtime_folder, behind_a_link_is_not_taken)
{
    cr_assert_eq(mkdir(scratch_path("real"), 0700), 0);
    cr_assert_eq(symlink(scratch_path("real"), scratch_path("link")), 0);
    cr_expect_str_eq(found(scratch_path("link")), "");
    cr_assert_eq(symlink(scratch_path("nowhere"), scratch_path("dangling")), 0);
    cr_expect_str_eq(found(scratch_path("dangling")), "");
    cr_expect_neq(access(scratch_path("nowhere"), F_OK), 0, "nothing is made behind a link");
}

Test(runtime_folder, is_no_file_and_needs_a_parent)
{
    fclose(fopen(scratch_path("file"), "w"));
    cr_expect_str_eq(found(scratch_path("file")), "");
    cr_expect_str_eq(found(scratch_path("file/below")), "");
    cr_expect_str_eq(found(scratch_path("no/parent")), "");
}
