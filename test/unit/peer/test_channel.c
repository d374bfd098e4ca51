/* SPDX-License-Identifier: MIT
 * Channels that work: opening, messages both ways, credit, a pause. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit/peer/pair.h"

static pair *at;
static ear anna, bert; /* who opened, and who accepted */

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
    cr_expect_leq(atomic_load(&anna.frees), 1);
}

TestSuite(channel, .init = set_up, .fini = tear_down);

Test(channel, opens_with_its_name_and_argument)
{
    at->answer = PAIR_WAITS;
    cr_assert_eq(pair_try_open(at, &anna, "cha\"t", false, "{\"room\":7}"), AUTOBUS_OK);
    pair_run(at);
    cr_assert_eq(at->offers, 1);
    cr_expect_str_eq(ab_channel_name(at->offered[0]), "cha\"t");
    cr_expect_str_eq(ab_channel_argument(at->offered[0]), "{\"room\":7}");
    cr_expect_str_eq(anna.heard, "");
    at->answer = PAIR_ACCEPTS;
    at->next_ear = &bert;
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened");
    cr_expect_str_eq(bert.heard, "");
}

static void remember_tag(ear *who, const autobus_message *message)
{
    cr_expect_str_eq(autobus_message_service(message), who == &anna ? "lamp-1" : "");
    cr_expect_str_eq(autobus_message_name(message), "chat");
}

Test(channel, carries_values_and_blobs_both_ways_in_order)
{
    anna.also = bert.also = remember_tag;
    pair_connect(at, &anna, &bert, false);
    cr_assert_eq(pair_send(&anna, "{\"a\":[1,2.50]}"), AUTOBUS_OK);
    cr_assert_eq(ab_channel_write(anna.channel, "\0\xff x", 4, NULL), AUTOBUS_OK);
    cr_assert_eq(pair_send(&anna, "null"), AUTOBUS_OK);
    cr_assert_eq(pair_send(&bert, "\"hi\""), AUTOBUS_OK);
    cr_assert_eq(ab_channel_write(bert.channel, "", 0, NULL), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "data {\"a\":[1,2.50]}, blob 4, data null");
    cr_expect_str_eq(anna.heard, "opened, data \"hi\", blob 0");
}

static void compare_bytes(ear *who, const autobus_message *message)
{
    size_t length;
    const unsigned char *bytes = autobus_message_bytes(message, &length);
    (void)who;
    for (size_t i = 0; i < length; i++)
        cr_assert_eq(bytes[i], (unsigned char)(i * 7));
}

Test(channel, carries_blobs_of_every_length)
{
    unsigned char bytes[700];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    bert.also = compare_bytes;
    pair_connect(at, &anna, &bert, false);
    for (size_t length = 1; length < sizeof bytes; length += 1 + length / 8) {
        cr_assert_eq(ab_channel_write(anna.channel, bytes, length, NULL), AUTOBUS_OK);
        pair_run(at);
    }
}

Test(channel, may_be_used_by_its_accepter_before_accepting_returns)
{
    at->next_ear = &bert;
    cr_assert_eq(pair_try_open(at, &anna, "chat", false, "null"), AUTOBUS_OK);
    pair_carry(at);
    cr_assert_eq(ab_channel_send(at->offered[0], AB_SLICE("1")), AUTOBUS_INVALID);
    cr_assert_eq(ab_channel_accept(at->offered[0], ear_hear, &bert, ear_free), AUTOBUS_OK);
    cr_assert_eq(ab_channel_accept(at->offered[0], ear_hear, &bert, NULL), AUTOBUS_INVALID);
    bert.channel = at->offered[0];
    cr_assert_eq(pair_send(&bert, "1"), AUTOBUS_OK);
    at->answer = PAIR_IGNORES; /* what was accepted is not refused any more */
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened, data 1");
}

Test(channel, is_busy_until_it_is_opened_and_then_says_once_that_it_is_writable)
{
    at->next_ear = &bert;
    cr_assert_eq(pair_try_open(at, &anna, "chat", false, "null"), AUTOBUS_OK);
    cr_expect_eq(pair_send(&anna, "1"), AUTOBUS_BUSY);
    cr_expect_eq(pair_send(&anna, "1"), AUTOBUS_BUSY);
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened, writable");
}

/* Sends until it is refused; how many went. */
static unsigned send_all(const ear *from, const char *value)
{
    unsigned count = 0;
    while (pair_send(from, value) == AUTOBUS_OK)
        count++;
    return count;
}

Test(channel, sends_a_window_ahead_and_no_more)
{
    pair_connect(at, &anna, &bert, false);
    /* 1000 bytes at 64 each: the sixteenth is a debt. */
    cr_expect_eq(send_all(&anna, "1"), 16);
    cr_expect_eq(pair_send(&anna, "1"), AUTOBUS_BUSY);
    cr_expect_not_null(strstr(autobus_last_error(), "\"chat\""));
    pair_carry(at);
    cr_expect_str_eq(bert.heard, "", "callbacks have not run");
    cr_expect_eq(pair_send(&anna, "1"), AUTOBUS_BUSY, "credit comes only when they have");
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened, writable");
    cr_expect_geq(send_all(&anna, "1"), 8);
}

Test(channel, lets_one_message_be_larger_than_the_credit)
{
    char large[3002];
    memset(large, '7', sizeof large);
    large[sizeof large - 1] = '\0';
    pair_connect(at, &anna, &bert, false);
    cr_assert_eq(pair_send(&anna, "1"), AUTOBUS_OK);
    cr_assert_eq(pair_send(&anna, large), AUTOBUS_OK);
    cr_assert_eq(pair_send(&anna, "2"), AUTOBUS_BUSY);
    pair_run(at);
    cr_assert_eq(pair_send(&anna, "2"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_eq(atomic_load(&bert.count), 3);
}

Test(channel, gives_credit_back_in_batches)
{
    pair_connect(at, &anna, &bert, false);
    for (unsigned i = 0; i < 64; i++) {
        cr_assert_eq(pair_send(&anna, "1"), AUTOBUS_OK);
        pair_run(at);
    }
    unsigned lines = 0;
    for (const char *found = at->server.log; (found = strstr(found, "\"credit\",")) != NULL;
         found++)
        lines++;
    cr_expect_eq(lines, 8, "%u: 64 messages of 64 bytes are eight half windows", lines);
}

Test(channel, that_stalls_stalls_no_other)
{
    ear carl = {0}, dora = {0};
    pair_connect(at, &anna, &bert, false);
    pair_connect(at, &carl, &dora, false);
    cr_assert_eq(ab_channel_pause(bert.channel, true), AUTOBUS_OK);
    send_all(&anna, "1");
    for (unsigned i = 0; i < 100; i++) {
        cr_assert_eq(pair_send(&carl, "2"), AUTOBUS_OK);
        pair_run(at);
    }
    cr_expect_eq(atomic_load(&dora.count), 100);
    cr_expect_eq(atomic_load(&bert.count), 0);
    pair_leave(at, &carl, &dora);
}

static void pause_at_the_first(ear *who, const autobus_message *message)
{
    (void)message;
    if (atomic_load(&who->count) == 0)
        cr_expect_eq(ab_channel_pause(who->channel, true), AUTOBUS_OK);
}

Test(channel, holds_back_while_paused_even_what_was_told_before)
{
    pair_connect(at, &anna, &bert, false);
    bert.also = pause_at_the_first;
    for (const char *const *each = (const char *const[]){"1", "2", "3", NULL}; *each != NULL;
         each++)
        cr_assert_eq(pair_send(&anna, *each), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "data 1");
    cr_assert_eq(pair_send(&anna, "4"), AUTOBUS_OK);
    pair_carry(at);
    cr_assert_eq(ab_channel_pause(bert.channel, false), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "data 1, data 2, data 3, data 4");
}

Test(channel, that_is_paused_still_hears_that_it_can_write)
{
    pair_connect(at, &anna, &bert, false);
    send_all(&bert, "1");
    cr_assert_eq(ab_channel_pause(bert.channel, true), AUTOBUS_OK);
    cr_assert_eq(pair_send(&anna, "2"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "writable");
}

Test(channel, refuses_what_is_too_large)
{
    char *large = ab_alloc(1, 70001);
    memset(large, '1', 70000);
    pair_connect(at, &anna, &bert, false);
    cr_expect_eq(pair_send(&anna, large), AUTOBUS_TOO_LARGE);
    cr_expect_eq(ab_channel_write(anna.channel, large, 50000, NULL), AUTOBUS_TOO_LARGE);
    cr_expect_eq(ab_channel_end(anna.channel), AUTOBUS_INVALID);
    cr_expect_eq(pair_send(&anna, "1"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "data 1");
    free(large);
}

Test(channel, is_opened_so_many_times_and_no_more)
{
    ear ears[PAIR_MOST + 1] = {0};
    at->answer = PAIR_WAITS;
    for (unsigned i = 0; i < PAIR_MOST; i++)
        cr_assert_eq(pair_try_open(at, &ears[i], "chat", false, "null"), AUTOBUS_OK);
    cr_expect_eq(pair_try_open(at, &ears[PAIR_MOST], "chat", false, "null"), AUTOBUS_BUSY);
    cr_expect_null(ears[PAIR_MOST].channel);
    pair_run(at);
    cr_expect_eq(atomic_load(&ears[PAIR_MOST].frees), 1);
    at->answer = PAIR_IGNORES;
    pair_run(at);
    for (unsigned i = 0; i < PAIR_MOST; i++) {
        cr_expect_str_eq(ears[i].heard, "closed denied: Nobody wanted it.");
        ab_channel_free(ears[i].channel);
    }
    cr_expect_eq(pair_try_open(at, &anna, "chat", false, "null"), AUTOBUS_OK);
}
