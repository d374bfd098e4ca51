/* SPDX-License-Identifier: MIT
 * The reader's role in every order in which things can happen; and the mistakes that one could make in it, each of
 * which must be found, or finding none would mean nothing. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "unit/peer/orders.h"

/* There is nothing for a sanitizer to find in so many states. */
static bool is_short(void)
{
    const char *scale = getenv("AUTOBUS_TEST_SCALE");
    return scale != NULL && atof(scale) < 0.05;
}

static void expect_all_well(orders wish)
{
    size_t states;
    wish.has_partial = wish.has_partial && !is_short();
    wish.events = is_short() ? 0 : wish.events;
    const char *wrong = orders_try_all(&wish, &states);
    cr_expect_null(wrong, "%s", wrong);
    cr_expect_gt(states, 1000, "%zu states", states);
    printf("%u callers, %u calls: %zu states\n", wish.callers, wish.calls, states);
}

static void expect_found(orders_mutant mutant, const char *how)
{
    size_t states;
    orders wish = {.callers = 2,
                   .calls = 2,
                   .events = 1,
                   .has_close = true,
                   .has_late = true,
                   .mutant = mutant};
    const char *wrong = orders_try_all(&wish, &states);
    cr_assert_not_null(wrong, "a mistake was not found in %zu states", states);
    cr_expect_str_eq(wrong != NULL ? wrong : "", how);
}

Test(reader, two_callers_with_two_calls_each_lose_nothing)
{
    expect_all_well((orders){.callers = 2,
                             .calls = 2,
                             .events = 1,
                             .has_close = true,
                             .has_late = true,
                             .has_partial = true});
}

Test(reader, three_callers_lose_nothing)
{
    expect_all_well((orders){.callers = 3,
                             .calls = 1,
                             .events = 1,
                             .has_close = true,
                             .has_late = true,
                             .has_partial = true});
}

Test(reader, two_callers_lose_nothing_to_pauses_and_garbage)
{
    expect_all_well((orders){.callers = 2,
                             .calls = 1,
                             .events = 1,
                             .has_garbage = true,
                             .has_late = true,
                             .has_pause = true});
}

Test(reader, calls_that_others_end_and_a_connection_not_ready_to_be_lent_lose_nothing)
{
    expect_all_well((orders){.callers = 2,
                             .calls = 2,
                             .has_cancel = true,
                             .has_close = true,
                             .has_late = true,
                             .is_fresh = true});
}

Test(reader, a_hand_over_without_a_signal_would_be_found)
{
    expect_found(ORDERS_NO_SIGNAL, "a wake-up was lost: a caller sleeps for ever");
}

Test(reader, who_is_late_and_keeps_the_role_would_be_found)
{
    expect_found(ORDERS_KEEPS_ROLE, "the role was not given back");
}

Test(reader, a_giving_back_without_watching_again_would_be_found)
{
    expect_found(ORDERS_NO_REARM, "a wake-up was lost: a caller sleeps for ever");
}

Test(reader, a_lending_that_is_still_watched_would_be_found)
{
    expect_found(ORDERS_NO_DISARM, "two readers: the bus thread watches what is lent");
}

Test(reader, a_bus_thread_that_believes_old_news_would_be_found)
{
    expect_found(ORDERS_STALE_READS, "two readers: the bus thread reads what is lent");
}

Test(reader, a_close_under_a_poll_would_be_found)
{
    expect_found(ORDERS_EARLY_CLOSE, "a caller polls an fd that is closed");
}
