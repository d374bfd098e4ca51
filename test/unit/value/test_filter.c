/* SPDX-License-Identifier: MIT
 * Which infos pass which filters, and what becomes of mistakes. */
#include "value/filter.h"

#include <criterion/criterion.h>
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "value/json.h"

static const char *const lamp =
    "{\"hostname\": \"vm\", \"type\": \"lamp\", \"watts\": 40, \"on\": true, \"owner\": null, \"level\": 0.5,"
    " \"room\": {\"name\": \"kitchen\", \"size\": [3, 4]}, \"a.b\": 1, \"host\": \"forged\", \"port\": 1}";

static bool passes(const autobus_filter *filter, const char *info)
{
    ab_subject subject = {.host = AB_SLICE("10.0.0.7"), .service = AB_SLICE("id-1"), .port = 4711};
    cr_assert(ab_scan(ab_slice_of(info), &subject.info), "%s", info);
    return ab_filter_matches(filter, &subject);
}

/* Whether the lamp passes a filter written as JSON. */
static bool passes_json(const char *json)
{
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = autobus_filter_parse(json);
    cr_assert_not_null(filter, "%s: %s", json, autobus_last_error());
    return passes(filter, lamp);
}

/* Whether the lamp passes one condition as people type it. */
static bool passes_text(const char *condition)
{
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = autobus_filter_new();
    cr_assert_eq(autobus_filter_add_text(filter, condition), AUTOBUS_OK, "%s", condition);
    return passes(filter, lamp);
}

Test(filter, without_conditions_everything_passes)
{
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = autobus_filter_new();
    cr_assert(passes(filter, lamp));
    cr_assert(passes(filter, "{\"type\":\"autobus.details\"}"));
    cr_assert(passes_json("{}"));
}

Test(filter, that_is_none_hides_only_the_library)
{
    cr_assert(passes(NULL, lamp));
    cr_assert(passes(NULL, "{}"));
    cr_assert(passes(NULL, "{\"type\":\"autobus\"}"));
    cr_assert(passes(NULL, "{\"type\":[\"autobus.details\"]}"));
    cr_assert_not(passes(NULL, "{\"type\":\"autobus.details\"}"));
    cr_assert_not(passes(NULL, "{\"type\":\"\\u0061utobus.details\"}"));
}

Test(filter, from_json_wants_each_key_to_equal_its_value)
{
    static const char *const right[] = {
        "{'type': 'lamp'}",
        "{'type': 'lamp', 'watts': 40}",
        "{'watts': 40.0}",
        "{'level': 5e-1}",
        "{'on': true}",
        "{'owner': null}",
        "{'room.name': 'kitchen'}",
        "{'a.b': 1}",
        "{'room.size': [3, 4.0]}",
        "{'room': {'size': [3, 4], 'name': 'kitchen'}}",
        "{'host': '10.0.0.7'}",
        "{'port': 4711}",
        "{'service': 'id-1'}",
    };
    static const char *const wrong[] = {
        "{'type': 'lam'}",       "{'type': 'lamp', 'watts': 60}",
        "{'watts': '40'}",       "{'on': 1}",
        "{'on': false}",         "{'owner': false}",
        "{'none': null}",        "{'room.name': 'bath'}",
        "{'room.size': [4, 3]}", "{'room': {'name': 'kitchen'}}",
        "{'room.name.x': 1}",    "{'host': 'forged'}",
        "{'port': 1}",           "{'port': '4711'}",
        "{'service': 'id-2'}",   "{'host.x': 1}",
    };
    for (size_t i = 0; i < AB_COUNT(right); i++)
        cr_expect(passes_json(right[i]), "%s", right[i]);
    for (size_t i = 0; i < AB_COUNT(wrong); i++)
        cr_expect_not(passes_json(wrong[i]), "%s", wrong[i]);
}

Test(filter, takes_conditions_as_people_type_them)
{
    static const char *const right[] = {
        "type",         "!color",        "owner",         "room.name",       "type=lamp",
        "type!=door",   "color!=red",    "watts=40",      "watts=40.0",      "on=true",
        "owner=null",   "level=0.5",     "type=l*",       "type=[kl]amp",    "type!=d*",
        "watts=4?",     "on=t*",         "host=10.*",     "port=47*",        "port!=80",
        "service=id-?", "host=10.0.0.7", "room.name=k*n", "hostname=v[l-n]",
    };
    static const char *const wrong[] = {
        "color",   "!type",     "!owner",   "!host",     "type=door",   "type!=lamp", "type=",
        "watts=4", "watts!=40", "on=1",     "owner=*",   "type=d*",     "type!=l*",   "room=*",
        "room={}", "port=80",   "level=.5", "type=LAMP", "host=forged", "!room.name",
    };
    for (size_t i = 0; i < AB_COUNT(right); i++)
        cr_expect(passes_text(right[i]), "%s", right[i]);
    for (size_t i = 0; i < AB_COUNT(wrong); i++)
        cr_expect_not(passes_text(wrong[i]), "%s", wrong[i]);
}

Test(filter, keeps_an_equals_sign_in_the_value)
{
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = autobus_filter_new();
    autobus_filter_add_text(filter, "sum=1+1=2");
    autobus_filter_add_text(filter, "hint=a!=b");
    cr_assert(passes(filter, "{\"sum\":\"1+1=2\",\"hint\":\"a!=b\"}"));
}

Test(filter, reads_escaped_infos_as_they_are_meant)
{
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = autobus_filter_new();
    autobus_filter_add_text(filter, "type=l*p");
    autobus_filter_add_text(filter, "n\xc3\xa4me=\xc3\xa4");
    cr_assert(passes(filter, "{\"t\\u0079pe\":\"\\u006camp\",\"n\\u00e4me\":\"\\u00e4\"}"));
}

Test(filter, a_glob_reads_long_texts_too)
{
    char info[1000] = "{\"type\":\"";
    size_t length = strlen(info);
    memset(info + length, 'x', 900);
    strcpy(info + length + 900, "\\u0021\"}");
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = autobus_filter_new();
    autobus_filter_glob(filter, "type", "x*!");
    cr_assert(passes(filter, info));
}

Test(filter, has_a_function_for_every_condition)
{
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = autobus_filter_new();
    cr_assert_eq(autobus_filter_equal(filter, "watts", json_object_new_double(40)), AUTOBUS_OK);
    cr_assert_eq(autobus_filter_equal(filter, "owner", NULL), AUTOBUS_OK);
    cr_assert_eq(autobus_filter_not_equal(filter, "type", json_object_new_string("door")),
                 AUTOBUS_OK);
    cr_assert_eq(autobus_filter_not_equal(filter, "color", json_object_new_string("red")),
                 AUTOBUS_OK);
    cr_assert_eq(autobus_filter_present(filter, "room.size"), AUTOBUS_OK);
    cr_assert_eq(autobus_filter_absent(filter, "room.color"), AUTOBUS_OK);
    cr_assert_eq(autobus_filter_glob(filter, "room.name", "k*"), AUTOBUS_OK);
    cr_assert(passes(filter, lamp));
    cr_assert_eq(autobus_filter_absent(filter, "type"), AUTOBUS_OK);
    cr_assert_not(passes(filter, lamp));
    cr_assert_eq(ab_filter_check(filter), AUTOBUS_OK);
}

Test(filter, what_the_receiver_does_not_know_stays_as_it_was_sent)
{
    autobus_filter *filter AB_SCOPED(autobus_filter_free) =
        autobus_filter_parse("{'host': 'forged', 'port': 1}");
    ab_subject subject = {0};
    cr_assert(ab_scan(ab_slice_of(lamp), &subject.info));
    cr_assert(ab_filter_matches(filter, &subject));
}

Test(filter, is_copied_with_its_conditions)
{
    autobus_filter *filter = autobus_filter_parse("{'type': 'lamp'}");
    autobus_filter *copy AB_SCOPED(autobus_filter_free) = autobus_filter_copy(filter);
    autobus_filter_absent(filter, "type");
    cr_assert_not(passes(filter, lamp));
    autobus_filter_free(&filter);
    cr_assert_null(filter);
    cr_assert(passes(copy, lamp));
    cr_assert_not(passes(copy, "{\"type\":\"door\"}"));
    cr_assert_null(autobus_filter_copy(NULL));
}

static void expect_mistake(const char *json, const char *part)
{
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = autobus_filter_parse(json);
    ab_fail(AUTOBUS_FAILED, "something else");
    cr_expect_eq(ab_filter_check(filter), AUTOBUS_INVALID, "%s", json);
    cr_expect_not_null(strstr(autobus_last_error(), part), "%s: %s", json, autobus_last_error());
}

/* No filter would be one that every service passes. */
Test(filter, that_is_no_object_is_a_mistake_and_not_none)
{
    static const char *const wrong[] = {"[]", "1", "null", "{", "{'a'}", "", "type=lamp", NULL};
    for (size_t i = 0; i < AB_COUNT(wrong); i++)
        expect_mistake(wrong[i], "{'type': 'lamp'}");
    expect_mistake("{'': 1}", "key");
}

Test(filter, remembers_its_first_mistake)
{
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = autobus_filter_new();
    cr_assert_eq(autobus_filter_add_text(filter, "=lamp"), AUTOBUS_INVALID);
    cr_assert_eq(autobus_filter_present(filter, ""), AUTOBUS_INVALID);
    cr_assert_eq(autobus_filter_present(filter, "type"), AUTOBUS_OK);
    ab_fail(AUTOBUS_FAILED, "something else");
    cr_assert_eq(ab_filter_check(filter), AUTOBUS_INVALID);
    cr_assert_str_eq(autobus_last_error(),
                     "\"=lamp\" is no condition; write KEY=VALUE, KEY!=VALUE, KEY or !KEY");
    autobus_filter *copy AB_SCOPED(autobus_filter_free) = autobus_filter_copy(filter);
    cr_assert_eq(ab_filter_check(copy), AUTOBUS_INVALID);
}

Test(filter, refuses_what_can_be_no_condition)
{
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = autobus_filter_new();
    cr_expect_eq(autobus_filter_add_text(filter, ""), AUTOBUS_INVALID);
    cr_expect_eq(autobus_filter_add_text(filter, "!"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_filter_add_text(filter, "!=x"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_filter_add_text(filter, "!a=x"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_filter_add_text(filter, NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_filter_glob(filter, "a", NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_filter_glob(filter, "", "*"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_filter_absent(filter, NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_filter_equal(filter, NULL, json_object_new_string("x")), AUTOBUS_INVALID);
    cr_expect_eq(autobus_filter_equal(filter, "a", json_object_new_double((double)NAN)),
                 AUTOBUS_INVALID);
}

Test(filter, refuses_values_that_no_info_could_have)
{
    json_object *deep = json_object_new_int(1);
    for (int i = 0; i < AB_SCAN_DEPTH + 1; i++) {
        json_object *list = json_object_new_array();
        json_object_array_add(list, deep);
        deep = list;
    }
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = autobus_filter_new();
    cr_assert_eq(autobus_filter_equal(filter, "a", deep), AUTOBUS_TOO_LARGE);
    cr_assert_not_null(strstr(autobus_last_error(), "64 levels"));
}

Test(filter, that_is_NULL_is_a_sentence_and_no_crash)
{
    autobus_filter *none = NULL;
    cr_assert_eq(autobus_filter_equal(NULL, "a", json_object_new_string("taken")), AUTOBUS_INVALID);
    cr_assert_eq(autobus_filter_present(NULL, "a"), AUTOBUS_INVALID);
    cr_assert_eq(autobus_filter_add_text(NULL, "a=b"), AUTOBUS_INVALID);
    cr_assert_eq(ab_filter_check(NULL), AUTOBUS_OK);
    autobus_filter_free(&none);
    autobus_filter_free(NULL);
}
