/* SPDX-License-Identifier: MIT
 * Slots, one for each position, filled in order or by name. */
#include "tool/arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/nearest.h"
#include "tool/text.h"

/* What is known of the arguments so far. */
typedef struct slots {
    json_object *parameters; /* a list; NULL: the function has none described */
    size_t described;
    char **texts; /* JSON; NULL: not given */
    size_t count, room;
    char *mistake;
} slots;

static void slots_init(slots *self, json_object *description, size_t given)
{
    json_object *parameters = json_object_object_get(description, "parameters");
    *self = (slots){0};
    if (json_object_is_type(parameters, json_type_array)) {
        self->parameters = parameters;
        self->described = json_object_array_length(parameters);
    }
    self->room = self->described + given + 1;
    self->texts = tool_text_checked(calloc(self->room, sizeof *self->texts));
}

static json_object *part_of(const slots *self, size_t at, const char *key)
{
    json_object *parameter = json_object_array_get_idx(self->parameters, at);
    return json_object_is_type(parameter, json_type_object) ? json_object_object_get(parameter, key)
                                                            : NULL;
}

static const char *name_of(const slots *self, size_t at)
{
    const char *name = json_object_get_string(part_of(self, at, "name"));
    return name != NULL ? name : "";
}

static void put(slots *self, size_t at, char *text)
{
    self->texts[at] = text;
    self->count = at + 1 > self->count ? at + 1 : self->count;
}

static void reject_name(slots *self, const char *name)
{
    const char **names = tool_text_checked(calloc(self->described + 1, sizeof *names));
    char *all = tool_text_format("%s", self->described == 0 ? "none" : "");
    for (size_t i = 0; i < self->described; i++) {
        names[i] = name_of(self, i);
        char *longer = tool_text_format("%s%s'%s'", all, i == 0 ? "" : ", ", names[i]);
        free(all);
        all = longer;
    }
    char *near = tool_nearest(name, names, self->described);
    self->mistake =
        near != NULL
            ? tool_text_format("there is no parameter '%s'; %s is one", name, near)
            : tool_text_format("there is no parameter '%s'; there are %s. Text with a = in "
                               "it is written in quotes of its own: '\"a=b\"'",
                               name, all);
    free(near);
    free(all);
    free(names);
}

/* The slot of that name, still free; false with a mistake. */
static bool find_slot(slots *self, const char *name, size_t *ret_at)
{
    for (size_t i = 0; i < self->described; i++) {
        if (strcmp(name_of(self, i), name) != 0) {
            continue;
        }
        if (self->texts[i] != NULL) {
            self->mistake = tool_text_format("the parameter '%s' is given twice", name);
            return false;
        }
        *ret_at = i;
        return true;
    }
    reject_name(self, name);
    return false;
}

static char *quoted(const char *text)
{
    json_object *string = tool_text_checked(json_object_new_string(text));
    char *line = tool_json_line(string);
    json_object_put(string);
    return line;
}

/* What is JSON travels as it was typed: no digit of a number is lost. */
static char *text_of_word(const char *word, bool wants_string)
{
    json_object *value = NULL;
    if (!tool_json_parse(word, &value)) {
        return quoted(word);
    }
    size_t blanks = strspn(word, " \t\r\n");
    bool is_string = json_object_is_type(value, json_type_string);
    bool is_nested = word[blanks] == '{' || word[blanks] == '[';
    char *text = wants_string && !is_string ? quoted(word)
                 : is_nested                ? tool_json_line(value)
                                            : tool_text_format("%s", word + blanks);
    json_object_put(value);
    return text;
}

static void take_named(slots *self, const char *word)
{
    size_t length = strcspn(word, "=");
    char *name = tool_text_format("%.*s", (int)length, word);
    size_t at;
    if (find_slot(self, name, &at)) {
        const char *type = json_object_get_string(part_of(self, at, "type"));
        bool wants_string = type != NULL && strcmp(type, "string") == 0;
        put(self, at, text_of_word(word + length + 1, wants_string));
    }
    free(name);
}

/* A later one is given, so this has to be: as its default. */
static void fill_gap(slots *self, size_t at)
{
    json_object *fallback = NULL;
    json_object *parameter = json_object_array_get_idx(self->parameters, at);
    if (json_object_object_get_ex(parameter, "default", &fallback)) {
        put(self, at, tool_json_line(fallback));
    } else {
        self->mistake = tool_text_format("the parameter '%s' is missing", name_of(self, at));
    }
}

static char *finish(slots *self, char **ret_mistake)
{
    char *text = NULL;
    size_t length;
    FILE *out = tool_text_stream(&text, &length);
    fputc('[', out);
    for (size_t i = 0; i < self->count && self->mistake == NULL; i++) {
        if (self->texts[i] == NULL) {
            fill_gap(self, i);
        }
        if (self->texts[i] != NULL) {
            fprintf(out, "%s%s", i > 0 ? "," : "", self->texts[i]);
        }
    }
    fputc(']', out);
    fclose(out);
    for (size_t i = 0; i < self->room; i++) {
        free(self->texts[i]);
    }
    free(self->texts);
    *ret_mistake = self->mistake;
    if (self->mistake != NULL) {
        free(text);
        return NULL;
    }
    return tool_text_checked(text);
}

bool tool_argument_is_named(const char *word)
{
    size_t length = strcspn(word, "=");
    return word[length] == '=' && length > 0 && strchr("+-.0123456789", *word) == NULL &&
           strcspn(word, "\"'`[]{}(),:;\\ \t\n") > length;
}

char *tool_arguments_of_words(const char *const *words, size_t count, json_object *description,
                              char **ret_mistake)
{
    slots self;
    slots_init(&self, description, count);
    bool has_names = false;
    for (size_t i = 0; i < count && self.mistake == NULL; i++) {
        if (self.parameters != NULL && tool_argument_is_named(words[i])) {
            has_names = true;
            take_named(&self, words[i]);
        } else if (has_names) {
            self.mistake =
                tool_text_format("'%s' has no name, but stands behind one that has", words[i]);
        } else {
            put(&self, i, text_of_word(words[i], false));
        }
    }
    return finish(&self, ret_mistake);
}

static void take_map(slots *self, json_object *map)
{
    struct json_object_iterator end = json_object_iter_end(map);
    struct json_object_iterator each = json_object_iter_begin(map);
    for (; !json_object_iter_equal(&each, &end) && self->mistake == NULL;
         json_object_iter_next(&each)) {
        size_t at;
        if (find_slot(self, json_object_iter_peek_name(&each), &at)) {
            put(self, at, tool_json_line(json_object_iter_peek_value(&each)));
        }
    }
}

char *tool_arguments_of_value(json_object *value, json_object *description, char **ret_mistake)
{
    slots self;
    *ret_mistake = NULL;
    if (json_object_is_type(value, json_type_array)) {
        return tool_json_line(value);
    }
    slots_init(&self, description, 1);
    if (self.parameters != NULL && json_object_is_type(value, json_type_object)) {
        take_map(&self, value);
    } else {
        put(&self, 0, tool_json_line(value));
    }
    return finish(&self, ret_mistake);
}
