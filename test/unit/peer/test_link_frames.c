/* SPDX-License-Identifier: MIT
 * A link in frames: how it comes to that, what it says and hears, and how it ends when it hears what is wrong. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit/peer/dialler.h"
#include "unit/peer/door.h"
#include "unit/peer/framed.h"

#define BIND                                                                              \
    "{\"_type\":1,\"_id\":\"0\",\"_command\":\"bind\",\"service\":\"a-1\",\"autobus\":1," \
    "\"frames\":1}"
#define BOUND                                                                      \
    "{\"_type\":2,\"_id\":\"0\",\"service\":\"a-1\",\"bus\":\"00000000000000b5\"," \
    "\"frames\":1}\r\n"

static const ab_codec *const codec = &ab_codec_frames;
static dialler *from;
static ab_buffer out;

static void open_dialler(void)
{
    from = dialler_open();
    from->limits.has_frames = true;
}

static void close_dialler(void)
{
    dialler_close(from);
    ab_buffer_fini(&out);
}

TestSuite(link_frames, .init = open_dialler, .fini = close_dialler);

static int bind_with(const char *answer)
{
    dialler_dial(from, "a-1");
    int server = dialler_accept(from);
    client_expect(server, BIND);
    client_send(server, answer);
    dialler_wait(from, &from->bound, 1);
    return server;
}

static ab_value id_of(ab_frame frame)
{
    return (ab_value){AB_KIND_NUMBER, frame.id_bytes};
}

Test(link_frames, are_spoken_when_the_server_takes_the_offer)
{
    dialled call = {0}, failing = {0};
    int server = bind_with(BOUND);
    cr_assert_eq(dialler_call(from, &call, "f", "[1,\n2]"), AUTOBUS_OK);
    ab_frame frame = framed_expect(server, AB_FRAME_CALL, "[1,\n2]");
    cr_expect(ab_slice_is(frame.name, "f"));
    codec->response(&out, id_of(frame), "result", AB_SLICE("{\"a\":1}"));
    framed_send(server, &out);
    dialler_expect_call(from, &call, AUTOBUS_OK, "{\"a\":1}");
    cr_assert_eq(dialler_call(from, &failing, "g", "[]"), AUTOBUS_OK);
    frame = framed_expect(server, AB_FRAME_CALL, "[]");
    codec->error(&out, id_of(frame), AUTOBUS_NOT_FOUND, "No such function: g does not exist.");
    framed_send(server, &out);
    dialler_expect_call(from, &failing, AUTOBUS_NOT_FOUND, "g does not exist");
    cr_assert_eq(dialler_call(from, NULL, "h", "[]"), AUTOBUS_OK);
    cr_expect_eq(framed_expect(server, AB_FRAME_CALL, "[]").id, 0);
    client_close(server);
}

Test(link_frames, are_not_spoken_with_a_server_that_says_nothing_of_them)
{
    static const char *const answers[] = {
        DIALLER_BOUND, DIALLER_BOUND_OLD,
        "{\"_type\":2,\"_id\":\"0\",\"service\":\"a-1\",\"frames\":0}\r\n"};
    for (size_t i = 0; i < AB_COUNT(answers); i++) {
        int server = bind_with(answers[i]);
        dialler_watch(from, "x", true);
        client_expect(server, "{\"_type\":3,\"_id\":\"0\",\"_command\":\"watch\",\"name\":\"x\"}");
        dialler_hang_up(from);
        client_close(server);
    }
}

Test(link_frames, that_were_not_offered_are_not_expected)
{
    from->limits.has_frames = false;
    int server = dialler_bind(from, BOUND);
    dialler_catch_up(from, server);
    client_close(server);
}

Test(link_frames, may_come_in_one_piece_with_the_answer_to_the_bind)
{
    ab_buffer_append_text(&out, BOUND);
    codec->changed(&out, AB_SLICE("x"), &AB_SLICE("5"));
    codec->changed(&out, AB_SLICE("x"), NULL);
    codec->fired(&out, AB_SLICE("e"), AB_SLICE("[NaN]"));
    ab_buffer_append(&out, "\0", 1);
    ab_buffer_truncate(&out, ab_buffer_length(&out) - 1);
    dialler_dial(from, "a-1");
    int server = dialler_accept(from);
    client_expect(server, BIND);
    framed_send(server, &out);
    dialler_expect(from, "changed x 5\ngone x\nfired e [null]\n");
    client_close(server);
}

Test(link_frames, say_what_is_watched_and_listened_to_and_answer_pings)
{
    int server = bind_with(BOUND);
    dialler_watch(from, "x", true);
    dialler_listen(from, "e", true);
    dialler_listen(from, "e", false);
    dialler_watch(from, "x", false);
    cr_expect(ab_slice_is(framed_expect(server, AB_FRAME_WATCH, "").name, "x"));
    cr_expect(ab_slice_is(framed_expect(server, AB_FRAME_LISTEN, "").name, "e"));
    (void)framed_expect(server, AB_FRAME_UNLISTEN, "");
    (void)framed_expect(server, AB_FRAME_UNWATCH, "");
    codec->ping(&out, UINT64_C(0x8899aabbccddeeff));
    framed_send(server, &out);
    cr_expect_eq(framed_expect(server, AB_FRAME_PONG, "").id, UINT64_C(0x8899aabbccddeeff));
    client_close(server);
}

Test(link_frames, tell_of_silence_as_lines_do)
{
    int server = bind_with(BOUND);
    dialler_pass(from, AB_MS(4500));
    ab_frame ping = framed_expect(server, AB_FRAME_PING, "");
    codec->response(&out, id_of(ping), NULL, (ab_slice){0});
    framed_send(server, &out);
    dialler_pass(from, AB_MS(11000));
    dialler_wait(from, &from->unresponsive, 1);
    client_close(server);
}

Test(link_frames, carry_the_reason_of_an_end)
{
    int server = bind_with(BOUND);
    codec->unbound(&out, "The lamp is broken.");
    framed_send(server, &out);
    client_close(server);
    dialler_expect_end(from, AUTOBUS_CLOSED, "The lamp is broken.");
}

static void expect_garbage(const void *bytes, size_t length, const char *mistake)
{
    dialled call = {0};
    int server = bind_with(BOUND);
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_OK);
    framed_send_bytes(server, bytes, length);
    dialler_expect_end(from, AUTOBUS_INCOMPATIBLE, mistake);
    dialler_expect_call(from, &call, AUTOBUS_CLOSED, mistake);
    dialler_hang_up(from);
    client_close(server);
}

#define GARBAGE(bytes, mistake) expect_garbage(bytes, sizeof(bytes) - 1, mistake)

Test(link_frames, that_are_wrong_end_it_with_a_reason)
{
    GARBAGE("\xff\xff\xff\xff\x02\0\0\0\1\0\0\0\0\0\0\0", "a frame that is too long");
    GARBAGE("\1\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0]", "a frame with a value that is no JSON");
    GARBAGE("\1\0\0\0\2\0\0\0\2\0\0\0\0\0\0\0"
            "5",
            "an answer to what was never asked");
    GARBAGE("\1\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0"
            "5",
            "an answer to what was never asked");
    GARBAGE("\5\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0x", "a frame that only a client sends");
    GARBAGE("\0\0\0\0\x0b\0\7\0\1\0\0\0\0\0\0\0", "a frame of a session that was not bound");
    GARBAGE("{\"_type\":2,\"_id\":\"1\",\"result\":5}\r\n", "a frame that is too long");
}

Test(link_frames, for_a_call_that_nobody_waits_for_any_more_are_passed_over)
{
    dialled call = {0}, other = {0};
    int server = bind_with(BOUND);
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_OK);
    ab_frame first = framed_expect(server, AB_FRAME_CALL, "[]");
    codec->response(&out, id_of(first), "result", AB_SLICE("1"));
    codec->response(&out, id_of(first), "result", AB_SLICE("2"));
    framed_send(server, &out);
    dialler_expect_call(from, &call, AUTOBUS_OK, "1");
    cr_assert_eq(dialler_call(from, &other, "f", "[]"), AUTOBUS_OK);
    codec->response(&out, id_of(framed_next(server)), "result", AB_SLICE("3"));
    framed_send(server, &out);
    dialler_expect_call(from, &other, AUTOBUS_OK, "3");
    client_close(server);
}

Test(link_frames, that_are_too_long_are_not_sent)
{
    dialled call = {0};
    from->limits.max_message = 2000;
    int server = bind_with(BOUND);
    char *list AB_SCOPED(ab_free_ptr) = ab_alloc(1, 2001);
    memset(list, ' ', 2000);
    list[0] = '[';
    list[1999] = ']';
    cr_assert_eq(dialler_call(from, &call, "f", list), AUTOBUS_TOO_LARGE);
    list[1995] = ']';
    list[1996] = '\0';
    cr_assert_eq(dialler_call(from, NULL, "", list), AUTOBUS_OK);
    cr_expect_eq(framed_next(server).value.text.length, 1996);
    client_close(server);
}
