/* SPDX-License-Identifier: MIT
 * Places as people type them. */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "tool/place.h"

static void reads(const char *text, const char *host, int port, const char *id)
{
    tool_place place;
    cr_assert(tool_place_parse(&place, text), "%s is no place", text);
    cr_assert_str_eq(place.host, host);
    cr_assert_eq(place.port, port);
    if (id != NULL) {
        cr_assert_str_eq(place.id, id);
    } else {
        cr_assert_null(place.id);
    }
    tool_place_fini(&place);
}

Test(place, is_a_host_a_port_and_an_id)
{
    reads("10.0.0.2:4000/lamp-1", "10.0.0.2", 4000, "lamp-1");
    reads("kitchen:1/a/b:c", "kitchen", 1, "a/b:c");
    reads("[fe80::1%eth0]:65535/x", "fe80::1%eth0", 65535, "x");
}

Test(place, without_an_id_is_that_of_a_bus)
{
    reads("10.0.0.2:4000", "10.0.0.2", 4000, NULL);
    reads("[::1]:52722", "::1", 52722, NULL);
}

Test(place, is_no_type_and_nothing_half)
{
    static const char *const others[] = {
        "lamp",  "demo.lamp", "lamp*", "a:b", ":80",   "host:", "host:0", "h:70000", "h:1x",
        "h:80/", "::1:80",    "/id",   "",    "[]:80", "[::1]", "h/80",   "h: 80",   "h:-1"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        tool_place place;
        cr_assert_not(tool_place_parse(&place, others[i]), "%s is a place", others[i]);
        cr_assert_null(place.text);
    }
}

Test(place, is_written_as_it_is_read)
{
    char *text = tool_place_text("fe80::1%eth0", 80, "lamp");
    cr_assert_str_eq(text, "[fe80::1%eth0]:80/lamp");
    reads(text, "fe80::1%eth0", 80, "lamp");
    free(text);
}
