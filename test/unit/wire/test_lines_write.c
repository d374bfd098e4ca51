/* SPDX-License-Identifier: MIT
 * The messages we write, byte for byte. */
#include "wire/lines.h"

#include <criterion/criterion.h>
#include <string.h>

static ab_buffer out;

static void make_buffer(void)
{
    ab_buffer_init(&out);
}

static void free_buffer(void)
{
    ab_buffer_fini(&out);
}

TestSuite(lines_write, .init = make_buffer, .fini = free_buffer);

/* Without the CRLF that is behind each. */
static void assert_written(const char *text)
{
    ab_slice written = {ab_buffer_bytes(&out), ab_buffer_length(&out)};
    size_t length = strlen(text);
    cr_assert_not_null(written.bytes);
    cr_assert(written.length == length + 2 && memcmp(written.bytes, text, length) == 0 &&
                  memcmp(written.bytes + length, "\r\n", 2) == 0,
              "%.*s", (int)written.length, written.bytes);
    ab_buffer_truncate(&out, 0);
}

static ab_value value_of(const char *text)
{
    ab_value value;
    cr_assert(ab_scan(ab_slice_of(text), &value));
    return value;
}

Test(lines_write, commands)
{
    ab_write_bind(&out, "p-1", "caf\xc3\xa9", false);
    assert_written(
        "{\"_type\":1,\"_id\":\"p-1\",\"_command\":\"bind\",\"service\":\"caf\\u00e9\",\"autobus\":1}");
    ab_write_bind(&out, "p-1", NULL, true);
    assert_written(
        "{\"_type\":1,\"_id\":\"p-1\",\"_command\":\"bind\",\"service\":null,\"autobus\":1,\"frames\":1}");
    ab_write_services_command(&out, "p-3", NULL);
    assert_written("{\"_type\":1,\"_id\":\"p-3\",\"_command\":\"services\",\"after\":null}");
    ab_write_services_command(&out, "p-3", "a\"b");
    assert_written("{\"_type\":1,\"_id\":\"p-3\",\"_command\":\"services\",\"after\":\"a\\\"b\"}");
}

Test(lines_write, answers_with_the_id_as_it_came)
{
    uint64_t bus = 0xb5;
    ab_slice service = AB_SLICE("a-1");
    ab_write_bound(&out, value_of("\"c-1\""), &service, NULL, false);
    assert_written("{\"_type\":2,\"_id\":\"c-1\",\"service\":\"a-1\"}");
    ab_write_bound(&out, value_of("{\"x\" : 1.0}"), NULL, &bus, true);
    assert_written(
        "{\"_type\":2,\"_id\":{\"x\" : 1.0},\"service\":null,\"bus\":\"00000000000000b5\",\"frames\":1,"
        "\"sessions\":1024}");
    ab_write_response(&out, value_of("123456789012345678901234567890"), NULL, (ab_slice){0});
    assert_written("{\"_type\":2,\"_id\":123456789012345678901234567890}");
    ab_write_response(&out, value_of("null"), "value", AB_SLICE("[1, 2]"));
    assert_written("{\"_type\":2,\"_id\":null,\"value\":[1, 2]}");
    ab_write_error(&out, value_of("\"c-1\""), "That's \"wrong\".");
    assert_written("{\"_type\":2,\"_id\":\"c-1\",\"_error\":{\"text\":\"That's \\\"wrong\\\".\"}}");
    ab_write_error(&out, (ab_value){0}, "Too long.");
    assert_written("{\"_type\":2,\"_id\":null,\"_error\":{\"text\":\"Too long.\"}}");
}

Test(lines_write, a_page_of_services_that_reads_back)
{
    ab_presence presence = {
        .bus = 0xb5, .sequence = 3, .digest = 0xd, .count = 2, .interval = 10000, .port = 80};
    ab_write_services_begin(&out, value_of("7"), &presence);
    ab_write_services_one(&out, AB_SLICE("a"), AB_SLICE("{}"), true);
    ab_write_services_one(&out, AB_SLICE("b"), AB_SLICE("{\"x\" :1}"), false);
    ab_write_services_end(&out, true);

    ab_message message;
    size_t length = ab_buffer_length(&out);
    cr_assert(ab_message_read(&message, (ab_slice){ab_buffer_bytes(&out), length}));
    ab_presence read;
    ab_value services;
    bool has_more;
    cr_assert(ab_read_services(&message, &read, &services, &has_more));
    cr_assert_eq(read.bus, 0xb5);
    cr_assert_eq(read.sequence, 3);
    cr_assert_eq(read.digest, 0xd);
    cr_assert_eq(read.count, 2);
    cr_assert_eq(read.interval, 10000);
    cr_assert_eq(read.port, 80);
    cr_assert(has_more);
    cr_assert(ab_slice_is(services.text, "[[\"a\",{}],[\"b\",{\"x\" :1}]]"));
}

Test(lines_write, an_empty_last_page)
{
    ab_presence presence = {.port = 80};
    ab_write_services_begin(&out, value_of("7"), &presence);
    ab_write_services_end(&out, false);
    assert_written(
        "{\"_type\":2,\"_id\":7,\"presence\":{\"bus\":\"0000000000000000\",\"port\":80,\"seq\":0,\"count\":0,"
        "\"digest\":\"0000000000000000\",\"interval\":0},\"services\":[],\"more\":false}");
}

Test(lines_write, what_is_no_page_is_not_read_as_one)
{
#define PAGE(bus)                                                         \
    "\"presence\":{\"bus\":" bus                                          \
    ",\"port\":80,\"seq\":0,\"count\":0,\"digest\":\"0000000000000000\"," \
    "\"interval\":0},\"services\":[],\"more\":false"
    static const char *const wrong[] = {
        "{\"_type\":1," PAGE("\"0000000000000000\"") "}",
        "{\"_type\":2,\"_error\":{}," PAGE("\"0000000000000000\"") "}",
        "{\"_type\":2," PAGE("0") "}",
        "{\"_type\":2," PAGE("\"0000000000000000\"") ",\"presence\":{}}",
        "{\"_type\":2," PAGE("\"0000000000000000\"") ",\"presence\":null}",
        "{\"_type\":2," PAGE("\"0000000000000000\"") ",\"services\":{}}",
        "{\"_type\":2," PAGE("\"0000000000000000\"") ",\"more\":0}",
        "{\"_type\":2}",
    };
    ab_message message;
    ab_presence presence;
    ab_value services;
    bool has_more;
    cr_assert(
        ab_message_read(&message, AB_SLICE("{\"_type\":2," PAGE("\"0000000000000000\"") "}")));
    cr_assert(ab_read_services(&message, &presence, &services, &has_more));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_assert(ab_message_read(&message, ab_slice_of(wrong[i])), "%s", wrong[i]);
        cr_expect_not(ab_read_services(&message, &presence, &services, &has_more), "%s", wrong[i]);
    }
}
