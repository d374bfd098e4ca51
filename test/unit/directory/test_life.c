/* SPDX-License-Identifier: MIT
 * The ordinary life of services: they appear, change, leave, come back, and everybody hears of it once. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support/wire_net.h"

#define LAMP "{\"type\":\"lamp\"}"

static wire_net *net;

static void make_net(void)
{
    net = wire_net_new(1);
}

static void free_net(void)
{
    wire_net_free(net);
}

TestSuite(life, .init = make_net, .fini = free_net);

Test(life, a_service_that_is_there_is_found_within_a_round_trip)
{
    wire_node *lamp = wire_bus(net, 0, NULL);
    wire_publish(lamp, "lamp", LAMP);
    wire_run(net, AB_MS(5000));
    wire_node *seeker = wire_bus(net, 1, NULL);
    cr_assert(wire_run_until_told(net, seeker, 1, AB_MS(2)));
    cr_assert_str_eq(wire_story(seeker), "+lamp");
    cr_assert_str_eq(seeker->events[0].host, "10.0.0.1:20000");
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp");
}

Test(life, a_service_that_appears_is_heard_at_once)
{
    wire_node *lamp = wire_bus(net, 0, NULL), *seeker = wire_bus(net, 1, NULL);
    wire_run(net, AB_MS(5000));
    wire_publish(lamp, "lamp", LAMP);
    cr_assert_str_eq(wire_story(lamp), "+lamp", "a program sees its own at once");
    cr_assert_str_eq(lamp->events[0].host, "127.0.0.1:20000");
    cr_assert(wire_run_until_told(net, seeker, 1, AB_MS(1)));
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp");
}

Test(life, a_goodbye_is_heard_at_once)
{
    wire_node *lamp = wire_bus(net, 0, NULL), *seeker = wire_bus(net, 1, NULL);
    wire_publish(lamp, "lamp", LAMP);
    wire_run(net, AB_MS(5000));
    wire_withdraw(lamp, "lamp");
    cr_assert(wire_run_until_told(net, seeker, 2, AB_MS(1)));
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp -lamp");
    cr_assert_str_eq(wire_story(lamp), "+lamp -lamp");
}

Test(life, one_of_two_services_leaves)
{
    wire_node *lamp = wire_bus(net, 0, NULL), *seeker = wire_bus(net, 1, NULL);
    wire_publish(lamp, "a", LAMP);
    wire_publish(lamp, "b", LAMP);
    wire_run(net, AB_MS(5000));
    wire_withdraw(lamp, "a");
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+a +b -a");
}

Test(life, a_bus_that_leaves_takes_everything_along)
{
    wire_node *lamp = wire_bus(net, 0, NULL), *seeker = wire_bus(net, 1, NULL);
    wire_publish(lamp, "a", LAMP);
    wire_publish(lamp, "b", LAMP);
    wire_run(net, AB_MS(5000));
    ab_time before = net->now;
    wire_leave(lamp);
    cr_assert_leq(net->now - before, AB_MS(800));
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+a +b -a -b");
    cr_assert_eq(ab_directory_stat(seeker->directory, AUTOBUS_STAT_BUSES), 0);
}

Test(life, changed_info_is_a_leaving_and_an_appearing)
{
    wire_node *lamp = wire_bus(net, 0, NULL), *seeker = wire_bus(net, 1, NULL);
    wire_publish(lamp, "lamp", LAMP);
    wire_run(net, AB_MS(5000));
    wire_withdraw(lamp, "lamp");
    wire_publish(lamp, "lamp", "{\"type\":\"lamp\",\"room\":\"hall\"}");
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp -lamp +lamp");
    cr_assert_eq(ab_directory_stat(seeker->directory, AUTOBUS_STAT_CONFLICTS), 0);
}

Test(life, a_service_that_was_never_said_leaves_in_silence)
{
    wire_node *lamp = wire_bus(net, 0, NULL), *seeker = wire_bus(net, 1, NULL);
    wire_run(net, AB_MS(10));
    wire_publish(lamp, "lamp", LAMP);
    wire_withdraw(lamp, "lamp");
    cr_assert(ab_directory_is_said(lamp->directory));
    wire_run(net, AB_MS(5000));
    cr_assert_str_eq(wire_story(seeker), "");
    cr_assert_eq(lamp->sent[AB_PACKET_ADD] + lamp->sent[AB_PACKET_REMOVE], 0);
}

Test(life, nothing_is_announced_in_the_first_second)
{
    wire_node *lamp = wire_bus(net, 0, NULL);
    wire_publish(lamp, "lamp", LAMP);
    wire_run(net, AB_MS(999));
    cr_assert_eq(lamp->sent[AB_PACKET_ADD], 0);
    cr_assert_geq(lamp->sent[AB_PACKET_QUERY], 1);
    wire_run(net, AB_MS(2));
    cr_assert_eq(lamp->sent[AB_PACKET_ADD], 1);
    wire_run(net, AB_MS(250));
    cr_assert_eq(lamp->sent[AB_PACKET_ADD], 2);
    wire_run(net, AB_MS(500));
    cr_assert_eq(lamp->sent[AB_PACKET_ADD], 3);
    wire_run(net, AB_MS(5000));
    cr_assert_eq(lamp->sent[AB_PACKET_ADD], 3);
}

Test(life, a_restarted_service_is_known_in_milliseconds_in_spite_of_the_hold_back)
{
    wire_node *seeker = wire_bus(net, 1, NULL);
    ab_directory_want(seeker->directory, net->now, true);
    wire_run(net, AB_MS(20000));
    wire_node *lamp = wire_bus(net, 0, NULL);
    wire_run(net, AB_MS(1));
    wire_publish(lamp, "lamp", LAMP);
    cr_assert(wire_run_until_told(net, seeker, 1, AB_MS(5)));
    cr_assert_eq(lamp->sent[AB_PACKET_ADD], 0, "nobody was told aloud");
}

Test(life, three_processes_of_one_host_all_answer)
{
    for (unsigned i = 0; i < 3; i++) {
        char id[2] = {(char)('a' + i), '\0'};
        wire_publish(wire_bus(net, 0, NULL), id, LAMP);
    }
    wire_run(net, AB_MS(5000));
    wire_node *seeker = wire_bus(net, 1, NULL);
    cr_assert(wire_run_until_told(net, seeker, 3, AB_MS(5)));
    wire_node *local = wire_bus(net, 0, NULL);
    cr_assert(wire_run_until_told(net, local, 3, AB_MS(5)));
    for (size_t i = 0; i < 3; i++)
        cr_assert(strncmp(local->events[i].host, "127.0.0.1:", 10) == 0);
    wire_run(net, AB_MS(30000));
    cr_assert_eq(seeker->event_count, 3);
    cr_assert_eq(local->event_count, 3);
}

Test(life, two_services_may_claim_one_id_and_are_counted)
{
    wire_node *one = wire_bus(net, 0, NULL), *two = wire_bus(net, 1, NULL);
    wire_publish(one, "lamp", LAMP);
    wire_publish(two, "lamp", "{\"type\":\"lamp\",\"other\":true}");
    wire_node *seeker = wire_bus(net, 2, NULL);
    wire_run(net, AB_MS(5000));
    cr_assert_str_eq(wire_story(seeker), "+lamp +lamp");
    autobus_sighting *first;
    cr_assert_eq(ab_directory_find(seeker->directory, ab_slice_of("lamp"), &first), 2);
    cr_assert_eq(ab_directory_stat(seeker->directory, AUTOBUS_STAT_CONFLICTS), 1);
    cr_assert_eq(ab_directory_stat(one->directory, AUTOBUS_STAT_CONFLICTS), 1, "with our own too");
    wire_leave(one);
    wire_run(net, AB_MS(5000));
    cr_assert_str_eq(wire_story(seeker), "+lamp +lamp -lamp");
}

Test(life, one_service_of_two_buses_is_one_with_two_locations)
{
    wire_node *one = wire_bus(net, 0, NULL), *two = wire_bus(net, 1, NULL);
    wire_publish(one, "lamp", LAMP);
    wire_node *seeker = wire_bus(net, 2, NULL);
    wire_run(net, AB_MS(3000));
    wire_publish(two, "lamp", LAMP);
    wire_run(net, AB_MS(3000));
    autobus_sighting *sighting;
    cr_assert_eq(ab_directory_find(seeker->directory, ab_slice_of("lamp"), &sighting), 1);
    cr_assert_eq(autobus_sighting_locations(sighting), 2);
    cr_assert_str_eq(autobus_sighting_host(sighting), "10.0.0.1");
    cr_assert_str_eq(autobus_sighting_location_host(sighting, 1), "10.0.0.2");
    wire_leave(one);
    wire_run(net, AB_MS(3000));
    cr_assert_str_eq(wire_story(seeker), "+lamp ~lamp");
    wire_leave(two);
    wire_run(net, AB_MS(3000));
    cr_assert_str_eq(wire_story(seeker), "+lamp ~lamp -lamp");
}

Test(life, many_services_at_once_all_arrive)
{
    wire_node *shop = wire_bus(net, 0, NULL), *seeker = wire_bus(net, 1, NULL);
    wire_run(net, AB_MS(3000));
    for (int i = 0; i < 300; i++) {
        char id[16];
        snprintf(id, sizeof id, "lamp-%03d", i);
        wire_publish(shop, id, LAMP);
    }
    wire_run(net, AB_MS(300));
    cr_assert(wire_knows(seeker, 300));
    cr_assert_eq(wire_count(seeker, AUTOBUS_APPEARED), 300);
    wire_node *late = wire_bus(net, 2, NULL);
    wire_run(net, AB_MS(50));
    cr_assert(wire_knows(late, 300), "it fetched them, %zu", late->event_count);
    cr_assert_eq(ab_directory_stat(late->directory, AUTOBUS_STAT_FETCHES), 1);
    wire_leave(shop);
    wire_run(net, AB_MS(100));
    cr_assert_eq(wire_count(seeker, AUTOBUS_LEFT), 300);
    cr_assert_eq(wire_count(late, AUTOBUS_LEFT), 300);
}

Test(life, a_silent_directory_knows_its_own_and_says_nothing)
{
    ab_directory_config config = wire_config(net);
    config.is_silent = true;
    wire_node *hermit = wire_bus(net, 0, &config), *other = wire_bus(net, 1, NULL);
    wire_publish(hermit, "lamp", LAMP);
    wire_publish(other, "other", LAMP);
    ab_directory_want(hermit->directory, net->now, true);
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(hermit), "+lamp");
    cr_assert_eq(hermit->sent_bytes, 0);
    cr_assert_leq(ab_directory_settles(hermit->directory), net->now);
    ab_directory_leave(hermit->directory, net->now);
    cr_assert(ab_directory_is_said(hermit->directory));
    cr_assert_str_eq(wire_story(hermit), "+lamp -lamp");
}
