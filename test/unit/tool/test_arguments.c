/* SPDX-License-Identifier: MIT
 * What becomes of typed words and of JSON from a pipe. */
#include <criterion/criterion.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/arguments.h"

enum {
    MOST = 6
};

static void start(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(arguments, .init = start);

static const char described[] = "{\"parameters\": [{\"name\": \"on\", \"type\": \"boolean\"},"
                                " {\"name\": \"level\", \"type\": \"integer\", \"default\": 100},"
                                " {\"name\": \"note\", \"type\": \"string\"}]}";

/* Asserts on a result, whether it is a list or a sentence. */
static void is(char *text, char *mistake, const char *wanted)
{
    if (text == NULL) {
        cr_assert_not_null(mistake);
        cr_assert_not_null(strstr(mistake, wanted), "%s is not in: %s", wanted, mistake);
    } else {
        cr_assert_null(mistake);
        cr_assert_str_eq(text, wanted);
    }
    free(text);
    free(mistake);
}

static void typed(const char *const words[MOST], const char *description, const char *wanted)
{
    size_t count = 0;
    while (count < MOST && words[count] != NULL) {
        count++;
    }
    char *mistake = NULL;
    json_object *map = description != NULL ? json_tokener_parse(description) : NULL;
    char *text = tool_arguments_of_words(words, count, map, &mistake);
    json_object_put(map);
    is(text, mistake, wanted);
}

static void piped(const char *input, const char *description, const char *wanted)
{
    char *mistake = NULL;
    json_object *value = json_tokener_parse(input);
    json_object *map = description != NULL ? json_tokener_parse(description) : NULL;
    char *text = tool_arguments_of_value(value, map, &mistake);
    json_object_put(value);
    json_object_put(map);
    is(text, mistake, wanted);
}

#define WORDS(...)            \
    (const char *const[MOST]) \
    {                         \
        __VA_ARGS__           \
    }

Test(arguments, are_json_where_they_read_so_and_else_text)
{
    typed(WORDS("1", "true", "null", "x", "\"1\""), NULL, "[1,true,null,\"x\",\"1\"]");
    typed(WORDS("[1, 2]", "{\"a\": 1}"), NULL, "[[1,2],{\"a\":1}]");
    typed(WORDS("{'a': 'b'}", "[half", "12 apples", ""), NULL,
          "[{\"a\":\"b\"},\"[half\",\"12 apples\",\"\"]");
    typed(WORDS(NULL), NULL, "[]");
}

Test(arguments, lose_no_digit)
{
    typed(WORDS("123456789012345678901234567890", "1.10", " -5", "0.1e-300"), NULL,
          "[123456789012345678901234567890,1.10,-5,0.1e-300]");
}

Test(arguments, that_only_look_like_json_are_text)
{
    typed(WORDS("NaN", "Infinity", "'x'", "tru", "1 2", "\"a\"b"), NULL,
          "[\"NaN\",\"Infinity\",\"'x'\",\"tru\",\"1 2\",\"\\\"a\\\"b\"]");
}

Test(arguments, by_name_stand_where_the_function_has_them)
{
    typed(WORDS("level=40", "on=true"), described, "[true,40]");
    typed(WORDS("true", "level=40"), described, "[true,40]");
    typed(WORDS("on=true"), described, "[true]");
}

Test(arguments, left_out_in_between_take_their_default)
{
    typed(WORDS("on=true", "note=hello world"), described, "[true,100,\"hello world\"]");
    typed(WORDS("level=1"), described, "'on' is missing");
}

Test(arguments, of_a_text_parameter_are_text)
{
    typed(WORDS("on=true", "note=42"), described, "[true,100,\"42\"]");
    typed(WORDS("on=true", "note=\"42\""), described, "[true,100,\"42\"]");
    typed(WORDS("on=true", "note=a=b"), described, "[true,100,\"a=b\"]");
}

Test(arguments, by_a_wrong_name_say_the_right_one)
{
    typed(WORDS("on=true", "lvel=3"), described, "'level' is one");
    typed(WORDS("colour=red"), described, "'on', 'level', 'note'");
    typed(WORDS("on=true", "on=false"), described, "given twice");
    typed(WORDS("true", "on=false"), described, "given twice");
    typed(WORDS("on=true", "5"), described, "'5' has no name");
    typed(WORDS("x=1"), "{\"parameters\": []}", "there are none");
}

Test(arguments, of_a_function_that_says_nothing_have_no_names)
{
    typed(WORDS("on=true"), NULL, "[\"on=true\"]");
    typed(WORDS("on=true"), "{\"doc\": \"Old.\"}", "[\"on=true\"]");
}

Test(arguments, are_named_only_where_a_name_stands_in_front)
{
    cr_assert(tool_argument_is_named("on=true"));
    cr_assert(tool_argument_is_named("%=5"));
    cr_assert(tool_argument_is_named("größe=5"));
    static const char *const others[] = {"=5",   "on",    "\"a=b\"",      "{'a'=1}",
                                         "-5=3", "a b=c", "http://x?y=z", ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        cr_assert_not(tool_argument_is_named(others[i]), "%s", others[i]);
    }
}

Test(arguments, from_a_pipe_are_a_list_a_map_or_one_value)
{
    piped("[true, 40]", described, "[true,40]");
    piped("{\"level\": 40, \"on\": true}", described, "[true,40]");
    piped("{\"level\": 40}", NULL, "[{\"level\":40}]");
    piped("true", described, "[true]");
    piped("null", NULL, "[null]");
    piped("{\"lvel\": 1}", described, "'level' is one");
}

Test(arguments, bear_any_description)
{
    typed(WORDS("a=1"), "{\"parameters\": [null, 5, {\"name\": 7}]}", "there is no parameter 'a'");
    typed(WORDS("a=1"), "{\"parameters\": {\"a\": 1}}", "[\"a=1\"]");
    typed(WORDS("a=1"), "[]", "[\"a=1\"]");
}
