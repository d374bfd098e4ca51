/* SPDX-License-Identifier: MIT
 * The commands of channels and streams as lines. All are notifications: what has to be answered is answered by
 * another of them. */
#include <inttypes.h>

#include "value/json.h"
#include "wire/base64.h"
#include "wire/fields.h"
#include "wire/usage.h"

static const char *const commands[] = {
    [AB_CHANNEL_OPEN] = "open",   [AB_CHANNEL_OPENED] = "opened", [AB_CHANNEL_DATA] = "data",
    [AB_CHANNEL_BLOB] = "blob",   [AB_CHANNEL_CREDIT] = "credit", [AB_CHANNEL_END] = "end",
    [AB_CHANNEL_CLOSE] = "close",
};

static ab_channel_command command_of(const ab_message *message)
{
    /* A response is one whatever else is in it. */
    if (message->type == AB_MESSAGE_RESPONSE)
        return AB_CHANNEL_NONE;
    for (unsigned i = AB_CHANNEL_OPEN; i < AB_COUNT(commands); i++)
        if (ab_message_is(message, commands[i]))
            return (ab_channel_command)i;
    return AB_CHANNEL_NONE;
}

enum {
    CHANNEL,
    CREDIT,
    STREAM,
    NAME,
    VALUE,
    BLOB,
    TEXT,
    CODE,
    KEYS
};

static bool is_complete(const ab_channel_line *line, const ab_value keys[KEYS])
{
    switch (line->command) {
    case AB_CHANNEL_OPEN:
        return keys[NAME].kind == AB_KIND_STRING && keys[CREDIT].kind != AB_KIND_NONE;
    case AB_CHANNEL_OPENED:
    case AB_CHANNEL_CREDIT: return keys[CREDIT].kind != AB_KIND_NONE;
    case AB_CHANNEL_DATA: return keys[VALUE].kind != AB_KIND_NONE;
    case AB_CHANNEL_BLOB: return keys[BLOB].kind == AB_KIND_STRING;
    case AB_CHANNEL_END:
    case AB_CHANNEL_CLOSE:
    case AB_CHANNEL_NONE: break;
    }
    return true;
}

bool ab_read_channel(const ab_message *message, ab_channel_line *line)
{
    static const ab_slice names[KEYS] = {
        [CHANNEL] = AB_FIELD("channel"), [CREDIT] = AB_FIELD("credit"),
        [STREAM] = AB_FIELD("stream"),   [NAME] = AB_FIELD("name"),
        [VALUE] = AB_FIELD("value"),     [BLOB] = AB_FIELD("blob"),
        [TEXT] = AB_FIELD("text"),       [CODE] = AB_FIELD("code"),
    };
    ab_value keys[KEYS];
    *line = (ab_channel_line){.command = command_of(message)};
    if (line->command == AB_CHANNEL_NONE)
        return true;
    ab_message_find(message, names, KEYS, keys);
    if (!ab_field_number(keys[CHANNEL], AB_FIELD_EXACT, &line->channel) || line->channel == 0 ||
        !is_complete(line, keys) ||
        (keys[CREDIT].kind != AB_KIND_NONE &&
         !ab_field_number(keys[CREDIT], AB_FIELD_EXACT, &line->credit)))
        return false;
    line->is_stream = keys[STREAM].kind == AB_KIND_TRUE;
    bool is_fine = keys[CODE].kind == AB_KIND_NONE || keys[CODE].kind == AB_KIND_NULL ||
                   ab_scan_is(keys[CODE], AB_SLICE("ok"));
    line->code = is_fine ? AUTOBUS_OK : ab_read_code(keys[CODE]);
    line->name = keys[NAME];
    line->value = keys[VALUE];
    line->blob = keys[BLOB];
    line->text = keys[TEXT];
    return true;
}

/* The object stays open. */
static void write_begin(ab_buffer *out, ab_channel_command command, uint64_t channel)
{
    ab_buffer_appendf(out, "{\"_type\":3,\"_id\":\"0\",\"_command\":\"%s\",\"channel\":%" PRIu64,
                      commands[command], channel);
}

static void write_end(ab_buffer *out)
{
    ab_buffer_append_text(out, "}\r\n");
}

void ab_write_open(ab_buffer *out, uint64_t channel, ab_slice name, bool is_stream, uint64_t window,
                   ab_slice argument)
{
    write_begin(out, AB_CHANNEL_OPEN, channel);
    ab_buffer_append_text(out, ",\"name\":");
    ab_json_print_string(out, name);
    ab_buffer_appendf(out, ",\"stream\":%s,\"credit\":%" PRIu64 ",\"value\":",
                      is_stream ? "true" : "false", window);
    ab_buffer_append(out, argument.bytes, argument.length);
    write_end(out);
}

static void write_credit_of(ab_buffer *out, ab_channel_command command, uint64_t channel,
                            uint64_t bytes)
{
    write_begin(out, command, channel);
    ab_buffer_appendf(out, ",\"credit\":%" PRIu64, bytes);
    write_end(out);
}

void ab_write_opened(ab_buffer *out, uint64_t channel, uint64_t window)
{
    write_credit_of(out, AB_CHANNEL_OPENED, channel, window);
}

void ab_write_credit(ab_buffer *out, uint64_t channel, uint64_t bytes)
{
    write_credit_of(out, AB_CHANNEL_CREDIT, channel, bytes);
}

void ab_write_data(ab_buffer *out, uint64_t channel, ab_slice value)
{
    write_begin(out, AB_CHANNEL_DATA, channel);
    ab_buffer_append_text(out, ",\"value\":");
    ab_buffer_append(out, value.bytes, value.length);
    write_end(out);
}

void ab_write_blob(ab_buffer *out, uint64_t channel, const void *bytes, size_t length)
{
    write_begin(out, AB_CHANNEL_BLOB, channel);
    ab_buffer_append_text(out, ",\"blob\":\"");
    ab_base64_write(out, bytes, length);
    ab_buffer_append_text(out, "\"");
    write_end(out);
}

void ab_write_end(ab_buffer *out, uint64_t channel)
{
    write_begin(out, AB_CHANNEL_END, channel);
    write_end(out);
}

void ab_write_close(ab_buffer *out, uint64_t channel, autobus_result code, const char *text)
{
    write_begin(out, AB_CHANNEL_CLOSE, channel);
    if (code != AUTOBUS_OK)
        ab_buffer_appendf(out, ",\"code\":\"%s\"", autobus_result_text(code));
    ab_buffer_append_text(out, ",\"text\":");
    ab_json_print_string(out, ab_slice_of(text != NULL ? text : ""));
    write_end(out);
}

bool ab_read_base64(ab_value blob, char *out, size_t *length)
{
    if (blob.kind != AB_KIND_STRING)
        return false;
    /* A slash may be written with an escape. */
    ab_slice plain = {out, ab_scan_string(blob, out)};
    return ab_base64_read(plain, out, length);
}
