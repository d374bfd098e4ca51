/* SPDX-License-Identifier: MIT
 * Several services on one connection: how sessions begin and end, and that none minds the others. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/caller.h"
#include "unit/peer/many.h"

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

TestSuite(sessions, .init = open_door, .fini = close_door);

static void withdraw(const int *service, const char *sentence)
{
    door_lock(at);
    door_withdraw(at, service, sentence);
    door_unlock(at);
}

static size_t connections_counted(void)
{
    door_lock(at);
    size_t count = at->peers->count;
    door_unlock(at);
    return count;
}

Test(sessions, of_one_connection_are_asked_and_answered_each_by_itself)
{
    many_bind(&with, 1, DOOR_OFFER, MANY_CREDIT);
    many_bind(&with, 7, DOOR_OTHER, 0);
    cr_expect_eq(at->bound, 3);
    for (unsigned i = 0; i < 3; i++) {
        many_call(&with, 1, 5, "echo", "[1]");
        many_call(&with, 0, 5, "echo", "[0]");
        many_call(&with, 7, 5, "echo", "[7]");
        many_call(&with, 7, 6, "echo", "[77]");
    }
    many_send(&with);
    for (unsigned i = 0; i < 3; i++) {
        cr_expect_eq(many_expect(&with, 1, AB_FRAME_RESULT, "[1]").id, 5);
        cr_expect_eq(many_expect(&with, 0, AB_FRAME_RESULT, "[0]").id, 5);
        cr_expect_eq(many_expect(&with, 7, AB_FRAME_RESULT, "[7]").id, 5);
        cr_expect_eq(many_expect(&with, 7, AB_FRAME_RESULT, "[77]").id, 6);
    }
    many_expect_alive(&with);
}

Test(sessions, take_messages_of_several_frames)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer list;
    ab_buffer_init(&list);
    ab_buffer_appendf(&list, "[\"%0*d\"]", 200000, 7);
    ab_buffer_append(&list, "", 1);
    many_bind(&with, 300, DOOR_OFFER, 0);
    many_call(&with, 300, 1, "echo", ab_buffer_bytes(&list));
    many_call(&with, 0, 1, "echo", "[]");
    many_send(&with);
    (void)many_expect(&with, 300, AB_FRAME_RESULT, ab_buffer_bytes(&list));
    (void)many_expect(&with, 0, AB_FRAME_RESULT, "[]");
    many_expect_alive(&with);
}

Test(sessions, that_are_refused_leave_the_connection_and_what_was_sent_behind_is_passed_over)
{
    char longest[1026];
    memset(longest, 'x', sizeof longest);
    static const char zero[] = {'o', '\0'};
    ab_frames_write_bind(&with.out, 1, AB_SLICE("nothing"), 100);
    many_call(&with, 1, 1, "echo", "[1]");
    many_subscribe(&with, 1, AB_VERB_LISTEN, "event");
    ab_frames_write_grant(&with.out, 1, 7);
    ab_frames_write_unbind(&with.out, 1);
    ab_frames_write_bind(&with.out, 2, AB_SLICE(""), 100);
    ab_frames_write_bind(&with.out, 3, (ab_slice){longest, 1025}, 100);
    ab_frames_write_bind(&with.out, 4, (ab_slice){zero, 2}, 100);
    many_call(&with, 0, 1, "echo", "[0]");
    many_send(&with);
    for (unsigned session = 1; session <= 4; session++)
        (void)many_expect(&with, session, AB_FRAME_UNBOUND, MANY_NONE);
    (void)many_expect(&with, 0, AB_FRAME_RESULT, "[0]");
    many_expect_alive(&with);
    cr_expect_eq(at->bound, 1);
    cr_expect_eq(connections_counted(), 1);
}

Test(sessions, bind_introspection_by_its_name)
{
    many_bind(&with, 1, "autobus", 0);
    withdraw(&at->introspection, "Not any more.");
    (void)many_expect(&with, 1, AB_FRAME_UNBOUND, "Not any more.");
    many_expect_alive(&with);
}

Test(sessions, end_alone_when_their_service_is_withdrawn_and_the_last_ends_the_connection)
{
    many_bind(&with, 1, DOOR_OFFER, 0);
    many_bind(&with, 2, DOOR_OFFER, 0);
    cr_expect_eq(connections_counted(), 3);
    many_call(&with, 2, 9, "quit", "[]");
    many_call(&with, 1, 1, "echo", "[1]"); /* on its way */
    many_call(&with, 0, 1, "echo", "[0]");
    many_send(&with);
    cr_expect_eq(many_expect(&with, 2, AB_FRAME_PONG, "").id, 9); /* an answer without a value */
    (void)many_expect(&with, 1, AB_FRAME_UNBOUND, "It quit.");
    (void)many_expect(&with, 2, AB_FRAME_UNBOUND, "It quit.");
    (void)many_expect(&with, 0, AB_FRAME_RESULT, "[0]");
    cr_expect_eq(at->unbound, 2);
    cr_expect_eq(connections_counted(), 1);
    many_bind(&with, 3, DOOR_OFFER, 0);
    withdraw(&at->other, "Sold.");
    (void)many_expect(&with, 0, AB_FRAME_UNBOUND, "Sold.");
    many_expect_alive(&with);
    withdraw(&at->offer, "Sold too.");
    (void)many_expect(&with, 3, AB_FRAME_UNBOUND, "Sold too.");
    client_expect_end(with.client);
    door_wait_count(at, &at->unbound, 4);
}

Test(sessions, are_ended_by_the_client_which_hears_no_more_of_them)
{
    many_bind(&with, 1, DOOR_OFFER, MANY_CREDIT);
    many_subscribe(&with, 1, AB_VERB_LISTEN, "event");
    many_subscribe(&with, 0, AB_VERB_LISTEN, "event");
    many_expect_alive(&with);
    ab_frames_write_unbind(&with.out, 1);
    many_call(&with, 1, 1, "echo", "[1]");
    many_expect_alive(&with);
    cr_expect_eq(at->unbound, 1);
    door_lock(at);
    door_fire(at, 3, 0);
    door_unlock(at);
    (void)many_expect(&with, 0, AB_FRAME_FIRED, "[3,\"\"]");
    many_expect_alive(&with);
}

Test(sessions, live_on_without_the_first)
{
    many_bind(&with, 1, DOOR_OFFER, MANY_CREDIT);
    many_subscribe(&with, 1, AB_VERB_WATCH, "object");
    many_subscribe(&with, 0, AB_VERB_LISTEN, "event");
    ab_frames_write_unbind(&with.out, 0);
    many_call(&with, 0, 1, "echo", "[0]");
    many_call(&with, 1, 1, "echo", "[1]");
    many_send(&with);
    (void)many_expect(&with, 1, AB_FRAME_CHANGED, "null");
    (void)many_expect(&with, 1, AB_FRAME_RESULT, "[1]");
    door_wait_count(at, &at->unbound, 1);
    door_lock(at);
    door_fire(at, 1, 0);
    door_set(at, 2, 0);
    door_unlock(at);
    (void)many_expect(&with, 1, AB_FRAME_CHANGED, "[2,\"\"]");
    many_expect_alive(&with);
    many_bind(&with, 2, DOOR_OTHER, 0);
    ab_frames_write_unbind(&with.out, 1);
    ab_frames_write_unbind(&with.out, 0); /* for the second time, which is late */
    many_expect_alive(&with);
    ab_frames_write_unbind(&with.out, 2);
    many_call(&with, 2, 1, "echo", "[2]");
    many_send(&with);
    client_expect_end(with.client);
    door_wait_count(at, &at->unbound, 3);
}

Test(sessions, close_the_connection_when_the_client_ends_the_only_one)
{
    many_call(&with, 0, 1, "echo", "[0]");
    ab_frames_write_unbind(&with.out, 0);
    many_send(&with);
    (void)many_expect(&with, 0, AB_FRAME_RESULT, "[0]");
    client_expect_end(with.client);
    door_wait_count(at, &at->unbound, 1);
}

/* On a connection of its own, beside the one of the test, that has had session 5. */
static void expect_refused(const void *bytes, size_t length, const char *mistake)
{
    many other;
    many_begin(&other, at);
    many_bind(&other, 4, DOOR_OFFER, 0);
    many_bind(&other, 5, DOOR_OFFER, 0);
    ab_frames_write_unbind(&other.out, 5);
    many_call(&other, 4, 1, "echo", "[4]");
    ab_buffer_append(&other.out, bytes, length);
    many_send(&other);
    (void)many_expect(&other, 4, AB_FRAME_RESULT, "[4]");
    many_expect_refusal(&other, mistake);
    many_end(&other);
    many_expect_alive(&with);
}

#define REFUSED(bytes, mistake) expect_refused(bytes, sizeof(bytes) - 1, mistake)
#define BIND_OF(session)                                                  \
    "\x11\0\0\0\x0e\0" session "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\5\0\0\0" \
    "other"

Test(sessions, are_never_used_before_they_are_bound_nor_bound_under_a_number_twice)
{
    REFUSED("\0\0\0\0\x0b\0\6\0\1\0\0\0\0\0\0\0", "a frame of a session that was not bound");
    REFUSED("\2\0\0\0\x01\0\6\0\1\0\0\0\0\0\0\0[]", "a frame that is too short");
    REFUSED("\0\0\0\0\x17\0\xff\xff\0\0\0\0\0\0\0\0", "a frame of a session that was not bound");
    REFUSED(BIND_OF("\4\0"), "a session whose number was used before");
    REFUSED(BIND_OF("\5\0"), "a session whose number was used before");
    REFUSED(BIND_OF("\1\0"), "a session whose number was used before");
    REFUSED(BIND_OF("\0\0"), "a frame that binds, without the number of a session");
    REFUSED("\0\0\0\0\x0b\0\4\0\1\0\0\0\0\0\0\0", "a ping or pong of a session");
    REFUSED("\0\0\0\0\x0c\0\5\0\1\0\0\0\0\0\0\0", "a ping or pong of a session");
    REFUSED("\0\0\0\0\x0f\0\4\0\0\0\0\0\0\0\0\0", "a frame that only a service sends");
    REFUSED("\2\0\0\0\x02\0\4\0\1\0\0\0\0\0\0\0[]", "a frame that only a service sends");
    door_wait_count(at, &at->unbound, 33);
}

Test(sessions, have_channels_of_the_same_numbers)
{
    at->offers_channels = true;
    autobus_channel *channels[2];
    many_bind(&with, 1, DOOR_OFFER, 0);
    for (unsigned i = 0; i < 2; i++) {
        ab_codec_frames.open(&with.one, 1, AB_SLICE("chat"), false, 1000, AB_SLICE("null"));
        many_add(&with, i);
        many_expect_alive(&with);
        channels[i] = at->offered;
        cr_assert_eq(ab_channel_accept(channels[i], NULL, NULL, NULL), AUTOBUS_OK);
        cr_expect_eq(many_expect(&with, i, AB_FRAME_OPENED, "").id, 1);
    }
    cr_assert_neq(channels[0], channels[1]);
    cr_expect_eq(ab_channel_send(channels[1], AB_SLICE("11")), AUTOBUS_OK);
    cr_expect_eq(ab_channel_send(channels[0], AB_SLICE("10")), AUTOBUS_OK);
    door_pass(at, AB_MS(500)); /* what is said in a rush leaves */
    cr_expect_eq(many_expect(&with, 1, AB_FRAME_DATA, "11").id, 1);
    cr_expect_eq(many_expect(&with, 0, AB_FRAME_DATA, "10").id, 1);
    ab_codec_frames.close(&with.one, 1, AUTOBUS_OK, "enough");
    many_add(&with, 0);
    many_expect_alive(&with);
    cr_expect_eq(ab_channel_send(channels[0], AB_SLICE("1")), AUTOBUS_CLOSED);
    cr_expect_eq(ab_channel_send(channels[1], AB_SLICE("2")), AUTOBUS_OK);
    (void)many_expect(&with, 1, AB_FRAME_DATA, "2");
    ab_frames_write_unbind(&with.out, 1);
    many_expect_alive(&with);
    cr_expect_eq(ab_channel_send(channels[1], AB_SLICE("3")), AUTOBUS_CLOSED);
    for (unsigned i = 0; i < 2; i++) {
        ab_channel_free(channels[i]);
        door_lock(at);
        ab_channel_settle(channels[i], "");
        door_unlock(at);
    }
    (void)ab_deliveries_dispatch(at->seat.deliveries);
}

Test(sessions, are_all_told_when_the_bus_closes)
{
    many_bind(&with, 1, DOOR_OFFER, 0);
    many_bind(&with, 2, "autobus", 0);
    door_lock(at);
    door_withdraw(at, &at->other, "Closing.");
    door_withdraw(at, &at->offer, "Closing.");
    door_withdraw(at, &at->introspection, "Closing.");
    cr_assert_eq(at->unbound, 3);
    door_unlock(at);
    for (unsigned session = 0; session < 3; session++)
        (void)many_expect(&with, session, AB_FRAME_UNBOUND, "Closing.");
    client_expect_end(with.client);
}

Test(sessions, are_all_told_when_the_client_is_silent_for_too_long)
{
    many_bind(&with, 3, DOOR_OFFER, 0);
    door_pass(at, AB_MS(62000));
    door_wait_count(at, &at->unbound, 2);
    ab_frame frame;
    do {
        frame = framed_next(with.client);
        cr_assert(frame.kind != AB_FRAME_PING || frame.session == 0);
    } while (frame.kind == AB_FRAME_PING);
    cr_expect(frame.kind == AB_FRAME_UNBOUND && frame.session == 3);
    cr_expect(ab_slice_is(frame.text, "You have been silent for too long."));
    (void)many_expect(&with, 0, AB_FRAME_UNBOUND, "You have been silent for too long.");
    client_expect_end(with.client);
}

Test(sessions, count_like_connections_and_are_refused_like_them)
{
    ab_peer_limits limits = at->limits;
    limits.max_inbound = 3;
    door *narrow = door_open_with(&limits);
    many two;
    many_begin(&two, narrow);
    many_bind(&two, 1, DOOR_OFFER, 0);
    many_bind(&two, 2, DOOR_OFFER, 0);
    ab_frames_write_bind(&two.out, 3, AB_SLICE(DOOR_OFFER), 0);
    many_send(&two);
    (void)many_expect(&two, 3, AB_FRAME_UNBOUND, "This bus has as many connections as it takes.");
    cr_expect_eq(door_stat(narrow, AUTOBUS_STAT_REFUSED), 1);
    int third = client_connect(narrow);
    cr_expect(strstr(client_line(third), "as many connections as it takes") != NULL);
    client_close(third);
    ab_frames_write_unbind(&two.out, 1);
    many_send(&two);
    many_bind(&two, 4, DOOR_OFFER, 0);
    many_expect_alive(&two);
    many_end(&two);
    door_wait_count(narrow, &narrow->unbound, 4);
    cr_expect_eq(narrow->peers->count, 0);
    door_close(narrow);
}

Test(sessions, are_at_most_so_many_on_one_connection)
{
    for (unsigned session = 1; session < AB_SESSIONS_MOST; session++)
        ab_frames_write_bind(&with.out, (uint16_t)session, AB_SLICE(DOOR_OFFER), 0);
    ab_frames_write_bind(&with.out, 2000, AB_SLICE(DOOR_OFFER), 0);
    many_send(&with);
    for (unsigned session = 1; session < AB_SESSIONS_MOST; session++)
        (void)many_expect(&with, session, AB_FRAME_BOUND, "");
    (void)many_expect(&with, 2000, AB_FRAME_UNBOUND,
                      "This bus has as many connections as it takes from one host.");
    ab_frames_write_unbind(&with.out, 1000);
    many_send(&with);
    many_bind(&with, 65535, DOOR_OFFER, 0);
    many_call(&with, 65535, 1, "echo", "[1]");
    many_send(&with);
    (void)many_expect(&with, 65535, AB_FRAME_RESULT, "[1]");
    cr_expect_eq(connections_counted(), AB_SESSIONS_MOST);
}
