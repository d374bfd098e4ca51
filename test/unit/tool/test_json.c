/* SPDX-License-Identifier: MIT
 * A JSON line is one line, whatever is in it. */
#include <criterion/criterion.h>

#include <locale.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

static void start(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(json, .init = start);

static void prints(const char *value, const char *wanted)
{
    char *text = NULL;
    size_t length;
    json_object *object = json_tokener_parse(value);
    FILE *out = tool_text_stream(&text, &length);
    tool_json_print(object, out);
    fclose(out);
    cr_assert_str_eq(text, wanted);
    free(text);
    json_object_put(object);
}

Test(json, is_one_line_without_blanks)
{
    prints("{ 'a' : [1, 2.5, null],\n 'b': 'x/y' }", "{\"a\":[1,2.5,null],\"b\":\"x/y\"}\n");
}

Test(json, keeps_the_letters_of_every_language)
{
    prints("'K\\u00fcche \\u706f'", "\"Küche 灯\"\n");
}

Test(json, escapes_what_could_command_a_terminal)
{
    prints("'\\u001b[2J\\n\\u007f\\u009b1m\\u0080'", "\"\\u001b[2J\\n\\u007f\\u009b1m\\u0080\"\n");
}

Test(json, escapes_what_turns_lines_around)
{
    prints("'a\\u202eb\\u2028'", "\"a\\u202eb\\u2028\"\n");
}

Test(json, is_laid_out_for_people)
{
    char *text = NULL;
    size_t length;
    json_object *object = json_tokener_parse("{\"a\": [1], \"b\": \"\\u009b\"}");
    FILE *out = tool_text_stream(&text, &length);
    tool_json_print_pretty(object, "  ", out);
    fclose(out);
    cr_assert_str_eq(text, "{\n    \"a\": [\n      1\n    ],\n    \"b\": \"\\u009b\"\n  }\n");
    free(text);
    json_object_put(object);
}

static void reads(const char *text, const char *wanted)
{
    json_object *value = NULL;
    bool is_json = tool_json_parse(text, &value);
    cr_assert_eq(is_json, wanted != NULL, "%s", text);
    if (is_json) {
        char *line = tool_json_line(value);
        cr_assert_str_eq(line, wanted);
        free(line);
    }
    json_object_put(value);
}

Test(json, is_read_whole_or_not_at_all)
{
    reads("1", "1");
    reads(" [1, {'a': null}] \n", "[1,{\"a\":null}]");
    reads("null", "null");
    reads("\"x\"", "\"x\"");
    reads("", NULL);
    reads(" ", NULL);
    reads("1 2", NULL);
    reads("{} x", NULL);
    reads("'x'", NULL);
    reads("[1", NULL);
    reads("nul", NULL);
    reads("NaN", NULL);
    reads("[1, {'a': -Infinity}]", NULL);
    reads("\"\xff\"", NULL);
}

Test(json, of_others_may_have_numbers_that_are_larger_than_any_of_ours)
{
    json_object *value = NULL;
    cr_assert(tool_json_read("[1e999]", &value));
    char *line = tool_json_line(value);
    cr_assert_str_eq(line, "[1e999]");
    free(line);
    json_object_put(value);
    cr_assert_not(tool_json_read("[1e999", &value));
    cr_assert_null(value);
}
