/* SPDX-License-Identifier: MIT
 * A presence in a TXT record. */
#include <criterion/criterion.h>

#include "discovery/avahi_txt.h"

static const ab_presence lamp = {.bus = UINT64_C(0x00f7a3c91be204d6),
                                 .sequence = 17,
                                 .digest = UINT64_C(0xfedcba9876543210),
                                 .count = 3,
                                 .interval = 10000,
                                 .port = 4711};

static const char *const good[] = {"bus=00f7a3c91be204d6", "digest=fedcba9876543210", "seq=17",
                                   "count=3", "interval=10000"};

/* Reads the good strings with number `which` replaced, and one more (NULL: none). */
static bool read_with(size_t which, const char *instead, const char *more, ab_presence *presence)
{
    ab_txt_reader reader = {0};
    for (size_t i = 0; i < AB_TXT_STRINGS; i++)
        ab_txt_read(&reader, ab_slice_of(i == which ? instead : good[i]));
    if (more != NULL)
        ab_txt_read(&reader, ab_slice_of(more));
    return ab_txt_finish(&reader, 4711, presence);
}

static void expect_refused(size_t which, const char *instead)
{
    ab_presence presence;
    cr_expect_not(read_with(which, instead, NULL, &presence), "\"%s\" passes", instead);
}

Test(avahi_txt, says_a_presence_in_five_strings)
{
    char strings[AB_TXT_STRINGS][AB_TXT_LONGEST];
    ab_txt_write(&lamp, strings);
    for (size_t i = 0; i < AB_TXT_STRINGS; i++)
        cr_expect_str_eq(strings[i], good[i]);
}

Test(avahi_txt, has_room_for_the_largest_numbers)
{
    char strings[AB_TXT_STRINGS][AB_TXT_LONGEST];
    ab_txt_reader reader = {0};
    ab_presence back,
        large = {UINT64_MAX, (UINT64_C(1) << 53) - 1, UINT64_MAX, UINT32_MAX, UINT32_MAX, 65535};
    ab_txt_write(&large, strings);
    for (size_t i = 0; i < AB_TXT_STRINGS; i++)
        ab_txt_read(&reader, ab_slice_of(strings[i]));
    cr_assert(ab_txt_finish(&reader, 65535, &back));
    cr_expect(ab_txt_is_same(&back, &large));
}

Test(avahi_txt, is_read_back_as_it_was_written)
{
    ab_presence presence;
    cr_assert(read_with(99, NULL, NULL, &presence));
    cr_expect(ab_txt_is_same(&presence, &lamp));
    cr_expect_eq(presence.port, 4711);
}

Test(avahi_txt, may_have_keys_that_we_do_not_know)
{
    ab_presence presence;
    cr_expect(read_with(99, NULL, "colour=green", &presence));
    cr_expect(read_with(99, NULL, "flag", &presence));
    cr_expect(read_with(99, NULL, "", &presence));
}

Test(avahi_txt, counts_the_first_of_a_repeated_key_in_any_case)
{
    ab_presence presence;
    cr_assert(read_with(2, "SEQ=18", "seq=99", &presence));
    cr_expect_eq(presence.sequence, 18);
}

Test(avahi_txt, is_refused_when_a_key_is_missing)
{
    for (size_t i = 0; i < AB_TXT_STRINGS; i++)
        expect_refused(i, "colour=green");
}

Test(avahi_txt, is_refused_when_a_number_is_none)
{
    expect_refused(0, "bus=17");
    expect_refused(0, "bus=00f7a3c91be204dg");
    expect_refused(1, "digest=fedcba98765432100");
    expect_refused(2, "seq=");
    expect_refused(2, "seq=-1");
    expect_refused(2, "seq=9007199254740992");
    expect_refused(3, "count=4294967296");
    expect_refused(4, "interval=1e4");
}

Test(avahi_txt, is_refused_without_a_port)
{
    ab_txt_reader reader = {0};
    ab_presence presence;
    for (size_t i = 0; i < AB_TXT_STRINGS; i++)
        ab_txt_read(&reader, ab_slice_of(good[i]));
    cr_expect_not(ab_txt_finish(&reader, 0, &presence));
}
