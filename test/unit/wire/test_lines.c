/* SPDX-License-Identifier: MIT
 * Streams cut into lines, and the messages in them. */
#include "wire/lines.h"

#include <criterion/criterion.h>
#include <string.h>

#define LIMIT 100

/* What a reader gets of `text` when it arrives in pieces of `cut` bytes: the lines, each with a bar behind it,
 * and "LONG" if it ends so. */
static void read_in_pieces(const char *text, size_t length, size_t cut, ab_buffer *got)
{
    ab_buffer in;
    ab_buffer_init(&in);
    size_t searched = 0;
    for (size_t at = 0; at < length; at += cut) {
        ab_buffer_append(&in, text + at, length - at < cut ? length - at : cut);
        for (;;) {
            ab_slice line;
            size_t taken;
            ab_slice bytes = {ab_buffer_bytes(&in), ab_buffer_length(&in)};
            ab_line_state state = ab_line_next(bytes, LIMIT, &searched, &line, &taken);
            if (state == AB_LINE_LONG) {
                ab_buffer_append_text(got, "LONG");
                ab_buffer_fini(&in);
                return;
            }
            if (state == AB_LINE_READY) {
                ab_buffer_append(got, line.bytes, line.length);
                ab_buffer_append_text(got, "|");
            }
            if (taken > 0) {
                ab_buffer_consume(&in, taken);
                searched = 0;
            }
            if (state == AB_LINE_MORE)
                break;
        }
    }
    ab_buffer_fini(&in);
}

static void assert_reads(const char *text, const char *wanted)
{
    size_t length = strlen(text);
    for (size_t cut = 1; cut <= length; cut++) {
        AB_SCOPED(ab_buffer_fini) ab_buffer got;
        ab_buffer_init(&got);
        read_in_pieces(text, length, cut, &got);
        ab_slice all = {ab_buffer_bytes(&got), ab_buffer_length(&got)};
        cr_assert(ab_slice_is(all, wanted), "in pieces of %zu: %.*s", cut, (int)all.length,
                  all.bytes);
    }
}

Test(lines, end_with_lf_or_crlf)
{
    assert_reads("one\ntwo\r\nthree", "one|two|");
}

Test(lines, that_are_blank_are_passed_over)
{
    assert_reads("\r\n\n  \t \r\n one \r\n\r\n\r\n", "one|");
    assert_reads("\n\n\n\n", "");
}

Test(lines, may_be_as_long_as_the_limit_and_not_longer)
{
    char text[2 * LIMIT + 8] = "x\n";
    memset(text + 2, 'a', LIMIT);
    strcpy(text + 2 + LIMIT, "\nb\n");
    char wanted[2 * LIMIT] = "x|";
    memset(wanted + 2, 'a', LIMIT);
    strcpy(wanted + 2 + LIMIT, "|b|");
    assert_reads(text, wanted);

    strcpy(text + 2 + LIMIT, "a\nb\n");
    assert_reads(text, "x|LONG");
    strcpy(text + 2 + LIMIT, "aaa");
    assert_reads(text, "x|LONG");
    memset(text + 2, ' ', LIMIT + 1);
    assert_reads(text, "x|LONG");
}

Test(lines, cost_linear_time_however_they_are_cut)
{
    /* A reader that began anew with each byte would look at 8 * 10^12 of them. */
    size_t length = 4 << 20, searched = 0, taken;
    char *text = malloc(length);
    memset(text, 'a', length);
    ab_slice line;
    for (size_t i = 1; i < length; i++)
        cr_assert_eq(ab_line_next((ab_slice){text, i}, length, &searched, &line, &taken),
                     AB_LINE_MORE);
    text[length - 1] = '\n';
    cr_assert_eq(ab_line_next((ab_slice){text, length}, length, &searched, &line, &taken),
                 AB_LINE_READY);
    cr_assert_eq(taken, length);
    free(text);
}

static ab_message message_of(const char *text)
{
    ab_message message;
    cr_assert(ab_message_read(&message, ab_slice_of(text)), "%s", text);
    return message;
}

Test(lines, hold_objects_and_nothing_else)
{
    static const char *const wrong[] = {
        "", "null", "[]", "5", "\"foo\"", "true", "{oops", "{} {}", "GET / HTTP/1.1"};
    ab_message message;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_expect_not(ab_message_read(&message, ab_slice_of(wrong[i])), "%s", wrong[i]);
    message_of("{}");
    message_of("{\"value\":NaN}");
}

Test(lines, nested_deeper_than_64_are_refused)
{
    char text[300] = "{\"a\":";
    memset(text + 5, '[', 100);
    memset(text + 105, ']', 100);
    strcpy(text + 205, "}");
    ab_message message;
    cr_assert_not(ab_message_read(&message, ab_slice_of(text)));
}

Test(lines, are_notifications_only_with_the_type_3)
{
    cr_assert_eq(message_of("{\"_type\":3}").type, AB_MESSAGE_NOTIFICATION);
    cr_assert_eq(message_of("{\"_type\":2}").type, AB_MESSAGE_RESPONSE);
    cr_assert_eq(message_of("{\"_type\":1}").type, AB_MESSAGE_COMMAND);
    cr_assert_eq(message_of("{}").type, AB_MESSAGE_COMMAND);
    cr_assert_eq(message_of("{\"_type\":\"3\"}").type, AB_MESSAGE_COMMAND);
    cr_assert_eq(message_of("{\"_type\":null}").type, AB_MESSAGE_COMMAND);
    cr_assert_eq(message_of("{\"_type\":99}").type, AB_MESSAGE_COMMAND);
}

Test(lines, have_ids_of_any_kind)
{
    cr_assert(ab_slice_is(message_of("{\"_id\": {\"a\" : [1.50]} }").id.text, "{\"a\" : [1.50]}"));
    cr_assert_eq(message_of("{\"_id\":null}").id.kind, AB_KIND_NULL);
    cr_assert_eq(message_of("{}").id.kind, AB_KIND_NONE);
}

Test(lines, with_a_null_error_have_none)
{
    cr_assert_eq(message_of("{\"_error\":null}").error.kind, AB_KIND_NONE);
    cr_assert_eq(message_of("{\"_error\":{}}").error.kind, AB_KIND_MAP);
    cr_assert_eq(message_of("{\"_error\":false}").error.kind, AB_KIND_FALSE);
}

Test(lines, know_their_command)
{
    ab_message message = message_of("{\"_command\":\"b\\u0069nd\"}");
    cr_assert(ab_message_is(&message, "bind"));
    cr_assert_not(ab_message_is(&message, "bin"));
    message = message_of("{\"_command\":5}");
    cr_assert_not(ab_message_is(&message, "5"));
    cr_assert_eq(message.command.kind, AB_KIND_NUMBER);
}

static bool reads_bind(const char *text, ab_kind *service, bool *is_autobus)
{
    ab_message message = message_of(text);
    ab_value value;
    bool is_fine = ab_read_bind(&message, &value, is_autobus);
    *service = value.kind;
    return is_fine;
}

Test(lines, of_bind_ask_for_a_service_or_for_introspection)
{
    ab_kind service;
    bool is_autobus;
    cr_assert(reads_bind("{\"service\":\"a\"}", &service, &is_autobus));
    cr_assert(service == AB_KIND_STRING && !is_autobus);
    cr_assert(reads_bind("{\"service\":null,\"autobus\":1}", &service, &is_autobus));
    cr_assert(service == AB_KIND_NULL && is_autobus);
    cr_assert(reads_bind("{\"service\":\"a\",\"autobus\":2}", &service, &is_autobus));
    cr_assert(is_autobus);
    cr_assert(reads_bind("{\"service\":\"a\",\"autobus\":0}", &service, &is_autobus));
    cr_assert_not(is_autobus);
    cr_assert(reads_bind("{\"service\":\"a\",\"autobus\":true}", &service, &is_autobus));
    cr_assert_not(is_autobus);
    cr_assert_not(reads_bind("{}", &service, &is_autobus));
    cr_assert_not(reads_bind("{\"service\":5}", &service, &is_autobus));
    cr_assert_not(reads_bind("{\"service\":{}}", &service, &is_autobus));
}

/* With `more` members of no meaning in front. */
static void expect_names_found(size_t more)
{
    ab_message message;
    ab_buffer line;
    ab_buffer_init(&line);
    ab_buffer_append_text(&line, "{\"name\":\"not this\"");
    for (size_t i = 0; i < more; i++)
        ab_buffer_appendf(&line, ",\"x%zu\":{\"name\":%zu}", i, i);
    ab_buffer_append_text(&line, ",\"_command\":\"call\",\"na\\u006de\":\"lamp\"}");
    cr_assert(
        ab_message_read(&message, (ab_slice){ab_buffer_bytes(&line), ab_buffer_length(&line)}));
    cr_expect(ab_message_is(&message, "call"));
    cr_expect(ab_scan_is(ab_message_member(&message, AB_SLICE("name")), AB_SLICE("lamp")));
    cr_expect_eq(ab_message_member(&message, AB_SLICE("nam")).kind, AB_KIND_NONE);
    ab_buffer_fini(&line);
}

Test(lines, have_members_however_many_and_of_duplicates_the_last)
{
    for (size_t more = 0; more < 2 * AB_MESSAGE_MEMBERS; more++)
        expect_names_found(more);
}
