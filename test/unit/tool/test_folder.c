/* SPDX-License-Identifier: MIT
 * Where the tools lie. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/scratch.h"
#include "tool/folder.h"

TestSuite(folder);

static void finds(const char *folder, const char *verb, const char *wanted)
{
    char *found = tool_folder_find(folder, verb);
    cr_assert_str_eq(found, wanted, "%s", found);
    free(found);
}

Test(folder, is_that_of_this_program)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    cr_assert_gt(length, 0);
    path[length] = '\0';
    char *folder = tool_folder();
    cr_assert_not_null(folder);
    cr_assert_eq(strncmp(path, folder, strlen(folder)), 0, "%s", folder);
    cr_assert_eq(path[strlen(folder)], '/');
    free(folder);
}

Test(folder, has_programs_in_it_and_others_are_looked_for)
{
    const char *folder = scratch_enter();
    FILE *file = fopen(scratch_path("autobus-dance"), "w");
    cr_assert_not_null(file);
    fclose(file);
    finds(folder, "dance", "autobus-dance"); /* it is there, and cannot be run */
    cr_assert_eq(chmod(scratch_path("autobus-dance"), 0700), 0);
    finds(folder, "dance", scratch_path("autobus-dance"));
    finds(folder, "sing", "autobus-sing");
    scratch_leave();
}
