/* SPDX-License-Identifier: MIT
 * Bytes, packed or not, in whatever pieces, become the same lines. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "replay/source.h"

/* "one\ntwo\n" and "three\n", a frame each. */
static const char packed[] = "\x28\xb5\x2f\xfd\x00\x58\x41\x00\x00"
                             "one\ntwo\n"
                             "\x28\xb5\x2f\xfd\x00\x58\x31\x00\x00"
                             "three\n";
enum {
    PACKED = sizeof packed - 1,
    FIRST_FRAME = 17
};

static replay_source source;
static const char *left;
static size_t left_length, piece;

static void stop(void)
{
    replay_source_fini(&source);
}

TestSuite(source, .fini = stop);

static void reads(const char *bytes, size_t length, size_t at_once)
{
    left = bytes;
    left_length = length;
    piece = at_once;
}

static replay_step step(const char **line, size_t *length)
{
    replay_step now;
    while ((now = replay_source_next(&source, line, length)) == REPLAY_MORE) {
        size_t some = left_length < piece ? left_length : piece;
        replay_source_feed(&source, left, some);
        left += some;
        left_length -= some;
    }
    return now;
}

static void gives(const char *wanted, long number)
{
    const char *line;
    size_t length;
    cr_assert_eq(step(&line, &length), REPLAY_LINE, "%s", wanted);
    cr_assert_eq(length, strlen(wanted), "%s", wanted);
    cr_assert_str_eq(line, wanted);
    cr_assert_eq(source.line, number);
}

static void ends(void)
{
    const char *line;
    size_t length;
    cr_assert_eq(step(&line, &length), REPLAY_END);
}

static void breaks(const char *what)
{
    const char *line;
    size_t length;
    cr_assert_eq(step(&line, &length), REPLAY_BROKEN);
    cr_assert_not_null(strstr(source.wrong, what), "%s", source.wrong);
}

static void need_zstd(void)
{
    const char *mistake = NULL;
    replay_unpack *unpack = replay_unpack_new(&mistake);
    if (unpack == NULL) {
        cr_skip_test("%s", mistake);
    }
    replay_unpack_free(&unpack);
}

Test(source, gives_lines_in_whatever_pieces_they_come)
{
    for (size_t at_once = 1; at_once < 12; at_once++) {
        reads("one\n\ntwo\nx", 10, at_once);
        gives("one", 1);
        gives("", 2);
        gives("two", 3);
        cr_assert_not(source.is_open);
        gives("x", 4);
        cr_assert(source.is_open);
        ends();
        stop();
    }
}

Test(source, ends_at_once_where_nothing_is)
{
    reads("", 0, 1);
    ends();
}

Test(source, unpacks_one_frame_after_the_other)
{
    need_zstd();
    for (size_t at_once = 1; at_once <= PACKED; at_once++) {
        reads(packed, PACKED, at_once);
        gives("one", 1);
        gives("two", 2);
        gives("three", 3);
        ends();
        stop();
    }
}

Test(source, gives_what_was_whole_before_it_was_cut_off)
{
    need_zstd();
    for (size_t length = 1; length < PACKED; length++) {
        const char *line;
        size_t line_length;
        replay_step last;
        reads(packed, length, 5);
        while ((last = step(&line, &line_length)) == REPLAY_LINE) {
        }
        cr_assert_eq(last, length == FIRST_FRAME ? REPLAY_END : REPLAY_BROKEN, "%zu", length);
        cr_assert(length == FIRST_FRAME || strcmp(source.wrong, "is cut off") == 0);
        cr_assert(length < FIRST_FRAME || source.line == 2, "%zu", length);
        stop();
    }
}

Test(source, tells_of_what_does_not_unpack)
{
    need_zstd();
    char copy[PACKED];
    memcpy(copy, packed, PACKED);
    copy[FIRST_FRAME + 1] = 'x';
    reads(copy, PACKED, PACKED);
    gives("one", 1);
    gives("two", 2);
    breaks("is damaged");
}

/* A block of 100,000 times "x", then a line feed. */
Test(source, gives_all_of_what_was_packed_tightly)
{
    static const char tight[] = "\x28\xb5\x2f\xfd\x00\x58\x02\x35\x0c"
                                "x"
                                "\x09\x00\x00\n";
    need_zstd();
    reads(tight, sizeof tight - 1, sizeof tight);
    const char *line;
    size_t length;
    cr_assert_eq(step(&line, &length), REPLAY_LINE, "%s", source.wrong);
    cr_assert_eq(length, 100000);
    ends();
}

Test(source, refuses_what_it_cannot_unpack)
{
    const char *mistake = NULL;
    replay_unpack *unpack = replay_unpack_new(&mistake);
    reads(packed, PACKED, PACKED);
    if (unpack == NULL) {
        breaks("without libzstd");
    } else {
        gives("one", 1);
    }
    replay_unpack_free(&unpack);
}

Test(source, takes_a_line_that_is_long_and_none_that_is_longer)
{
    size_t size = REPLAY_LONGEST_LINE + 2;
    char *bytes = malloc(size);
    memset(bytes, 'x', size);
    bytes[REPLAY_LONGEST_LINE] = '\n';
    reads(bytes, REPLAY_LONGEST_LINE + 1, 65536);
    const char *line;
    size_t length;
    cr_assert_eq(step(&line, &length), REPLAY_LINE);
    cr_assert_eq(length, REPLAY_LONGEST_LINE);
    ends();
    stop();
    bytes[REPLAY_LONGEST_LINE] = 'x';
    bytes[REPLAY_LONGEST_LINE + 1] = '\n';
    reads(bytes, size, 65536);
    breaks("is longer than 32 MiB");
    free(bytes);
}

Test(source, holds_little_of_what_is_long)
{
    static char many[4096 * 256];
    memset(many, 'x', sizeof many);
    for (size_t at = 255; at < sizeof many; at += 256) {
        many[at] = '\n';
    }
    reads(many, sizeof many, 65536);
    const char *line;
    size_t length;
    for (long number = 1; number <= 4096; number++) {
        cr_assert_eq(step(&line, &length), REPLAY_LINE);
    }
    ends();
    cr_assert_lt(source.room, 512 * 1024);
}
