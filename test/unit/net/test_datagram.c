/* SPDX-License-Identifier: MIT
 * Datagrams on loopback: what arrives with them, how large, how many at once. */
#include <criterion/criterion.h>

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "net/datagram.h"
#include "unit/net/ear.h"
#include "unit/net/running.h"

TestSuite(datagram, .init = ear_begin, .fini = ear_end);

Test(datagram, arrives_with_source_destination_interface_and_ttl)
{
    ear *from = ear_open_plain(0, 4), *to = ear_open_plain(1, 4);
    uint16_t port = ear_port(to);
    cr_assert_eq(ear_send(from, "127.0.0.1", port, 0, "hello", 5), 0);
    ear_await(to);
    cr_expect_eq(to->length, 5);
    cr_expect_arr_eq(to->bytes, "hello", 5);
    cr_expect_str_eq(ear_host(&to->last.source), "127.0.0.1");
    cr_expect_eq(to->last.source.port, ear_port(from));
    cr_expect_str_eq(ear_host(&to->last.destination), "127.0.0.1");
    cr_expect_eq(to->last.destination.port, 0);
    cr_expect_eq(to->last.interface, if_nametoindex("lo"));
    cr_expect_eq(to->last.ttl, 255);
}

Test(datagram, the_same_with_ipv6)
{
    ear *from = ear_open(0, (ab_datagram_config){.family = 6});
    if (from->result != AUTOBUS_OK)
        cr_skip_test("no IPv6 here");
    ear *to = ear_open_plain(1, 6);
    int error = ear_send(from, "::1", ear_port(to), 0, "hello", 5);
    if (error == EADDRNOTAVAIL || error == ENETUNREACH)
        cr_skip_test("no ::1 here");
    ear_await(to);
    cr_expect_eq(to->length, 5);
    cr_expect_str_eq(ear_host(&to->last.source), "::1");
    cr_expect_str_eq(ear_host(&to->last.destination), "::1");
    cr_expect_eq(to->last.interface, if_nametoindex("lo"));
    cr_expect_eq(to->last.ttl, 255);
}

Test(datagram, the_loopback_broadcast_reaches_all_who_share_the_port)
{
    ear *from = ear_open_plain(0, 4);
    ear *first = ear_open(1, (ab_datagram_config){.family = 4, .is_shared = true});
    cr_assert_eq(first->result, AUTOBUS_OK, "%s", first->sentence);
    uint16_t port = ear_port(first);
    ear *second = ear_open(2, (ab_datagram_config){.family = 4, .port = port, .is_shared = true});
    cr_assert_eq(second->result, AUTOBUS_OK, "%s", second->sentence);
    cr_assert_eq(ear_send(from, "127.255.255.255", port, 0, "all", 3), 0);
    ear_await(first);
    ear_await(second);
    cr_expect_str_eq(ear_host(&first->last.destination), "127.255.255.255");
}

Test(datagram, a_port_that_is_taken_is_named)
{
    ear *first = ear_open_plain(0, 4);
    uint16_t port = ear_port(first);
    ear *second = ear_open(1, (ab_datagram_config){.family = 4, .port = port});
    cr_expect_eq(second->result, AUTOBUS_IN_USE);
    char text[16];
    snprintf(text, sizeof text, "%u", (unsigned)port);
    cr_expect_not_null(strstr(second->sentence, text), "%s", second->sentence);
    cr_expect_null(second->datagram);
}

Test(datagram, both_families_have_the_port_to_themselves)
{
    ear *six = ear_open(0, (ab_datagram_config){.family = 6, .is_shared = true});
    if (six->result != AUTOBUS_OK)
        cr_skip_test("no IPv6 here");
    uint16_t port = ear_port(six);
    ear *four = ear_open(1, (ab_datagram_config){.family = 4, .port = port, .is_shared = true});
    cr_assert_eq(four->result, AUTOBUS_OK, "%s", four->sentence);
    ear *from = ear_open_plain(2, 4);
    cr_assert_eq(ear_send(from, "127.0.0.1", port, 0, "4", 1), 0);
    ear_await(four);
    cr_expect_eq(six->count, 0);
}

Test(datagram, the_largest_arrives_whole_and_a_larger_one_shows_that_it_is)
{
    static char bytes[AB_DATAGRAM_LARGEST + 5000];
    memset(bytes, 'x', sizeof bytes);
    ear *from = ear_open_plain(0, 4), *to = ear_open_plain(1, 4);
    uint16_t port = ear_port(to);
    bytes[AB_DATAGRAM_LARGEST - 1] = 'z';
    cr_assert_eq(ear_send(from, "127.0.0.1", port, 0, bytes, AB_DATAGRAM_LARGEST), 0);
    ear_await(to);
    cr_expect_eq(to->length, AB_DATAGRAM_LARGEST);
    cr_expect_arr_eq(to->bytes, bytes, AB_DATAGRAM_LARGEST);
    ear_forget(to);
    cr_assert_eq(ear_send(from, "127.0.0.1", port, 0, bytes, sizeof bytes), 0);
    ear_await(to);
    cr_expect_eq(to->length, AB_DATAGRAM_LARGEST + 1);
    ear_forget(to);
    cr_assert_eq(ear_send(from, "127.0.0.1", port, 0, NULL, 0), 0);
    ear_await(to);
    cr_expect_eq(to->length, 0, "an empty one is one too");
}

Test(datagram, a_dead_port_does_not_cost_the_next_packet)
{
    ear *from = ear_open_plain(0, 4), *to = ear_open_plain(1, 4), *gone = ear_open_plain(2, 4);
    uint16_t port = ear_port(to), dead = ear_port(gone);
    ear_close(gone);
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(ear_send(from, "127.0.0.1", dead, 0, "x", 1), 0);
        ear_forget(to);
        cr_assert_eq(ear_send(from, "127.0.0.1", port, 0, "y", 1), 0);
        ear_await(to);
    }
}

/* Sends `count` packets of `length` bytes while the bus thread may not read. */
static void send_burst(int count, size_t length)
{
    static const char bytes[2000];
    ab_address to = ear_address("127.0.0.1", ab_datagram_port(ears[1].datagram));
    running_lock(ear_loop);
    for (int i = 0; i < count; i++)
        cr_assert_eq(ab_datagram_send(ears[0].datagram, &to, 0, NULL, bytes, length), 0);
    running_unlock(ear_loop);
}

static bool has_heard_200(const void *argument)
{
    return ((const ear *)argument)->count >= 200;
}

Test(datagram, two_hundred_answers_at_once_are_all_heard)
{
    ear_open_plain(0, 4);
    ear *to = ear_open_plain(1, 4);
    send_burst(200, 500);
    cr_assert(running_until(ear_loop, has_heard_200, to), "%d of 200", to->count);
    running_lock(ear_loop);
    cr_expect_eq(ab_datagram_overflows(to->datagram), 0);
    running_unlock(ear_loop);
}

/* True when all that was sent was heard or is known to have been dropped. */
static bool is_known(const ear *to, unsigned long sent)
{
    running_lock(ear_loop);
    bool is = to->count + ab_datagram_overflows(to->datagram) == sent;
    running_unlock(ear_loop);
    return is;
}

Test(datagram, what_the_kernel_drops_is_counted, .timeout = 30)
{
    ear_open_plain(0, 4);
    ear *to = ear_open_plain(1, 4);
    send_burst(9999, 1000);
    /* The count comes with a packet that was queued after the drops. */
    cr_assert(running_until(ear_loop, has_heard_200, to));
    unsigned long sent = 9999;
    while (!is_known(to, sent)) {
        send_burst(1, 1000);
        sent++;
    }
    running_lock(ear_loop);
    cr_expect_gt(ab_datagram_overflows(to->datagram), 0);
    running_unlock(ear_loop);
}

/* Bytes heard since the bus thread last came round to its tasks. */
static size_t of_this_turn, most_of_a_turn;

static void begin_turn(ab_task *task)
{
    of_this_turn = 0;
    ab_loop_post(ear_loop, task);
}

static void count_bytes(void *owner, const ab_arrival *arrival, const char *bytes, size_t length)
{
    ear_hear(owner, arrival, bytes, length);
    of_this_turn += length;
    most_of_a_turn = AB_MAX(most_of_a_turn, of_this_turn);
}

Test(datagram, at_most_64_kib_are_read_in_a_turn)
{
    of_this_turn = most_of_a_turn = 0;
    ear_open_plain(0, 4);
    ear *to = ear_open(1, (ab_datagram_config){.family = 4, .heard = count_bytes});
    ab_task turn;
    ab_task_init(&turn, begin_turn);
    running_lock(ear_loop);
    ab_loop_post(ear_loop, &turn);
    running_unlock(ear_loop);
    send_burst(250, 1200);
    cr_assert(running_until(ear_loop, has_heard_200, to), "%d of 250", to->count);
    running_lock(ear_loop);
    ab_task_cancel(&turn);
    cr_expect_leq(most_of_a_turn, 65536);
    running_unlock(ear_loop);
}

static void close_at_once(void *owner, const ab_arrival *arrival, const char *bytes, size_t length)
{
    ear_hear(owner, arrival, bytes, length);
    ear *here = owner;
    ab_datagram_close(here->datagram);
    here->datagram = NULL;
}

Test(datagram, can_be_closed_when_it_hears)
{
    ear_open_plain(0, 4);
    ear *to = ear_open(1, (ab_datagram_config){.family = 4, .heard = close_at_once});
    send_burst(20, 100);
    ear_await(to);
    running_lock(ear_loop);
    cr_expect_eq(to->count, 1);
    running_unlock(ear_loop);
}

static char order[3];

static void note_order(void *owner, const ab_arrival *arrival, const char *bytes, size_t length)
{
    strncat(order, bytes, 1);
    ear_hear(owner, arrival, bytes, length);
}

Test(datagram, one_may_be_read_before_another_whatever_is_ready_first)
{
    ear *from = ear_open_plain(0, 4);
    ear *late = ear_open(1, (ab_datagram_config){.family = 4, .heard = note_order});
    ear *early = ear_open(2, (ab_datagram_config){.family = 4, .heard = note_order});
    ab_address to_late = ear_address("127.0.0.1", ear_port(late));
    ab_address to_early = ear_address("127.0.0.1", ear_port(early));
    running_lock(ear_loop);
    ab_datagram_read_after(late->datagram, early->datagram);
    for (int i = 0; i < 2; i++) {
        order[0] = '\0';
        late->count = early->count = 0;
        ab_datagram_send(from->datagram, &to_late, 0, NULL, "2", 1);
        ab_datagram_send(from->datagram, &to_early, 0, NULL, "1", 1);
        running_unlock(ear_loop);
        ear_await(late);
        ear_await(early);
        running_lock(ear_loop);
        cr_expect_str_eq(order, "12");
    }
    running_unlock(ear_loop);
}

/* Two buses that read at the same time share no memory while they do. */
static void fill(void *owner, const ab_arrival *arrival, const char *bytes, size_t length)
{
    for (size_t i = 1; i < length; i++)
        cr_assert_eq(bytes[i], bytes[0], "another bus's packet is in here");
    ear_hear(owner, arrival, bytes, length);
}

Test(datagram, two_buses_read_at_the_same_time)
{
    ab_loop *first = ear_loop;
    ear *to = ear_open(1, (ab_datagram_config){.family = 4, .heard = fill});
    ear_loop = running_new();
    ear *from = ear_open(0, (ab_datagram_config){.family = 4, .heard = fill});
    ab_loop *second = ear_loop;
    ab_address one = ear_address("127.0.0.1", ear_port(to));
    ab_address other = ear_address("127.0.0.1", ear_port(from));
    char a[1500], b[1500];
    memset(a, 'a', sizeof a);
    memset(b, 'b', sizeof b);
    for (int i = 0; i < 2000; i++) {
        running_lock(second);
        ab_datagram_send(from->datagram, &one, 0, NULL, a, sizeof a);
        running_unlock(second);
        running_lock(first);
        ab_datagram_send(to->datagram, &other, 0, NULL, b, sizeof b);
        running_unlock(first);
    }
    cr_expect(running_until(first, has_heard_200, to));
    cr_expect(running_until(second, has_heard_200, from));
    ear_close(from);
    running_end(second, NULL, NULL);
    ear_loop = first;
}
