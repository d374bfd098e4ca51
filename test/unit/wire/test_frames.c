/* SPDX-License-Identifier: MIT
 * Frames: what is written reads back, byte for byte as documented, however it is cut; and what is malformed is found
 * as soon as its bytes are there. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/error.h"
#include "wire/codec.h"
#include "wire/frames.h"

#define LIMIT (1U << 20)

static const ab_codec *const codec = &ab_codec_frames;

static ab_value id_of(const char bytes[8])
{
    return (ab_value){AB_KIND_NUMBER, {bytes, 8}};
}

static ab_frame_state read_all(ab_buffer *bytes, ab_frame *frame, size_t *taken, const char **why)
{
    return ab_frame_next(ab_buffer_bytes(bytes), ab_buffer_length(bytes), LIMIT, frame, taken, why);
}

/* Reads what was written, which is one message and nothing else. */
static ab_frame read_back(ab_buffer *out)
{
    ab_frame frame;
    size_t taken;
    const char *why = NULL;
    cr_assert_eq(read_all(out, &frame, &taken, &why), AB_FRAME_READY, "%s", why);
    cr_assert_eq(taken, ab_buffer_length(out));
    return frame;
}

static void expect_slice(ab_slice slice, const char *text)
{
    cr_expect(ab_slice_is(slice, text), "%.*s is not %s", (int)slice.length, slice.bytes, text);
}

static void expect_wrong(const char *bytes, size_t length, const char *sentence)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer in;
    ab_frame frame;
    size_t taken;
    const char *why = "nothing";
    ab_buffer_init(&in);
    ab_buffer_append(&in, bytes, length);
    cr_expect_eq(read_all(&in, &frame, &taken, &why), AB_FRAME_WRONG, "%s", sentence);
    cr_expect_str_eq(why, sentence);
}

#define WRONG(bytes, sentence) expect_wrong(bytes, sizeof(bytes) - 1, sentence)

Test(frames, a_call_is_a_header_a_name_and_a_list)
{
    static const char bytes[] = "\x0c\0\0\0\x01\0\0\0\x11\0\0\0\0\0\0\x80"
                                "\x03\0\0\0add[2,3]";
    ab_buffer out = {0};
    codec->call(&out, UINT64_C(0x8000000000000011), AB_SLICE("add"), AB_SLICE("[2,3]"));
    cr_assert_eq(ab_buffer_length(&out), sizeof bytes - 1);
    cr_expect_arr_eq(ab_buffer_bytes(&out), bytes, sizeof bytes - 1);
    ab_frame frame = read_back(&out);
    cr_expect_eq(frame.kind, AB_FRAME_CALL);
    cr_expect_eq(frame.id, UINT64_C(0x8000000000000011));
    expect_slice(frame.name, "add");
    expect_slice(frame.value.text, "[2,3]");
    cr_expect_eq(frame.value.kind, AB_KIND_LIST);
    ab_buffer_fini(&out);
}

Test(frames, an_answer_repeats_the_id_as_it_came)
{
    ab_buffer out = {0}, answer = {0};
    codec->call(&out, 258, AB_SLICE("f"), AB_SLICE("[]"));
    ab_frame call = read_back(&out);
    ab_value id = {AB_KIND_NUMBER, call.id_bytes};
    codec->response(&answer, id, "result", AB_SLICE("{\"a\":1}"));
    ab_frame frame = read_back(&answer);
    cr_expect_eq(frame.kind, AB_FRAME_RESULT);
    cr_expect_eq(frame.id, 258);
    expect_slice(frame.value.text, "{\"a\":1}");
    ab_buffer_truncate(&answer, 0);
    codec->response(&answer, id, NULL, (ab_slice){0});
    cr_expect_eq(read_back(&answer).kind, AB_FRAME_PONG);
    ab_buffer_truncate(&answer, 0);
    codec->error(&answer, id, AUTOBUS_NOT_FOUND, "No such function.");
    frame = read_back(&answer);
    cr_expect(frame.kind == AB_FRAME_ERROR && frame.id == 258 && frame.code == AUTOBUS_NOT_FOUND);
    expect_slice(frame.text, "No such function.");
    ab_buffer_fini(&out);
    ab_buffer_fini(&answer);
}

Test(frames, what_a_server_says_unasked_reads_back)
{
    ab_buffer out = {0};
    ab_slice null = AB_SLICE("null");
    codec->changed(&out, AB_SLICE("level"), &null);
    ab_frame frame = read_back(&out);
    cr_expect(frame.kind == AB_FRAME_CHANGED && frame.value.kind == AB_KIND_NULL);
    expect_slice(frame.name, "level");
    ab_buffer_truncate(&out, 0);
    codec->changed(&out, AB_SLICE("level"), NULL);
    cr_expect_eq(read_back(&out).kind, AB_FRAME_GONE);
    ab_buffer_truncate(&out, 0);
    codec->fired(&out, AB_SLICE("on"), AB_SLICE("[true]"));
    frame = read_back(&out);
    cr_expect_eq(frame.kind, AB_FRAME_FIRED);
    expect_slice(frame.value.text, "[true]");
    ab_buffer_truncate(&out, 0);
    codec->unbound(&out, "Bye.");
    frame = read_back(&out);
    cr_expect_eq(frame.kind, AB_FRAME_UNBOUND);
    expect_slice(frame.text, "Bye.");
    ab_buffer_truncate(&out, 0);
    codec->ping(&out, 7);
    frame = read_back(&out);
    cr_expect(frame.kind == AB_FRAME_PING && frame.id == 7);
    ab_buffer_fini(&out);
}

Test(frames, each_subscription_has_its_kind)
{
    static const ab_frame_kind kinds[] = {
        [AB_VERB_WATCH] = AB_FRAME_WATCH,
        [AB_VERB_UNWATCH] = AB_FRAME_UNWATCH,
        [AB_VERB_LISTEN] = AB_FRAME_LISTEN,
        [AB_VERB_UNLISTEN] = AB_FRAME_UNLISTEN,
    };
    for (unsigned verb = AB_VERB_WATCH; verb <= AB_VERB_UNLISTEN; verb++) {
        ab_buffer out = {0};
        codec->subscribe(&out, (ab_verb)verb, AB_SLICE("name"));
        ab_frame frame = read_back(&out);
        cr_expect_eq(frame.kind, kinds[verb]);
        expect_slice(frame.name, "name");
        ab_buffer_fini(&out);
    }
}

Test(frames, channels_read_back)
{
    ab_buffer out = {0};
    codec->open(&out, 3, AB_SLICE("chat"), true, 65536, AB_SLICE("{\"a\":1}"));
    ab_frame frame = read_back(&out);
    cr_expect(frame.kind == AB_FRAME_OPEN && frame.id == 3 && frame.is_stream);
    cr_expect_eq(frame.number, 65536);
    expect_slice(frame.name, "chat");
    expect_slice(frame.value.text, "{\"a\":1}");
    ab_buffer_truncate(&out, 0);
    codec->opened(&out, 3, 99);
    frame = read_back(&out);
    cr_expect(frame.kind == AB_FRAME_OPENED && frame.number == 99);
    ab_buffer_truncate(&out, 0);
    codec->data(&out, 3, AB_SLICE("\"x\""));
    expect_slice(read_back(&out).value.text, "\"x\"");
    ab_buffer_truncate(&out, 0);
    codec->blob(&out, 3, "\0\xff{", 3);
    frame = read_back(&out);
    cr_expect(frame.kind == AB_FRAME_BLOB && frame.bytes.length == 3);
    cr_expect_arr_eq(frame.bytes.bytes, "\0\xff{", 3);
    ab_buffer_truncate(&out, 0);
    codec->credit(&out, 3, UINT64_C(1) << 53);
    frame = read_back(&out);
    cr_expect(frame.kind == AB_FRAME_CREDIT && frame.number == UINT64_C(1) << 53);
    ab_buffer_truncate(&out, 0);
    codec->end(&out, 3);
    cr_expect_eq(read_back(&out).kind, AB_FRAME_END);
    ab_buffer_truncate(&out, 0);
    codec->close(&out, 3, AUTOBUS_OK, NULL);
    frame = read_back(&out);
    cr_expect(frame.kind == AB_FRAME_CLOSE && frame.code == AUTOBUS_OK && frame.text.length == 0);
    ab_buffer_fini(&out);
}

Test(frames, every_code_that_travels_comes_back_and_others_are_remote)
{
    for (int code = AUTOBUS_OK; code < AUTOBUS_WRONG_THREAD; code++)
        cr_expect_eq((int)ab_frame_code(ab_frame_of_code((autobus_result)code)), code);
    cr_expect_eq(ab_frame_code(ab_frame_of_code(AUTOBUS_FORKED)), AUTOBUS_REMOTE);
    cr_expect_eq(ab_frame_code(200), AUTOBUS_REMOTE);
}

static void fill(ab_buffer *blob, size_t length)
{
    for (size_t i = 0; i < length; i++)
        ab_buffer_append(blob, &(char){(char)(i * 7 + i / 256)}, 1);
}

Test(frames, what_is_too_long_for_one_comes_in_several)
{
    const size_t lengths[] = {0,
                              1,
                              AB_FRAME_PAYLOAD - 1,
                              AB_FRAME_PAYLOAD,
                              AB_FRAME_PAYLOAD + 1,
                              2 * AB_FRAME_PAYLOAD,
                              3 * AB_FRAME_PAYLOAD + 17};
    AB_SCOPED(ab_buffer_fini) ab_buffer blob;
    ab_buffer_init(&blob);
    fill(&blob, 4 * AB_FRAME_PAYLOAD);
    for (size_t i = 0; i < AB_COUNT(lengths); i++) {
        ab_buffer out = {0};
        codec->ping(&out, 1); /* it does not begin at the beginning */
        size_t ping = ab_buffer_length(&out);
        codec->blob(&out, 9, ab_buffer_bytes(&blob), lengths[i]);
        size_t headers = AB_MAX((lengths[i] + AB_FRAME_PAYLOAD - 1) / AB_FRAME_PAYLOAD, (size_t)1);
        cr_expect_eq(ab_buffer_length(&out) - ping, lengths[i] + headers * AB_FRAME_HEADER);
        ab_buffer_consume(&out, ping);
        ab_frame frame = read_back(&out);
        cr_assert_eq(frame.bytes.length, lengths[i]);
        cr_expect(lengths[i] == 0 ||
                  memcmp(frame.bytes.bytes, ab_buffer_bytes(&blob), lengths[i]) == 0);
        ab_buffer_fini(&out);
    }
}

Test(frames, nothing_is_read_before_all_of_it_is_there)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer blob;
    ab_buffer out = {0};
    ab_frame frame;
    size_t taken;
    const char *why;
    ab_buffer_init(&blob);
    fill(&blob, AB_FRAME_PAYLOAD + 5);
    codec->blob(&out, 9, ab_buffer_bytes(&blob), ab_buffer_length(&blob));
    size_t length = ab_buffer_length(&out);
    for (size_t cut = 0; cut < length; cut += cut < 40 || cut > length - 40 ? 1 : 997)
        cr_assert_eq(ab_frame_next(ab_buffer_bytes(&out), cut, LIMIT, &frame, &taken, &why),
                     AB_FRAME_PART, "%zu", cut);
    cr_expect_eq(read_back(&out).bytes.length, AB_FRAME_PAYLOAD + 5);
    ab_buffer_fini(&out);
}

Test(frames, a_header_that_is_wrong_needs_no_payload)
{
    WRONG("\1\0\1\0\x0b\0\0\0\1\0\0\0\0\0\0\0", "a frame that is too long");
    WRONG("\xff\xff\xff\xff\x0b\0\0\0\1\0\0\0\0\0\0\0", "a frame that is too long");
    WRONG("\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", "a frame of an unknown kind");
    WRONG("\1\0\0\0\x19\0\0\0\1\0\0\0\0\0\0\0", "a frame of an unknown kind");
    WRONG("\1\0\0\0\xff\0\0\0\1\0\0\0\0\0\0\0", "a frame of an unknown kind");
    WRONG("\1\0\0\0\x0b\x80\0\0\1\0\0\0\0\0\0\0", "a frame with a flag that it cannot have");
    WRONG("\1\0\0\0\x12\2\0\0\1\0\0\0\0\0\0\0", "a frame with a flag that it cannot have");
    WRONG("\1\0\0\0\x13\1\0\0\1\0\0\0\0\0\0\0",
          "a frame that is not full, although the message goes on");
    WRONG("\x0d\0\0\0\x0e\0\0\0\0\0\0\0\0\0\0\0",
          "a frame that binds, without the number of a session");
    WRONG("\0\0\0\0\x0f\0\0\0\0\0\0\0\0\0\0\0",
          "a frame that binds, without the number of a session");
    WRONG("\0\0\0\0\x17\0\1\0\1\0\0\0\0\0\0\0", "a frame with a number that it cannot have");
    WRONG("\0\0\0\0\x15\0\0\0\0\0\0\0\0\0\0\0", "a frame of a channel without a number");
    WRONG("\5\0\0\0\4\0\0\0\1\0\0\0\0\0\0\0", "a frame with a number that it cannot have");
    WRONG("{\"_type\":1,\"_id\":\"1\"", "a frame that is too long");
}

Test(frames, sessions_are_bound_paid_for_and_unbound)
{
    static const char bytes[] = "\x12\0\0\0\x0e\0\x02\x01\0\0\0\0\0\0\0\0"
                                "\0\0\x10\0\0\0\0\0\6\0\0\0lamp-1";
    ab_buffer out = {0};
    ab_frames_write_bind(&out, 0x102, AB_SLICE("lamp-1"), 1U << 20);
    cr_assert_eq(ab_buffer_length(&out), sizeof bytes - 1);
    cr_expect_arr_eq(ab_buffer_bytes(&out), bytes, sizeof bytes - 1);
    ab_frame frame = read_back(&out);
    cr_expect_eq(frame.kind, AB_FRAME_BIND);
    cr_expect_eq(frame.session, 0x102);
    cr_expect_eq(frame.number, 1U << 20);
    expect_slice(frame.name, "lamp-1");
    ab_buffer_truncate(&out, 0);
    ab_frames_write_bound(&out, 7);
    frame = read_back(&out);
    cr_expect(frame.kind == AB_FRAME_BOUND && frame.session == 7);
    ab_buffer_truncate(&out, 0);
    ab_frames_write_unbind(&out, 0);
    frame = read_back(&out);
    cr_expect(frame.kind == AB_FRAME_UNBIND && frame.session == 0);
    ab_buffer_truncate(&out, 0);
    ab_frames_write_grant(&out, 65535, 300);
    frame = read_back(&out);
    cr_expect(frame.kind == AB_FRAME_GRANT && frame.session == 65535 && frame.number == 300);
    ab_buffer_fini(&out);
}

Test(frames, each_frame_of_what_was_written_is_given_to_a_session)
{
    ab_buffer out = {0}, blob = {0};
    ab_frame frame;
    size_t taken;
    const char *why;
    fill(&blob, AB_FRAME_PAYLOAD + 5);
    codec->ping(&out, 3);
    codec->blob(&out, 9, ab_buffer_bytes(&blob), ab_buffer_length(&blob));
    codec->unbound(&out, "Bye.");
    ab_frames_name_session(ab_buffer_bytes(&out), ab_buffer_length(&out), 0x304);
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(read_all(&out, &frame, &taken, &why), AB_FRAME_READY, "%u", i);
        cr_expect_eq(frame.session, 0x304);
        ab_buffer_consume(&out, taken);
    }
    cr_expect_eq(ab_buffer_length(&out), 0);
    ab_buffer_fini(&blob);
    ab_buffer_fini(&out);
}

Test(frames, a_payload_has_what_its_kind_says_and_nothing_else)
{
    WRONG("\1\0\0\0\x0b\0\0\0\1\0\0\0\0\0\0\0x", "a frame with bytes behind its end");
    WRONG("\6\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0ab", "a frame with bytes behind its end");
    WRONG("\5\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0a", "a frame that is too short");
    WRONG("\3\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "a frame that is too short");
    WRONG("\5\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff"
          "a",
          "a frame that is too short");
    WRONG("\0\0\0\0\3\0\0\0\1\0\0\0\0\0\0\0", "a frame that is too short");
    WRONG("\7\0\0\0\x14\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0", "a frame that is too short");
    WRONG("\x08\0\0\0\x14\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\x20\0",
          "a frame with more credit than there is");
    WRONG("\5\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\xff", "a frame with a name that is not UTF-8");
    WRONG("\2\0\0\0\x0d\0\0\0\0\0\0\0\0\0\0\0\xc3(", "a frame with a sentence that is not UTF-8");
    WRONG("\0\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0", "a frame with a value that is no JSON");
    WRONG("\2\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0[1", "a frame with a value that is no JSON");
    WRONG("\6\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0f1", "a frame with a value that is no list");
}

Test(frames, a_message_of_several_is_one_until_its_end)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer blob;
    ab_buffer out = {0};
    ab_frame frame;
    size_t taken;
    const char *why;
    ab_buffer_init(&blob);
    fill(&blob, AB_FRAME_PAYLOAD + 5);
    codec->blob(&out, 9, ab_buffer_bytes(&blob), ab_buffer_length(&blob));
    /* Its length is judged by the headers. */
    cr_expect_eq(ab_frame_next(ab_buffer_bytes(&out), 2 * AB_FRAME_HEADER + AB_FRAME_PAYLOAD,
                               AB_FRAME_PAYLOAD + 4, &frame, &taken, &why),
                 AB_FRAME_WRONG);
    cr_expect_str_eq(why, "a message that is too long");
    ab_buffer_truncate(&out, AB_FRAME_HEADER + AB_FRAME_PAYLOAD);
    codec->ping(&out, 9);
    cr_expect_eq(read_all(&out, &frame, &taken, &why), AB_FRAME_WRONG);
    cr_expect_str_eq(why, "another frame before the message was whole");
    ab_buffer_fini(&out);
}

Test(frames, what_is_not_utf8_is_not_passed_on)
{
    ab_buffer out = {0};
    codec->call(&out, 1, AB_SLICE("a\xff\xc3\xa9\xe2\x82"), AB_SLICE("[]"));
    expect_slice(read_back(&out).name, "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd");
    ab_buffer_truncate(&out, 0);
    codec->error(&out, id_of("\1\0\0\0\0\0\0\0"), AUTOBUS_REMOTE, "\x80!");
    expect_slice(read_back(&out).text, "\xef\xbf\xbd!");
    ab_buffer_fini(&out);
}

Test(frames, a_name_has_any_length_and_any_character)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer name;
    ab_buffer out = {0};
    ab_buffer_init(&name);
    for (int i = 0; i < 70000; i++)
        ab_buffer_append(&name, i % 3 == 0 ? "\0" : "\"", 1);
    ab_slice written = {ab_buffer_bytes(&name), ab_buffer_length(&name)};
    codec->subscribe(&out, AB_VERB_LISTEN, written);
    cr_expect(ab_slice_equal(read_back(&out).name, written));
    ab_buffer_truncate(&out, 0);
    codec->subscribe(&out, AB_VERB_LISTEN, (ab_slice){0});
    cr_expect_eq(read_back(&out).name.length, 0);
    ab_buffer_fini(&out);
}
