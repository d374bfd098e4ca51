/* SPDX-License-Identifier: MIT
 * Inventing arguments that fit their description. */
#include "show/example.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/arguments.h"
#include "tool/details.h"
#include "tool/json.h"
#include "tool/quote.h"
#include "tool/text.h"

static const char *string_of(json_object *map, const char *key)
{
    json_object *value = json_object_object_get(map, key);
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

/* A number of the range: its middle, or the end that it has. */
static char *number_text(json_object *parameter)
{
    json_object *range = json_object_object_get(parameter, "range");
    json_object *low = NULL;
    json_object *high = NULL;
    if (json_object_is_type(range, json_type_array) && json_object_array_length(range) == 2) {
        low = json_object_array_get_idx(range, 0);
        high = json_object_array_get_idx(range, 1);
    }
    double number = low != NULL && high != NULL
                        ? (json_object_get_double(low) + json_object_get_double(high)) / 2
                    : low != NULL  ? json_object_get_double(low)
                    : high != NULL ? json_object_get_double(high)
                                   : 1;
    if (low != NULL && high != NULL && floor(number) < json_object_get_double(low)) {
        return tool_text_format("%g", number); /* no whole number is in it */
    }
    return low != NULL && high != NULL ? tool_text_format("%.0f", floor(number))
                                       : tool_text_format("%.15g", number);
}

static char *value_text(json_object *parameter)
{
    static const char *const values[][2] = {
        {"boolean", "true"}, {"string", "text"}, {"list", "[]"}, {"map", "{}"}, {"null", "null"}};
    const char *type = string_of(parameter, "type");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strcmp(type, values[i][0]) == 0) {
            return tool_text_format("%s", values[i][1]);
        }
    }
    return number_text(parameter);
}

/* How many must be given: as told, else those without a default. */
static size_t count_required(json_object *description, json_object *list)
{
    json_object *told = json_object_object_get(description, "required");
    size_t count = json_object_array_length(list);
    if (json_object_is_type(told, json_type_int)) {
        int64_t number = json_object_get_int64(told);
        return number < 0 ? 0 : (uint64_t)number < count ? (size_t)number : count;
    }
    size_t required = 0;
    while (required < count &&
           !json_object_object_get_ex(json_object_array_get_idx(list, required), "default", NULL)) {
        required++;
    }
    return required;
}

static char *with_arguments(char *line, json_object *description)
{
    json_object *list = json_object_object_get(description, "parameters");
    if (!json_object_is_type(list, json_type_array)) {
        return line;
    }
    size_t count = count_required(description, list);
    for (size_t i = 0; i < count; i++) {
        json_object *parameter = json_object_array_get_idx(list, i);
        char *value = value_text(parameter);
        char *named = tool_text_format("%s=%s", string_of(parameter, "name"), value);
        char *word = tool_quote(tool_argument_is_named(named) ? named : value);
        char *longer = tool_text_format("%s %s", line, word);
        free(word);
        free(named);
        free(value);
        free(line);
        line = longer;
    }
    return line;
}

/* Of the functions one that says what it takes, if there is one. */
static const char *choose(json_object *members, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_object *list =
            json_object_object_get(json_object_object_get(members, names[i]), "parameters");
        if (json_object_is_type(list, json_type_array) && json_object_array_length(list) > 0) {
            return names[i];
        }
    }
    return names[0];
}

static void add_one(json_object *examples, json_object *entry, const char *kind, const char *verb,
                    const char *typed)
{
    size_t count;
    json_object *members = tool_details_members(entry, kind);
    const char **names = tool_details_names(members, &count);
    bool is_call = strcmp(verb, "call") == 0;
    if (count > 0) {
        const char *name = is_call ? choose(members, names, count) : names[0];
        char *word = tool_quote(name);
        char *line = tool_text_format("autobus-%s %s %s", verb, typed, word);
        if (is_call) {
            line = with_arguments(line, json_object_object_get(members, name));
        }
        json_object_array_add(examples, tool_text_checked(json_object_new_string(line)));
        free(line);
        free(word);
    }
    free(names);
}

json_object *show_examples(json_object *entry, const char *typed)
{
    json_object *examples = tool_text_checked(json_object_new_array());
    add_one(examples, entry, "functions", "call", typed);
    add_one(examples, entry, "objects", "watch", typed);
    add_one(examples, entry, "events", "listen", typed);
    return examples;
}
