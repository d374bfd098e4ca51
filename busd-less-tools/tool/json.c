/* SPDX-License-Identifier: MIT
 * From sightings to JSON lines. */
#include "tool/json.h"

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

/* json-c writes DEL and the control characters of U+0080..9F as they are. Both occur only inside strings. */
void tool_json_print(json_object *value, FILE *out)
{
    const char *text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
                                                                 JSON_C_TO_STRING_NOSLASHESCAPE);
    if (text == NULL) {
        tool_text_checked(NULL);
        return;
    }
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        unsigned char next = (unsigned char)at[1];
        if (byte == 0x7f) {
            fputs("\\u007f", out);
        } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
            fprintf(out, "\\u%04x", next);
            at++;
        } else {
            fputc(byte, out);
        }
    }
    fputc('\n', out);
}
