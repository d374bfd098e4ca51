/* SPDX-License-Identifier: MIT
 * The few words that a table has for a service. */
#include <criterion/criterion.h>

#include <locale.h>

#include <json-c/json.h>

#include "tool/summary.h"

static tool_summary summary;

static void speak_utf8(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

static void stop(void)
{
    tool_summary_fini(&summary);
}

TestSuite(summary, .init = speak_utf8, .fini = stop);

static void summarise(const char *text)
{
    json_object *info = json_tokener_parse(text);
    cr_assert_not_null(info);
    tool_summary_init(&summary, info, "10.0.0.2", 4000);
    json_object_put(info);
}

Test(summary, has_a_column_for_what_everybody_asks_first)
{
    summarise("{'type': 'lamp', 'name': 'Desk lamp', 'hostname': 'pi', 'room': 'office'}");
    cr_assert_str_eq(summary.type, "lamp");
    cr_assert_str_eq(summary.name, "Desk lamp");
    cr_assert_str_eq(summary.host, "pi");
    cr_assert_str_eq(summary.address, "10.0.0.2:4000");
    cr_assert_str_eq(summary.rest, "room=office");
}

Test(summary, is_silent_about_what_is_not_there)
{
    summarise("{}");
    cr_assert_str_empty(summary.type);
    cr_assert_str_empty(summary.name);
    cr_assert_str_empty(summary.host);
    cr_assert_str_empty(summary.rest);
}

Test(summary, says_nothing_twice)
{
    summarise(
        "{'type': 'lamp', 'host': '10.0.0.2', 'port': 4000, 'service': 'id', 'hostname': 'pi'}");
    cr_assert_str_empty(summary.rest);
}

Test(summary, writes_other_values_as_json)
{
    summarise("{'n': 1, 'on': true, 'gone': null, 'list': [1, 'a'], 'map': {'x': {}}}");
    cr_assert_str_eq(summary.rest, "n=1 on=true gone=null list=[1,\"a\"] map={\"x\":{}}");
}

Test(summary, quotes_a_string_that_could_mislead)
{
    summarise("{'a': 'two words', 'b': '', 'c': '5', 'd': 'true', 'e': 'x=y', 'f': 'a/b'}");
    cr_assert_str_eq(summary.rest, "a=\"two words\" b=\"\" c=\"5\" d=\"true\" e=\"x=y\" f=a/b");
}

Test(summary, shows_a_name_that_is_no_string_among_the_rest)
{
    summarise("{'name': 5}");
    cr_assert_str_empty(summary.name);
    cr_assert_str_eq(summary.rest, "name=5");
}

Test(summary, is_harmless_to_a_terminal)
{
    summarise(
        "{\"type\": \"\\u001b[2J\", \"k\\u001b\": \"\\u009b1m\\n\", \"hostname\": \"a\\u202eb\"}");
    cr_assert_str_eq(summary.type, "\\x1b[2J");
    cr_assert_str_eq(summary.host, "a\\u202eb");
    cr_assert_str_eq(summary.rest, "k\\x1b=\"\\u009b1m\\n\"");
}

Test(summary, puts_brackets_around_ipv6)
{
    char *text = tool_address_text("fe80::1%eth0", 80);
    cr_assert_str_eq(text, "[fe80::1%eth0]:80");
    free(text);
}
