/* SPDX-License-Identifier: MIT
 * The recorded servers of Autobus 2 answer us instead of the client they were recorded with: we ask what it
 * asked, and they say what they said then, with our ids. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "support/recording.h"
#include "unit/peer/dialler.h"
#include "unit/peer/door.h"
#include "wire/lines.h"

#define CALLS_MOST 32

typedef struct play {
    dialler *from;
    int server;
    dialled calls[CALLS_MOST];
    char *then[CALLS_MOST]; /* the ids they had when they were recorded, with quotes */
    size_t count;
} play;

static char *text_of(ab_value value)
{
    return strndup(value.kind == AB_KIND_NONE ? "" : value.text.bytes, value.text.length);
}

static char *name_of(const ab_message *message)
{
    ab_value name = ab_scan_member(message->whole, AB_SLICE("name"));
    char *plain = calloc(1, name.text.length + 1);
    (void)ab_scan_string(name, plain);
    return plain;
}

/* Does what the recorded client did. What no client of ours ever says (a watch as a command, an unknown
 * command) is left out, and so the answers to it are answers to nobody. */
static void ask(play *now, const recorded *unit)
{
    ab_message message;
    if (!ab_message_read(&message, ab_slice_of(unit->bytes)))
        return;
    char *name = name_of(&message);
    char *arguments = text_of(ab_scan_member(message.whole, AB_SLICE("args")));
    bool says_something = true;
    if (ab_message_is(&message, "call") && message.type == AB_MESSAGE_NOTIFICATION) {
        cr_assert_eq(dialler_call(now->from, NULL, name, arguments), AUTOBUS_OK);
    } else if (ab_message_is(&message, "call")) {
        now->then[now->count] = text_of(message.id);
        cr_assert_eq(dialler_call(now->from, &now->calls[now->count++], name, arguments),
                     AUTOBUS_OK);
    } else if (ab_message_is(&message, "watch") || ab_message_is(&message, "unwatch")) {
        dialler_watch(now->from, name, ab_message_is(&message, "watch"));
    } else if (ab_message_is(&message, "listen") || ab_message_is(&message, "unlisten")) {
        dialler_listen(now->from, name, ab_message_is(&message, "listen"));
    } else {
        says_something = false;
    }
    if (says_something)
        cr_assert(strstr(client_line(now->server), "_command") != NULL);
    free(name);
    free(arguments);
}

/* Says what the server said, to the call of ours that has the place of the one it answered. */
static void say(play *now, const recorded *unit)
{
    for (size_t i = 0; i < now->count; i++) {
        char *id = strstr(unit->bytes, now->then[i]);
        if (id == NULL)
            continue;
        char ours[32];
        snprintf(ours, sizeof ours, "\"%d\"", (int)i + 1);
        char *head = strndup(unit->bytes, (size_t)(id - unit->bytes));
        client_send(now->server, head);
        client_send(now->server, ours);
        client_send(now->server, id + strlen(now->then[i]));
        free(head);
        return;
    }
    client_send(now->server, unit->bytes);
}

/* Plays it up to its end; calls that are still under way then are completed by it. */
static play *begin(const char *name)
{
    play *now = calloc(1, sizeof *now);
    now->from = dialler_open();
    recording *then = recording_read(name);
    dialler_dial(now->from, "a-1");
    now->server = dialler_accept(now->from);
    client_expect(now->server, DIALLER_BIND);
    bool is_bind = true, is_answer = true;
    for (size_t i = 0; i < then->count; i++) {
        const recorded *unit = &then->units[i];
        bool is_client = strcmp(unit->from, "client") == 0;
        if (strcmp(unit->event, "data") != 0) {
            if (!is_client)
                break;
        } else if (is_client && is_bind) {
            is_bind = false;
        } else if (is_client) {
            ask(now, unit);
        } else {
            say(now, unit);
            if (is_answer && strstr(unit->bytes, "_error") == NULL)
                dialler_wait(now->from, &now->from->bound, 1);
            is_answer = false;
        }
    }
    recording_free(then);
    return now;
}

static void finish(play *now)
{
    shutdown(now->server, SHUT_WR);
    dialler_wait(now->from, &now->from->ended, 1);
    for (size_t i = 0; i < now->count; i++) {
        cr_assert(now->calls[i].done <= 1);
        free(now->then[i]);
        free(now->calls[i].value);
        free(now->calls[i].error);
    }
    dialler_close(now->from);
    close(now->server);
    free(now);
}

static void expect_heard(const char *name, const char *heard)
{
    play *now = begin(name);
    dialler_catch_up(now->from, now->server);
    dialler_expect(now->from, heard);
    finish(now);
}

static void expect_refused(const char *name)
{
    play *now = begin(name);
    shutdown(now->server, SHUT_WR);
    dialler_wait(now->from, &now->from->ended, 1);
    cr_assert_eq(now->from->why, AUTOBUS_NOT_FOUND, "%s", now->from->sentence);
    finish(now);
}

Test(link_transcripts, of_binds)
{
    expect_heard("bind_ok", "");
    expect_heard("bind_extra_keys", "");
    expect_heard("ping", "");
    expect_heard("malformed_line", "");
}

Test(link_transcripts, of_refused_binds)
{
    expect_refused("bind_fail");
    expect_refused("bind_fail_reply_lost");
    expect_refused("bind_null");
}

Test(link_transcripts, of_calls)
{
    play *now = begin("call_ok");
    cr_assert_gt(now->count, 0);
    for (size_t i = 0; i < now->count; i++) {
        dialler_wait(now->from, &now->calls[i].done, 1);
        cr_assert_eq(now->calls[i].result, AUTOBUS_OK, "%s", now->calls[i].error);
    }
    finish(now);
    expect_heard("call_notification", "");
}

Test(link_transcripts, of_calls_that_fail)
{
    play *now = begin("call_error");
    cr_assert_gt(now->count, 0);
    unsigned missing = 0;
    for (size_t i = 0; i < now->count; i++) {
        dialler_wait(now->from, &now->calls[i].done, 1);
        cr_assert_neq(now->calls[i].result, AUTOBUS_OK);
        missing += now->calls[i].result == AUTOBUS_NOT_FOUND;
        cr_assert_eq(now->calls[i].result == AUTOBUS_NOT_FOUND,
                     strncmp(now->calls[i].error, "No such function", 16) == 0);
    }
    cr_assert_gt(missing, 0);
    finish(now);
}

Test(link_transcripts, of_introspection)
{
    play *now = begin("get_details");
    cr_assert_eq(now->count, 1);
    dialler_wait(now->from, &now->calls[0].done, 1);
    cr_assert_eq(now->calls[0].result, AUTOBUS_OK);
    cr_assert(strstr(now->calls[0].value, "autobus.details") != NULL);
    finish(now);
}

Test(link_transcripts, of_watches)
{
    expect_heard("watch_notification", "changed counter 4\nchanged counter 5\nchanged counter 6\n"
                                       "changed counter null\n");
    expect_heard("watch_command", "changed counter 12\nchanged counter 13\nchanged counter 14\n"
                                  "changed counter 15\nchanged counter null\n");
    expect_heard("watch_missing_object", "changed nosuch null\n");
}

Test(link_transcripts, of_watched_details)
{
    play *now = begin("watch_details");
    dialler_catch_up(now->from, now->server);
    static const char head[] = "changed details {";
    dialler_lock(now->from);
    cr_assert_geq(ab_buffer_length(&now->from->heard), sizeof head - 1);
    cr_assert_eq(memcmp(ab_buffer_bytes(&now->from->heard), head, sizeof head - 1), 0);
    dialler_unlock(now->from);
    finish(now);
}

Test(link_transcripts, of_events)
{
    expect_heard("listen_as_shipped", "");
    expect_heard("listen_fired_unlisten",
                 "fired tick [15, \"t\"]\nfired tick [16, \"t\"]\nfired tick [17, \"t\"]\n");
}

Test(link_transcripts, of_two_errors_for_one_command)
{
    expect_heard("unknown_command", "");
}
