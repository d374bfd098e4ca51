/* SPDX-License-Identifier: MIT
 * Lists of sources as people type them. */
#include <criterion/criterion.h>

#include <string.h>

#include "discovery/source_names.h"

static void expect_set(const char *text, unsigned expected)
{
    unsigned set = 99;
    cr_assert_eq(ab_source_names_parse(text, &set), AUTOBUS_OK, "%s", autobus_last_error());
    cr_expect_eq(set, expected, "\"%s\" is %u", text == NULL ? "NULL" : text, set);
}

Test(source_names, are_broadcast_unless_told_otherwise)
{
    expect_set(NULL, AB_SOURCE_BROADCAST);
    expect_set("", AB_SOURCE_BROADCAST);
    expect_set("broadcast", AB_SOURCE_BROADCAST);
}

Test(source_names, may_be_several_in_any_order)
{
    expect_set("avahi", AB_SOURCE_AVAHI);
    expect_set("avahi,broadcast", AB_SOURCE_AVAHI | AB_SOURCE_BROADCAST);
    expect_set(" broadcast , avahi, avahi ", AB_SOURCE_AVAHI | AB_SOURCE_BROADCAST);
}

Test(source_names, may_be_none)
{
    expect_set("none", 0);
    expect_set(" none ", 0);
}

Test(source_names, are_refused_when_nobody_knows_them)
{
    unsigned set;
    cr_expect_eq(ab_source_names_parse("broadcast,bonjour", &set), AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "\"bonjour\""), "%s", autobus_last_error());
}

Test(source_names, cannot_be_none_and_some)
{
    unsigned set;
    cr_expect_eq(ab_source_names_parse("none,broadcast", &set), AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "none,broadcast"), "%s", autobus_last_error());
}
