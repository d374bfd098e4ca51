/* SPDX-License-Identifier: MIT
 * From typed words to a filter. */
#include "tool/choice.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/quote.h"
#include "tool/text.h"

void tool_choice_add(tool_choice *self, const char *condition)
{
    size_t size = (self->count + 1) * sizeof *self->conditions;
    self->conditions = tool_text_checked(realloc(self->conditions, size));
    self->conditions[self->count++] = condition;
}

void tool_choice_fini(tool_choice *self)
{
    free(self->conditions);
    *self = (tool_choice){0};
}

bool tool_choice_is_open(const tool_choice *self)
{
    return self->type == NULL && self->count == 0 && self->id == NULL;
}

/* "autobus.details", "autobus.*" and "autobus*" name them; "autobus-clock" does not. */
static bool names_library(const char *type)
{
    static const char own[] = "autobus";
    size_t length = sizeof own - 1;
    return strncmp(type, own, length) == 0 && type[length] != '\0' &&
           strchr(".*?[", type[length]) != NULL;
}

bool tool_choice_hides_library(const tool_choice *self)
{
    static const char about_type[] = "type=";
    size_t length = sizeof about_type - 1;
    if (self->with_library || self->id != NULL ||
        (self->type != NULL && names_library(self->type))) {
        return false;
    }
    for (size_t i = 0; i < self->count; i++) {
        const char *condition = self->conditions[i];
        if (strncmp(condition, about_type, length) == 0 && names_library(condition + length)) {
            return false;
        }
    }
    return true;
}

static autobus_result add_type(autobus_filter *filter, const char *type)
{
    char *condition = tool_text_format("type=%s", type);
    autobus_result result = autobus_filter_add_text(filter, condition);
    free(condition);
    return result;
}

autobus_result tool_choice_filter(const tool_choice *self, autobus_filter **ret_filter)
{
    autobus_filter *filter = tool_text_checked(autobus_filter_new());
    autobus_result result = AUTOBUS_OK;
    if (self->type != NULL) {
        result = add_type(filter, self->type);
    }
    for (size_t i = 0; i < self->count && result == AUTOBUS_OK; i++) {
        result = autobus_filter_add_text(filter, self->conditions[i]);
    }
    if (result == AUTOBUS_OK && self->id != NULL) {
        json_object *id = tool_text_checked(json_object_new_string(self->id));
        result = autobus_filter_equal(filter, "service", id);
    }
    if (result == AUTOBUS_OK && tool_choice_hides_library(self)) {
        result = autobus_filter_add_text(filter, "type!=autobus.*");
    }
    if (result != AUTOBUS_OK) {
        autobus_filter_free(&filter);
    }
    *ret_filter = filter;
    return result;
}

char *tool_choice_words(const tool_choice *self)
{
    char *words = NULL;
    size_t length;
    FILE *out = tool_text_stream(&words, &length);
    if (self->type != NULL) {
        fprintf(out, "'%s'", self->type);
    } else {
        fputs("service", out);
    }
    for (size_t i = 0; i < self->count; i++) {
        fprintf(out, "%s%s", i == 0 ? " with " : " and ", self->conditions[i]);
    }
    if (self->id != NULL) {
        fprintf(out, "%s'%s'", self->type == NULL && self->count == 0 ? " " : " of id ", self->id);
    }
    fclose(out);
    return tool_text_checked(words);
}

static void type_word(FILE *out, const char *before, const char *word)
{
    char *quoted = tool_quote(word);
    fprintf(out, "%s%s", before, quoted);
    free(quoted);
}

char *tool_choice_typed(const tool_choice *self)
{
    char *words = NULL;
    size_t length;
    FILE *out = tool_text_stream(&words, &length);
    if (self->id != NULL) {
        type_word(out, "-s ", self->id);
    } else {
        type_word(out, "", self->type != NULL ? self->type : "*");
    }
    for (size_t i = 0; i < self->count; i++) {
        type_word(out, " -k ", self->conditions[i]);
    }
    fputs(self->with_library ? " -a" : "", out);
    fclose(out);
    return tool_text_checked(words);
}
