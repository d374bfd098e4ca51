/* SPDX-License-Identifier: MIT
 * The messages of connections, cut into lines, read and written. Knows neither who sends them nor in which
 * order they may come. */
#include "wire/lines.h"

#include <string.h>

#include "value/json.h"
#include "wire/fields.h"
#include "wire/presence.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The line without blanks on either side. */
static ab_slice trim(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    while (at < end && is_blank(end[-1]))
        end--;
    return (ab_slice){at, (size_t)(end - at)};
}

ab_line_state ab_line_next(ab_slice bytes, size_t limit, size_t *searched, ab_slice *line,
                           size_t *taken)
{
    *taken = 0;
    while (*taken < bytes.length) {
        size_t rest = bytes.length - *taken;
        size_t known = *searched > *taken ? *searched - *taken : 0;
        const char *start = bytes.bytes + *taken;
        const char *end = rest > known ? memchr(start + known, '\n', rest - known) : NULL;
        /* Measured alike with and without its end, so that the cuts of the stream decide nothing. */
        size_t length = end != NULL ? (size_t)(end - start) : rest;
        if (length > limit)
            return AB_LINE_LONG;
        if (end == NULL) {
            *searched = bytes.length;
            return AB_LINE_MORE;
        }
        *taken += length + 1;
        *line = trim(start, end);
        if (line->length > 0)
            return AB_LINE_READY;
    }
    return AB_LINE_MORE;
}

void ab_message_find(const ab_message *message, const ab_slice names[], size_t count,
                     ab_value found[])
{
    if (message->count <= AB_MESSAGE_MEMBERS)
        ab_fields_pick(message->members, message->count, names, count, found);
    else
        ab_fields_find(message->whole, names, count, found);
}

ab_value ab_message_member(const ab_message *message, ab_slice name)
{
    ab_value found;
    ab_message_find(message, &name, 1, &found);
    return found;
}

/* Only 2 and 3 mean anything by themselves, however they are written. */
static ab_message_type type_of(ab_value value)
{
    int64_t type;
    if (value.kind != AB_KIND_NUMBER || !ab_scan_integer(value, &type))
        return AB_MESSAGE_COMMAND;
    return type == AB_MESSAGE_RESPONSE || type == AB_MESSAGE_NOTIFICATION ? (ab_message_type)type
                                                                          : AB_MESSAGE_COMMAND;
}

bool ab_message_read(ab_message *message, ab_slice line)
{
    enum {
        TYPE,
        ID,
        COMMAND,
        ERROR,
        KEYS
    };
    static const ab_slice names[KEYS] = {AB_FIELD("_type"), AB_FIELD("_id"), AB_FIELD("_command"),
                                         AB_FIELD("_error")};
    ab_value keys[KEYS];
    if (!ab_scan_members(line, &message->whole, message->members, AB_MESSAGE_MEMBERS,
                         &message->count))
        return false;
    ab_message_find(message, names, KEYS, keys);
    message->type = type_of(keys[TYPE]);
    message->id = keys[ID];
    message->command = keys[COMMAND];
    message->error = keys[ERROR].kind != AB_KIND_NULL ? keys[ERROR] : (ab_value){0};
    return true;
}

bool ab_message_is(const ab_message *message, const char *command)
{
    return ab_scan_is(message->command, ab_slice_of(command));
}

bool ab_read_bind(const ab_message *message, ab_value *service, bool *is_autobus)
{
    enum {
        SERVICE,
        AUTOBUS,
        KEYS
    };
    static const ab_slice names[KEYS] = {AB_FIELD("service"), AB_FIELD("autobus")};
    ab_value keys[KEYS];
    ab_message_find(message, names, KEYS, keys);
    *service = keys[SERVICE];
    int64_t version;
    *is_autobus = ab_scan_integer(keys[AUTOBUS], &version) && version >= 1;
    return service->kind == AB_KIND_STRING || service->kind == AB_KIND_NULL;
}

bool ab_read_frames(const ab_message *message)
{
    int64_t version;
    ab_value frames = ab_message_member(message, AB_SLICE("frames"));
    return ab_scan_integer(frames, &version) && version >= 1;
}

uint64_t ab_read_sessions(const ab_message *message)
{
    int64_t most;
    ab_value sessions = ab_message_member(message, AB_SLICE("sessions"));
    return ab_scan_integer(sessions, &most) && most > 0 ? (uint64_t)most : 0;
}

bool ab_read_services(const ab_message *message, ab_presence *presence, ab_value *services,
                      bool *has_more)
{
    enum {
        PRESENCE,
        SERVICES,
        MORE,
        KEYS
    };
    static const ab_slice names[KEYS] = {AB_FIELD("presence"), AB_FIELD("services"),
                                         AB_FIELD("more")};
    static const ab_slice presence_names[AB_PRESENCE_KEYS] = {AB_PRESENCE_NAMES};
    ab_value keys[KEYS], parts[AB_PRESENCE_KEYS];
    bool is_complete;
    if (message->type != AB_MESSAGE_RESPONSE || message->error.kind != AB_KIND_NONE)
        return false;
    ab_message_find(message, names, KEYS, keys);
    if (keys[PRESENCE].kind != AB_KIND_MAP || keys[SERVICES].kind != AB_KIND_LIST ||
        (keys[MORE].kind != AB_KIND_TRUE && keys[MORE].kind != AB_KIND_FALSE))
        return false;
    ab_fields_find(keys[PRESENCE], presence_names, AB_PRESENCE_KEYS, parts);
    *services = keys[SERVICES];
    *has_more = keys[MORE].kind == AB_KIND_TRUE;
    return ab_presence_read(parts, presence, &is_complete) && is_complete;
}

/* {"_type":1,"_id":ID,"_command":COMMAND: the object stays open. */
static void write_command(ab_buffer *out, const char *id, const char *command)
{
    ab_buffer_append_text(out, "{\"_type\":1,\"_id\":");
    ab_json_print_string(out, ab_slice_of(id));
    ab_buffer_appendf(out, ",\"_command\":\"%s\"", command);
}

/* {"_type":2,"_id":ID: the object stays open. What had no id is answered to null. */
static void write_answer(ab_buffer *out, ab_value id)
{
    ab_buffer_append_text(out, "{\"_type\":2,\"_id\":");
    if (id.kind == AB_KIND_NONE)
        ab_buffer_append_text(out, "null");
    else
        ab_buffer_append(out, id.text.bytes, id.text.length);
}

static void write_string_or_null(ab_buffer *out, const ab_slice *text)
{
    if (text == NULL)
        ab_buffer_append_text(out, "null");
    else
        ab_json_print_string(out, *text);
}

static void write_end(ab_buffer *out)
{
    ab_buffer_append_text(out, "}\r\n");
}

void ab_write_bind(ab_buffer *out, const char *id, const char *service, bool has_frames)
{
    ab_slice name = service == NULL ? (ab_slice){0} : ab_slice_of(service);
    write_command(out, id, "bind");
    ab_buffer_append_text(out, ",\"service\":");
    write_string_or_null(out, service == NULL ? NULL : &name);
    ab_buffer_append_text(out, has_frames ? ",\"autobus\":1,\"frames\":1" : ",\"autobus\":1");
    write_end(out);
}

void ab_write_bound(ab_buffer *out, ab_value id, const ab_slice *service, const uint64_t *bus,
                    bool has_frames)
{
    write_answer(out, id);
    ab_buffer_append_text(out, ",\"service\":");
    write_string_or_null(out, service);
    if (bus != NULL) {
        ab_buffer_append_text(out, ",\"bus\":");
        ab_field_write_hex(out, *bus);
    }
    if (has_frames)
        ab_buffer_appendf(out, ",\"frames\":1,\"sessions\":%d", AB_SESSIONS_MOST);
    write_end(out);
}

void ab_write_response(ab_buffer *out, ab_value id, const char *key, ab_slice value)
{
    write_answer(out, id);
    if (key != NULL) {
        ab_buffer_append_text(out, ",\"");
        ab_buffer_append_text(out, key);
        ab_buffer_append_text(out, "\":");
        ab_buffer_append(out, value.bytes, value.length);
    }
    write_end(out);
}

void ab_write_error(ab_buffer *out, ab_value id, const char *text)
{
    write_answer(out, id);
    ab_buffer_append_text(out, ",\"_error\":{\"text\":");
    ab_json_print_string(out, ab_slice_of(text));
    ab_buffer_append_text(out, "}");
    write_end(out);
}

void ab_write_services_command(ab_buffer *out, const char *id, const char *after)
{
    ab_slice last = after == NULL ? (ab_slice){0} : ab_slice_of(after);
    write_command(out, id, "services");
    ab_buffer_append_text(out, ",\"after\":");
    write_string_or_null(out, after == NULL ? NULL : &last);
    write_end(out);
}

void ab_write_services_begin(ab_buffer *out, ab_value id, const ab_presence *presence)
{
    write_answer(out, id);
    ab_buffer_append_text(out, ",\"presence\":{");
    ab_presence_write(out, presence);
    ab_buffer_append_text(out, "},\"services\":[");
}

void ab_write_services_one(ab_buffer *out, ab_slice id, ab_slice info, bool is_first)
{
    if (!is_first)
        ab_buffer_append_text(out, ",");
    ab_presence_write_service(out, id, info);
}

void ab_write_services_end(ab_buffer *out, bool has_more)
{
    ab_buffer_append_text(out, has_more ? "],\"more\":true" : "],\"more\":false");
    write_end(out);
}
