/* SPDX-License-Identifier: MIT
 * What we offer and what is known, as the layers above ask for it. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "support/wire_net.h"

#define LAMP "{\"type\":\"lamp\"}"

static wire_net *net;
static wire_node *node;

static void make_net(void)
{
    net = wire_net_new(12);
    node = wire_bus(net, 0, NULL);
}

static void free_net(void)
{
    wire_net_free(net);
}

TestSuite(own, .init = make_net, .fini = free_net);

static autobus_result publish(const char *id, const char *info)
{
    ab_text *id_text = ab_text_new(id, strlen(id)), *info_text = ab_text_new(info, strlen(info));
    autobus_result result = ab_directory_publish(node->directory, net->now, id_text, info_text);
    ab_text_unref(id_text);
    ab_text_unref(info_text);
    return result;
}

Test(own, an_id_is_published_once)
{
    cr_assert_eq(publish("lamp", LAMP), AUTOBUS_OK);
    cr_assert_eq(publish("lamp", "{}"), AUTOBUS_IN_USE);
    cr_assert(strstr(autobus_last_error(), "\"lamp\"") != NULL);
    cr_assert_str_eq(wire_story(node), "+lamp");
    cr_assert_eq(ab_directory_withdraw(node->directory, net->now, AB_SLICE("other")),
                 AUTOBUS_NOT_FOUND);
    cr_assert_eq(ab_directory_withdraw(node->directory, net->now, AB_SLICE("lamp")), AUTOBUS_OK);
    cr_assert_eq(publish("lamp", "{}"), AUTOBUS_OK);
}

Test(own, what_does_not_fit_into_a_packet_is_refused_with_a_sentence)
{
    char *info = malloc(20000);
    size_t longest = 0;
    for (size_t length = 15000; length < 17000; length++) {
        snprintf(info, 20000, "{\"a\":\"%0*d\"}", (int)length - 8, 0);
        char id[32];
        snprintf(id, sizeof id, "big");
        if (publish(id, info) != AUTOBUS_OK) {
            cr_assert_eq(publish(id, info), AUTOBUS_TOO_LARGE);
            break;
        }
        longest = length;
        ab_directory_withdraw(node->directory, net->now, AB_SLICE("big"));
    }
    free(info);
    cr_assert_geq(longest, 16000);
    cr_assert_lt(longest, AB_DATAGRAM_MAX);
    cr_assert(strstr(autobus_last_error(), "16384") != NULL, "%s", autobus_last_error());
}

Test(own, a_service_of_the_longest_kind_is_heard_by_others)
{
    wire_node *other = wire_bus(net, 1, NULL);
    char info[16000];
    snprintf(info, sizeof info, "{\"a\":\"%0*d\"}", (int)sizeof info - 9, 0);
    cr_assert_eq(publish("big", info), AUTOBUS_OK);
    wire_touch(node);
    wire_run(net, AB_MS(3000));
    cr_assert_str_eq(wire_story(other), "+big");
    wire_node *late = wire_bus(net, 2, NULL);
    wire_run(net, AB_MS(1000));
    cr_assert_str_eq(wire_story(late), "+big", "it does not fit into an answer");
}

typedef struct listing {
    char text[256];
    size_t most;
} listing;

static bool list(void *userdata, ab_slice id, ab_slice info)
{
    listing *all = userdata;
    (void)info;
    if (all->most-- == 0)
        return false;
    snprintf(all->text + strlen(all->text), sizeof all->text - strlen(all->text), "%.*s ",
             (int)id.length, id.bytes);
    return true;
}

Test(own, the_list_comes_in_pages_in_the_order_of_ids)
{
    const char *ids[] = {"d", "a", "ab", "c", "b"};
    for (size_t i = 0; i < AB_COUNT(ids); i++)
        publish(ids[i], LAMP);
    listing first = {.most = 2}, second = {.most = 9};
    ab_slice after = AB_SLICE("ab"), beyond = AB_SLICE("zz");
    cr_assert_not(ab_directory_offers_after(node->directory, NULL, list, &first));
    cr_assert_str_eq(first.text, "a ab ");
    cr_assert(ab_directory_offers_after(node->directory, &after, list, &second));
    cr_assert_str_eq(second.text, "b c d ");
    listing none = {.most = 9};
    cr_assert(ab_directory_offers_after(node->directory, &beyond, list, &none));
    cr_assert_str_eq(none.text, "");
    cr_assert(ab_directory_offers(node->directory, AB_SLICE("ab")));
    cr_assert_not(ab_directory_offers(node->directory, AB_SLICE("abc")));
}

Test(own, presence_says_how_many_and_which)
{
    ab_presence before, after;
    ab_directory_presence(node->directory, &before);
    cr_assert_eq(before.count, 0);
    cr_assert_eq(before.digest, 0);
    publish("lamp", LAMP);
    publish("switch", "{}");
    ab_directory_presence(node->directory, &after);
    cr_assert_eq(after.count, 2);
    cr_assert_eq(after.digest, ab_service_digest(AB_SLICE("lamp"), AB_SLICE(LAMP)) +
                                   ab_service_digest(AB_SLICE("switch"), AB_SLICE("{}")));
    cr_assert_gt(after.sequence, before.sequence);
    cr_assert_geq(after.interval, 3600, "nobody else is heard");
    cr_assert_leq(after.interval, 4000);
    cr_assert_eq(ab_directory_stat(node->directory, AUTOBUS_STAT_OFFERED), 2);
}

Test(own, a_sighting_stays_what_it_was)
{
    publish("lamp", LAMP);
    autobus_sighting *found;
    cr_assert_eq(ab_directory_find(node->directory, AB_SLICE("lamp"), &found), 1);
    autobus_sighting *kept = autobus_sighting_keep(found);
    ab_directory_withdraw(node->directory, net->now, AB_SLICE("lamp"));
    cr_assert_eq(ab_directory_find(node->directory, AB_SLICE("lamp"), &found), 0);
    cr_assert_str_eq(autobus_sighting_id(kept), "lamp");
    cr_assert_str_eq(autobus_sighting_host(kept), "127.0.0.1");
    cr_assert_eq(autobus_sighting_port(kept), 20000);
    cr_assert_str_eq(autobus_sighting_info_text(kept), LAMP);
    json_object *info = autobus_sighting_info(kept);
    cr_assert_str_eq(json_object_get_string(json_object_object_get(info, "host")), "127.0.0.1");
    cr_assert_str_eq(json_object_get_string(json_object_object_get(info, "service")), "lamp");
    cr_assert_eq(json_object_get_int(json_object_object_get(info, "port")), 20000);
    cr_assert_str_eq(json_object_get_string(json_object_object_get(info, "type")), "lamp");
    json_object_put(info);
    cr_assert_eq(autobus_sighting_locations(kept), 1);
    cr_assert_null(autobus_sighting_location_host(kept, 1));
    cr_assert_eq(autobus_sighting_location_port(kept, 1), 0);
    autobus_sighting_free(&kept);
    cr_assert_null(kept);
    autobus_sighting_free(&kept);
    autobus_sighting_free(NULL);
}

static void count_one(void *userdata, autobus_sighting *sighting)
{
    size_t *count = userdata;
    (void)sighting;
    ++*count;
}

Test(own, everything_known_is_visited_once)
{
    wire_node *other = wire_bus(net, 1, NULL);
    wire_publish(other, "other", LAMP);
    publish("lamp", LAMP);
    wire_touch(node);
    wire_run(net, AB_MS(3000));
    size_t count = 0;
    ab_directory_each(node->directory, count_one, &count);
    cr_assert_eq(count, 2);
    cr_assert_eq(ab_directory_stat(node->directory, AUTOBUS_STAT_SERVICES), 2);
}

/* The picture is complete. */

static ab_time time_to_settle(wire_node *of)
{
    ab_time from = net->now;
    for (int i = 0; i < 5000 && ab_directory_settles(of->directory) > net->now; i++)
        wire_run(net, AB_MS(1));
    return net->now - from;
}

Test(own, an_empty_network_settles_after_a_little_quiet)
{
    wire_node *seeker = wire_bus(net, 1, NULL);
    cr_assert_eq(ab_directory_settles(seeker->directory), AB_NEVER, "it has not even asked");
    ab_time took = time_to_settle(seeker);
    cr_assert_geq(took, AB_MS(150));
    cr_assert_leq(took, AB_MS(160));
}

Test(own, buses_that_count_settle_when_everybody_had_the_time_to_answer)
{
    for (unsigned i = 1; i < 5; i++) {
        wire_node *other = wire_bus(net, i, NULL);
        for (int k = 0; k < 50; k++) {
            char id[16];
            snprintf(id, sizeof id, "s-%u-%d", i, k);
            wire_publish(other, id, LAMP);
        }
    }
    wire_run(net, AB_MS(10000));
    wire_node *seeker = wire_bus(net, 9, NULL);
    ab_directory_want(seeker->directory, net->now, true);
    ab_time took = time_to_settle(seeker);
    cr_assert(wire_knows(seeker, 200));
    cr_assert_geq(took, AB_MS(150), "%d ms", (int)(took / 1000));
    cr_assert_leq(took, AB_MS(160), "%d ms", (int)(took / 1000));
}

Test(own, a_bus_that_does_not_deliver_keeps_the_picture_open)
{
    publish("lamp", LAMP);
    wire_touch(node);
    wire_run(net, AB_MS(3000));
    wire_node *seeker = wire_bus(net, 9, NULL);
    ab_origin origin = wire_origin(&node->address);
    wire_run(net, AB_MS(1000));
    cr_assert_leq(ab_directory_settles(seeker->directory), net->now);
    wire_set_state(node, WIRE_HANGS);
    char text[256];
    snprintf(text, sizeof text,
             "{\"command\":\"presence\",\"bus\":\"%016llx\",\"port\":20000,\"seq\":99,\"count\":7,"
             "\"digest\":\"0000000000000007\",\"interval\":10000}",
             (unsigned long long)node->bus);
    wire_inject(seeker, &origin, text);
    cr_assert_eq(ab_directory_settles(seeker->directory), AB_NEVER);
}

Test(own, the_same_seed_makes_the_same_story)
{
    uint64_t sent[2], delivered[2];
    for (int turn = 0; turn < 2; turn++) {
        wire_net *town = wire_net_new(77);
        town->weather = (wire_weather){AB_MS(1), AB_MS(5), 100, 20, 2};
        for (unsigned i = 0; i < 10; i++) {
            char id[8];
            snprintf(id, sizeof id, "s%u", i);
            wire_publish(wire_bus(town, i, NULL), id, LAMP);
        }
        wire_run(town, AB_MS(60000));
        sent[turn] = town->link_bytes;
        delivered[turn] = town->delivered;
        wire_net_free(town);
    }
    cr_assert_eq(sent[0], sent[1]);
    cr_assert_eq(delivered[0], delivered[1]);
}

Test(own, an_idle_bus_with_ten_neighbours_seldom_wakes)
{
    for (unsigned i = 1; i <= 10; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%u", i);
        wire_publish(wire_bus(net, i, NULL), id, LAMP);
    }
    wire_run(net, AB_MS(30000));
    size_t before = node->wakes;
    wire_run(net, AB_MS(100000));
    cr_assert_leq(node->wakes - before, 150, "%zu in 100 s", node->wakes - before);
}
