/* SPDX-License-Identifier: MIT
 * Which files a part may become. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/files.h"
#include "support/scratch.h"

static shell_candidates candidates;

static void put(const char *name)
{
    FILE *file = fopen(name, "w");
    cr_assert_not_null(file);
    fclose(file);
}

static void start(void)
{
    cr_assert_eq(chdir(scratch_enter()), 0);
    cr_assert_eq(mkdir("house", 0700), 0);
    cr_assert_eq(symlink("house", "home"), 0);
    put("house/evening");
    put("house/morning");
    put("hall");
    put(".hidden");
    put("-o");
}

static void stop(void)
{
    shell_candidates_fini(&candidates);
    scratch_leave();
}

TestSuite(files, .init = start, .fini = stop);

/* What becomes of a part, each behind a blank. */
static void become(const char *before, const char *part, const char *wanted)
{
    char text[256] = "";
    shell_candidates_fini(&candidates);
    shell_candidates_init(&candidates, part);
    shell_files_find(&candidates, before);
    shell_candidates_sort(&candidates);
    for (size_t i = 0; i < candidates.words.count; i++) {
        strcat(strcat(text, " "), candidates.words.list[i]);
    }
    cr_assert_str_eq(text, wanted, "%s: %s", part, text);
}

Test(files, are_those_that_begin_so_and_folders_end_in_a_slash)
{
    become("", "h", " hall home/ house/");
    become("", "ha", " hall");
    become("", "x", "");
}

Test(files, lie_in_the_folder_that_was_typed)
{
    become("", "house/", " house/evening house/morning");
    become("", "./house/e", " ./house/evening");
    char morning[256];
    snprintf(morning, sizeof morning, " %s", scratch_path("house/morning"));
    become("", scratch_path("house/m"), morning);
    become("", "nonesuch/", "");
}

Test(files, that_are_hidden_have_to_be_begun)
{
    become("", "", " hall home/ house/");
    become("", ".h", " .hidden");
}

Test(files, stand_behind_an_option)
{
    become("--output=", "--output=hal", " --output=hall");
    become("-o", "-ohouse/e", " -ohouse/evening");
}

Test(files, that_look_like_options_are_written_so_that_they_do_not)
{
    become("", "-", "");
    become("", "./-", " ./-o");
    become("--output=", "--output=-", " --output=-o");
}
