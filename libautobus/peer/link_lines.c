/* SPDX-License-Identifier: MIT
 * What a link hears as lines of JSON. Tolerates all that old servers are known for: answers that come
 * twice or never, in any order, values twice, errors behind good answers. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/channel.h"
#include "peer/finite.h"
#include "peer/link_state.h"
#include "wire/fields.h"
#include "wire/usage.h"

/* So many messages are heard before what they bring is delivered: while its memory is near, and little of it. */
#define AT_ONCE 64U

/* A command that came to us; a notification, or one without an id, is not answered. */
static void answer(ab_link *link, const ab_message *message, const char *error) AB_LOCKED
{
    size_t before = ab_buffer_length(&link->out);
    if (message->type != AB_MESSAGE_COMMAND || message->id.kind == AB_KIND_NONE)
        return;
    if (error != NULL)
        link->codec->error(&link->out, message->id, AUTOBUS_NOT_FOUND, error);
    else
        link->codec->response(&link->out, message->id, NULL, (ab_slice){0});
    ab_link_said_aside(link, before);
}

/* A string as it reads; itself where it is written so. Valid until the next line. */
static ab_slice plain_text(ab_link *link, ab_value string)
{
    ab_slice inside = {string.text.bytes + 1, string.text.length - 2};
    if (memchr(inside.bytes, '\\', inside.length) == NULL)
        return inside;
    char *room = ab_buffer_reserve(&link->room, string.text.length);
    size_t length = ab_scan_string(string, room);
    ab_buffer_wrote(&link->room, length);
    return (ab_slice){room, length};
}

/* Old servers have the code only in the beginning of their sentence. */
autobus_result ab_link_code(const ab_link *link, autobus_result code, ab_slice text)
{
    static const char no_function[] = "No such function";
    switch (code) {
    case AUTOBUS_NOT_FOUND:
    case AUTOBUS_INVALID:
    case AUTOBUS_BUSY:
    case AUTOBUS_DENIED:
    case AUTOBUS_TOO_LARGE: return code;
    default: break;
    }
    bool is_old_way = !link->is_autobus && text.length >= strlen(no_function) &&
                      memcmp(text.bytes, no_function, strlen(no_function)) == 0;
    return is_old_way ? AUTOBUS_NOT_FOUND : AUTOBUS_REMOTE;
}

static void hear_answer(ab_link *link, const ab_message *message) AB_LOCKED
{
    uint64_t id;
    if (!ab_read_answer_id(message, &id))
        return;
    if (message->error.kind == AB_KIND_NONE) {
        ab_value result = ab_message_member(message, AB_SLICE("result"));
        ab_slice value = result.kind == AB_KIND_NONE ? AB_SLICE("null") : result.text;
        (void)ab_link_complete(link, id, AUTOBUS_OK, ab_finite(value, &link->room), (ab_slice){0});
        return;
    }
    char *scratch AB_SCOPED(ab_free_ptr) = ab_alloc(1, message->error.text.length);
    ab_slice text;
    autobus_result code = ab_read_error(message, scratch, &text);
    if (text.length == 0)
        text = AB_SLICE("the function failed, and said no more about it");
    (void)ab_link_complete(link, id, ab_link_code(link, code, text), (ab_slice){0}, text);
}

enum {
    NAME,
    VALUE,
    GONE,
    ARGS,
    TEXT,
    KEYS
};

static void hear_changed(ab_link *link, const ab_value keys[KEYS]) AB_LOCKED
{
    ab_value value = keys[VALUE];
    if (keys[NAME].kind != AB_KIND_STRING || value.kind == AB_KIND_NONE)
        return;
    ab_slice name = plain_text(link, keys[NAME]);
    if (keys[GONE].kind == AB_KIND_TRUE)
        value = (ab_value){0};
    else
        value.text = ab_finite(value.text, &link->room);
    /* NaN was a number, and is a null now. */
    if (value.kind == AB_KIND_NUMBER && value.text.bytes[0] == 'n')
        value.kind = AB_KIND_NULL;
    link->ops->changed(link->owner, name, value);
}

static void hear_fired(ab_link *link, const ab_value keys[KEYS]) AB_LOCKED
{
    if (keys[NAME].kind != AB_KIND_STRING || keys[ARGS].kind != AB_KIND_LIST)
        return;
    ab_slice name = plain_text(link, keys[NAME]);
    link->ops->fired(link->owner, name, ab_finite(keys[ARGS].text, &link->room));
}

static void hear_unbound(ab_link *link, const ab_value keys[KEYS])
{
    if (keys[TEXT].kind != AB_KIND_STRING)
        return;
    ab_slice text = plain_text(link, keys[TEXT]);
    free(link->reason);
    link->reason = ab_strndup(text.bytes, text.length);
}

/* What comes most often is asked for first. */
static void hear_command(ab_link *link, const ab_message *message) AB_LOCKED
{
    static const ab_slice names[KEYS] = {AB_FIELD("name"), AB_FIELD("value"), AB_FIELD("gone"),
                                         AB_FIELD("args"), AB_FIELD("text")};
    ab_value keys[KEYS];
    bool is_fired = ab_message_is(message, "fired");
    bool is_changed = !is_fired && ab_message_is(message, "changed");
    if (!is_fired && !is_changed && ab_channels_hear(link->channels, message))
        return;
    if (!is_fired && !is_changed && !ab_message_is(message, "unbound")) {
        bool is_known = ab_message_is(message, "ping");
        answer(link, message, is_known ? NULL : "That command does not exist.");
        return;
    }
    answer(link, message, NULL);
    ab_message_find(message, names, KEYS, keys);
    if (is_changed)
        hear_changed(link, keys);
    else if (is_fired)
        hear_fired(link, keys);
    else
        hear_unbound(link, keys);
}

/* A link ends on the bus thread: another that has found the garbage leaves it there. */
void ab_link_end_as_garbage(ab_link *link, const char *what)
{
    if (!ab_loop_is_here(link->loop)) {
        ab_stream_defer(link->stream);
        return;
    }
    char *sentence AB_SCOPED(ab_free_ptr) = ab_format("%s sent %s", ab_link_place(link), what);
    ab_link_end(link, AUTOBUS_INCOMPATIBLE, sentence);
}

/* The first line answers the bind, whatever its id: so old servers have it, that say nothing before. */
static void hear_bound(ab_link *link, const ab_message *message) AB_LOCKED
{
    if (message->error.kind == AB_KIND_NONE) {
        uint64_t bus = 0;
        ab_value id = ab_message_member(message, AB_SLICE("bus"));
        bool is_autobus = ab_field_hex(id, &bus);
        if (link->near != 0 && link->near != bus) {
            ab_link_end_as_garbage(link, "the id of another bus");
            return;
        }
        if (link->limits.has_frames && ab_read_frames(message))
            link->codec = &ab_codec_frames;
        ab_link_become_bound(link, is_autobus);
        return;
    }
    char *scratch AB_SCOPED(ab_free_ptr) = ab_alloc(1, message->error.text.length);
    ab_slice text;
    (void)ab_read_error(message, scratch, &text);
    char *sentence AB_SCOPED(ab_free_ptr) =
        ab_format("%s refused the bind%s%.*s", ab_link_place(link), text.length > 0 ? ": " : "",
                  (int)AB_MIN(text.length, (size_t)1000), text.bytes);
    ab_link_end(link, AUTOBUS_NOT_FOUND, sentence);
}

static void take(ab_link *link, size_t length)
{
    if (length == 0)
        return;
    ab_buffer_consume(link->in, length);
    link->searched = 0;
}

static void hear_message(ab_link *link, const ab_message *message) AB_LOCKED
{
    ab_buffer_consume(&link->room, ab_buffer_length(&link->room));
    if (link->stage != AB_LINK_BOUND)
        hear_bound(link, message);
    /* Somebody's hand-made server may forget the type. */
    else if (message->type == AB_MESSAGE_RESPONSE || message->command.kind == AB_KIND_NONE)
        hear_answer(link, message);
    else
        hear_command(link, message);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* What does not begin with a brace will never be an object: we need not wait for its end. */
static bool is_at_an_object(const ab_link *link)
{
    const char *bytes = ab_buffer_bytes(link->in);
    size_t length = ab_buffer_length(link->in), blank = 0;
    while (blank < length && is_blank(bytes[blank]))
        blank++;
    return blank == length || bytes[blank] == '{';
}

/* Hears one line. False: there is none yet, or nobody hears any more. */
static bool hear_next(ab_link *link) AB_LOCKED
{
    if (link->stage == AB_LINK_ENDED || link->is_paused || link->is_misled)
        return false;
    if (link->codec == &ab_codec_frames)
        return ab_link_hear_frame(link);
    ab_message message;
    ab_slice line, bytes = {ab_buffer_bytes(link->in), ab_buffer_length(link->in)};
    size_t taken;
    if (!is_at_an_object(link)) {
        ab_link_end_as_garbage(link, "something that is no JSON object");
        return false;
    }
    switch (ab_line_next(bytes, link->limits.max_message, &link->searched, &line, &taken)) {
    case AB_LINE_LONG: ab_link_end_as_garbage(link, "a line that is too long"); return false;
    case AB_LINE_MORE: take(link, taken); return false;
    case AB_LINE_READY: break;
    }
    if (!ab_message_read(&message, line)) {
        ab_link_end_as_garbage(link, "a line that is no JSON object");
        return false;
    }
    hear_message(link, &message);
    take(link, taken);
    return true;
}

/* What a borrower waits for may be the last of it. */
void ab_link_hear(ab_link *link, ab_buffer *in)
{
    unsigned heard = 0, most = ab_loop_is_here(link->loop) ? AT_ONCE : UINT_MAX;
    link->in = in;
    link->is_hearing = true;
    while (heard < most && hear_next(link))
        heard++;
    if (heard == most && link->stage == AB_LINK_BOUND && ab_buffer_length(in) > 0)
        ab_stream_defer(link->stream);
    link->is_hearing = false;
    ab_link_flush(link);
}

void ab_link_hear_rest(ab_link *link)
{
    if (link->in == NULL || ab_buffer_length(link->in) == 0 || link->codec != &ab_codec_lines)
        return;
    ab_buffer_append(link->in, "\n", 1);
    ab_link_hear(link, link->in);
}
