/* SPDX-License-Identifier: MIT
 * Members in one line each. */
#include <criterion/criterion.h>

#include <locale.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "tool/signature.h"

static void start(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(signature, .init = start);

static void shows(char *(*write)(const char *, json_object *), const char *description,
                  const char *wanted)
{
    json_object *map = json_tokener_parse(description);
    char *text = write("it", map);
    cr_assert_str_eq(text, wanted);
    free(text);
    json_object_put(map);
}

Test(signature, of_a_function_has_types_ranges_units_defaults_and_result)
{
    shows(
        tool_signature_of_call,
        "{\"parameters\": [{\"name\": \"on\", \"type\": \"boolean\"}, {\"name\": \"level\", \"type\": \"integer\","
        " \"range\": [0, 100], \"unit\": \"%\", \"default\": 40}, {\"name\": \"x\"}], \"returns\": \"map\"}",
        "it(on: boolean, level: integer 0..100 % = 40, x) -> map");
}

Test(signature, says_what_is_open)
{
    shows(tool_signature_of_call, "{}", "it(...)");
    shows(tool_signature_of_call, "{\"parameters\": []}", "it()");
    shows(tool_signature_of_call, "{\"parameters\": [], \"rest\": \"any\"}", "it(any...)");
    shows(tool_signature_of_call,
          "{\"parameters\": [{\"name\": \"a\", \"type\": \"number\", \"range\": [null, 5]}],"
          " \"rest\": \"string\"}",
          "it(a: number ..5, string...)");
}

Test(signature, of_an_object_is_its_type)
{
    shows(tool_signature_of_value,
          "{\"type\": \"number\", \"range\": [-40, 60.5], \"unit\": \"°C\"}",
          "it: number -40..60.5 °C");
    shows(tool_signature_of_value, "{\"unit\": \"lx\"}", "it: any lx");
    shows(tool_signature_of_value, "{}", "it");
}

Test(signature, bears_any_description_and_commands_no_terminal)
{
    shows(tool_signature_of_call, "5", "it(...)");
    shows(tool_signature_of_call, "{\"parameters\": [7, null, {\"name\": \"a\\u001b[2J\"}]}",
          "it(?, ?, a\\x1b[2J)");
    shows(tool_signature_of_value, "{\"type\": 3, \"range\": \"wide\"}", "it");
    shows(tool_signature_of_value, "null", "it");
}
