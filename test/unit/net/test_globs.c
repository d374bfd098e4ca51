/* SPDX-License-Identifier: MIT
 * Lists of patterns: what they pick. */
#include <criterion/criterion.h>

#include "net/globs.h"

static bool picks(const char *list, const char *name)
{
    ab_globs globs;
    ab_globs_init(&globs, list);
    bool is_picked = ab_globs_picks(&globs, name);
    ab_globs_fini(&globs);
    return is_picked;
}

Test(globs, no_list_picks_everything)
{
    cr_expect(picks(NULL, "eth0"));
    cr_expect(picks("", "eth0"));
    cr_expect(picks(" , ,", "eth0"));
}

Test(globs, a_name_picks_itself_alone)
{
    cr_expect(picks("eth0", "eth0"));
    cr_expect_not(picks("eth0", "eth01"));
    cr_expect_not(picks("eth0", "lo"));
}

Test(globs, a_pattern_picks_what_it_matches)
{
    cr_expect(picks("en*,wl?0", "enp3s0"));
    cr_expect(picks("en*,wl?0", "wlp0"));
    cr_expect(picks("eth[0-3]", "eth2"));
    cr_expect_not(picks("eth[0-3]", "eth4"));
    cr_expect_not(picks("en*,wl?0", "lo"));
}

Test(globs, only_excludes_start_from_all)
{
    cr_expect(picks("!docker*,!br-*", "eth0"));
    cr_expect_not(picks("!docker*,!br-*", "docker0"));
    cr_expect_not(picks("!docker*,!br-*", "br-1234"));
}

Test(globs, an_exclude_wins_wherever_it_stands)
{
    cr_expect_not(picks("!eth1,eth*", "eth1"));
    cr_expect_not(picks("eth*,!eth1", "eth1"));
    cr_expect(picks("!eth1,eth*", "eth0"));
    cr_expect_not(picks("!eth1,eth*", "lo"));
}

Test(globs, blanks_do_not_matter)
{
    cr_expect(picks("  lo ,\teth0 ", "eth0"));
    cr_expect(picks("  lo ,\teth0 ", "lo"));
    cr_expect_not(picks("  lo ,\t!eth0 ", "eth0"));
}

Test(globs, literal_names_are_told_and_nothing_else)
{
    ab_globs globs;
    ab_globs_init(&globs, "eth*,lo,!wlan0,eth0,a[bc],wh?t");
    const char *literal = ab_globs_next_literal(&globs, NULL);
    cr_assert_str_eq(literal, "lo");
    literal = ab_globs_next_literal(&globs, literal);
    cr_assert_str_eq(literal, "eth0");
    cr_expect_null(ab_globs_next_literal(&globs, literal));
    ab_globs_fini(&globs);
}
