/* SPDX-License-Identifier: MIT
 * Datagrams, as docs/protocol.md has them. */
#include "doctor/packet.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

enum {
    QUESTION_LENGTH = 480 /* its direct answer may be three times as long */
};

static void take_bus(doctor_packet *self, const char *id)
{
    size_t digits = sizeof self->bus - 1;
    if (id == NULL || strlen(id) != digits || strspn(id, "0123456789abcdefABCDEF") != digits) {
        return;
    }
    for (size_t i = 0; i < digits; i++) {
        self->bus[i] = (char)tolower((unsigned char)id[i]);
    }
}

static const char *string_of(json_object *packet, const char *key)
{
    json_object *value = json_object_object_get(packet, key);
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

bool doctor_packet_read(doctor_packet *self, const char *bytes, size_t length)
{
    json_object *packet = NULL;
    char *text = tool_text_checked(calloc(1, length + 1));
    memcpy(text, bytes, length);
    bool is_whole = strlen(text) == length && length <= DOCTOR_PACKET_LARGEST;
    *self = (doctor_packet){0};
    bool is_ours = is_whole && tool_json_parse(text, &packet) &&
                   json_object_is_type(packet, json_type_object) &&
                   string_of(packet, "command") != NULL;
    if (is_ours) {
        int port = json_object_get_int(json_object_object_get(packet, "port"));
        take_bus(self, string_of(packet, "bus"));
        self->port = port > 0 && port <= UINT16_MAX ? (uint16_t)port : 0;
    }
    json_object_put(packet);
    free(text);
    return is_ours;
}

char *doctor_packet_question(const char *id)
{
    static const char format[] = "{\"command\":\"query\",\"bus\":\"%s\",\"waits\":false,"
                                 "\"pad\":\"%.*s\"}";
    char pad[QUESTION_LENGTH];
    memset(pad, '.', sizeof pad);
    int bare = snprintf(NULL, 0, format, id, 0, pad);
    return tool_text_format(format, id, QUESTION_LENGTH - bare, pad);
}
