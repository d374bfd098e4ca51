/* SPDX-License-Identifier: MIT
 * Choosing the words: what is a string is shown bare where that cannot mislead, everything else as JSON. */
#include "tool/summary.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/text.h"

enum {
    JSON_STYLE = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE
};

/* In "key=value key=value" a bare string must not look like a number or like several words. */
static bool reads_bare(const char *text)
{
    static const char *const others[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(text, others[i]) == 0) {
            return false;
        }
    }
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte <= ' ' || byte == 0x7f || strchr("\"'\\=,", byte) != NULL) {
            return false;
        }
    }
    return *text != '\0' && strchr("+-.0123456789[{", *text) == NULL;
}

static char *value_text(json_object *value, bool alone)
{
    if (json_object_is_type(value, json_type_string)) {
        const char *text = json_object_get_string(value);
        if (alone || reads_bare(text)) {
            return tool_text_clean(text);
        }
    }
    return tool_text_clean(json_object_to_json_string_ext(value, JSON_STYLE));
}

static char *value_of(json_object *info, const char *key, bool only_string)
{
    json_object *value = NULL;
    if (!json_object_object_get_ex(info, key, &value) ||
        (only_string && !json_object_is_type(value, json_type_string))) {
        return tool_text_checked(strdup(""));
    }
    return value_text(value, true);
}

/* What other columns show. A name that is no string is shown here. */
static bool is_elsewhere(const char *key, json_object *value)
{
    static const char *const columns[] = {"type", "hostname", "host", "port", "service"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (strcmp(key, columns[i]) == 0) {
            return true;
        }
    }
    return strcmp(key, "name") == 0 && json_object_is_type(value, json_type_string);
}

static char *rest_of(json_object *info)
{
    char *rest = NULL;
    size_t length;
    FILE *out = tool_text_stream(&rest, &length);
    const char *gap = "";
    struct json_object_iterator end = json_object_iter_end(info);
    struct json_object_iterator at = json_object_iter_begin(info);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *key = json_object_iter_peek_name(&at);
        json_object *value = json_object_iter_peek_value(&at);
        if (!is_elsewhere(key, value)) {
            char *name = tool_text_clean(key);
            char *text = value_text(value, false);
            fprintf(out, "%s%s=%s", gap, name, text);
            gap = " ";
            free(text);
            free(name);
        }
    }
    fclose(out);
    return tool_text_checked(rest);
}

void tool_summary_init(tool_summary *self, json_object *info, const char *host, uint16_t port)
{
    *self = (tool_summary){
        .type = value_of(info, "type", false),
        .name = value_of(info, "name", true),
        .host = value_of(info, "hostname", false),
        .address = tool_address_text(host, port),
        .rest = rest_of(info),
    };
}

void tool_summary_fini(tool_summary *self)
{
    free(self->type);
    free(self->name);
    free(self->host);
    free(self->address);
    free(self->rest);
    *self = (tool_summary){0};
}

char *tool_address_text(const char *host, uint16_t port)
{
    char *clean = tool_text_clean(host);
    const char *format = strchr(clean, ':') != NULL ? "[%s]:%u" : "%s:%u";
    char *text = format[0] == '[' ? tool_text_format("[%s]:%u", clean, port)
                                  : tool_text_format("%s:%u", clean, port);
    free(clean);
    return text;
}
