/* SPDX-License-Identifier: MIT
 * Writing signatures. What the network says may be of any shape: what is not as described is left out. */
#include "tool/signature.h"

#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

static const char *string_of(json_object *map, const char *key)
{
    json_object *value = NULL;
    return json_object_object_get_ex(map, key, &value) &&
                   json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : NULL;
}

static void write_range(FILE *out, json_object *range)
{
    if (!json_object_is_type(range, json_type_array) || json_object_array_length(range) != 2) {
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        json_object *end = json_object_array_get_idx(range, i);
        fputs(i == 0 ? " " : "..", out);
        fputs(end != NULL ? json_object_get_string(end) : "", out);
    }
}

/* "name: type range unit = default", without what is not told. */
static void write_value(FILE *out, const char *name, json_object *map)
{
    json_object *range = NULL;
    json_object *fallback = NULL;
    const char *type = string_of(map, "type");
    const char *unit = string_of(map, "unit");
    fputs(name, out);
    if (type != NULL || unit != NULL) {
        fprintf(out, ": %s", type != NULL ? type : "any");
    }
    if (json_object_object_get_ex(map, "range", &range)) {
        write_range(out, range);
    }
    if (unit != NULL) {
        fprintf(out, " %s", unit);
    }
    if (json_object_object_get_ex(map, "default", &fallback)) {
        char *line = tool_json_line(fallback);
        fprintf(out, " = %s", line);
        free(line);
    }
}

static json_object *map_or_null(json_object *value)
{
    return json_object_is_type(value, json_type_object) ? value : NULL;
}

static void write_parameters(FILE *out, json_object *description, json_object *list)
{
    size_t count = json_object_array_length(list);
    const char *rest = string_of(description, "rest");
    for (size_t i = 0; i < count; i++) {
        json_object *parameter = map_or_null(json_object_array_get_idx(list, i));
        const char *name = string_of(parameter, "name");
        fputs(i > 0 ? ", " : "", out);
        write_value(out, name != NULL ? name : "?", parameter);
    }
    if (rest != NULL) {
        fprintf(out, "%s%s...", count > 0 ? ", " : "", rest);
    }
}

static char *finish(FILE *out, char **text)
{
    fclose(out);
    char *clean = tool_text_clean(tool_text_checked(*text));
    free(*text);
    return clean;
}

char *tool_signature_of_call(const char *name, json_object *description)
{
    char *text = NULL;
    size_t length;
    FILE *out = tool_text_stream(&text, &length);
    json_object *list = json_object_object_get(map_or_null(description), "parameters");
    const char *returns = string_of(map_or_null(description), "returns");
    fprintf(out, "%s(", name);
    if (json_object_is_type(list, json_type_array)) {
        write_parameters(out, description, list);
    } else {
        fputs("...", out);
    }
    fputc(')', out);
    if (returns != NULL) {
        fprintf(out, " -> %s", returns);
    }
    return finish(out, &text);
}

char *tool_signature_of_value(const char *name, json_object *description)
{
    char *text = NULL;
    size_t length;
    FILE *out = tool_text_stream(&text, &length);
    write_value(out, name, map_or_null(description));
    return finish(out, &text);
}
