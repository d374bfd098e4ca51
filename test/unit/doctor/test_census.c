/* SPDX-License-Identifier: MIT
 * Who speaks, as packets come in. */
#include <criterion/criterion.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/census.h"
#include "unit/doctor/healthy.h"

#define OURS "0b1e55ed0ca7cafe"

static healthy here;
static doctor_facts *facts;

static void start(void)
{
    healthy_init(&here);
    facts = &here.facts;
    facts->speakers = NULL;
    facts->speaker_count = facts->seen = 0;
}

static void stop(void)
{
    free(facts->speakers);
}

TestSuite(census, .init = start, .fini = stop);

static doctor_arrival from(const char *host, unsigned interface)
{
    doctor_arrival arrival = {.interface = interface};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&arrival.source;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&arrival.source;
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
    } else {
        cr_assert_eq(inet_pton(AF_INET6, host, &v6->sin6_addr), 1);
        v6->sin6_family = AF_INET6;
    }
    return arrival;
}

static void hear(doctor_arrival arrival, const char *text)
{
    doctor_census_count(facts, OURS, &arrival, text, strlen(text));
}

Test(census, notices_what_we_said_ourselves)
{
    here.interfaces[ETH].broadcast.way = here.interfaces[ETH].multicast.way = DOCTOR_WAY_LOST;
    hear(from("10.0.0.2", 2), "{\"command\":\"query\",\"bus\":\"" OURS "\"}");
    cr_assert_eq(here.interfaces[ETH].broadcast.way, DOCTOR_WAY_BACK);
    cr_assert_eq(here.interfaces[ETH].multicast.way, DOCTOR_WAY_LOST);
    hear(from("fe80::1", 2), "{\"command\":\"query\",\"bus\":\"" OURS "\"}");
    cr_assert_eq(here.interfaces[ETH].multicast.way, DOCTOR_WAY_BACK);
    cr_assert_eq(facts->speaker_count, 0);
}

Test(census, takes_nothing_for_back_that_was_not_sent)
{
    here.interfaces[ETH].broadcast = (doctor_attempt){DOCTOR_WAY_REFUSED, 1};
    hear(from("10.0.0.2", 2), "{\"command\":\"query\",\"bus\":\"" OURS "\"}");
    hear(from("10.0.0.2", 77), "{\"command\":\"query\",\"bus\":\"" OURS "\"}");
    cr_assert_eq(here.interfaces[ETH].broadcast.way, DOCTOR_WAY_REFUSED);
}

Test(census, counts_a_bus_once_by_whatever_way_it_is_heard)
{
    doctor_arrival answer = from("10.0.0.3", 2);
    answer.is_answer = true;
    hear(from("10.0.0.3", 2), "{\"command\":\"query\",\"bus\":\"5ee1d0c4b2a39786\"}");
    hear(from("fe80::3", 2),
         "{\"command\":\"presence\",\"bus\":\"5ee1d0c4b2a39786\",\"port\":4000}");
    hear(answer, "{\"command\":\"presence\",\"bus\":\"5ee1d0c4b2a39786\",\"port\":4000}");
    cr_assert_eq(facts->speaker_count, 1);
    cr_assert_eq(facts->speakers[0].port, 4000);
    cr_assert_str_eq(facts->speakers[0].host, "10.0.0.3");
    cr_assert(facts->speakers[0].answered);
    cr_assert_not(facts->speakers[0].has_twin || facts->speakers[0].is_here ||
                  facts->speakers[0].is_beyond);
    cr_assert_eq(here.interfaces[ETH].heard, 3);
}

Test(census, notices_two_of_one_id)
{
    hear(from("10.0.0.3", 2),
         "{\"command\":\"presence\",\"bus\":\"5ee1d0c4b2a39786\",\"port\":4000}");
    hear(from("10.0.0.4", 2),
         "{\"command\":\"presence\",\"bus\":\"5ee1d0c4b2a39786\",\"port\":4001}");
    cr_assert_eq(facts->speaker_count, 1);
    cr_assert(facts->speakers[0].has_twin);
}

Test(census, tells_old_peers_apart_by_where_they_are)
{
    hear(from("10.0.0.3", 2), "{\"command\":\"query\"}");
    hear(from("10.0.0.3", 2), "{\"command\":\"add\",\"port\":4000,\"service\":\"a\",\"info\":{}}");
    hear(from("10.0.0.3", 2), "{\"command\":\"add\",\"port\":4000,\"service\":\"b\",\"info\":{}}");
    hear(from("10.0.0.3", 2), "{\"command\":\"add\",\"port\":4001,\"service\":\"c\",\"info\":{}}");
    hear(from("10.0.0.4", 2), "{\"command\":\"add\",\"port\":4000,\"service\":\"d\",\"info\":{}}");
    cr_assert_eq(facts->speaker_count, 3);
    cr_assert_str_empty(facts->speakers[0].id);
    cr_assert_eq(facts->speakers[0].port, 4000);
}

Test(census, knows_what_is_on_this_machine)
{
    hear(from("127.0.0.1", 1),
         "{\"command\":\"presence\",\"bus\":\"1111111111111111\",\"port\":1}");
    hear(from("10.0.0.2", 2), "{\"command\":\"presence\",\"bus\":\"2222222222222222\",\"port\":2}");
    hear(from("10.0.0.2", 2), "{\"command\":\"query\",\"bus\":\"3333333333333333\"}");
    cr_assert_eq(facts->speaker_count, 2, "who only asks here is passed over");
    cr_assert(facts->speakers[0].is_here && facts->speakers[1].is_here);
    cr_assert_eq(doctor_facts_speakers(facts, true), 2);
    cr_assert_eq(doctor_facts_speakers(facts, false), 0);
}

Test(census, knows_who_lies_beyond_our_networks)
{
    hear(from("10.0.1.3", 2), "{\"command\":\"presence\",\"bus\":\"1111111111111111\",\"port\":1}");
    hear(from("10.0.0.200", 2),
         "{\"command\":\"presence\",\"bus\":\"2222222222222222\",\"port\":1}");
    hear(from("fe80::9", 2), "{\"command\":\"presence\",\"bus\":\"3333333333333333\",\"port\":1}");
    cr_assert(facts->speakers[0].is_beyond);
    cr_assert_not(facts->speakers[1].is_beyond || facts->speakers[2].is_beyond);
}

Test(census, believes_listed_peers_from_anywhere)
{
    facts->peer_count = 1;
    strcpy(here.peer.host, "10.0.1.3");
    hear(from("10.0.1.3", 2), "{\"command\":\"presence\",\"bus\":\"1111111111111111\",\"port\":9}");
    cr_assert_not(facts->speakers[0].is_beyond);
    cr_assert(here.peer.answered);
    cr_assert_eq(here.peer.tcp_port, 9);
}

Test(census, counts_what_is_nothing_of_ours)
{
    hear(from("10.0.0.7", 2), "\x1b[2J");
    hear(from("10.0.0.8", 2), "{}");
    cr_assert_eq(facts->strange, 2);
    cr_assert_str_eq(facts->strange_host, "10.0.0.7");
    cr_assert_eq(facts->speaker_count, 0);
}

Test(census, is_bounded)
{
    for (unsigned i = 0; i < 5000; i++) {
        char text[80];
        snprintf(text, sizeof text, "{\"command\":\"query\",\"bus\":\"%016x\"}", i);
        hear(from("10.0.0.3", 2), text);
    }
    cr_assert_eq(facts->speaker_count, 4096);
}
