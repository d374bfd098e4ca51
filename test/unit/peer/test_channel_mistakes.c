/* SPDX-License-Identifier: MIT
 * What the other side may do wrong: the channel is closed with a sentence for both, and no other is disturbed. */
#include <criterion/criterion.h>
#include <stdio.h>
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
}

static void tear_down(void)
{
    pair_leave(at, &anna, &bert);
    pair_close(at);
}

TestSuite(channel_mistakes, .init = set_up, .fini = tear_down);

/* After the line both ends know why. */
static void expect_cut(const char *line, const char *sentence)
{
    pair_say(&at->server, line);
    pair_run(at);
    char *heard AB_SCOPED(ab_free_ptr) = ab_format("closed incompatible: %s", sentence);
    cr_expect_str_eq(bert.heard, heard, "after %s", line);
    cr_expect_not_null(strstr(anna.heard, heard), "%s after %s", anna.heard, line);
}

Test(channel_mistakes, opening_the_same_again)
{
    pair_connect(at, &anna, &bert, false);
    expect_cut("{\"_type\":3,\"_command\":\"open\",\"channel\":1,\"name\":\"chat\",\"credit\":9}",
               "The number of the channel is not larger than all before it.");
}

Test(channel_mistakes, opening_a_number_that_was_there)
{
    pair_connect(at, &anna, &bert, false);
    pair_leave(at, &anna, &bert);
    pair_say(&at->server,
             "{\"_type\":3,\"_command\":\"open\",\"channel\":1,\"name\":\"chat\",\"credit\":9}");
    cr_expect_eq(at->offers, 0);
    cr_expect_not_null(strstr(at->server.log, "\"close\",\"channel\":1,\"code\":\"incompatible\""));
}

Test(channel_mistakes, sending_beyond_the_credit)
{
    pair_connect(at, &anna, &bert, false);
    for (unsigned i = 0; i < 16; i++)
        pair_say(&at->server, "{\"_type\":3,\"_command\":\"data\",\"channel\":1,\"value\":1}");
    cr_assert_eq(ab_channel_pause(bert.channel, true), AUTOBUS_OK);
    pair_say(&at->server, "{\"_type\":3,\"_command\":\"data\",\"channel\":1,\"value\":2}");
    cr_assert_eq(ab_channel_pause(bert.channel, false), AUTOBUS_OK);
    pair_run(at);
    cr_expect_not_null(strstr(
        bert.heard, "data 1, closed incompatible: More was sent than there was credit for."));
    cr_expect_null(strstr(bert.heard, "data 2"));
}

Test(channel_mistakes, flooding_with_what_costs_nothing)
{
    pair_connect(at, &anna, &bert, false);
    for (unsigned i = 0; i < 17; i++)
        pair_say(&at->server, "{\"_type\":3,\"_command\":\"blob\",\"channel\":1,\"blob\":\"\"}");
    pair_run(at);
    cr_expect_not_null(strstr(bert.heard, "credit for."));
}

Test(channel_mistakes, bad_base64)
{
    pair_connect(at, &anna, &bert, false);
    expect_cut("{\"_type\":3,\"_command\":\"blob\",\"channel\":1,\"blob\":\"AB=C\"}",
               "A blob is not base64.");
}

Test(channel_mistakes, half_a_message)
{
    pair_connect(at, &anna, &bert, false);
    expect_cut("{\"_type\":3,\"_command\":\"credit\",\"channel\":1,\"credit\":-5}",
               "A message lacks what it should have, or has something else there.");
}

Test(channel_mistakes, ending_what_is_no_stream)
{
    pair_connect(at, &anna, &bert, false);
    expect_cut("{\"_type\":3,\"_command\":\"end\",\"channel\":1}",
               "Only a stream can be ended in one direction.");
}

Test(channel_mistakes, values_on_a_stream)
{
    pair_connect(at, &anna, &bert, true);
    expect_cut("{\"_type\":3,\"_command\":\"data\",\"channel\":1,\"value\":1}",
               "A stream carries bytes only.");
}

Test(channel_mistakes, bytes_behind_the_end_of_a_stream)
{
    pair_connect(at, &anna, &bert, true);
    pair_say(&at->server, "{\"_type\":3,\"_command\":\"end\",\"channel\":1}");
    pair_say(&at->server, "{\"_type\":3,\"_command\":\"blob\",\"channel\":1,\"blob\":\"AAAA\"}");
    pair_run(at);
    cr_expect_str_eq(bert.heard,
                     "ended, closed incompatible: Something was sent behind the end of the "
                     "stream.");
}

Test(channel_mistakes, sending_before_it_is_opened)
{
    at->answer = PAIR_WAITS;
    cr_assert_eq(pair_try_open(at, &anna, "chat", false, "null"), AUTOBUS_OK);
    pair_say(&at->client, "{\"_type\":3,\"_command\":\"data\",\"channel\":1,\"value\":1}");
    at->answer = PAIR_IGNORES;
    pair_run(at);
    cr_expect_str_eq(anna.heard,
                     "closed incompatible: Something was sent before the channel was opened.");
}

Test(channel_mistakes, opening_from_the_side_that_was_dialled)
{
    pair_say(
        &at->client,
        "{\"_type\":3,\"_command\":\"open\",\"channel\":9007199254740991,\"name\":\"x\",\"credit\":9}");
    cr_expect_not_null(strstr(at->client.log, "\"code\":\"not found\""));
    pair_connect(at, &anna, &bert, false);
    cr_expect_str_eq(anna.heard, "opened", "our own numbers are not led astray");
}

Test(channel_mistakes, speaking_of_channels_that_are_not_there)
{
    static const char *const lines[] = {
        "{\"_type\":3,\"_command\":\"data\",\"channel\":77,\"value\":1}",
        "{\"_type\":3,\"_command\":\"data\",\"channel\":77}",
        "{\"_type\":3,\"_command\":\"data\",\"channel\":\"x\"}",
        "{\"_type\":3,\"_command\":\"data\"}",
        "{\"_type\":3,\"_command\":\"close\",\"channel\":77}",
        "{\"_type\":3,\"_command\":\"open\",\"channel\":0}",
    };
    pair_connect(at, &anna, &bert, false);
    size_t said = strlen(at->server.log);
    for (size_t i = 0; i < AB_COUNT(lines); i++)
        pair_say(&at->server, lines[i]);
    cr_expect_eq(strlen(at->server.log), said);
    cr_assert_eq(pair_send(&anna, "1"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "data 1");
}

Test(channel_mistakes, credit_without_end_is_just_much)
{
    pair_connect(at, &anna, &bert, false);
    for (unsigned i = 0; i < 2000; i++)
        pair_say(&at->client,
                 "{\"_type\":3,\"_command\":\"credit\",\"channel\":1,\"credit\":9007199254740991}");
    cr_assert_eq(pair_send(&anna, "1"), AUTOBUS_OK);
    pair_run(at);
    cr_expect_str_eq(bert.heard, "data 1");
}

Test(channel_mistakes, asking_for_an_answer_gets_one)
{
    pair_connect(at, &anna, &bert, false);
    pair_say(&at->server,
             "{\"_type\":1,\"_id\":\"h7\",\"_command\":\"data\",\"channel\":1,\"value\":1e400}");
    cr_expect_not_null(strstr(at->server.log, "{\"_type\":2,\"_id\":\"h7\"}"));
    pair_say(&at->server, "{\"_type\":1,\"_id\":8,\"_command\":\"data\",\"channel\":1}");
    cr_expect_not_null(strstr(at->server.log, "{\"_type\":2,\"_id\":8,\"_error\":"));
    ab_buffer_fini(&at->server.out);
    pair_run(at);
    cr_expect_not_null(strstr(bert.heard, "data 1e400"));
}

Test(channel_mistakes, tokens_that_are_no_json_become_null)
{
    pair_connect(at, &anna, &bert, false);
    pair_say(&at->server,
             "{\"_type\":3,\"_command\":\"data\",\"channel\":1,\"value\":[NaN,-Infinity,\"NaN\"]}");
    pair_run(at);
    cr_expect_str_eq(bert.heard, "data [null,null,\"NaN\"]");
}

Test(channel_mistakes, closing_with_nonsense_still_closes)
{
    pair_connect(at, &anna, &bert, false);
    pair_say(&at->server,
             "{\"_type\":3,\"_command\":\"close\",\"channel\":1,\"code\":\"forked\",\"text\":7}");
    pair_run(at);
    cr_expect_str_eq(bert.heard, "closed remote error: ");
}
