/* SPDX-License-Identifier: MIT
 * The end of channels: by either side, by both, by death, by refusal, from inside callbacks; told once, with a
 * reason, as the last. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/error.h"
#include "unit/peer/pair.h"

static pair *at;
static ear anna, bert;

static void set_up(void)
{
    memset(&anna, 0, sizeof anna);
    memset(&bert, 0, sizeof bert);
    at = pair_open(false);
}

static void tear_down(void)
{
    pair_leave(at, &anna, &bert);
    pair_close(at);
}

TestSuite(channel_end, .init = set_up, .fini = tear_down);

Test(channel_end, is_told_to_both_with_the_reason)
{
    pair_connect(at, &anna, &bert, false);
    cr_assert_eq(pair_send(&anna, "1"), AUTOBUS_OK);
    cr_assert_eq(ab_channel_close(anna.channel, "I am \"done\"."), AUTOBUS_OK);
    cr_expect_eq(pair_send(&anna, "2"), AUTOBUS_CLOSED);
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened, closed ok: I am \"done\".");
    cr_expect_str_eq(bert.heard, "data 1, closed ok: I am \"done\".");
    cr_expect_eq(pair_send(&bert, "2"), AUTOBUS_CLOSED);
    cr_expect_eq(ab_channel_close(bert.channel, "again"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_eq(atomic_load(&anna.frees), 1, "the hook runs though the handle is still held");
    cr_expect_eq(atomic_load(&bert.frees), 1);
}

Test(channel_end, from_both_sides_at_once_is_told_once_to_each)
{
    pair_connect(at, &anna, &bert, false);
    cr_assert_eq(ab_channel_close(anna.channel, "a"), AUTOBUS_OK);
    cr_assert_eq(ab_channel_close(bert.channel, NULL), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened, closed ok: a");
    cr_expect_str_eq(bert.heard, "closed ok: ");
}

Test(channel_end, by_freeing_is_told_to_the_other_side_alone)
{
    pair_connect(at, &anna, &bert, false);
    cr_assert_eq(pair_send(&bert, "1"), AUTOBUS_OK);
    pair_carry(at);
    ab_channel_free(anna.channel);
    anna.channel = NULL;
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened", "what was queued is dropped");
    cr_expect_eq(atomic_load(&anna.frees), 1);
    cr_expect_str_eq(bert.heard, "closed closed: closed");
}

Test(channel_end, of_the_connection_is_told_to_both)
{
    pair_connect(at, &anna, &bert, false);
    pair_break(at, AUTOBUS_CLOSED, "The cable was cut.");
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened, closed closed: The cable was cut.");
    cr_expect_str_eq(bert.heard, "closed closed: The cable was cut.");
    cr_expect_eq(pair_send(&anna, "1"), AUTOBUS_CLOSED);
    cr_expect_eq(ab_channel_pause(anna.channel, true), AUTOBUS_CLOSED);
    cr_expect_eq(ab_channel_close(anna.channel, NULL), AUTOBUS_OK);
}

Test(channel_end, of_a_channel_that_nobody_has_answered)
{
    at->answer = PAIR_WAITS;
    cr_assert_eq(pair_try_open(at, &anna, "chat", false, "null"), AUTOBUS_OK);
    pair_run(at);
    pair_break(at, AUTOBUS_CLOSED, "The cable was cut.");
    cr_expect_eq(ab_channel_accept(at->offered[0], ear_hear, &bert, ear_free), AUTOBUS_CLOSED);
    cr_expect_eq(atomic_load(&bert.frees), 1);
    at->answer = PAIR_IGNORES;
    pair_run(at);
    cr_expect_str_eq(anna.heard, "closed closed: The cable was cut.");
}

static void expect_refusal(pair_answer answer, const char *heard)
{
    at->answer = answer;
    cr_assert_eq(pair_try_open(at, &anna, "chat", false, "null"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(anna.heard, heard);
}

Test(channel_end, by_not_accepting)
{
    expect_refusal(PAIR_IGNORES, "closed denied: Nobody wanted it.");
}

Test(channel_end, by_closing_what_is_offered)
{
    expect_refusal(PAIR_CLOSES, "closed denied: Not today.");
}

Test(channel_end, by_freeing_what_is_only_borrowed)
{
    expect_refusal(PAIR_FREES, "closed denied: The channel was refused.");
}

Test(channel_end, where_there_is_no_such_channel)
{
    expect_refusal(PAIR_KNOWS_NONE, "closed not found: There is no such channel.");
}

Test(channel_end, before_it_was_opened)
{
    at->answer = PAIR_WAITS;
    cr_assert_eq(pair_try_open(at, &anna, "chat", false, "null"), AUTOBUS_OK);
    pair_carry(at);
    cr_assert_eq(ab_channel_close(anna.channel, "never mind"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(anna.heard, "closed ok: never mind");
    cr_expect_eq(ab_channel_accept(at->offered[0], ear_hear, &bert, NULL), AUTOBUS_CLOSED);
    at->answer = PAIR_IGNORES;
    pair_run(at);
}

Test(channel_end, crosses_what_is_on_its_way_without_harm)
{
    pair_connect(at, &anna, &bert, false);
    cr_assert_eq(ab_channel_close(anna.channel, NULL), AUTOBUS_OK);
    cr_assert_eq(pair_send(&bert, "1"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened, closed ok: ");
}

Test(channel_end, waits_for_the_end_of_a_pause)
{
    pair_connect(at, &anna, &bert, false);
    cr_assert_eq(ab_channel_pause(bert.channel, true), AUTOBUS_OK);
    cr_assert_eq(pair_send(&anna, "1"), AUTOBUS_OK);
    cr_assert_eq(ab_channel_close(anna.channel, "bye"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "");
    cr_assert_eq(ab_channel_pause(bert.channel, false), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "data 1, closed ok: bye");
    cr_expect_eq(atomic_load(&bert.frees), 1);
}

Test(channel_end, of_what_is_paused_for_ever_drops_what_it_holds_back)
{
    pair_connect(at, &anna, &bert, false);
    cr_assert_eq(ab_channel_pause(bert.channel, true), AUTOBUS_OK);
    cr_assert_eq(pair_send(&anna, "1"), AUTOBUS_OK);
    pair_run(at);
    ab_channel_free(bert.channel);
    bert.channel = NULL;
    pair_run(at);
    cr_expect_str_eq(bert.heard, "");
    cr_expect_eq(atomic_load(&bert.frees), 1);
    cr_expect_str_eq(anna.heard, "opened, closed closed: closed");
}

Test(channel_end, of_the_bus_ends_a_pause)
{
    pair_connect(at, &anna, &bert, false);
    cr_assert_eq(ab_channel_pause(bert.channel, true), AUTOBUS_OK);
    cr_assert_eq(pair_send(&anna, "1"), AUTOBUS_OK);
    pair_run(at);
    pair_lock(at);
    at->seat.is_closing = true;
    pair_unlock(at);
    pair_break(at, AUTOBUS_CLOSED, "The bus is closed.");
    pair_run(at);
    cr_expect_str_eq(bert.heard, "data 1, closed closed: The bus is closed.");
    cr_expect_eq(pair_send(&bert, "1"), AUTOBUS_CLOSED);
}

static void free_own(ear *who, const autobus_message *message)
{
    (void)message;
    autobus_channel *gone = who->channel;
    who->channel = NULL;
    if (gone != NULL)
        ab_channel_free(gone);
    cr_expect_eq(atomic_load(&who->frees), 0);
}

Test(channel_end, from_inside_every_callback)
{
    pair_connect(at, &anna, &bert, false);
    bert.also = free_own;
    anna.also = free_own;
    cr_assert_eq(pair_send(&anna, "1"), AUTOBUS_OK);
    cr_assert_eq(pair_send(&anna, "2"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "data 1");
    cr_expect_eq(atomic_load(&bert.frees), 1);
    cr_expect_str_eq(anna.heard, "opened, closed closed: closed");
    cr_expect_eq(atomic_load(&anna.frees), 1);
}

static void close_both(ear *who, const autobus_message *message)
{
    if (autobus_message_kind(message) == AUTOBUS_DATA)
        pair_break(who->at, AUTOBUS_CLOSED, "from inside");
}

Test(channel_end, of_the_connection_inside_a_callback)
{
    pair_connect(at, &anna, &bert, false);
    bert.also = close_both;
    cr_assert_eq(pair_send(&anna, "1"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "data 1, closed closed: from inside");
    cr_expect_str_eq(anna.heard, "opened, closed closed: from inside");
}

Test(channel_end, outlives_the_deliveries)
{
    pair_connect(at, &anna, &bert, false);
    cr_assert_eq(pair_send(&anna, "1"), AUTOBUS_OK);
    pair_carry(at);
    ab_deliveries_finish(at->seat.deliveries);
    cr_expect_str_eq(bert.heard, "data 1");
    pair_break(at, AUTOBUS_CLOSED, "too late");
    ab_channel_free(anna.channel);
    ab_channel_free(bert.channel);
    anna.channel = bert.channel = NULL;
    cr_expect_eq(atomic_load(&anna.frees), 1);
    cr_expect_eq(atomic_load(&bert.frees), 1);
}
