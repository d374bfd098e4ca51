/* SPDX-License-Identifier: MIT
 * Members from the command line and from a file. */
#include "publish/member.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/options.h"
#include "tool/text.h"

static const char *const kinds[] = {"--function", "--object", "--event"};

json_object *publish_value_of(const char *text)
{
    json_object *value = NULL;
    if (*text == '\0' || tool_json_parse(text, &value)) {
        return value;
    }
    return tool_text_checked(json_object_new_string(text));
}

static bool take_command(publish_member *self, const char *text, char **ret_mistake)
{
    if (self->is_shell) {
        static const char *const front[] = {"sh", "-c"};
        for (size_t i = 0; i < sizeof front / sizeof *front; i++) {
            tool_words_add(&self->command, tool_text_checked(strdup(front[i])));
        }
        tool_words_add(&self->command, tool_text_checked(strdup(text)));
        tool_words_add(&self->command, tool_text_checked(strdup("sh")));
        return true;
    }
    if (tool_words_split(&self->command, text)) {
        return true;
    }
    *ret_mistake = tool_text_format("%s of '%s' is no command: it is empty, or a quote stays open",
                                    kinds[self->kind], self->name);
    return false;
}

/* COMMAND@SECONDS: what the command may have of its own before the last @ is its own. */
static bool take_repeated(publish_member *self, const char *text, char **ret_mistake)
{
    char *copy = tool_text_checked(strdup(text));
    char *at = strrchr(copy, '@');
    bool is_fine = at != NULL && tool_options_seconds(at + 1, &self->every_ms);
    if (is_fine) {
        *at = '\0';
        is_fine = take_command(self, copy, ret_mistake);
    } else {
        *ret_mistake = tool_text_format(
            "--object %s=!COMMAND@SECONDS says how often: '%s' does not", self->name, text);
    }
    free(copy);
    return is_fine;
}

static bool take_source(publish_member *self, const char *text, char **ret_mistake)
{
    if (self->kind == PUBLISH_FUNCTION) {
        return take_command(self, text, ret_mistake);
    }
    if (*text == '!') {
        return take_repeated(self, text + 1, ret_mistake);
    }
    if (*text == '@') {
        self->file = tool_text_checked(strdup(text + 1));
        return true;
    }
    self->value = publish_value_of(text);
    return true;
}

bool publish_member_typed(publish_member *self, publish_kind kind, const char *text, bool is_shell,
                          char **ret_mistake)
{
    size_t length = kind == PUBLISH_EVENT ? strlen(text) : strcspn(text, "=");
    *self = (publish_member){.kind = kind, .is_shell = is_shell};
    if (length == 0 || (kind != PUBLISH_EVENT && text[length] == '\0')) {
        *ret_mistake = tool_text_format("%s is %s, not '%s'", kinds[kind],
                                        kind == PUBLISH_FUNCTION ? "NAME=COMMAND"
                                        : kind == PUBLISH_OBJECT
                                            ? "NAME=VALUE, NAME=@FILE or NAME=!COMMAND@SECONDS"
                                            : "NAME",
                                        text);
        return false;
    }
    self->name = tool_text_format("%.*s", (int)length, text);
    if (kind != PUBLISH_EVENT && !take_source(self, text + length + 1, ret_mistake)) {
        publish_member_fini(self);
        return false;
    }
    return true;
}

static bool take_list(publish_member *self, json_object *list, char **ret_mistake)
{
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        const char *word = json_object_get_string(json_object_array_get_idx(list, i));
        tool_words_add(&self->command, tool_text_checked(strdup(word != NULL ? word : "")));
    }
    if (self->command.count > 0) {
        self->is_shell = false;
        return true;
    }
    *ret_mistake = tool_text_format("\"command\" of '%s' is an empty list", self->name);
    return false;
}

/* What a key of the map says about where the member comes from. False: it describes the member instead. */
static bool take_key(publish_member *self, const char *key, json_object *value, char **ret_mistake)
{
    if (strcmp(key, "command") == 0 && self->kind != PUBLISH_EVENT) {
        if (json_object_is_type(value, json_type_array)) {
            (void)take_list(self, value, ret_mistake);
        } else {
            const char *text = json_object_get_string(value);
            (void)take_command(self, text != NULL ? text : "", ret_mistake);
        }
        return true;
    }
    if (self->kind != PUBLISH_OBJECT) {
        return false;
    }
    if (strcmp(key, "file") == 0) {
        const char *text = json_object_get_string(value);
        self->file = tool_text_checked(strdup(text != NULL ? text : ""));
    } else if (strcmp(key, "value") == 0) {
        self->value = json_object_get(value);
    } else if (strcmp(key, "every") == 0) {
        self->every_ms = (int)(json_object_get_double(value) * 1000);
    } else {
        return false;
    }
    return true;
}

bool publish_member_written(publish_member *self, publish_kind kind, const char *name,
                            json_object *map, bool is_shell, char **ret_mistake)
{
    *self = (publish_member){
        .kind = kind, .name = tool_text_checked(strdup(name)), .is_shell = is_shell};
    struct json_object_iterator end = json_object_iter_end(map);
    struct json_object_iterator at = json_object_iter_begin(map);
    for (; !json_object_iter_equal(&at, &end) && *ret_mistake == NULL; json_object_iter_next(&at)) {
        const char *key = json_object_iter_peek_name(&at);
        json_object *value = json_object_iter_peek_value(&at);
        if (!take_key(self, key, value, ret_mistake)) {
            publish_member_describe(self, key, json_object_get(value));
        }
    }
    if (*ret_mistake == NULL && kind == PUBLISH_FUNCTION && self->command.count == 0) {
        *ret_mistake = tool_text_format("the function '%s' needs a \"command\"", name);
    } else if (*ret_mistake == NULL && kind == PUBLISH_OBJECT && self->command.count > 0 &&
               self->every_ms <= 0) {
        *ret_mistake =
            tool_text_format("the object '%s' needs \"every\": how many seconds are between two "
                             "runs of its command",
                             name);
    }
    if (*ret_mistake != NULL) {
        publish_member_fini(self);
    }
    return *ret_mistake == NULL;
}

void publish_member_describe(publish_member *self, const char *key, json_object *value)
{
    if (self->description == NULL) {
        self->description = tool_text_checked(json_object_new_object());
    }
    json_object_object_add(self->description, key, value);
}

void publish_member_fini(publish_member *self)
{
    tool_words_fini(&self->command);
    json_object_put(self->description);
    json_object_put(self->value);
    free(self->file);
    free(self->name);
    *self = (publish_member){0};
}
