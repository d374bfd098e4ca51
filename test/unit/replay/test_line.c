/* SPDX-License-Identifier: MIT
 * What a line of a recording may say, and what is said of one that may not. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "replay/line.h"

static replay_line line;

static void stop(void)
{
    replay_line_fini(&line);
}

TestSuite(line, .fini = stop);

static void reads(const char *text, replay_kind kind)
{
    char *mistake = NULL;
    stop();
    cr_assert(replay_line_init(&line, text, strlen(text), &mistake), "%s: %s", text, mistake);
    cr_assert_eq(line.kind, kind, "%s", text);
}

static void rejects(const char *text, const char *part)
{
    char *mistake = NULL;
    stop();
    cr_assert_not(replay_line_init(&line, text, strlen(text), &mistake), "%s", text);
    cr_assert_not_null(strstr(mistake, part), "%s: %s", text, mistake);
    free(mistake);
}

Test(line, tells_who_appeared)
{
    reads(
        "{\"ms\":12,\"kind\":\"appeared\",\"service\":\"a\",\"info\":{\"type\":\"x\"},\"doc\":\"d\"}",
        REPLAY_APPEARED);
    cr_assert_eq(line.ms, 12);
    cr_assert_str_eq(line.service, "a");
    cr_assert_str_eq(line.doc, "d");
    cr_assert_str_eq(json_object_to_json_string_ext(line.content, JSON_C_TO_STRING_PLAIN),
                     "{\"type\":\"x\"}");
}

Test(line, tells_who_left)
{
    reads("{\"ms\":0,\"kind\":\"left\",\"service\":\"a\"}", REPLAY_LEFT);
    cr_assert_str_eq(line.service, "a");
}

Test(line, tells_a_value_null_too)
{
    reads("{\"ms\":1,\"kind\":\"value\",\"service\":\"a\",\"object\":\"o\",\"value\":null,"
          "\"description\":{\"unit\":\"%\"}}",
          REPLAY_VALUE);
    cr_assert_str_eq(line.name, "o");
    cr_assert_not(line.is_event);
    cr_assert_null(line.content);
    cr_assert_not_null(line.description);
}

Test(line, may_have_numbers_that_are_larger_than_any_of_ours)
{
    reads("{\"ms\":1,\"kind\":\"value\",\"service\":\"a\",\"object\":\"o\",\"value\":1e999}",
          REPLAY_VALUE);
    cr_assert_str_eq(json_object_to_json_string(line.content), "1e999");
}

Test(line, tells_events_and_that_they_are_fired)
{
    reads("{\"ms\":1,\"kind\":\"event\",\"service\":\"a\",\"event\":\"e\",\"description\":5}",
          REPLAY_EVENT);
    cr_assert_str_eq(line.name, "e");
    cr_assert(line.is_event);
    cr_assert_null(line.description, "only a map describes");
    reads("{\"ms\":1,\"kind\":\"fired\",\"service\":\"a\",\"event\":\"e\",\"args\":[1]}",
          REPLAY_FIRED);
    cr_assert_eq(json_object_array_length(line.content), 1);
}

Test(line, tells_what_is_gone)
{
    reads("{\"ms\":1,\"kind\":\"gone\",\"service\":\"a\",\"object\":\"o\"}", REPLAY_GONE);
    cr_assert_not(line.is_event);
    reads("{\"ms\":1,\"kind\":\"gone\",\"service\":\"a\",\"event\":\"e\"}", REPLAY_GONE);
    cr_assert(line.is_event);
}

Test(line, of_a_kind_that_nobody_knows_has_a_time)
{
    reads("{\"ms\":99,\"kind\":\"end\"}", REPLAY_OTHER);
    cr_assert_eq(line.ms, 99);
    reads("{\"ms\":4503599627370495,\"kind\":\"sparkle\",\"service\":5}", REPLAY_OTHER);
}

Test(line, is_a_json_object)
{
    static const char *const others[] = {"", "5", "[]", "null", "{", "{} {}", "{\"ms\":1,}x"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        rejects(others[i], "is no JSON object");
    }
    char *mistake = NULL;
    cr_assert_not(replay_line_init(&line, "{}\0{}", 5, &mistake), "behind a zero");
    free(mistake);
}

Test(line, has_a_time_and_a_kind)
{
    rejects("{\"kind\":\"end\"}", "\"ms\"");
    rejects("{\"ms\":\"1\",\"kind\":\"end\"}", "\"ms\"");
    rejects("{\"ms\":-1,\"kind\":\"end\"}", "\"ms\"");
    rejects("{\"ms\":1.5,\"kind\":\"end\"}", "\"ms\"");
    rejects("{\"ms\":4503599627370496,\"kind\":\"end\"}", "\"ms\"");
    rejects("{\"ms\":1}", "\"kind\"");
    rejects("{\"ms\":1,\"kind\":[]}", "\"kind\"");
    rejects("{\"ms\":1,\"kind\":\"\"}", "\"kind\"");
}

Test(line, has_what_its_kind_needs)
{
    rejects("{\"ms\":1,\"kind\":\"left\"}", "\"service\"");
    rejects("{\"ms\":1,\"kind\":\"left\",\"service\":\"\"}", "\"service\"");
    rejects("{\"ms\":1,\"kind\":\"appeared\",\"service\":\"a\"}", "\"info\"");
    rejects("{\"ms\":1,\"kind\":\"appeared\",\"service\":\"a\",\"info\":[]}", "\"info\"");
    rejects("{\"ms\":1,\"kind\":\"value\",\"service\":\"a\",\"object\":\"o\"}", "\"value\"");
    rejects("{\"ms\":1,\"kind\":\"value\",\"service\":\"a\",\"event\":\"o\",\"value\":1}",
            "\"object\"");
    rejects("{\"ms\":1,\"kind\":\"event\",\"service\":\"a\",\"object\":\"o\"}", "\"event\"");
    rejects("{\"ms\":1,\"kind\":\"fired\",\"service\":\"a\",\"event\":\"e\"}", "\"args\"");
    rejects("{\"ms\":1,\"kind\":\"fired\",\"service\":\"a\",\"event\":\"e\",\"args\":{}}",
            "\"args\"");
    rejects("{\"ms\":1,\"kind\":\"gone\",\"service\":\"a\"}", "\"object\"");
}

static void begins(const char *text, const char *mistake_part)
{
    char *mistake = NULL;
    bool is_first = replay_line_is_first(text, strlen(text), &mistake);
    cr_assert_eq(is_first, mistake_part == NULL, "%s", text);
    cr_assert(mistake_part == NULL || strstr(mistake, mistake_part) != NULL, "%s", mistake);
    free(mistake);
}

Test(line, that_is_the_first_tells_the_version)
{
    begins("{\"autobus\":\"recording\",\"version\":1,\"began\":\"x\",\"more\":1}", NULL);
    begins("{\"autobus\":\"recording\",\"version\":2}", "version 2");
    begins("{\"autobus\":\"recording\",\"version\":\"1\"}", "begins");
    begins("{\"autobus\":\"ballad\",\"version\":1}", "begins");
    begins("{\"ms\":0,\"kind\":\"end\"}", "begins");
    begins("[1]", "begins");
    begins("", "begins");
}
