/* SPDX-License-Identifier: MIT
 * Programs that start, look for one service among those of ten buses, and are gone: one after the other, as the
 * commands of a script. Each finds it at once. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support/wire_net.h"

#define BUSES   10
#define LOOKUPS 20

static wire_net *net;

static void make_net(void)
{
    net = wire_net_new(11);
    for (unsigned i = 0; i < BUSES; i++) {
        char id[16];
        snprintf(id, sizeof id, "thing-%u", i);
        wire_publish(wire_bus(net, i, NULL), id, "{\"type\":\"thing\"}");
    }
    wire_run(net, AB_MS(5000));
}

static void free_net(void)
{
    wire_net_free(net);
}

TestSuite(lookups, .init = make_net, .fini = free_net, .timeout = 240);

static bool knows(const wire_node *node, const char *id)
{
    for (size_t i = 0; i < node->event_count; i++) {
        if (strcmp(node->events[i].id, id) == 0)
            return true;
    }
    return false;
}

/* How long it takes to find the service; then it works for so long, and is gone. */
static ab_time look(ab_time work)
{
    wire_node *tool = wire_bus(net, BUSES, NULL);
    ab_directory_want(tool->directory, net->now, true);
    wire_touch(tool);
    ab_time began = net->now;
    while (!knows(tool, "thing-3") && net->now < began + AB_MS(5000))
        wire_run(net, AB_MS(1));
    ab_time took = net->now - began;
    wire_run(net, work);
    wire_set_state(tool, WIRE_DEAD);
    return took;
}

Test(lookups, find_a_service_among_ten_buses_at_once_at_whatever_pace_they_come)
{
    for (ab_time work = AB_MS(5); work <= AB_MS(80); work *= 2) {
        ab_time longest = 0;
        for (int i = 0; i < LOOKUPS; i++)
            longest = AB_MAX(longest, look(work));
        cr_expect_leq(longest, AB_MS(40), "%d ms, where each works for %d", (int)(longest / 1000),
                      (int)(work / 1000));
    }
}
