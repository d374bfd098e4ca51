/* SPDX-License-Identifier: MIT
 * Streams: bytes in pieces, as many as there is credit for, and two directions that end one by one. */
#include <criterion/criterion.h>
#include <stdlib.h>
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
    pair_connect(at, &anna, &bert, true);
}

static void tear_down(void)
{
    pair_leave(at, &anna, &bert);
    pair_close(at);
}

TestSuite(stream, .init = set_up, .fini = tear_down);

Test(stream, takes_as_much_as_there_is_credit_for)
{
    char bytes[2500] = {0};
    size_t sent;
    cr_assert_eq(ab_channel_write(anna.channel, bytes, sizeof bytes, &sent), AUTOBUS_OK);
    cr_expect_eq(sent, PAIR_WINDOW);
    cr_expect_eq(ab_channel_write(anna.channel, bytes, 1, &sent), AUTOBUS_BUSY);
    cr_expect_eq(sent, 0);
    cr_expect_eq(ab_channel_write(anna.channel, bytes, 0, &sent), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened, writable");
    cr_expect_eq(atomic_load(&bert.bytes), PAIR_WINDOW);
}

static char whole[100000];
static size_t come;

static void compare(ear *who, const autobus_message *message)
{
    size_t length;
    const char *bytes = autobus_message_bytes(message, &length);
    (void)who;
    cr_assert_leq(come + length, sizeof whole);
    cr_assert(length == 0 || memcmp(bytes, whole + come, length) == 0);
    come += length;
}

Test(stream, brings_a_long_run_of_bytes_in_order)
{
    size_t gone = 0, sent;
    for (size_t i = 0; i < sizeof whole; i++)
        whole[i] = (char)(i * i >> 3);
    bert.also = compare;
    while (gone < sizeof whole) {
        autobus_result result =
            ab_channel_write(anna.channel, whole + gone, sizeof whole - gone, &sent);
        cr_assert(result == AUTOBUS_OK || result == AUTOBUS_BUSY);
        gone += sent;
        pair_run(at);
    }
    cr_expect_eq(come, sizeof whole);
}

/* All that may be sent until the other side has heard some of it. */
static size_t send_ahead(void)
{
    size_t all = 0, sent;
    while (ab_channel_write(anna.channel, whole, sizeof whole, &sent) == AUTOBUS_OK)
        all += sent;
    return all;
}

Test(stream, that_is_read_at_once_may_be_sent_further_ahead)
{
    size_t most = 0;
    for (int i = 0; i < 40; i++) {
        size_t ahead = send_ahead();
        most = AB_MAX(most, ahead);
        cr_assert_leq(ahead, 1 << 20);
        pair_run(at);
    }
    cr_expect_gt(most, 500 * PAIR_WINDOW, "%zu", most);
}

Test(stream, that_is_read_slowly_is_sent_no_further_ahead)
{
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(send_ahead(), PAIR_WINDOW);
        ab_clock_fake_advance(&at->clock, AB_MS(20));
        pair_run(at);
    }
}

Test(stream, carries_no_values)
{
    cr_expect_eq(pair_send(&anna, "1"), AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "stream"));
}

Test(stream, ends_in_one_direction_and_goes_on_in_the_other)
{
    cr_assert_eq(ab_channel_write(anna.channel, "abc", 3, NULL), AUTOBUS_OK);
    cr_assert_eq(ab_channel_end(anna.channel), AUTOBUS_OK);
    cr_assert_eq(ab_channel_end(anna.channel), AUTOBUS_OK, "twice is no mistake");
    cr_expect_eq(ab_channel_write(anna.channel, "d", 1, NULL), AUTOBUS_INVALID);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "blob 3, ended");
    for (unsigned i = 0; i < 40; i++) {
        cr_assert_eq(ab_channel_write(bert.channel, "efgh", 4, NULL), AUTOBUS_OK);
        pair_run(at);
    }
    cr_expect_eq(atomic_load(&anna.bytes), 160);
    cr_assert_eq(ab_channel_end(bert.channel), AUTOBUS_OK);
    pair_run(at);
    cr_expect_not_null(strstr(anna.heard, "ended, closed ok: "));
    cr_expect_str_eq(bert.heard, "blob 3, ended, closed ok: ");
    cr_expect_null(strstr(at->client.log, "close"), "an ended stream needs no close");
    cr_expect_null(strstr(at->server.log, "close"));
}

Test(stream, ended_by_both_at_once_is_over)
{
    cr_assert_eq(ab_channel_end(anna.channel), AUTOBUS_OK);
    cr_assert_eq(ab_channel_end(bert.channel), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened, ended, closed ok: ");
    cr_expect_str_eq(bert.heard, "ended, closed ok: ");
}

Test(stream, may_be_ended_before_it_is_accepted)
{
    ear carl = {0}, dora = {0};
    at->next_ear = &dora;
    cr_assert_eq(pair_try_open(at, &carl, "chat", true, "null"), AUTOBUS_OK);
    cr_assert_eq(ab_channel_end(carl.channel), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(dora.heard, "ended");
    cr_assert_eq(ab_channel_write(dora.channel, "abc", 3, NULL), AUTOBUS_OK);
    cr_assert_eq(ab_channel_end(dora.channel), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(carl.heard, "opened, blob 3, ended, closed ok: ");
    pair_leave(at, &carl, &dora);
}
