/* SPDX-License-Identifier: MIT
 * Reading descriptions. The first mistake is said in a sentence that names where it stands. */
#include "service/description.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "value/json.h"
#include "value/number.h"

#define DEPTH   32
#define LARGEST 65536

/* Where we are: "function \"dim\"", or with a parameter of it. */
typedef struct reading {
    const char *what, *name, *parameter;
} reading;

static const char *const kinds[] = {
    [AB_OF_FUNCTION] = "function", [AB_OF_EVENT] = "event",   [AB_OF_OBJECT] = "object",
    [AB_OF_CHANNEL] = "channel",   [AB_OF_STREAM] = "stream",
};

/* Says what is wrong with a key; `right` is what would be right. */
static bool refuse(const reading *at, const char *key, json_object *value, const char *right)
{
    const char *found = value == NULL ? "null" : json_object_to_json_string(value);
    bool is_inside = at->parameter != NULL;

    ab_fail(AUTOBUS_INVALID, "description of %s \"%s\"%s%s%s: '%s' cannot be %.60s%s; %s", at->what,
            at->name, is_inside ? ", parameter \"" : "", is_inside ? at->parameter : "",
            is_inside ? "\"" : "", key, found, strlen(found) > 60 ? "..." : "", right);
    return false;
}

/* False: it is there and no string. */
static bool read_string(const reading *at, json_object *map, const char *key, const char **ret)
{
    json_object *value = NULL;

    *ret = NULL;
    if (!json_object_object_get_ex(map, key, &value) || value == NULL)
        return true;
    if (!json_object_is_type(value, json_type_string))
        return refuse(at, key, value, "a string would be right");
    *ret = json_object_get_string(value);
    return true;
}

static bool read_type(const reading *at, json_object *map, const char *key, bool *is_there,
                      ab_type *type)
{
    json_object *value = NULL;

    *is_there = json_object_object_get_ex(map, key, &value);
    *type = AB_TYPE_ANY;
    if (*is_there && (!json_object_is_type(value, json_type_string) ||
                      !ab_type_read(json_object_get_string(value), type)))
        return refuse(at, key, value, "a type is one of " AB_TYPES);
    return true;
}

/* One end of a range; null leaves it open. */
static bool read_end(json_object *value, bool *has_end, double *end)
{
    bool is_number =
        json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double);

    *has_end = is_number;
    *end = is_number ? json_object_get_double(value) : 0;
    return value == NULL || (is_number && isfinite(*end));
}

static bool read_range(const reading *at, json_object *map, ab_parameter *parameter)
{
    json_object *range = NULL;
    bool is_number = parameter->type == AB_TYPE_NUMBER || parameter->type == AB_TYPE_INTEGER;

    if (!json_object_object_get_ex(map, "range", &range) || range == NULL)
        return true;
    if (!is_number)
        return refuse(at, "range", range, "it needs 'type': 'number' or 'integer' beside it");
    if (!json_object_is_type(range, json_type_array) || json_object_array_length(range) != 2 ||
        !read_end(json_object_array_get_idx(range, 0), &parameter->has_low, &parameter->low) ||
        !read_end(json_object_array_get_idx(range, 1), &parameter->has_high, &parameter->high) ||
        (parameter->has_low && parameter->has_high && parameter->low > parameter->high))
        return refuse(at, "range", range,
                      "two numbers would be right, the lower first, null for none: [0, 100]");
    return true;
}

static ab_text *print(json_object *tree)
{
    ab_buffer out;

    ab_buffer_init(&out);
    ab_json_print(&out, tree);
    ab_text *text = ab_text_new(ab_buffer_bytes(&out), ab_buffer_length(&out));
    ab_buffer_fini(&out);
    return text;
}

static bool read_default(const reading *at, json_object *map, ab_parameter *parameter)
{
    json_object *tree = NULL;
    ab_value value;

    if (!json_object_object_get_ex(map, "default", &tree))
        return true;
    parameter->fallback = print(tree);
    ab_slice text = {parameter->fallback->bytes, parameter->fallback->length};
    if (ab_scan(text, &value) && ab_parameter_takes(parameter, value))
        return true;
    AB_SCOPED(ab_buffer_fini) ab_buffer right;
    ab_buffer_init(&right);
    ab_parameter_say(parameter, &right);
    ab_buffer_append_text(&right, " would be right");
    ab_buffer_append(&right, "", 1);
    return refuse(at, "default", tree, ab_buffer_bytes(&right));
}

/* What parameters and objects have alike. */
static bool read_value(const reading *at, json_object *map, ab_parameter *parameter)
{
    const char *doc, *unit;
    bool has_type;

    if (!read_string(at, map, "doc", &doc) || !read_string(at, map, "unit", &unit) ||
        !read_type(at, map, "type", &has_type, &parameter->type) || !read_range(at, map, parameter))
        return false;
    if (unit != NULL)
        parameter->unit = ab_text_new(unit, strlen(unit));
    return true;
}

static bool read_parameter(const reading *outer, json_object *map, ab_parameter *parameter)
{
    const char *name = NULL;

    if (!json_object_is_type(map, json_type_object))
        return refuse(outer, "parameters", map,
                      "each is a map such as {'name': 'level', 'type': 'integer'}");
    if (!read_string(outer, map, "name", &name))
        return false;
    if (name == NULL || name[0] == '\0')
        return refuse(outer, "parameters", map, "each needs a 'name'");
    reading at = {outer->what, outer->name, name};
    parameter->name = ab_text_new(name, strlen(name));
    return read_value(&at, map, parameter) && read_default(&at, map, parameter);
}

static bool read_parameters(const reading *at, json_object *map, ab_description *into)
{
    json_object *list = NULL;

    if (!json_object_object_get_ex(map, "parameters", &list) || list == NULL)
        return true;
    if (!json_object_is_type(list, json_type_array))
        return refuse(at, "parameters", list, "a list of maps would be right");
    into->has_parameters = true;
    into->count = json_object_array_length(list);
    into->parameters = ab_alloc(into->count + 1, sizeof *into->parameters);
    for (size_t i = 0; i < into->count; i++)
        if (!read_parameter(at, json_object_array_get_idx(list, i), &into->parameters[i]))
            return false;
    return true;
}

/* Else it is counted; then what may be missing has to stand at the end. */
static bool read_required(const reading *at, json_object *map, ab_description *into)
{
    json_object *value = NULL;

    if (json_object_object_get_ex(map, "required", &value) && value != NULL) {
        int64_t number = json_object_get_int64(value);
        if (!json_object_is_type(value, json_type_int) || number < 0 ||
            (uint64_t)number > into->count)
            return refuse(at, "required", value,
                          "a whole number from 0 to that of the parameters would be right");
        into->required = (size_t)number;
        return true;
    }
    for (size_t i = 0; i < into->count; i++) {
        if (into->parameters[i].fallback != NULL)
            continue;
        if (into->required < i) {
            ab_fail(AUTOBUS_INVALID,
                    "description of %s \"%s\": parameter \"%s\" has no 'default', but one before "
                    "it has; give it one too, or say how many are 'required'",
                    at->what, at->name, into->parameters[i].name->bytes);
            return false;
        }
        into->required++;
    }
    return true;
}

static bool read_all(ab_described of, const reading *at, json_object *map, ab_description *into)
{
    const char *doc;
    bool has_type;
    ab_type type;

    if (!read_string(at, map, "doc", &doc))
        return false;
    if (of == AB_OF_OBJECT) {
        ab_parameter itself = {0};
        bool is_right = read_value(at, map, &itself);
        ab_text_unref(itself.unit);
        return is_right;
    }
    return read_parameters(at, map, into) && read_required(at, map, into) &&
           read_type(at, map, "rest", &into->has_rest, &into->rest) &&
           read_type(at, map, "returns", &has_type, &type);
}

static json_object *parse(const reading *at, const char *text)
{
    json_object *tree = NULL;

    if (strlen(text) > LARGEST) {
        ab_fail(AUTOBUS_INVALID, "description of %s \"%s\": %zu bytes are over the limit of %d",
                at->what, at->name, strlen(text), LARGEST);
        return NULL;
    }
    if (!ab_json_parse(ab_slice_of(text), true, &tree))
        return NULL;
    if (json_object_is_type(tree, json_type_object) && ab_json_is_within(tree, DEPTH))
        return tree;
    ab_fail(
        AUTOBUS_INVALID,
        "description of %s \"%s\": %.60s%s is not a map such as {'doc': 'What it does.'}, nested "
        "at most %d deep",
        at->what, at->name, text, strlen(text) > 60 ? "..." : "", DEPTH);
    json_object_put(tree);
    return NULL;
}

ab_description *ab_description_parse(ab_described of, const char *name, const char *text)
{
    reading at = {kinds[of], name, NULL};
    json_object *tree = text != NULL ? parse(&at, text) : json_object_new_object();

    if (tree == NULL)
        return NULL;
    ab_description *description = ab_alloc(1, sizeof *description);
    if (!read_all(of, &at, tree, description)) {
        json_object_put(tree);
        ab_description_free(description);
        return NULL;
    }
    if (of == AB_OF_STREAM)
        json_object_object_add(tree, "stream", json_object_new_boolean(true));
    description->text = print(tree);
    json_object_put(tree);
    return description;
}

void ab_description_free(ab_description *description)
{
    if (description == NULL)
        return;
    for (size_t i = 0; i < description->count; i++) {
        ab_text_unref(description->parameters[i].name);
        ab_text_unref(description->parameters[i].unit);
        ab_text_unref(description->parameters[i].fallback);
    }
    free(description->parameters);
    ab_text_unref(description->text);
    free(description);
}

bool ab_parameter_takes(const ab_parameter *parameter, ab_value value)
{
    if (!ab_type_fits(parameter->type, value))
        return false;
    if (!parameter->has_low && !parameter->has_high)
        return true;
    double number = ab_number_read(value.text);
    return (!parameter->has_low || number >= parameter->low) &&
           (!parameter->has_high || number <= parameter->high);
}

/* 100 rather than 100.0. */
static void say_number(ab_buffer *out, double number)
{
    if (fabs(number) < 1e15 && (double)(int64_t)number == number)
        ab_buffer_appendf(out, "%.0f", number);
    else
        ab_number_print(out, number);
}

void ab_parameter_say(const ab_parameter *parameter, ab_buffer *out)
{
    ab_buffer_append_text(out, ab_type_text(parameter->type));
    if (parameter->has_low) {
        ab_buffer_append_text(out, parameter->has_high ? " from " : " of at least ");
        say_number(out, parameter->low);
    }
    if (parameter->has_high) {
        ab_buffer_append_text(out, parameter->has_low ? " to " : " of at most ");
        say_number(out, parameter->high);
    }
    if (parameter->unit != NULL)
        ab_buffer_appendf(out, " (%s)", parameter->unit->bytes);
}
