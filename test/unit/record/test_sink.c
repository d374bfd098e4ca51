/* SPDX-License-Identifier: MIT
 * Lines on their way into a file: when they are there, and what a full disk leaves. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/sink.h"
#include "record/squeeze.h"
#include "support/scratch.h"
#include "tool/clock.h"
#include "tool/session.h"

static record_sink sink;

static void start(void)
{
    scratch_enter();
}

static void stop(void)
{
    scratch_leave();
}

TestSuite(sink, .init = start, .fini = stop);

static void opens(const char *name)
{
    char *mistake = NULL;
    cr_assert(record_sink_open(&sink, scratch_path(name), &mistake), "%s", mistake);
    record_sink_begin(&sink);
}

static size_t size_of(const char *name)
{
    FILE *file = fopen(scratch_path(name), "re");
    cr_assert_not_null(file);
    cr_assert_eq(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    fclose(file);
    return (size_t)size;
}

Test(sink, has_each_line_at_once_in_a_plain_file)
{
    opens("plain");
    record_sink_add(&sink, "one");
    record_sink_add(&sink, "two");
    cr_assert_eq(record_sink_tend(&sink), TOOL_NEVER);
    cr_assert_eq(size_of("plain"), strlen("one\ntwo\n"));
    record_sink_add(&sink, "3");
    cr_assert(record_sink_close(&sink));
    cr_assert_eq(size_of("plain"), strlen("one\ntwo\n3\n"));
}

Test(sink, empties_what_was_there)
{
    opens("old");
    record_sink_add(&sink, "one");
    cr_assert(record_sink_close(&sink));
    opens("old");
    cr_assert(record_sink_close(&sink));
    cr_assert_eq(size_of("old"), 0);
}

Test(sink, leaves_alone_what_was_there_until_it_begins)
{
    char *mistake = NULL;
    opens("old");
    record_sink_add(&sink, "one");
    cr_assert(record_sink_close(&sink));
    cr_assert(record_sink_open(&sink, scratch_path("old"), &mistake));
    cr_assert(record_sink_close(&sink));
    cr_assert_eq(size_of("old"), strlen("one\n"));
}

Test(sink, tells_why_a_file_cannot_be_made)
{
    char *mistake = NULL;
    cr_assert_not(record_sink_open(&sink, "/dev/null/x", &mistake));
    cr_assert_not_null(strstr(mistake, "/dev/null/x cannot be written: "), "%s", mistake);
    free(mistake);
}

Test(sink, lets_lines_wait_for_a_second_and_no_longer_where_it_squeezes)
{
    if (record_squeeze_obstacle() != NULL) {
        cr_skip_test("%s", record_squeeze_obstacle());
    }
    opens("x.zst");
    int64_t before = tool_clock_ms();
    record_sink_add(&sink, "one");
    int64_t due = record_sink_tend(&sink);
    cr_assert(due >= before + 1000 && due <= tool_clock_ms() + 1000);
    cr_assert_eq(size_of("x.zst"), 0);
    sink.since_ms -= 1000;
    cr_assert_eq(record_sink_tend(&sink), TOOL_NEVER);
    cr_assert_gt(size_of("x.zst"), 0);
    cr_assert(record_sink_close(&sink));
}

Test(sink, squeezes_a_mib_at_once)
{
    static char line[4096];
    if (record_squeeze_obstacle() != NULL) {
        cr_skip_test("%s", record_squeeze_obstacle());
    }
    memset(line, 'x', sizeof line - 1);
    opens("x.zst");
    for (int i = 0; i < 256; i++) {
        record_sink_add(&sink, line);
    }
    cr_assert_gt(size_of("x.zst"), 0);
    cr_assert_lt(sink.length, sizeof line + 1);
    cr_assert(record_sink_close(&sink));
}

Test(sink, says_at_once_that_it_cannot_squeeze)
{
    char *mistake = NULL;
    bool is_open = record_sink_open(&sink, scratch_path("x.zst"), &mistake);
    cr_assert_eq(is_open, record_squeeze_obstacle() == NULL);
    cr_assert(is_open || strstr(mistake, "without libzstd") != NULL, "%s", mistake);
    free(mistake);
    cr_assert(!is_open || record_sink_close(&sink));
}

Test(sink, is_squeezed_by_its_name)
{
    cr_assert(record_squeeze_is_meant("x.zst"));
    cr_assert(record_squeeze_is_meant("a.jsonl.zst"));
    cr_assert_not(record_squeeze_is_meant(".zst"));
    cr_assert_not(record_squeeze_is_meant("zst"));
    cr_assert_not(record_squeeze_is_meant("x.zst.jsonl"));
}

Test(sink, remembers_that_a_disk_is_full)
{
    char *mistake = NULL;
    cr_assert(record_sink_open(&sink, "/dev/full", &mistake), "%s", mistake);
    record_sink_add(&sink, "one");
    (void)record_sink_tend(&sink);
    cr_assert_eq(sink.error, ENOSPC);
    record_sink_add(&sink, "two");
    cr_assert_eq(sink.length, 0);
    cr_assert_not(record_sink_close(&sink));
    cr_assert_eq(errno, ENOSPC);
}
