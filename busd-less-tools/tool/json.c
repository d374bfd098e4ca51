/* SPDX-License-Identifier: MIT
 * From sightings to JSON lines, and what json-c leaves to be done about text. */
#include "tool/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/text.h"

json_object *tool_json_info(const autobus_sighting *sighting)
{
    json_object *info = tool_text_checked(autobus_sighting_info(sighting));
    json_object_object_del(info, "host");
    json_object_object_del(info, "port");
    json_object_object_del(info, "service");
    return info;
}

static void add_string(json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, tool_text_checked(json_object_new_string(text)));
}

static void add_place(json_object *object, const char *host, uint16_t port)
{
    add_string(object, "host", host);
    json_object_object_add(object, "port", tool_text_checked(json_object_new_int(port)));
}

static json_object *locations_of(const autobus_sighting *sighting)
{
    json_object *list = tool_text_checked(json_object_new_array());
    for (size_t i = 0; i < autobus_sighting_locations(sighting); i++) {
        json_object *place = tool_text_checked(json_object_new_object());
        add_place(place, autobus_sighting_location_host(sighting, i),
                  autobus_sighting_location_port(sighting, i));
        json_object_array_add(list, place);
    }
    return list;
}

json_object *tool_json_sighting(const autobus_sighting *sighting, const char *event)
{
    json_object *object = tool_text_checked(json_object_new_object());
    if (event != NULL) {
        add_string(object, "event", event);
    }
    add_string(object, "service", autobus_sighting_id(sighting));
    add_place(object, autobus_sighting_host(sighting), autobus_sighting_port(sighting));
    json_object_object_add(object, "info", tool_json_info(sighting));
    json_object_object_add(object, "locations", locations_of(sighting));
    return object;
}

json_object *tool_json_at(const char *host, uint16_t port, const char *id, json_object *info)
{
    json_object *object = tool_text_checked(json_object_new_object());
    json_object_object_add(object, "service", id != NULL ? json_object_new_string(id) : NULL);
    add_place(object, host, port);
    json_object_object_add(object, "info", json_object_get(info));
    json_object *locations = tool_text_checked(json_object_new_array());
    json_object *place = tool_text_checked(json_object_new_object());
    add_place(place, host, port);
    json_object_array_add(locations, place);
    json_object_object_add(object, "locations", locations);
    return object;
}

/* json-c writes DEL, the control characters of U+0080..9F and marks of direction as they are. All of them occur only
 * inside strings, where they have another name. */
static void write_harmless(const char *text, FILE *out)
{
    for (size_t bytes; *text != '\0'; text += bytes) {
        unsigned code;
        if (!tool_text_is_wild(text, &bytes, &code)) {
            fwrite(text, 1, bytes, out);
        } else if (code < 0x10000) {
            fprintf(out, "\\u%04x", code != 0 ? code : 0xfffd);
        } else {
            fprintf(out, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
                    0xdc00 + (code & 0x3ff));
        }
    }
}

static const char *text_of(json_object *value, int style)
{
    const char *text =
        json_object_to_json_string_ext(value, style | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (text == NULL) {
        tool_text_checked(NULL);
    }
    return text;
}

char *tool_json_line(json_object *value)
{
    char *line = NULL;
    size_t length;
    FILE *out = tool_text_stream(&line, &length);
    write_harmless(text_of(value, JSON_C_TO_STRING_PLAIN), out);
    fclose(out);
    return tool_text_checked(line);
}

void tool_json_print(json_object *value, FILE *out)
{
    write_harmless(text_of(value, JSON_C_TO_STRING_PLAIN), out);
    fputc('\n', out);
}

void tool_json_print_pretty(json_object *value, const char *indent, FILE *out)
{
    char *copy =
        tool_text_format("%s", text_of(value, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED));
    char *rest = copy;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        fputs(line == copy ? "" : indent, out);
        write_harmless(line, out);
        fputc('\n', out);
    }
    free(copy);
}

/* json-c also reads NaN and Infinity, which JSON has not. */
static bool is_finite(json_object *value)
{
    bool fine = true;
    if (json_object_is_type(value, json_type_double)) {
        return isfinite(json_object_get_double(value));
    }
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value) && fine; i++) {
            fine = is_finite(json_object_array_get_idx(value, i));
        }
    } else if (json_object_is_type(value, json_type_object)) {
        struct json_object_iterator end = json_object_iter_end(value);
        struct json_object_iterator at = json_object_iter_begin(value);
        for (; fine && !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
            fine = is_finite(json_object_iter_peek_value(&at));
        }
    }
    return fine;
}

bool tool_json_read(const char *text, json_object **ret_value)
{
    enum {
        DEEPEST = 100
    };
    size_t blanks = strspn(text, " \t\r\n");
    bool is_nested = text[blanks] == '{' || text[blanks] == '[';
    json_tokener *tokener = tool_text_checked(json_tokener_new_ex(DEEPEST));
    json_tokener_set_flags(tokener, is_nested ? JSON_TOKENER_VALIDATE_UTF8
                                              : JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    /* With its final zero, or a number at the end would wait for more digits. */
    json_object *value = json_tokener_parse_ex(tokener, text, (int)strlen(text) + 1);
    size_t end = json_tokener_get_parse_end(tokener);
    bool is_whole = json_tokener_get_error(tokener) == json_tokener_success &&
                    end + strspn(text + end, " \t\r\n") == strlen(text);
    json_tokener_free(tokener);
    if (!is_whole) {
        json_object_put(value);
        value = NULL;
    }
    *ret_value = value;
    return is_whole;
}

bool tool_json_parse(const char *text, json_object **ret_value)
{
    if (tool_json_read(text, ret_value) && is_finite(*ret_value)) {
        return true;
    }
    json_object_put(*ret_value);
    *ret_value = NULL;
    return false;
}
