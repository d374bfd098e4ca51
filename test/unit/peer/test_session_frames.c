/* SPDX-License-Identifier: MIT
 * A session in frames: how it comes to that, what it hears, and how it ends when it hears what is wrong. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/channel.h"
#include "unit/peer/door.h"
#include "unit/peer/framed.h"

static const ab_codec *const codec = &ab_codec_frames;
static door *at;
static ab_buffer out;

static void open_door(void)
{
    at = door_open();
}

static void close_door(void)
{
    door_close(at);
    ab_buffer_fini(&out);
}

TestSuite(session_frames, .init = open_door, .fini = close_door);

static int bind_client(void)
{
    int client = client_connect(at);
    client_send(client, FRAMED_BIND);
    client_expect(client, FRAMED_BOUND);
    return client;
}

/* It still hears, and said nothing that was not read. */
static void expect_alive(int client)
{
    codec->ping(&out, 77);
    framed_send(client, &out);
    cr_assert_eq(framed_expect(client, AB_FRAME_PONG, "").id, 77);
}

Test(session_frames, begin_behind_the_answer_to_a_bind_that_offers_them)
{
    int client = bind_client();
    codec->call(&out, 5, AB_SLICE("echo"), AB_SLICE("[1,{\"a\":\"\\u00e9\"}]"));
    codec->call(&out, UINT64_MAX, AB_SLICE("echo"), AB_SLICE("[]"));
    framed_send(client, &out);
    cr_expect_eq(framed_expect(client, AB_FRAME_RESULT, "[1,{\"a\":\"\\u00e9\"}]").id, 5);
    cr_expect_eq(framed_expect(client, AB_FRAME_RESULT, "[]").id, UINT64_MAX);
    expect_alive(client);
    client_close(client);
}

Test(session_frames, are_only_for_those_who_say_that_they_are_ours_and_wait_for_the_answer)
{
    int client = client_connect(at);
    client_send(client, "{\"_type\":1,\"_id\":1,\"_command\":\"bind\",\"service\":\"other\","
                        "\"frames\":1}\n{\"_id\":2,\"_command\":\"ping\"}\n");
    client_expect(client, "{\"_type\":2,\"_id\":1,\"service\":\"other\"}");
    client_expect(client, "{\"_type\":2,\"_id\":2}");
    client_close(client);

    client = client_connect(at);
    client_send(client, "{\"_type\":3,\"_command\":\"bind\",\"service\":\"other\",\"autobus\":1,"
                        "\"frames\":1}\n{\"_id\":2,\"_command\":\"ping\"}\n");
    client_expect(client, "{\"_type\":2,\"_id\":2}");
    client_close(client);
}

Test(session_frames, are_not_taken_for_lines_nor_lines_for_them)
{
    int client = client_connect(at);
    client_send(client, FRAMED_BIND "{\"_id\":2,\"_command\":\"ping\"}\n");
    client_expect(client, FRAMED_BOUND);
    framed_expect_refusal(client, "a frame that is too long");
    client_close(client);

    client = client_connect(at);
    client_send(client, "{\"_type\":1,\"_id\":\"x\",\"_command\":\"bind\",\"service\":\"other\","
                        "\"autobus\":1}\n");
    client_expect(client,
                  "{\"_type\":2,\"_id\":\"x\",\"service\":\"other\",\"bus\":\"00000000000000b5\"}");
    codec->ping(&out, 1);
    framed_send(client, &out);
    client_expect_end(client);
    client_close(client);
}

Test(session_frames, that_are_refused_leave_lines)
{
    ab_peer_limits limits = at->limits;
    limits.has_frames = false;
    door *other = door_open_with(&limits);
    int client = client_connect(other);
    client_send(client, FRAMED_BIND "{\"_id\":2,\"_command\":\"ping\"}\n");
    client_expect(client,
                  "{\"_type\":2,\"_id\":\"x\",\"service\":\"other\",\"bus\":\"00000000000000b5\"}");
    client_expect(client, "{\"_type\":2,\"_id\":2}");
    client_close(client);
    door_wait_count(other, &other->unbound, 1);
    door_close(other);
}

Test(session_frames, carry_objects_and_events_and_the_reason_of_an_end)
{
    int client = bind_client();
    codec->subscribe(&out, AB_VERB_WATCH, AB_SLICE("object"));
    codec->subscribe(&out, AB_VERB_LISTEN, AB_SLICE("event"));
    framed_send(client, &out);
    (void)framed_expect(client, AB_FRAME_CHANGED, "null");
    expect_alive(client);
    door_lock(at);
    door_set(at, 1, 10);
    door_fire(at, 2, 10);
    door_unlock(at);
    ab_frame frame = framed_expect(client, AB_FRAME_CHANGED, "[1,\"xxxx\"]");
    cr_expect(ab_slice_is(frame.name, "object"));
    frame = framed_expect(client, AB_FRAME_FIRED, "[2,\"xxxx\"]");
    cr_expect(ab_slice_is(frame.name, "event"));
    door_lock(at);
    door_withdraw(at, &at->other, "It is gone.");
    door_unlock(at);
    (void)framed_expect(client, AB_FRAME_UNBOUND, "It is gone.");
    client_expect_end(client);
    client_close(client);
}

Test(session_frames, and_lines_hear_the_same_event_each_in_its_own_way)
{
    int framed = bind_client(), lined = client_connect(at);
    client_send(lined, "{\"_id\":1,\"_command\":\"bind\",\"service\":\"other\"}\n"
                       "{\"_type\":3,\"_command\":\"listen\",\"name\":\"event\"}\n"
                       "{\"_id\":2,\"_command\":\"ping\"}\n");
    client_expect(lined, "{\"_type\":2,\"_id\":1,\"service\":\"other\"}");
    client_expect(lined, "{\"_type\":2,\"_id\":2}");
    codec->subscribe(&out, AB_VERB_LISTEN, AB_SLICE("event"));
    framed_send(framed, &out);
    expect_alive(framed);
    door_lock(at);
    door_fire(at, 7, 0);
    door_unlock(at);
    (void)framed_expect(framed, AB_FRAME_FIRED, "[7,\"\"]");
    client_expect(lined, "{\"_type\":3,\"_id\":\"0\",\"_command\":\"fired\",\"name\":\"event\","
                         "\"args\":[7,\"\"]}");
    client_close(framed);
    client_close(lined);
}

Test(session_frames, of_a_long_message_are_put_together_and_parted_again)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer list;
    ab_buffer_init(&list);
    ab_buffer_append_text(&list, "[\"");
    for (int i = 0; i < 200000; i++)
        ab_buffer_append(&list, &"0123456789"[i % 10], 1);
    ab_buffer_append_text(&list, "\"]");
    int client = bind_client();
    codec->call(&out, 1, AB_SLICE("echo"),
                (ab_slice){ab_buffer_bytes(&list), ab_buffer_length(&list)});
    framed_send(client, &out);
    ab_frame frame = framed_next(client);
    cr_assert(frame.kind == AB_FRAME_RESULT && frame.id == 1);
    cr_assert_eq(frame.value.text.length, ab_buffer_length(&list));
    cr_assert_arr_eq(frame.value.text.bytes, ab_buffer_bytes(&list), ab_buffer_length(&list));
    client_close(client);
}

/* Says this, which is wrong, beside another session that notices nothing of it. */
static void expect_refused(const void *bytes, size_t length, const char *mistake)
{
    int other = bind_client(), client = bind_client();
    uint64_t refused = door_stat(at, AUTOBUS_STAT_REFUSED);
    codec->call(&out, 1, AB_SLICE("echo"), AB_SLICE("[1]"));
    ab_buffer_append(&out, bytes, length);
    framed_send(client, &out);
    /* What came before is answered. */
    (void)framed_expect(client, AB_FRAME_RESULT, "[1]");
    framed_expect_refusal(client, mistake);
    door_wait_stat(at, AUTOBUS_STAT_REFUSED, refused + 1);
    expect_alive(other);
    client_close(client);
    client_close(other);
}

#define REFUSED(bytes, mistake) expect_refused(bytes, sizeof(bytes) - 1, mistake)

Test(session_frames, that_are_wrong_end_the_connection_with_a_reason)
{
    REFUSED("\xff\xff\xff\xff\x01\0\0\0\1\0\0\0\0\0\0\0", "a frame that is too long");
    REFUSED("\0\0\0\0\x77\0\0\0\1\0\0\0\0\0\0\0", "a frame of an unknown kind");
    REFUSED("\0\0\0\0\x0b\0\1\0\1\0\0\0\0\0\0\0", "a frame of a session that was not bound");
    REFUSED("\x08\0\0\0\x14\0\0\0\1\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
            "a frame with more credit than there is");
    REFUSED("\6\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0f[", "a frame with a value that is no JSON");
    REFUSED("\2\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0[]", "a frame that only a service sends");
}

Test(session_frames, of_a_name_that_is_longer_than_any_are_answered_like_lines)
{
    char name[300];
    memset(name, 'n', sizeof name);
    int client = bind_client();
    codec->subscribe(&out, AB_VERB_WATCH, (ab_slice){name, sizeof name});
    framed_send(client, &out);
    (void)framed_expect(client, AB_FRAME_CHANGED, "null"); /* the guest of these tests takes any */
    expect_alive(client);
    client_close(client);
}

Test(session_frames, open_channels_and_end_with_the_connection_at_a_mistake_on_one)
{
    at->offers_channels = true;
    int client = bind_client();
    codec->open(&out, 1, AB_SLICE("nothing"), false, 100, AB_SLICE("null"));
    framed_send(client, &out);
    ab_frame frame = framed_expect(client, AB_FRAME_CLOSE, "There is no such channel.");
    cr_expect(frame.id == 1 && frame.code == AUTOBUS_NOT_FOUND);
    codec->data(&out, 1, AB_SLICE("1")); /* it was on its way */
    framed_send(client, &out);
    expect_alive(client);
    codec->open(&out, 2, AB_SLICE("chat"), false, 100, AB_SLICE("null"));
    codec->end(&out, 2);
    framed_send(client, &out);
    frame = framed_expect(client, AB_FRAME_CLOSE, "Only a stream can be ended in one direction.");
    cr_expect(frame.id == 2 && frame.code == AUTOBUS_INCOMPATIBLE);
    framed_expect_refusal(client, "a frame that its channel cannot have");
    client_close(client);
    door_wait_count(at, &at->unbound, 1);
    door_lock(at);
    ab_channel_settle(at->offered, "The test is over.");
    door_unlock(at);
}
