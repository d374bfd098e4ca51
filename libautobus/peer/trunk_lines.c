/* SPDX-License-Identifier: MIT
 * What comes by a trunk in lines of JSON: how all of them begin, and some stay, with one link. Tolerates all that old
 * servers are known for: answers that come twice or never, in any order, values twice, errors behind good answers. */
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
#define AT_ONCE       64U
#define LINKS_AT_ONCE 8U /* for each link, but for no more than so many */

/* A command that came to us; a notification, or one without an id, is not answered. */
static void answer(ab_trunk *trunk, const ab_message *message, const char *error) AB_LOCKED
{
    size_t before = ab_buffer_length(&trunk->out);
    if (message->type != AB_MESSAGE_COMMAND || message->id.kind == AB_KIND_NONE)
        return;
    if (error != NULL)
        trunk->codec->error(&trunk->out, message->id, AUTOBUS_NOT_FOUND, error);
    else
        trunk->codec->response(&trunk->out, message->id, NULL, (ab_slice){0});
    ab_trunk_said_aside(trunk, before);
}

/* A string as it reads; itself where it is written so. Valid until the next line. */
static ab_slice plain_text(ab_trunk *trunk, ab_value string)
{
    ab_slice inside = {string.text.bytes + 1, string.text.length - 2};
    if (memchr(inside.bytes, '\\', inside.length) == NULL)
        return inside;
    char *room = ab_buffer_reserve(&trunk->room, string.text.length);
    size_t length = ab_scan_string(string, room);
    ab_buffer_wrote(&trunk->room, length);
    return (ab_slice){room, length};
}

/* Old servers have the code only in the beginning of their sentence. */
autobus_result ab_trunk_code(const ab_trunk *trunk, autobus_result code, ab_slice text)
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
    bool is_old_way = !trunk->is_autobus && text.length >= strlen(no_function) &&
                      memcmp(text.bytes, no_function, strlen(no_function)) == 0;
    return is_old_way ? AUTOBUS_NOT_FOUND : AUTOBUS_REMOTE;
}

static void hear_answer(ab_trunk *trunk, const ab_message *message) AB_LOCKED
{
    uint64_t id;
    if (!ab_read_answer_id(message, &id))
        return;
    if (message->error.kind == AB_KIND_NONE) {
        ab_value result = ab_message_member(message, AB_SLICE("result"));
        ab_slice value = result.kind == AB_KIND_NONE ? AB_SLICE("null") : result.text;
        (void)ab_link_complete(trunk->first, id, AUTOBUS_OK, ab_finite(value, &trunk->room),
                               (ab_slice){0});
        return;
    }
    char *scratch AB_SCOPED(ab_free_ptr) = ab_alloc(1, message->error.text.length);
    ab_slice text;
    autobus_result code = ab_read_error(message, scratch, &text);
    if (text.length == 0)
        text = AB_SLICE("the function failed, and said no more about it");
    (void)ab_link_complete(trunk->first, id, ab_trunk_code(trunk, code, text), (ab_slice){0}, text);
}

enum {
    NAME,
    VALUE,
    GONE,
    ARGS,
    TEXT,
    KEYS
};

static void hear_changed(ab_trunk *trunk, const ab_value keys[KEYS]) AB_LOCKED
{
    ab_value value = keys[VALUE];
    if (keys[NAME].kind != AB_KIND_STRING || value.kind == AB_KIND_NONE)
        return;
    ab_slice name = plain_text(trunk, keys[NAME]);
    if (keys[GONE].kind == AB_KIND_TRUE)
        value = (ab_value){0};
    else
        value.text = ab_finite(value.text, &trunk->room);
    /* NaN was a number, and is a null now. */
    if (value.kind == AB_KIND_NUMBER && value.text.bytes[0] == 'n')
        value.kind = AB_KIND_NULL;
    trunk->first->ops->changed(trunk->first->owner, name, value);
}

static void hear_fired(ab_trunk *trunk, const ab_value keys[KEYS]) AB_LOCKED
{
    if (keys[NAME].kind != AB_KIND_STRING || keys[ARGS].kind != AB_KIND_LIST)
        return;
    ab_slice name = plain_text(trunk, keys[NAME]);
    trunk->first->ops->fired(trunk->first->owner, name, ab_finite(keys[ARGS].text, &trunk->room));
}

static void hear_unbound(ab_trunk *trunk, const ab_value keys[KEYS])
{
    if (keys[TEXT].kind != AB_KIND_STRING)
        return;
    ab_slice text = plain_text(trunk, keys[TEXT]);
    free(trunk->reason);
    trunk->reason = ab_strndup(text.bytes, text.length);
}

/* What comes most often is asked for first. */
static void hear_command(ab_trunk *trunk, const ab_message *message) AB_LOCKED
{
    static const ab_slice names[KEYS] = {AB_FIELD("name"), AB_FIELD("value"), AB_FIELD("gone"),
                                         AB_FIELD("args"), AB_FIELD("text")};
    ab_value keys[KEYS];
    bool is_fired = ab_message_is(message, "fired");
    bool is_changed = !is_fired && ab_message_is(message, "changed");
    if (!is_fired && !is_changed && ab_channels_hear(trunk->first->channels, message))
        return;
    if (!is_fired && !is_changed && !ab_message_is(message, "unbound")) {
        bool is_known = ab_message_is(message, "ping");
        answer(trunk, message, is_known ? NULL : "That command does not exist.");
        return;
    }
    answer(trunk, message, NULL);
    ab_message_find(message, names, KEYS, keys);
    if (is_changed)
        hear_changed(trunk, keys);
    else if (is_fired)
        hear_fired(trunk, keys);
    else
        hear_unbound(trunk, keys);
}

/* A link ends on the bus thread: another that has found the garbage leaves it there. */
void ab_trunk_end_as_garbage(ab_trunk *trunk, const char *what)
{
    if (!ab_loop_is_here(trunk->loop)) {
        ab_stream_defer(trunk->stream);
        return;
    }
    char *sentence AB_SCOPED(ab_free_ptr) = ab_format("%s sent %s", ab_trunk_place(trunk), what);
    ab_trunk_end(trunk, AUTOBUS_INCOMPATIBLE, sentence);
}

/* The first line answers the bind, whatever its id: so old servers have it, that say nothing before. */
static void hear_bound(ab_trunk *trunk, const ab_message *message) AB_LOCKED
{
    if (message->error.kind == AB_KIND_NONE) {
        uint64_t bus = 0;
        ab_value id = ab_message_member(message, AB_SLICE("bus"));
        trunk->is_autobus = ab_field_hex(id, &bus);
        if (trunk->near != 0 && trunk->near != bus) {
            ab_trunk_end_as_garbage(trunk, "the id of another bus");
            return;
        }
        trunk->bus = bus;
        if (trunk->limits.has_frames && ab_read_frames(message)) {
            trunk->codec = &ab_codec_frames;
            uint64_t most = AB_MIN(ab_read_sessions(message), (uint64_t)AB_TRUNK_NUMBERS);
            trunk->most = (size_t)AB_MAX(most, UINT64_C(1));
        }
        ab_trunk_become_open(trunk);
        return;
    }
    char *scratch AB_SCOPED(ab_free_ptr) = ab_alloc(1, message->error.text.length);
    ab_slice text;
    (void)ab_read_error(message, scratch, &text);
    char *sentence AB_SCOPED(ab_free_ptr) =
        ab_format("%s refused the bind%s%.*s", ab_trunk_place(trunk), text.length > 0 ? ": " : "",
                  (int)AB_MIN(text.length, (size_t)1000), text.bytes);
    ab_trunk_end(trunk, AUTOBUS_NOT_FOUND, sentence);
}

static void take(ab_trunk *trunk, size_t length)
{
    if (length == 0)
        return;
    ab_buffer_consume(trunk->in, length);
    trunk->searched = 0;
}

static void hear_message(ab_trunk *trunk, const ab_message *message) AB_LOCKED
{
    ab_buffer_consume(&trunk->room, ab_buffer_length(&trunk->room));
    if (trunk->stage != AB_TRUNK_OPEN)
        hear_bound(trunk, message);
    /* Somebody's hand-made server may forget the type. */
    else if (message->type == AB_MESSAGE_RESPONSE || message->command.kind == AB_KIND_NONE)
        hear_answer(trunk, message);
    else
        hear_command(trunk, message);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* What does not begin with a brace will never be an object: we need not wait for its end. */
static bool is_at_an_object(const ab_trunk *trunk)
{
    const char *bytes = ab_buffer_bytes(trunk->in);
    size_t length = ab_buffer_length(trunk->in), blank = 0;
    while (blank < length && is_blank(bytes[blank]))
        blank++;
    return blank == length || bytes[blank] == '{';
}

/* Hears one line. False: there is none yet, or nobody hears any more. */
static bool hear_next(ab_trunk *trunk) AB_LOCKED
{
    if (trunk->stage == AB_TRUNK_ENDED || trunk->is_paused || trunk->is_misled)
        return false;
    if (trunk->codec == &ab_codec_frames)
        return ab_trunk_hear_frame(trunk);
    ab_message message;
    ab_slice line, bytes = {ab_buffer_bytes(trunk->in), ab_buffer_length(trunk->in)};
    size_t taken;
    if (!is_at_an_object(trunk)) {
        ab_trunk_end_as_garbage(trunk, "something that is no JSON object");
        return false;
    }
    switch (ab_line_next(bytes, trunk->limits.max_message, &trunk->searched, &line, &taken)) {
    case AB_LINE_LONG: ab_trunk_end_as_garbage(trunk, "a line that is too long"); return false;
    case AB_LINE_MORE: take(trunk, taken); return false;
    case AB_LINE_READY: break;
    }
    if (!ab_message_read(&message, line)) {
        ab_trunk_end_as_garbage(trunk, "a line that is no JSON object");
        return false;
    }
    hear_message(trunk, &message);
    take(trunk, taken);
    return true;
}

/* What a borrower waits for may be the last of it. */
void ab_trunk_hear(ab_trunk *trunk, ab_buffer *in)
{
    unsigned links = (unsigned)AB_MIN(trunk->further + 1, (size_t)LINKS_AT_ONCE);
    unsigned heard = 0, most = ab_loop_is_here(trunk->loop) ? AT_ONCE * links : UINT_MAX;
    trunk->in = in;
    trunk->is_hearing = true;
    while (heard < most && hear_next(trunk))
        heard++;
    if (heard == most && trunk->stage == AB_TRUNK_OPEN && ab_buffer_length(in) > 0)
        ab_stream_defer(trunk->stream);
    trunk->is_hearing = false;
    ab_trunk_flush(trunk);
}

void ab_trunk_hear_rest(ab_trunk *trunk)
{
    if (trunk->in == NULL || ab_buffer_length(trunk->in) == 0 || trunk->codec != &ab_codec_lines)
        return;
    ab_buffer_append(trunk->in, "\n", 1);
    ab_trunk_hear(trunk, trunk->in);
}
