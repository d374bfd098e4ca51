/* SPDX-License-Identifier: MIT
 * The lines with which a service is used: what is written reads back, and what is malformed does not. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "wire/base64.h"
#include "wire/fields.h"
#include "wire/usage.h"

static ab_message read_line(const char *line)
{
    ab_message message;
    cr_assert(ab_message_read(&message, ab_slice_of(line)), "not a message: %s", line);
    return message;
}

/* What was written, as a string without its CRLF. */
static char *line_of(ab_buffer *out)
{
    size_t length = ab_buffer_length(out);
    cr_assert_geq(length, 2);
    cr_assert_eq(memcmp(ab_buffer_bytes(out) + length - 2, "\r\n", 2), 0);
    char *line = ab_strndup(ab_buffer_bytes(out), length - 2);
    ab_buffer_fini(out);
    return line;
}

static void expect_line(ab_buffer *out, const char *expected)
{
    char *line = line_of(out);
    cr_expect_str_eq(line, expected);
    free(line);
}

Test(usage, a_call_has_what_old_servers_look_for)
{
    ab_buffer out = {0};
    ab_write_call(&out, 17, AB_SLICE("say \"hi\""), AB_SLICE("[1,\"x\"]"));
    expect_line(&out,
                "{\"_type\":1,\"_id\":\"17\",\"_command\":\"call\",\"name\":\"say \\\"hi\\\"\","
                "\"args\":[1,\"x\"]}");
    ab_write_call(&out, 0, AB_SLICE("hi"), AB_SLICE("[]"));
    expect_line(&out,
                "{\"_type\":3,\"_id\":\"0\",\"_command\":\"call\",\"name\":\"hi\",\"args\":[]}");
}

Test(usage, gone_is_told_apart_from_null)
{
    ab_buffer out = {0};
    ab_slice null = AB_SLICE("null");
    ab_write_changed(&out, AB_SLICE("level"), &null);
    expect_line(&out, "{\"_type\":3,\"_id\":\"0\",\"_command\":\"changed\",\"name\":\"level\","
                      "\"value\":null}");
    ab_write_changed(&out, AB_SLICE("level"), NULL);
    expect_line(&out, "{\"_type\":3,\"_id\":\"0\",\"_command\":\"changed\",\"name\":\"level\","
                      "\"value\":null,\"gone\":true}");
}

Test(usage, an_error_says_its_code)
{
    ab_buffer out = {0};
    char scratch[200];
    ab_slice text;
    ab_write_error_code(&out, (ab_value){AB_KIND_STRING, AB_SLICE("\"7\"")}, AUTOBUS_NOT_FOUND,
                        "No such function: \xc3\xa4");
    char *line = line_of(&out);
    ab_message message = read_line(line);
    cr_expect_eq(ab_read_error(&message, scratch, &text), AUTOBUS_NOT_FOUND);
    cr_expect(ab_slice_is(text, "No such function: \xc3\xa4"));
    free(line);
}

Test(usage, an_error_of_another_shape_is_still_one)
{
    char scratch[100];
    ab_slice text;
    ab_message message = read_line("{\"_error\":{\"text\":5,\"code\":\"nonsense\"}}");
    cr_expect_eq(ab_read_error(&message, scratch, &text), AUTOBUS_REMOTE);
    cr_expect_eq(text.length, 0);
    message = read_line("{\"_error\":\"oops\"}");
    cr_expect_eq(ab_read_error(&message, scratch, &text), AUTOBUS_REMOTE);
    cr_expect_eq(text.length, 0);
}

Test(usage, answer_ids_are_numbers_in_strings)
{
    uint64_t id;
    ab_message message = read_line("{\"_id\":\"18446744073709551615\"}");
    cr_assert(ab_read_answer_id(&message, &id));
    cr_expect_eq(id, UINT64_MAX);
    static const char *const bad[] = {"{\"_id\":\"18446744073709551616\"}",
                                      "{\"_id\":\"\"}",
                                      "{\"_id\":\"1x\"}",
                                      "{\"_id\":7}",
                                      "{\"_id\":\"-1\"}",
                                      "{}"};
    for (size_t i = 0; i < AB_COUNT(bad); i++) {
        message = read_line(bad[i]);
        cr_expect_not(ab_read_answer_id(&message, &id), "%s", bad[i]);
    }
}

Test(usage, channel_lines_read_back)
{
    ab_buffer out = {0};
    ab_channel_line read;
    ab_write_open(&out, 3, AB_SLICE("chat"), true, 65536, AB_SLICE("{\"a\":1}"));
    char *line = line_of(&out);
    ab_message message = read_line(line);
    cr_assert(ab_read_channel(&message, &read));
    cr_expect_eq(read.command, AB_CHANNEL_OPEN);
    cr_expect_eq(read.channel, 3);
    cr_expect_eq(read.credit, 65536);
    cr_expect(read.is_stream);
    cr_expect(ab_scan_is(read.name, AB_SLICE("chat")));
    cr_expect(ab_slice_is(read.value.text, "{\"a\":1}"));
    free(line);
    ab_write_close(&out, 9, AUTOBUS_DENIED, "not you");
    line = line_of(&out);
    message = read_line(line);
    cr_assert(ab_read_channel(&message, &read));
    cr_expect_eq(read.command, AB_CHANNEL_CLOSE);
    cr_expect_eq(read.code, AUTOBUS_DENIED);
    cr_expect(ab_scan_is(read.text, AB_SLICE("not you")));
    free(line);
}

Test(usage, malformed_channel_lines_are_noticed)
{
    static const char *const bad[] = {
        "{\"_command\":\"data\",\"value\":1}",
        "{\"_command\":\"data\",\"channel\":0,\"value\":1}",
        "{\"_command\":\"data\",\"channel\":-1,\"value\":1}",
        "{\"_command\":\"data\",\"channel\":\"1\",\"value\":1}",
        "{\"_command\":\"data\",\"channel\":1}",
        "{\"_command\":\"blob\",\"channel\":1,\"blob\":7}",
        "{\"_command\":\"open\",\"channel\":1,\"name\":\"x\"}",
        "{\"_command\":\"open\",\"channel\":1,\"credit\":1}",
        "{\"_command\":\"credit\",\"channel\":1,\"credit\":1e300}",
        "{\"_command\":\"credit\",\"channel\":1}",
    };
    ab_channel_line read;
    for (size_t i = 0; i < AB_COUNT(bad); i++) {
        ab_message message = read_line(bad[i]);
        cr_expect_not(ab_read_channel(&message, &read), "%s", bad[i]);
    }
    ab_message message = read_line("{\"_command\":\"call\"}");
    cr_expect(ab_read_channel(&message, &read));
    cr_expect_eq(read.command, AB_CHANNEL_NONE);
}

Test(base64, every_length_comes_back)
{
    char bytes[67], back[100];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 37 + 200);
    for (size_t length = 0; length <= sizeof bytes; length++) {
        ab_buffer out = {0};
        size_t read;
        ab_base64_write(&out, bytes, length);
        ab_slice text = {ab_buffer_bytes(&out), ab_buffer_length(&out)};
        cr_assert(ab_base64_read(text, back, &read));
        cr_assert_eq(read, length);
        cr_assert_eq(memcmp(back, bytes, length), 0);
        ab_buffer_fini(&out);
    }
}

Test(base64, what_is_none_is_refused)
{
    static const char *const bad[] = {"A",     "AB",   "ABC",  "AB=C", "A===",     "====",
                                      "AB\n=", "AA=A", "AB==", "AAB=", "AA==AAAA", "AA-_"};
    char out[16];
    size_t length;
    for (size_t i = 0; i < AB_COUNT(bad); i++)
        cr_expect_not(ab_base64_read(ab_slice_of(bad[i]), out, &length), "%s", bad[i]);
}

Test(usage, names_read_as_they_were_meant)
{
    ab_buffer out = {0};
    char scratch[200];
    ab_slice name;
    ab_write_subscribe(&out, "watch", (ab_slice){"a\"\\\n\0\xc3\xa9", 7});
    char *line = line_of(&out);
    ab_message message = read_line(line);
    cr_expect_eq(message.type, AB_MESSAGE_NOTIFICATION);
    cr_expect(ab_message_is(&message, "watch"));
    cr_assert(ab_read_name(&message, scratch, &name));
    cr_expect(ab_slice_equal(name, (ab_slice){"a\"\\\n\0\xc3\xa9", 7}));
    free(line);
    message = read_line("{\"name\":\"first\",\"n\\u0061me\":\"last\"}");
    cr_assert(ab_read_name(&message, scratch, &name));
    cr_expect(ab_slice_is(name, "last"), "of duplicates the last one counts");
    message = read_line("{\"name\":7}");
    cr_expect_not(ab_read_name(&message, scratch, &name));
    message = read_line("{}");
    cr_expect_not(ab_read_name(&message, scratch, &name));
}

Test(usage, every_code_that_can_be_meant_reads_back)
{
    char scratch[100];
    ab_slice text;
    for (int code = AUTOBUS_FAILED; code <= AUTOBUS_FORKED; code++) {
        ab_buffer out = {0};
        ab_write_error_code(&out, (ab_value){AB_KIND_NULL, AB_SLICE("null")}, (autobus_result)code,
                            "");
        char *line = line_of(&out);
        ab_message message = read_line(line);
        bool is_ours_alone = code == AUTOBUS_WRONG_THREAD || code == AUTOBUS_FORKED;
        cr_expect_eq(ab_read_error(&message, scratch, &text),
                     is_ours_alone ? AUTOBUS_REMOTE : (autobus_result)code);
        free(line);
    }
}

Test(usage, a_close_is_never_malformed)
{
    static const struct {
        const char *line;
        autobus_result code;
    } closes[] = {
        {"{\"_command\":\"close\",\"channel\":1}", AUTOBUS_OK},
        {"{\"_command\":\"close\",\"channel\":1,\"code\":\"ok\"}", AUTOBUS_OK},
        {"{\"_command\":\"close\",\"channel\":1,\"code\":null,\"text\":[]}", AUTOBUS_OK},
        {"{\"_command\":\"close\",\"channel\":1,\"code\":\"b\\u0075sy\"}", AUTOBUS_BUSY},
        {"{\"_command\":\"close\",\"channel\":1,\"code\":\"nonsense\"}", AUTOBUS_REMOTE},
        {"{\"_command\":\"close\",\"channel\":1,\"code\":7}", AUTOBUS_REMOTE},
        {"{\"_command\":\"close\",\"channel\":1,\"code\":\"forked\"}", AUTOBUS_REMOTE},
    };
    for (size_t i = 0; i < AB_COUNT(closes); i++) {
        ab_channel_line read;
        ab_message message = read_line(closes[i].line);
        cr_assert(ab_read_channel(&message, &read), "%s", closes[i].line);
        cr_expect_eq(read.code, closes[i].code, "%s", closes[i].line);
    }
}

Test(usage, a_response_is_about_no_channel_whatever_it_says)
{
    ab_channel_line read;
    ab_message message = read_line("{\"_type\":2,\"_command\":\"close\",\"channel\":1}");
    cr_assert(ab_read_channel(&message, &read));
    cr_expect_eq(read.command, AB_CHANNEL_NONE);
}

Test(usage, a_blob_may_have_its_slashes_escaped)
{
    char out[100];
    size_t length;
    ab_value blob = {AB_KIND_STRING, AB_SLICE("\"\\/\\/\\/\\/\"")};
    cr_assert(ab_read_base64(blob, out, &length));
    cr_expect_eq(length, 3);
    cr_expect_eq(memcmp(out, "\xff\xff\xff", 3), 0);
    cr_expect_not(ab_read_base64((ab_value){AB_KIND_NUMBER, AB_SLICE("1111")}, out, &length));
}

Test(usage, the_bytes_of_a_blob_come_back)
{
    ab_buffer out = {0};
    ab_channel_line read;
    char back[100];
    size_t length;
    ab_write_blob(&out, AB_FIELD_EXACT - 1, "\0\xff\x80", 3);
    char *line = line_of(&out);
    ab_message message = read_line(line);
    cr_assert(ab_read_channel(&message, &read));
    cr_expect_eq(read.channel, AB_FIELD_EXACT - 1);
    cr_assert(ab_read_base64(read.blob, back, &length));
    cr_expect(ab_slice_equal((ab_slice){back, length}, (ab_slice){"\0\xff\x80", 3}));
    free(line);
}
