/* SPDX-License-Identifier: MIT
 * From JSON to a line. */
#include "replay/line.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

enum {
    VERSION = 1
};
#define LATEST_MS (INT64_C(1) << 52) /* beyond which doubles do not count well */

static bool refuse(char **ret_mistake, const char *sentence)
{
    *ret_mistake = tool_text_format("%s", sentence);
    return false;
}

static bool refuse_key(char **ret_mistake, const char *key, const char *right)
{
    *ret_mistake = tool_text_format("has no \"%s\" that is %s", key, right);
    return false;
}

static bool read_tree(const char *text, size_t length, json_object **ret_tree, char **ret_mistake)
{
    if (strlen(text) == length && tool_json_read(text, ret_tree) &&
        json_object_is_type(*ret_tree, json_type_object)) {
        return true;
    }
    return refuse(ret_mistake, "is no JSON object");
}

/* NULL unless it is a string, and not empty. */
static const char *string_of(json_object *tree, const char *key)
{
    json_object *value = json_object_object_get(tree, key);
    return json_object_is_type(value, json_type_string) && json_object_get_string_len(value) > 0
               ? json_object_get_string(value)
               : NULL;
}

static bool read_kind(replay_line *self, char **ret_mistake)
{
    static const struct {
        const char *name;
        replay_kind kind;
    } kinds[] = {
        {"appeared", REPLAY_APPEARED}, {"left", REPLAY_LEFT},   {"value", REPLAY_VALUE},
        {"event", REPLAY_EVENT},       {"fired", REPLAY_FIRED}, {"gone", REPLAY_GONE},
    };
    const char *kind = string_of(self->tree, "kind");
    if (kind == NULL) {
        return refuse_key(ret_mistake, "kind", "a word");
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, kind) == 0) {
            self->kind = kinds[i].kind;
        }
    }
    return true;
}

static bool read_time(replay_line *self, char **ret_mistake)
{
    json_object *ms = json_object_object_get(self->tree, "ms");
    self->ms = json_object_is_type(ms, json_type_int) ? json_object_get_int64(ms) : -1;
    return self->ms >= 0 && self->ms < LATEST_MS
               ? true
               : refuse_key(ret_mistake, "ms", "a whole number of milliseconds");
}

static bool read_name(replay_line *self, char **ret_mistake)
{
    const char *object = string_of(self->tree, "object");
    const char *event = string_of(self->tree, "event");
    bool may_be_object = self->kind == REPLAY_VALUE || self->kind == REPLAY_GONE;
    bool may_be_event = self->kind != REPLAY_VALUE;
    self->is_event = may_be_event && event != NULL;
    self->name = self->is_event ? event : may_be_object ? object : NULL;
    return self->name != NULL ||
           refuse_key(ret_mistake, may_be_object ? "object" : "event", "its name");
}

static bool read_content(replay_line *self, const char *key, json_type type, const char *right,
                         char **ret_mistake)
{
    bool is_there = json_object_object_get_ex(self->tree, key, &self->content);
    bool fits = type == json_type_null || json_object_is_type(self->content, type);
    return (is_there && fits) || refuse_key(ret_mistake, key, right);
}

/* What belongs to its kind. */
static bool read_parts(replay_line *self, char **ret_mistake)
{
    json_object *description = json_object_object_get(self->tree, "description");
    if (self->kind == REPLAY_OTHER) {
        return true;
    }
    self->service = string_of(self->tree, "service");
    if (self->service == NULL) {
        return refuse_key(ret_mistake, "service", "an id");
    }
    if (self->kind == REPLAY_LEFT) {
        return true;
    }
    if (self->kind == REPLAY_APPEARED) {
        self->doc = string_of(self->tree, "doc");
        return read_content(self, "info", json_type_object, "a map", ret_mistake);
    }
    self->description = json_object_is_type(description, json_type_object) ? description : NULL;
    if (!read_name(self, ret_mistake)) {
        return false;
    }
    switch (self->kind) {
    case REPLAY_VALUE: return read_content(self, "value", json_type_null, "JSON", ret_mistake);
    case REPLAY_FIRED: return read_content(self, "args", json_type_array, "a list", ret_mistake);
    default: return true;
    }
}

bool replay_line_init(replay_line *self, const char *text, size_t length, char **ret_mistake)
{
    *self = (replay_line){.kind = REPLAY_OTHER};
    return read_tree(text, length, &self->tree, ret_mistake) && read_time(self, ret_mistake) &&
           read_kind(self, ret_mistake) && read_parts(self, ret_mistake);
}

void replay_line_fini(replay_line *self)
{
    json_object_put(self->tree);
    *self = (replay_line){.kind = REPLAY_OTHER};
}

bool replay_line_is_first(const char *text, size_t length, char **ret_mistake)
{
    json_object *tree = NULL;
    char *ignored = NULL;
    bool is_ours = read_tree(text, length, &tree, &ignored);
    const char *what = is_ours ? string_of(tree, "autobus") : NULL;
    json_object *version = is_ours ? json_object_object_get(tree, "version") : NULL;
    bool is_one = what != NULL && strcmp(what, "recording") == 0 &&
                  json_object_is_type(version, json_type_int);
    int64_t number = is_one ? json_object_get_int64(version) : 0;
    json_object_put(tree);
    free(ignored);
    if (!is_one) {
        return refuse(ret_mistake, "is not how a recording begins: "
                                   "{\"autobus\": \"recording\", \"version\": 1}");
    }
    if (number != VERSION) {
        *ret_mistake = tool_text_format("tells of version %lld; this program reads version %d",
                                        (long long)number, VERSION);
        return false;
    }
    return true;
}
