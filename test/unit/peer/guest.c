/* SPDX-License-Identifier: MIT
 * What is behind the door: the services that a guest may bind, and what they do for it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit/peer/door.h"
#include "wire/usage.h"

static void write_object(ab_slot *slot, ab_buffer *out)
{
    guest *visitor = AB_CONTAINER(slot, guest, object);
    door *at = visitor->at;
    ab_slice value =
        at->value == NULL ? AB_SLICE("null") : (ab_slice){at->value->bytes, at->value->length};
    at->written++;
    ab_session_codec(visitor->session)->changed(out, AB_SLICE("object"), &value);
}

static int *service_called(door *at, const ab_slice *name)
{
    if (name == NULL)
        return &at->introspection;
    if (ab_slice_is(*name, DOOR_OFFER) || (at->also != NULL && ab_slice_is(*name, at->also)))
        return &at->offer;
    return ab_slice_is(*name, DOOR_OTHER) ? &at->other : NULL;
}

static void *op_bind(void *owner, ab_session *session, const ab_slice *service)
{
    door *at = owner;
    int *found = service_called(at, service);
    if (found == NULL)
        return NULL;
    guest *visitor = ab_alloc(1, sizeof *visitor);
    visitor->at = at;
    visitor->session = session;
    visitor->service = found;
    ab_slot_init(&visitor->object, write_object);
    ab_list_append(&at->guests, &visitor->place);
    at->bound++;
    return visitor;
}

AB_UNCHECKED void door_withdraw(door *at, const int *service, const char *sentence)
{
    AB_LIST_FOR_SAFE (each, &at->guests) {
        guest *visitor = AB_CONTAINER(each, guest, place);
        if (visitor->service == service)
            ab_session_dismiss(visitor->session, sentence);
    }
}

/* A command of lines, or a call in a frame. */
static bool is_asked(const ab_ask *ask, const char *word)
{
    return ask->line != NULL ? ab_message_is(ask->line, word)
                             : ask->has_name && strcmp(ask->name.bytes, word) == 0;
}

static void echo(ab_session *session, const ab_ask *ask) AB_LOCKED
{
    ab_value value =
        ask->line != NULL ? ab_scan_member(ask->line->whole, AB_SLICE("value")) : ask->arguments;
    if (value.kind == AB_KIND_NONE)
        ab_session_answer_error(session, ask->id, AUTOBUS_INVALID, "no value");
    else
        ab_session_answer(session, ask->id, "value", value.text);
}

static bool op_command(void *owner, ab_session *session, void *context, const ab_ask *ask) AB_LOCKED
{
    door *at = owner;
    guest *visitor = context;
    cr_assert_eq(visitor->session, session);
    at->asked++;
    if (is_asked(ask, "quit")) {
        ab_session_answer(session, ask->id, NULL, (ab_slice){0});
        door_withdraw(at, visitor->service, "It quit.");
    } else if (ask->verb == AB_VERB_WATCH) {
        visitor->is_watching = true;
        ab_session_touch(session, &visitor->object);
    } else if (ask->verb == AB_VERB_LISTEN) {
        visitor->is_listening = true;
    } else if (is_asked(ask, "echo")) {
        echo(session, ask);
    } else {
        visitor->deferred += is_asked(ask, "defer");
        return is_asked(ask, "defer");
    }
    return true;
}

static bool op_owes(void *owner, ab_session *session, void *context)
{
    const guest *visitor = context;
    (void)owner;
    cr_assert_eq(visitor->session, session);
    return visitor->deferred > 0;
}

static void op_unbound(void *owner, ab_session *session, void *context)
{
    door *at = owner;
    guest *visitor = context;
    cr_assert_eq(visitor->session, session);
    ab_slot_forget(&visitor->object);
    ab_list_remove(&visitor->place);
    free(visitor);
    at->unbound++;
}

static bool op_offered(void *owner, ab_session *session, void *context, autobus_channel *offered,
                       ab_slice name, bool is_stream)
{
    door *at = owner;
    const guest *visitor = context;
    cr_assert(visitor->session == session && !is_stream);
    if (!at->offers_channels || !ab_slice_is(name, "chat"))
        return false;
    at->offered = offered;
    return true;
}

static void op_services(void *owner, ab_buffer *out, ab_value id, const ab_slice *after)
{
    door *at = owner;
    if (at->list != NULL) {
        at->list(out, id, after);
        return;
    }
    ab_presence presence = {
        .bus = DOOR_BUS, .sequence = 1, .count = (uint32_t)at->listed, .port = 1};
    char name[32] = "";
    if (after != NULL && !at->stays_at_the_start)
        snprintf(name, sizeof name, "%.*s", (int)after->length, after->bytes);
    size_t first = name[0] == '\0' ? 0 : strtoul(name, NULL, 10) + 1;
    size_t end = AB_MIN(first + at->page, at->listed);
    ab_write_services_begin(out, id, &presence);
    for (size_t i = first; i < end; i++) {
        snprintf(name, sizeof name, "%05zu", i);
        ab_write_services_one(out, ab_slice_of(name), AB_SLICE("{\"type\":\"x\"}"), i == first);
    }
    ab_write_services_end(out, end < at->listed);
}

static void op_legacy_seen(void *owner)
{
    door *at = owner;
    at->legacy++;
}

const ab_peer_ops door_ops = {
    .bind = op_bind,
    .command = op_command,
    .unbound = op_unbound,
    .offered = op_offered,
    .services = op_services,
    .owes = op_owes,
    .legacy_seen = op_legacy_seen,
};

/* [number,"xxx…"] of so many bytes, or a little more. */
static void write_value(ab_buffer *out, unsigned number, size_t size)
{
    ab_buffer_appendf(out, "[%u,\"", number);
    size = size > ab_buffer_length(out) + 2 ? size - ab_buffer_length(out) - 2 : 0;
    memset(ab_buffer_reserve(out, size), 'x', size);
    ab_buffer_wrote(out, size);
    ab_buffer_append_text(out, "\"]");
}

/* What is said has time enough to be no rush. */
#define APART ((ab_time)100)

AB_UNCHECKED void door_set(door *at, unsigned number, size_t size)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer value;
    ab_buffer_init(&value);
    ab_clock_fake_advance(&at->clock, APART);
    write_value(&value, number, size);
    ab_text_unref(at->value);
    at->value = ab_text_new(ab_buffer_bytes(&value), ab_buffer_length(&value));
    AB_LIST_FOR (each, &at->guests) {
        guest *visitor = AB_CONTAINER(each, guest, place);
        if (visitor->is_watching)
            ab_session_touch(visitor->session, &visitor->object);
    }
}

AB_UNCHECKED void door_fire(door *at, unsigned number, size_t size)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer value;
    ab_circular shared[AB_CODECS];
    ab_buffer_init(&value);
    for (size_t i = 0; i < AB_CODECS; i++)
        ab_circular_init(&shared[i]);
    ab_clock_fake_advance(&at->clock, APART);
    write_value(&value, number, size);
    AB_LIST_FOR (each, &at->guests) {
        guest *visitor = AB_CONTAINER(each, guest, place);
        const ab_codec *codec = ab_session_codec(visitor->session);
        if (!visitor->is_listening)
            continue;
        ab_circular *written = &shared[codec->place];
        if (ab_buffer_length(&written->message) == 0)
            codec->fired(&written->message, AB_SLICE("event"),
                         (ab_slice){ab_buffer_bytes(&value), ab_buffer_length(&value)});
        ab_session_send(visitor->session, written);
    }
    for (size_t i = 0; i < AB_CODECS; i++)
        ab_circular_fini(&shared[i]);
}

AB_UNCHECKED void door_answer(door *at, unsigned id)
{
    char text[16];
    size_t length = (size_t)snprintf(text, sizeof text, "%u", id);
    ab_value written;
    cr_assert(ab_scan((ab_slice){text, length}, &written));
    AB_LIST_FOR (each, &at->guests) {
        guest *visitor = AB_CONTAINER(each, guest, place);
        visitor->deferred -= visitor->deferred > 0;
        ab_session_answer(visitor->session, written, "result", AB_SLICE("true"));
    }
}
