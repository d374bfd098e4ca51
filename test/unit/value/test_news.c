/* SPDX-License-Identifier: MIT
 * Reading a message: texts that are not there, values that are parsed when looked at, bytes that are no text. */
#include "value/news.h"

#include <criterion/criterion.h>
#include <json-c/json.h>
#include <string.h>

static ab_text *text_of(const char *text)
{
    return ab_text_new(text, strlen(text));
}

Test(news, that_tells_nothing_reads_as_nothing)
{
    autobus_message news = {.kind = AUTOBUS_BOUND};
    size_t length = 7;
    cr_expect_eq(autobus_message_kind(&news), AUTOBUS_BOUND);
    cr_expect_eq(autobus_message_result(&news), AUTOBUS_OK);
    cr_expect_str_eq(autobus_message_service(&news), "");
    cr_expect_str_eq(autobus_message_name(&news), "");
    cr_expect_str_eq(autobus_message_error(&news), "");
    cr_expect_str_eq(autobus_message_text(&news, &length), "null");
    cr_expect_eq(length, 4);
    cr_expect_null(autobus_message_value(&news));
    cr_expect_null(autobus_message_take(&news));
    cr_expect_null(autobus_message_bytes(&news, &length));
    cr_expect_eq(length, 0);
    cr_expect_eq(autobus_message_remaining(&news), 0);
    ab_news_fini(&news);
}

Test(news, says_who_and_what)
{
    autobus_message news = {
        .kind = AUTOBUS_ANSWER,
        .result = AUTOBUS_REMOTE,
        .remaining = 3,
        .service = text_of("lamp-1"),
        .name = text_of("add"),
        .error = text_of("No."),
    };
    cr_expect_str_eq(autobus_message_service(&news), "lamp-1");
    cr_expect_str_eq(autobus_message_name(&news), "add");
    cr_expect_str_eq(autobus_message_error(&news), "No.");
    cr_expect_eq(autobus_message_result(&news), AUTOBUS_REMOTE);
    cr_expect_eq(autobus_message_remaining(&news), 3);
    ab_news_fini(&news);
}

Test(news, has_its_value_parsed_once_and_lent)
{
    autobus_message news = {.kind = AUTOBUS_VALUE, .body = text_of("[1,{\"a\":null}]")};
    json_object *first = autobus_message_value(&news);
    cr_assert_not_null(first);
    cr_expect_eq(autobus_message_value(&news), first);
    cr_expect_eq(json_object_array_length(first), 2);
    cr_expect_str_eq(autobus_message_text(&news, NULL), "[1,{\"a\":null}]");
    ab_news_fini(&news);
}

Test(news, gives_away_a_tree_of_its_own_each_time)
{
    autobus_message news = {.kind = AUTOBUS_VALUE, .body = text_of("[1]")};
    json_object *one = autobus_message_take(&news), *other = autobus_message_take(&news);
    cr_expect_neq(one, other);
    cr_expect_neq(one, autobus_message_value(&news));
    ab_news_fini(&news);
    cr_expect_eq(json_object_array_length(one), 1, "it outlives the message");
    json_object_put(one);
    json_object_put(other);
}

Test(news, of_a_blob_has_bytes_and_no_text)
{
    autobus_message news = {.kind = AUTOBUS_BLOB, .body = ab_text_new("\0[1]", 4)};
    size_t length;
    const char *bytes = autobus_message_bytes(&news, &length);
    cr_expect_eq(length, 4);
    cr_expect_eq(memcmp(bytes, "\0[1]", 4), 0);
    cr_expect_str_eq(autobus_message_text(&news, NULL), "null");
    cr_expect_null(autobus_message_value(&news));
    ab_news_fini(&news);
}

Test(news, of_a_value_has_no_bytes)
{
    autobus_message news = {.kind = AUTOBUS_DATA, .body = text_of("\"x\"")};
    size_t length;
    cr_expect_null(autobus_message_bytes(&news, &length));
    cr_expect_eq(length, 0);
    ab_news_fini(&news);
}
