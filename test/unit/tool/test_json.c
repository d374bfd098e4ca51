/* SPDX-License-Identifier: MIT
 * A JSON line is one line, whatever is in it. */
#include <criterion/criterion.h>

#include <stdlib.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

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
