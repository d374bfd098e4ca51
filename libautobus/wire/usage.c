/* SPDX-License-Identifier: MIT
 * Calls, events and objects as lines. Old servers take every member literally, so each line has the members they
 * look for: an integer type, an id, CRLF. Channels are channel_lines.c. */
#include "wire/usage.h"

#include <string.h>

#include "value/json.h"
#include "wire/fields.h"

static void write_end(ab_buffer *out)
{
    ab_buffer_append_text(out, "}\r\n");
}

static void write_name(ab_buffer *out, ab_slice name)
{
    ab_buffer_append_text(out, ",\"name\":");
    ab_json_print_string(out, name);
}

/* `key` with all around it: ,"args": */
static inline void write_member(ab_buffer *out, const char *key, ab_slice value)
{
    ab_buffer_append_text(out, key);
    ab_buffer_append(out, value.bytes, value.length);
}

/* The object stays open. */
static void write_notification(ab_buffer *out, const char *command)
{
    ab_buffer_append_text(out, "{\"_type\":3,\"_id\":\"0\",\"_command\":\"");
    ab_buffer_append_text(out, command);
    ab_buffer_append(out, "\"", 1);
}

/* The same for what is answered. */
static void write_question(ab_buffer *out, uint64_t id, const char *command)
{
    ab_buffer_append_text(out, "{\"_type\":1,\"_id\":\"");
    ab_buffer_append_number(out, id);
    ab_buffer_append_text(out, command);
}

/* A line has one end; inside of JSON a line feed is only ever a blank. */
static void write_joined(ab_buffer *out, const char *key, ab_slice value)
{
    write_member(out, key, value);
    char *at = ab_buffer_bytes(out) + ab_buffer_length(out) - value.length;
    while ((at = memchr(at, '\n', (size_t)(out->data + out->end - at))) != NULL)
        *at = ' ';
}

void ab_write_call(ab_buffer *out, uint64_t id, ab_slice name, ab_slice arguments)
{
    if (id == 0)
        write_notification(out, "call");
    else
        write_question(out, id, "\",\"_command\":\"call\"");
    write_name(out, name);
    write_joined(out, ",\"args\":", arguments);
    write_end(out);
}

void ab_write_subscribe(ab_buffer *out, const char *command, ab_slice name)
{
    write_notification(out, command);
    write_name(out, name);
    write_end(out);
}

void ab_write_ping(ab_buffer *out, uint64_t id)
{
    write_question(out, id, "\",\"_command\":\"ping\"");
    write_end(out);
}

void ab_write_changed(ab_buffer *out, ab_slice name, const ab_slice *value)
{
    write_notification(out, "changed");
    write_name(out, name);
    write_member(out, ",\"value\":", value != NULL ? *value : AB_SLICE("null,\"gone\":true"));
    write_end(out);
}

void ab_write_fired(ab_buffer *out, ab_slice name, ab_slice arguments)
{
    write_notification(out, "fired");
    write_name(out, name);
    write_member(out, ",\"args\":", arguments);
    write_end(out);
}

void ab_write_unbound(ab_buffer *out, const char *text)
{
    write_notification(out, "unbound");
    ab_buffer_append_text(out, ",\"text\":");
    ab_json_print_string(out, ab_slice_of(text));
    write_end(out);
}

void ab_write_error_code(ab_buffer *out, ab_value id, autobus_result code, const char *text)
{
    ab_buffer_append_text(out, "{\"_type\":2,\"_id\":");
    if (id.kind == AB_KIND_NONE)
        ab_buffer_append_text(out, "null");
    else
        ab_buffer_append(out, id.text.bytes, id.text.length);
    ab_buffer_append_text(out, ",\"_error\":{\"text\":");
    ab_json_print_string(out, ab_slice_of(text));
    ab_buffer_appendf(out, ",\"code\":\"%s\"}", autobus_result_text(code));
    write_end(out);
}

autobus_result ab_read_code(ab_value value)
{
    /* "wrong thread" and "forked" are nothing that one side can mean for another. */
    for (int code = AUTOBUS_FAILED; code < AUTOBUS_WRONG_THREAD; code++)
        if (ab_scan_is(value, ab_slice_of(autobus_result_text((autobus_result)code))))
            return (autobus_result)code;
    return AUTOBUS_REMOTE;
}

autobus_result ab_read_error(const ab_message *message, char *scratch, ab_slice *text)
{
    enum {
        TEXT,
        CODE,
        KEYS
    };
    static const ab_slice names[KEYS] = {AB_FIELD("text"), AB_FIELD("code")};
    ab_value keys[KEYS];
    *text = (ab_slice){scratch, 0};
    if (message->error.kind != AB_KIND_MAP)
        return AUTOBUS_REMOTE;
    ab_fields_find(message->error, names, KEYS, keys);
    if (keys[TEXT].kind == AB_KIND_STRING)
        text->length = ab_scan_string(keys[TEXT], scratch);
    return ab_read_code(keys[CODE]);
}

bool ab_read_answer_id(const ab_message *message, uint64_t *id)
{
    ab_slice written = message->id.text;
    if (message->id.kind != AB_KIND_STRING || written.length < 3 || written.length > 22)
        return false;
    *id = 0;
    for (size_t i = 1; i + 1 < written.length; i++) {
        unsigned digit = (unsigned char)written.bytes[i] - (unsigned)'0';
        if (digit > 9 || *id > (UINT64_MAX - digit) / 10)
            return false;
        *id = *id * 10 + digit;
    }
    return true;
}

bool ab_read_name(const ab_message *message, char *scratch, ab_slice *name)
{
    ab_value value = ab_message_member(message, AB_SLICE("name"));
    if (value.kind != AB_KIND_STRING)
        return false;
    *name = (ab_slice){scratch, ab_scan_string(value, scratch)};
    return true;
}
