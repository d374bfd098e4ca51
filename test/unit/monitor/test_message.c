/* SPDX-License-Identifier: MIT
 * What a glance tells of datagrams, lines and frames. */
#include <criterion/criterion.h>

#include <string.h>

#include "monitor/message.h"

static monitor_message message;

static monitor_slice slice(const char *text)
{
    return (monitor_slice){text, strlen(text)};
}

static void line(const char *text)
{
    monitor_message_fini(&message);
    monitor_message_of_line(&message, slice(text), strlen(text) + 2);
}

static void carries(const char *text)
{
    cr_assert_eq(message.carried.length, strlen(text), "%.*s", (int)message.carried.length,
                 message.carried.bytes);
    cr_assert(*text == '\0' || memcmp(message.carried.bytes, text, strlen(text)) == 0);
}

Test(message, of_a_datagram_tells_who_says_what)
{
    const char *text =
        "{\"command\":\"add\",\"port\":44321,\"service\":\"lamp-1\",\"info\":{\"a\":1},"
        "\"bus\":\"5ee1d0c4b2a39786\",\"seq\":2,\"count\":2}";
    monitor_message_of_datagram(&message, slice(text), strlen(text));
    cr_assert_str_eq(message.kind, "add");
    cr_assert_str_eq(message.name, "lamp-1");
    cr_assert_str_eq(message.bus, "5ee1d0c4b2a39786");
    cr_assert_eq(message.port, 44321);
    cr_assert(message.has_count);
    cr_assert_eq(message.count, 2);
    carries("{\"a\":1}");
    monitor_message_fini(&message);
}

Test(message, that_is_none_of_ours_is_strange)
{
    static const char *const odd[] = {"", "GET / HTTP/1.1", "{}", "{\"command\":5}", "[1]"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        monitor_message_of_datagram(&message, slice(odd[i]), strlen(odd[i]));
        cr_assert_str_eq(message.kind, "strange", "%s", odd[i]);
        line(odd[i]);
        cr_assert_str_eq(message.kind, "strange", "%s", odd[i]);
    }
}

Test(message, of_a_line_tells_its_kind)
{
    static const char *const kinds[][2] = {
        {"{\"_type\":1,\"_id\":\"1\",\"_command\":\"bind\",\"service\":\"lamp-1\"}", "bind"},
        {"{\"_type\":2,\"_id\":\"1\",\"service\":\"lamp-1\"}", "bound"},
        {"{\"_type\":2,\"_id\":\"1\",\"result\":null}", "result"},
        {"{\"_type\":2,\"_id\":\"1\",\"_error\":{\"text\":\"no\"}}", "error"},
        {"{\"_type\":2,\"_id\":\"1\",\"_error\":null,\"result\":5}", "result"},
        {"{\"_type\":2,\"_id\":\"1\"}", "answer"},
        {"{\"_type\":3,\"_id\":\"1\",\"_command\":\"changed\",\"name\":\"level\",\"value\":3}",
         "changed"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        line(kinds[i][0]);
        cr_assert_str_eq(message.kind, kinds[i][1], "%s", kinds[i][0]);
    }
    cr_assert_str_eq(message.name, "level");
    carries("3");
    cr_assert_eq(message.carried_size, 0);
    monitor_message_fini(&message);
}

Test(message, that_answers_a_bind_may_lead_to_frames)
{
    line("{\"_type\":2,\"_id\":\"1\",\"service\":\"lamp-1\",\"bus\":\"5ee1\",\"frames\":1}");
    cr_assert(message.offers_frames);
    cr_assert_str_eq(message.name, "lamp-1");
    line("{\"_type\":1,\"_id\":\"1\",\"_command\":\"bind\",\"service\":\"lamp-1\",\"frames\":1}");
    cr_assert_not(message.offers_frames, "the offer is no answer");
    line("{\"_type\":2,\"_id\":\"1\",\"_error\":{\"text\":\"no\"},\"service\":\"x\",\"frames\":1}");
    cr_assert_not(message.offers_frames, "it was refused");
    monitor_message_fini(&message);
}

Test(message, whose_end_is_not_here_says_how_much_it_carries)
{
    const char *head = "{\"_type\":2,\"_id\":\"1\",\"result\":[1,2";
    monitor_message_of_line(&message, slice(head), 1000);
    cr_assert_str_eq(message.kind, "result");
    carries("[1,2");
    cr_assert_eq(message.carried_size, 1000 - (strlen(head) - 4));
    monitor_message_fini(&message);
}

static void frame(unsigned kind, const char *bytes, size_t length)
{
    monitor_message_fini(&message);
    monitor_message_of_frame(&message, kind, (monitor_slice){bytes, length}, length, length + 16);
}

Test(message, of_a_frame_tells_its_kind_and_name)
{
    frame(0x01, "\3\0\0\0add[2,3]", 12);
    cr_assert_str_eq(message.kind, "call");
    cr_assert_str_eq(message.name, "add");
    carries("[2,3]");
    frame(0x10, "\0\0\1\0\0\0\0\0\4\0\0\0echonull", 20);
    cr_assert_str_eq(message.kind, "open");
    cr_assert_str_eq(message.name, "echo");
    carries("null");
    frame(0x03, "\4Not a list.", 12);
    cr_assert_null(message.name);
    carries("Not a list.");
    frame(0x13, "\0\1\2\3", 4);
    carries("");
    monitor_message_fini(&message);
}

Test(message, of_a_frame_that_ends_too_early_has_no_name)
{
    static const char *const cut[] = {"", "\3", "\3\0\0", "\3\0\0\0ad"};
    static const size_t lengths[] = {0, 1, 3, 6};
    for (size_t i = 0; i < 4; i++) {
        frame(0x01, cut[i], lengths[i]);
        cr_assert_null(message.name, "%zu bytes", lengths[i]);
    }
    frame(0x01, "\377\377\377\377add", 7);
    cr_assert_null(message.name);
    monitor_message_fini(&message);
}

Test(message, has_a_frame_for_the_kinds_of_the_document)
{
    cr_assert(monitor_message_has_frame(0x01));
    cr_assert(monitor_message_has_frame(0x18));
    static const unsigned none[] = {0x00, 0x19, 0xff};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_assert_not(monitor_message_has_frame(none[i]), "%u", none[i]);
    }
}

Test(message, has_a_kind_of_bounded_length)
{
    line("{\"_type\":1,\"_command\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}");
    cr_assert_eq(strlen(message.kind), MONITOR_KIND - 1);
    monitor_message_fini(&message);
}
