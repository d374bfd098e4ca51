/* SPDX-License-Identifier: MIT
 * What sessions of one connection are told when it is more than somebody wants to hear: news cost credit, queues are
 * bounded each by itself, and all take turns. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/caller.h"
#include "unit/peer/many.h"

#define BIG    65000
/* Header, length of the name, name, and [1,""]: an event and a change as door_fire() and door_set() make them. */
#define EVENT  (16 + 4 + 5 + 6)
#define CHANGE (16 + 4 + 6 + 6)

static door *at;
static many with;

static void open_door(void)
{
    at = door_open();
    many_begin(&with, at);
}

static void close_door(void)
{
    many_end(&with);
    door_close(at);
}

TestSuite(sessions_credit, .init = open_door, .fini = close_door);

static void fire(unsigned number, size_t size)
{
    door_lock(at);
    door_fire(at, number, size);
    door_unlock(at);
}

static void set(unsigned number)
{
    door_lock(at);
    door_set(at, number, 0);
    door_unlock(at);
}

static void grant(unsigned session, uint64_t credit)
{
    ab_frames_write_grant(&with.out, (uint16_t)session, credit);
    many_send(&with);
}

static void expect_number(unsigned session, ab_frame_kind kind, unsigned number)
{
    char value[16];
    snprintf(value, sizeof value, "[%u,\"\"]", number);
    (void)many_expect(&with, session, kind, value);
}

/* The number of the next event or change, however long it is, and of which session. */
static unsigned next_number(unsigned *session)
{
    ab_frame frame = framed_next(with.client);
    cr_assert(frame.kind == AB_FRAME_FIRED || frame.kind == AB_FRAME_CHANGED, "kind %d",
              (int)frame.kind);
    *session = frame.session;
    return (unsigned)strtoul(frame.value.text.bytes + 1, NULL, 10);
}

static ab_caller *caller_of_last(void)
{
    return AB_CONTAINER(at->peers->callers.prev, ab_caller, place);
}

/* With the lock. */
static ab_session *session_of_last(uint16_t number)
{
    return number == 0 ? &caller_of_last()->first
                       : ab_map_get(&caller_of_last()->by_number, &number, sizeof number);
}

static size_t queued_for(uint16_t number)
{
    door_lock(at);
    size_t queued = session_of_last(number)->outbox.queued;
    door_unlock(at);
    return queued;
}

/* Until something waits for this session, which listens. */
static unsigned block_the_way(uint16_t session)
{
    unsigned number = 0;
    while (queued_for(session) == 0) {
        fire(number++, BIG);
        cr_assert_lt(number, 1000, "the kernel takes everything");
    }
    return number;
}

Test(sessions_credit, stops_the_news_of_one_session_and_of_no_other)
{
    many_bind(&with, 1, DOOR_OFFER, 2 * EVENT);
    many_bind(&with, 2, DOOR_OFFER, 3 * EVENT);
    many_subscribe(&with, 1, AB_VERB_LISTEN, "event");
    many_subscribe(&with, 2, AB_VERB_LISTEN, "event");
    many_expect_alive(&with);
    for (unsigned number = 1; number <= 3; number++)
        fire(number, 0);
    for (unsigned number = 1; number <= 2; number++) {
        expect_number(1, AB_FRAME_FIRED, number);
        expect_number(2, AB_FRAME_FIRED, number);
    }
    expect_number(2, AB_FRAME_FIRED, 3);
    many_expect_alive(&with);
    fire(4, 0);
    many_expect_alive(&with);
    grant(2, 1); /* one message into debt */
    expect_number(2, AB_FRAME_FIRED, 4);
    fire(5, 0);
    grant(2, EVENT - 1);
    many_expect_alive(&with);
    grant(1, 1000);
    for (unsigned number = 3; number <= 5; number++)
        expect_number(1, AB_FRAME_FIRED, number);
    grant(2, 1);
    expect_number(2, AB_FRAME_FIRED, 5);
    many_expect_alive(&with);
}

Test(sessions_credit, that_is_spent_keeps_the_order_of_a_session_and_its_latest_values)
{
    many_bind(&with, 1, DOOR_OFFER, CHANGE);
    many_subscribe(&with, 1, AB_VERB_WATCH, "object");
    many_subscribe(&with, 1, AB_VERB_LISTEN, "event");
    many_call(&with, 1, 1, "echo", "[1]"); /* answers cost nothing */
    many_send(&with);
    (void)many_expect(&with, 1, AB_FRAME_CHANGED, "null");
    (void)many_expect(&with, 1, AB_FRAME_RESULT, "[1]");
    fire(1, 0);
    expect_number(1, AB_FRAME_FIRED, 1);
    set(2);
    set(3);
    fire(4, 0);
    many_call(&with, 1, 2, "echo", "[2]");
    many_call(&with, 0, 2, "echo", "[0]");
    many_send(&with);
    (void)many_expect(&with, 0, AB_FRAME_RESULT, "[0]");
    set(5);
    many_expect_alive(&with);
    grant(1, 1000);
    expect_number(1, AB_FRAME_CHANGED, 5);
    expect_number(1, AB_FRAME_FIRED, 4);
    (void)many_expect(&with, 1, AB_FRAME_RESULT, "[2]");
    many_expect_alive(&with);
}

Test(sessions_credit, is_endless_for_the_first_until_some_is_granted)
{
    many_subscribe(&with, 0, AB_VERB_LISTEN, "event");
    many_expect_alive(&with);
    for (unsigned number = 1; number <= 100; number++) {
        fire(number, 0);
        expect_number(0, AB_FRAME_FIRED, number);
    }
    grant(0, 1);
    many_expect_alive(&with);
    fire(101, 0);
    expect_number(0, AB_FRAME_FIRED, 101);
    fire(102, 0);
    many_call(&with, 0, 1, "echo", "[]");
    many_expect_alive(&with); /* although the session can say nothing */
    grant(0, 1000);
    expect_number(0, AB_FRAME_FIRED, 102);
    (void)many_expect(&with, 0, AB_FRAME_RESULT, "[]");
    for (unsigned i = 0; i < 2100; i++)
        ab_frames_write_grant(&with.out, 0, UINT64_C(1) << 53);
    many_expect_alive(&with);
    fire(103, 0);
    expect_number(0, AB_FRAME_FIRED, 103);
}

Test(sessions_credit, of_none_lets_answers_and_channels_pass)
{
    at->offers_channels = true;
    many_bind(&with, 1, DOOR_OFFER, 0);
    many_call(&with, 1, 1, "echo", "[1]");
    ab_codec_frames.open(&with.one, 1, AB_SLICE("nothing"), false, 1000, AB_SLICE("null"));
    many_add(&with, 1);
    many_send(&with);
    (void)many_expect(&with, 1, AB_FRAME_RESULT, "[1]");
    (void)many_expect(&with, 1, AB_FRAME_CLOSE, "There is no such channel.");
    many_expect_alive(&with);
}

Test(sessions_credit, that_is_missing_at_the_end_leaves_news_out_and_nothing_else)
{
    many_bind(&with, 1, DOOR_OFFER, 0);
    many_subscribe(&with, 1, AB_VERB_WATCH, "object");
    many_subscribe(&with, 1, AB_VERB_LISTEN, "event");
    many_expect_alive(&with);
    fire(1, 0);
    many_call(&with, 1, 1, "echo", "[1]");
    many_expect_alive(&with);
    door_lock(at);
    door_withdraw(at, &at->offer, "Sold.");
    door_unlock(at);
    (void)many_expect(&with, 1, AB_FRAME_RESULT, "[1]");
    (void)many_expect(&with, 1, AB_FRAME_UNBOUND, "Sold.");
    many_expect_alive(&with);
}

Test(sessions_credit, that_never_comes_drops_a_session_that_goes_on_asking)
{
    static char list[BIG];
    snprintf(list, sizeof list, "[\"%0*d\"]", BIG - 10, 7);
    many_bind(&with, 1, DOOR_OFFER, 0);
    many_subscribe(&with, 1, AB_VERB_WATCH, "object");
    for (size_t sent = 0; sent <= at->limits.max_queued; sent += strlen(list)) {
        many_call(&with, 1, 1, "echo", list);
        many_expect_alive(&with);
    }
    many_call(&with, 1, 2, "echo", "[2]");
    many_send(&with);
    (void)many_expect(&with, 1, AB_FRAME_UNBOUND,
                      "You read too slowly: more than 1048576 bytes wait for you.");
    many_expect_alive(&with);
    door_wait_count(at, &at->unbound, 1);
}

Test(sessions_credit, or_not_a_session_that_lets_events_pile_up_is_dropped_alone)
{
    many_bind(&with, 1, DOOR_OFFER, BIG);
    many_subscribe(&with, 1, AB_VERB_LISTEN, "event");
    many_subscribe(&with, 0, AB_VERB_WATCH, "object");
    many_send(&with);
    (void)many_expect(&with, 0, AB_FRAME_CHANGED, "null");
    many_expect_alive(&with);
    fire(0, BIG);
    unsigned session, fired = 1;
    cr_assert_eq(next_number(&session), 0);
    door_lock(at);
    for (; session_of_last(1) != NULL; fired++) {
        cr_assert_lt(fired, 100, "nothing ends it");
        cr_assert_leq(session_of_last(1)->outbox.queued, at->limits.max_queued);
        door_fire(at, fired, BIG);
    }
    door_fire(at, fired, BIG); /* to nobody any more */
    door_unlock(at);
    door_wait_count(at, &at->unbound, 1);
    (void)many_expect(&with, 1, AB_FRAME_UNBOUND,
                      "You read too slowly: more than 1048576 bytes wait for you.");
    set(7);
    expect_number(0, AB_FRAME_CHANGED, 7);
    many_bind(&with, 2, DOOR_OFFER, 0);
    many_expect_alive(&with);
}

Test(sessions_credit, and_a_reader_given_all_take_turns)
{
    many_bind(&with, 1, DOOR_OFFER, 100 * MANY_CREDIT);
    many_bind(&with, 2, DOOR_OTHER, MANY_CREDIT);
    many_subscribe(&with, 1, AB_VERB_LISTEN, "event");
    many_subscribe(&with, 2, AB_VERB_WATCH, "object");
    many_send(&with);
    (void)many_expect(&with, 2, AB_FRAME_CHANGED, "null");
    many_expect_alive(&with);
    unsigned fired = block_the_way(1);
    for (unsigned i = 0; i < 12; i++)
        fire(fired++, BIG);
    set(5000);
    cr_assert_eq(queued_for(2), 0, "a value weighs nothing");
    unsigned session, seen = 0, before = 0;
    for (unsigned left = fired + 1; left > 0; left--) {
        unsigned number = next_number(&session);
        if (session == 2) {
            cr_expect_eq(number, 5000);
            before = seen;
        } else {
            cr_expect_eq(number, seen++);
        }
    }
    cr_expect_lt(before, fired - 8, "it waited for %u of %u", before, fired);
    many_expect_alive(&with);
}

Test(sessions_credit, does_not_matter_to_who_lets_answers_pile_up_and_is_not_read)
{
    static char list[BIG];
    snprintf(list, sizeof list, "[\"%0*d\"]", BIG - 10, 7);
    many_bind(&with, 1, DOOR_OFFER, 100 * MANY_CREDIT);
    many_bind(&with, 2, DOOR_OTHER, MANY_CREDIT);
    many_subscribe(&with, 1, AB_VERB_LISTEN, "event");
    many_expect_alive(&with);
    unsigned fired = block_the_way(1);
    fire(fired++, BIG);
    many_call(&with, 2, 1, "echo", "[2]");
    many_send(&with);
    for (bool is_paused = false; !is_paused;) {
        door_lock(at);
        is_paused = caller_of_last()->is_paused;
        door_unlock(at);
    }
    unsigned session;
    for (unsigned number = 0; number < fired; number++)
        cr_assert(next_number(&session) == number && session == 1);
    (void)many_expect(&with, 2, AB_FRAME_RESULT, "[2]");
    many_expect_alive(&with);
}
