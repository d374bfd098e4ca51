/* SPDX-License-Identifier: MIT
 * Links that share a connection: each is bound, told, paid for and ended by itself, and none minds the others. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/link_state.h"
#include "unit/peer/dialler.h"
#include "unit/peer/door.h"
#include "unit/peer/framed.h"

#define BIND(service)                                                               \
    "{\"_type\":1,\"_id\":\"0\",\"_command\":\"bind\",\"service\":\"" service "\"," \
    "\"autobus\":1,\"frames\":1}"
#define BOUND(more)                                                                \
    "{\"_type\":2,\"_id\":\"0\",\"service\":\"a-1\",\"bus\":\"00000000000000b5\"," \
    "\"frames\":1" more "}\r\n"
#define SHARED BOUND(",\"sessions\":1024")

enum {
    LINKS = 4
};

static const ab_codec *const codec = &ab_codec_frames;
static dialler *links[LINKS], *first, *second, *third;
static ab_buffer out;
static unsigned hang_ups;
static uint64_t credit; /* that the last bind gave */

static void open_diallers(void)
{
    hang_ups = 0;
    first = links[0] = dialler_open();
    first->limits.has_frames = true;
    for (size_t i = 1; i < LINKS; i++)
        links[i] = dialler_beside(first);
    second = links[1];
    third = links[2];
}

static void close_diallers(void)
{
    for (size_t i = LINKS; i-- > 0;)
        dialler_close(links[i]);
    ab_buffer_fini(&out);
}

TestSuite(trunk, .init = open_diallers, .fini = close_diallers);

/* The first one, by a line. */
static int bind_first(const char *answer)
{
    dialler_dial(first, "a-1");
    int server = dialler_accept(first);
    client_expect(server, BIND("a-1"));
    client_send(server, answer);
    dialler_wait(first, &first->bound, 1);
    return server;
}

static void say_of(int server, uint16_t session)
{
    ab_frames_name_session(ab_buffer_bytes(&out), ab_buffer_length(&out), session);
    framed_send(server, &out);
}

static void say_unbound(int server, uint16_t session, const char *text)
{
    codec->unbound(&out, text);
    say_of(server, session);
}

static void expect_bind(int server, uint16_t session, const char *service)
{
    ab_frame frame = framed_next(server);
    cr_assert_eq(frame.kind, AB_FRAME_BIND);
    cr_expect_eq(frame.session, session);
    credit = frame.number;
    cr_expect(ab_slice_is(frame.name, service), "%.*s", (int)frame.name.length, frame.name.bytes);
}

static void expect_of(int server, ab_frame_kind kind, uint16_t session)
{
    ab_frame frame = framed_next(server);
    cr_assert_eq(frame.kind, kind, "%d", (int)frame.kind);
    cr_expect_eq(frame.session, session, "%u", frame.session);
}

/* Another one, on the connection that is there. */
static void bind_another(int server, dialler *from, uint16_t session, const char *service)
{
    dialler_dial(from, service);
    if (session == 1)
        expect_of(server, AB_FRAME_GRANT, 0);
    expect_bind(server, session, service);
    ab_frames_write_bound(&out, session);
    framed_send(server, &out);
    dialler_wait(from, &from->bound, 1);
}

static void close_all(dialler *from)
{
    (void)from;
    hang_ups++;
    for (size_t i = 0; i < LINKS; i++) {
        ab_link *link = links[i]->link;
        links[i]->link = NULL;
        ab_link_close(link, "all of us go");
    }
}

/* Whichever link hears first closes all of them. */
static void have_all_closed_at(bool is_at_end)
{
    dialler_lock(first);
    for (size_t i = 0; i < LINKS; i++) {
        if (is_at_end)
            links[i]->finally = close_all;
        else
            links[i]->then = close_all;
    }
    dialler_unlock(first);
}

static unsigned count_ends(void)
{
    unsigned ended = 0;
    dialler_lock(first);
    for (size_t i = 0; i < LINKS; i++)
        ended += links[i]->ended;
    dialler_unlock(first);
    return ended;
}

static ab_value id_of(ab_frame frame)
{
    return (ab_value){AB_KIND_NUMBER, frame.id_bytes};
}

Test(trunk, carries_calls_of_each_link_under_its_number)
{
    dialled one = {0}, other = {0};
    int server = bind_first(SHARED);
    bind_another(server, second, 1, "b-1");
    cr_assert_eq(dialler_call(first, &one, "f", "[1]"), AUTOBUS_OK);
    ab_frame frame = framed_expect(server, AB_FRAME_CALL, "[1]");
    cr_expect_eq(frame.session, 0);
    codec->response(&out, id_of(frame), "result", AB_SLICE("\"of the first\""));
    cr_assert_eq(dialler_call(second, &other, "f", "[2]"), AUTOBUS_OK);
    frame = framed_expect(server, AB_FRAME_CALL, "[2]");
    cr_expect_eq(frame.session, 1);
    size_t before = ab_buffer_length(&out);
    codec->response(&out, id_of(frame), "result", AB_SLICE("\"of the second\""));
    ab_frames_name_session(ab_buffer_bytes(&out) + before, ab_buffer_length(&out) - before, 1);
    framed_send(server, &out);
    dialler_expect_call(first, &one, AUTOBUS_OK, "\"of the first\"");
    dialler_expect_call(second, &other, AUTOBUS_OK, "\"of the second\"");
}

Test(trunk, tells_news_to_the_link_they_are_of)
{
    int server = bind_first(SHARED);
    bind_another(server, second, 1, "b-1");
    dialler_listen(second, "x", true);
    expect_of(server, AB_FRAME_LISTEN, 1);
    dialler_watch(first, "x", true);
    expect_of(server, AB_FRAME_WATCH, 0);
    ab_slice value = AB_SLICE("5");
    codec->fired(&out, AB_SLICE("x"), AB_SLICE("[7]"));
    say_of(server, 1);
    codec->changed(&out, AB_SLICE("x"), &value);
    framed_send(server, &out);
    dialler_expect(second, "fired x [7]\n");
    dialler_expect(first, "changed x 5\n");
}

Test(trunk, waits_with_the_others_until_the_first_is_bound)
{
    dialler_dial(first, "a-1");
    dialler_dial(second, "b-1");
    dialler_dial(third, "c-1");
    int server = dialler_accept(first);
    client_expect(server, BIND("a-1"));
    client_send(server, SHARED);
    expect_of(server, AB_FRAME_GRANT, 0);
    expect_bind(server, 1, "b-1");
    expect_bind(server, 2, "c-1");
    ab_frames_write_bound(&out, 2);
    ab_frames_write_bound(&out, 1);
    framed_send(server, &out);
    dialler_wait(second, &second->bound, 1);
    dialler_wait(third, &third->bound, 1);
    dialler_wait(first, &first->bound, 1);
}

Test(trunk, is_not_shared_with_who_does_not_know_how)
{
    dialler_dial(first, "a-1");
    dialler_dial(second, "b-1");
    int server = dialler_accept(first);
    client_expect(server, BIND("a-1"));
    client_send(server, BOUND(""));
    int other = dialler_accept(first);
    client_expect(other, BIND("b-1"));
    client_send(other, BOUND(""));
    dialler_wait(second, &second->bound, 1);
    dialler_dial(third, "c-1");
    client_expect(dialler_accept(first), BIND("c-1"));
}

Test(trunk, has_as_many_links_as_the_server_takes)
{
    int server = bind_first(BOUND(",\"sessions\":2"));
    bind_another(server, second, 1, "b-1");
    dialler_dial(third, "c-1");
    client_expect(dialler_accept(first), BIND("c-1"));
    dialler_hang_up(second);
    expect_of(server, AB_FRAME_UNBIND, 1);
}

Test(trunk, goes_on_when_a_session_is_refused)
{
    int server = bind_first(SHARED);
    dialler_dial(second, "b-1");
    expect_of(server, AB_FRAME_GRANT, 0);
    expect_bind(server, 1, "b-1");
    say_unbound(server, 1, "There is none.");
    dialler_expect_end(second, AUTOBUS_NOT_FOUND, "refused the bind: There is none.");
    bind_another(server, third, 2, "c-1");
    cr_expect_eq(count_ends(), 1);
}

Test(trunk, loses_one_session_and_keeps_the_others)
{
    dialled call = {0};
    int server = bind_first(SHARED);
    bind_another(server, second, 1, "b-1");
    bind_another(server, third, 2, "c-1");
    cr_assert_eq(dialler_call(second, &call, "f", "[]"), AUTOBUS_OK);
    expect_of(server, AB_FRAME_CALL, 1);
    say_unbound(server, 1, "It is withdrawn.");
    dialler_expect_end(second, AUTOBUS_CLOSED, "closed the connection: It is withdrawn.");
    dialler_expect_call(second, &call, AUTOBUS_CLOSED, "It is withdrawn.");
    say_unbound(server, 0, "So is this.");
    dialler_expect_end(first, AUTOBUS_CLOSED, "closed the connection: So is this.");
    codec->fired(&out, AB_SLICE("x"), AB_SLICE("[]")); /* it was on its way */
    say_of(server, 1);
    codec->fired(&out, AB_SLICE("x"), AB_SLICE("[1]"));
    say_of(server, 2);
    dialler_expect(third, "fired x [1]\n");
    client_close(server);
    dialler_expect_end(third, AUTOBUS_CLOSED, "closed the connection");
    cr_expect(strstr(third->sentence, "So is this") == NULL, "%s", third->sentence);
}

Test(trunk, ends_with_all_its_links)
{
    dialled call = {0};
    int server = bind_first(SHARED);
    bind_another(server, second, 1, "b-1");
    cr_assert_eq(dialler_call(second, &call, "f", "[]"), AUTOBUS_OK);
    expect_of(server, AB_FRAME_CALL, 1);
    say_unbound(server, 0, "Enough.");
    client_close(server);
    dialler_expect_end(first, AUTOBUS_CLOSED, "Enough.");
    dialler_expect_end(second, AUTOBUS_CLOSED, "Enough.");
    dialler_expect_call(second, &call, AUTOBUS_CLOSED, "Enough.");
}

Test(trunk, says_which_link_hangs_up_and_closes_with_the_last)
{
    int server = bind_first(SHARED);
    bind_another(server, second, 1, "b-1");
    dialler_hang_up(first);
    expect_of(server, AB_FRAME_UNBIND, 0);
    codec->fired(&out, AB_SLICE("x"), AB_SLICE("[]")); /* of a session that it has ended */
    framed_send(server, &out);
    codec->fired(&out, AB_SLICE("x"), AB_SLICE("[1]"));
    say_of(server, 1);
    dialler_expect(second, "fired x [1]\n");
    bind_another(server, third, 2, "c-1");
    dialler_hang_up(third);
    expect_of(server, AB_FRAME_UNBIND, 2);
    dialler_hang_up(second);
    client_expect_end(server);
}

Test(trunk, is_dialled_again_by_those_who_waited_when_the_first_is_refused)
{
    dialler_dial(first, "a-1");
    dialler_dial(second, "b-1");
    dialler_dial(third, "c-1");
    int server = dialler_accept(first);
    client_expect(server, BIND("a-1"));
    client_send(server, "{\"_type\":2,\"_id\":\"0\",\"_error\":{\"text\":\"None.\"}}\r\n");
    dialler_expect_end(first, AUTOBUS_NOT_FOUND, "refused the bind: None.");
    server = dialler_accept(first);
    client_expect(server, BIND("b-1"));
    client_send(server, SHARED);
    expect_of(server, AB_FRAME_GRANT, 0);
    expect_bind(server, 1, "c-1");
    dialler_wait(second, &second->bound, 1);
}

Test(trunk, is_dialled_again_by_those_who_waited_when_the_first_hangs_up)
{
    dialler_dial(first, "a-1");
    dialler_dial(second, "b-1");
    int server = dialler_accept(first);
    client_expect(server, BIND("a-1"));
    dialler_hang_up(first);
    client_expect_end(server);
    server = dialler_accept(first);
    client_expect(server, BIND("b-1"));
    client_send(server, SHARED);
    dialler_wait(second, &second->bound, 1);
}

Test(trunk, fails_for_all_of_them_when_it_cannot_be_dialled)
{
    dialler_dial(first, "a-1");
    dialler_dial(second, "b-1");
    int server = dialler_accept(first);
    client_expect(server, BIND("a-1"));
    client_send(server, "SSH-2.0-OpenSSH\r\n");
    dialler_expect_end(first, AUTOBUS_INCOMPATIBLE, "no JSON object");
    dialler_expect_end(second, AUTOBUS_INCOMPATIBLE, "no JSON object");
}

/* The server takes for ever: whoever waits dials for itself, and whoever comes later does not wait. */

Test(trunk, is_left_by_who_gets_no_answer_on_it)
{
    int server = bind_first(SHARED), other;
    dialler_dial(second, "b-1");
    expect_of(server, AB_FRAME_GRANT, 0);
    expect_bind(server, 1, "b-1");
    dialler_pass(first, AB_MS(500));
    expect_of(server, AB_FRAME_UNBIND, 1);
    other = dialler_accept(first);
    client_expect(other, BIND("b-1"));
    ab_frames_write_bound(&out, 1); /* too late */
    framed_send(server, &out);
    client_send(other, SHARED);
    dialler_wait(second, &second->bound, 1);
    dialler_dial(third, "c-1");
    client_expect(dialler_accept(first), BIND("c-1"));
    cr_expect_eq(count_ends(), 0);
}

Test(trunk, is_left_by_who_waits_for_a_dial_that_takes_long)
{
    dialler_dial(first, "a-1");
    client_expect(dialler_accept(first), BIND("a-1"));
    dialler_pass(first, AB_MS(9800));
    dialler_dial(second, "b-1");
    dialler_pass(first, AB_MS(1000)); /* beyond the time of the first */
    dialler_expect_end(first, AUTOBUS_TIMEOUT, "did not answer the bind");
    int other = dialler_accept(first);
    client_expect(other, BIND("b-1"));
    dialler_pass(first, AB_MS(9000)); /* it has all of its own */
    client_send(other, SHARED);
    dialler_wait(second, &second->bound, 1);
}

Test(trunk, that_ends_before_a_session_is_bound_is_dialled_again)
{
    int server = bind_first(SHARED);
    dialler_dial(second, "b-1");
    expect_of(server, AB_FRAME_GRANT, 0);
    expect_bind(server, 1, "b-1");
    client_close(server);
    dialler_expect_end(first, AUTOBUS_CLOSED, "closed the connection");
    server = dialler_accept(first);
    client_expect(server, BIND("b-1"));
    client_send(server, SHARED);
    dialler_wait(second, &second->bound, 1);
}

/* News of one link, of a kibibyte each, until it was granted more. */
static void fire(int server, uint16_t session, unsigned times)
{
    static char text[1024];
    memset(text, ' ', sizeof text);
    text[0] = '[';
    text[sizeof text - 1] = ']';
    for (unsigned i = 0; i < times; i++) {
        codec->fired(&out, AB_SLICE("x"), (ab_slice){text, sizeof text});
        say_of(server, session);
    }
}

Test(trunk, grants_more_when_half_was_heard_and_nothing_while_the_program_is_slow)
{
    int server = bind_first(SHARED);
    bind_another(server, second, 1, "b-1");
    unsigned half = (unsigned)(credit / 2 / 1024);
    fire(server, 1, half);
    ab_frame frame = framed_next(server);
    cr_assert_eq(frame.kind, AB_FRAME_GRANT);
    cr_expect_eq(frame.session, 1);
    cr_expect(frame.number >= credit / 2 && frame.number <= half * 1060U);
    dialler_pause(second, true);
    fire(server, 1, half);
    dialled call = {0};
    cr_assert_eq(dialler_call(first, &call, "f", "[]"), AUTOBUS_OK);
    codec->response(&out, id_of(framed_expect(server, AB_FRAME_CALL, "[]")), "result",
                    AB_SLICE("1"));
    framed_send(server, &out);
    dialler_expect_call(first, &call, AUTOBUS_OK, "1"); /* one link's pause is not the other's */
    dialler_pause(second, false);
    frame = framed_next(server);
    cr_assert_eq(frame.kind, AB_FRAME_GRANT);
    cr_expect_geq(frame.number, credit / 2);
}

Test(trunk, is_read_no_more_when_more_was_sent_than_was_granted)
{
    for (size_t i = 0; i < LINKS; i++)
        links[i]->limits.max_queued = links[i]->limits.max_message = 65536;
    int server = bind_first(SHARED);
    bind_another(server, second, 1, "b-1");
    dialler_pause(second, true);
    fire(server, 1, 200);
    dialler_wait(second, &second->link->trunk->pauses, 1);
    dialler_pause(second, false);
    dialler_wait(second, &second->link->trunk->pauses, 0);
    expect_of(server, AB_FRAME_GRANT, 1);
}

Test(trunk, whose_other_side_does_not_read_is_full_for_who_has_filled_it_alone)
{
    static char text[1U << 20];
    memset(text, '1', sizeof text);
    text[0] = '[';
    text[sizeof text - 2] = ']';
    text[sizeof text - 1] = '\0';
    dialled call = {0};
    int server = bind_first(SHARED);
    bind_another(server, second, 1, "b-1");
    while (dialler_call(first, NULL, "f", text) == AUTOBUS_OK)
        continue;
    cr_expect_eq(dialler_call(first, NULL, "f", text), AUTOBUS_BUSY);
    cr_expect_eq(dialler_call(second, &call, "f", "[]"), AUTOBUS_OK);
    client_close(server);
    dialler_wait(second, &call.done, 1);
    free(call.value);
    free(call.error);
}

Test(trunk, that_one_link_has_paused_is_not_shared)
{
    int server = bind_first(SHARED);
    dialler_pause(first, true);
    dialler_dial(second, "b-1");
    client_expect(dialler_accept(first), BIND("b-1"));
    dialler_pause(first, false);
    bind_another(server, third, 1, "c-1");
}

Test(trunk, of_who_speaks_of_a_session_that_was_never_bound_ends)
{
    int server = bind_first(SHARED);
    bind_another(server, second, 1, "b-1");
    codec->fired(&out, AB_SLICE("x"), AB_SLICE("[]"));
    say_of(server, 2);
    for (size_t i = 0; i < 2; i++)
        dialler_expect_end(links[i], AUTOBUS_INCOMPATIBLE,
                           "a frame of a session that was not bound");
}

Test(trunk, may_be_taken_apart_by_the_first_who_hears_of_its_end)
{
    int server = bind_first(SHARED);
    bind_another(server, second, 1, "b-1");
    bind_another(server, third, 2, "c-1");
    have_all_closed_at(true);
    client_close(server);
    dialler_wait(first, &hang_ups, 1);
    cr_expect_eq(count_ends(), 1);
}

Test(trunk, may_be_taken_apart_by_the_first_who_hears_of_silence)
{
    int server = bind_first(SHARED);
    bind_another(server, second, 1, "b-1");
    have_all_closed_at(false);
    dialler_pass(first, AB_MS(22000));
    dialler_wait(first, &hang_ups, 1);
    (void)server;
}
