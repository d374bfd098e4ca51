/* SPDX-License-Identifier: MIT
 * What is kept of a network, whatever it says: ports, farewells, and who has said how much. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/farewells.h"
#include "monitor/ports.h"
#include "monitor/tally.h"

Test(ports, are_walked_in_order)
{
    static monitor_ports ports;
    static const uint16_t some[] = {65535, 1, 64, 63, 1, 0};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        monitor_ports_add(&ports, some[i]);
    }
    cr_assert_eq(ports.count, 4);
    cr_assert_eq(monitor_ports_next(&ports, 0), 1);
    cr_assert_eq(monitor_ports_next(&ports, 1), 63);
    cr_assert_eq(monitor_ports_next(&ports, 63), 64);
    cr_assert_eq(monitor_ports_next(&ports, 64), 65535);
    cr_assert_eq(monitor_ports_next(&ports, 65535), 0);
    cr_assert(monitor_ports_has(&ports, 63));
    cr_assert_not(monitor_ports_has(&ports, 62));
}

static monitor_farewells farewells;

static void begin(void)
{
    farewells = (monitor_farewells){0};
}

TestSuite(farewells, .init = begin);

static void hear(const char *datagram, int64_t now_ms)
{
    monitor_message message;
    monitor_message_of_datagram(&message, (monitor_slice){datagram, strlen(datagram)},
                                strlen(datagram));
    monitor_farewells_note(&farewells, &message, now_ms);
    monitor_message_fini(&message);
}

static const char withdrawn[] = "{\"command\":\"remove\",\"service\":\"lamp-1\",\"port\":4000,"
                                "\"bus\":\"5ee1d0c4b2a39786\",\"count\":1}";
static const char goodbye[] = "{\"command\":\"presence\",\"port\":4000,"
                              "\"bus\":\"5ee1d0c4b2a39786\",\"count\":0}";

Test(farewells, tell_why_a_service_has_left)
{
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 4000, 0), MONITOR_SILENT);
    hear(withdrawn, 0);
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 4000, 10), MONITOR_WITHDRAWN);
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-2", 4000, 10), MONITOR_SILENT);
    hear(goodbye, 0);
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 4000, 10), MONITOR_GOODBYE);
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-2", 4000, 10), MONITOR_GOODBYE);
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-2", 4001, 10), MONITOR_SILENT);
}

Test(farewells, are_forgotten_after_a_while_and_by_what_comes_back)
{
    hear(withdrawn, 0);
    hear(goodbye, 0);
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 4000, MONITOR_FAREWELL_MS),
                 MONITOR_SILENT);
    hear("{\"command\":\"add\",\"service\":\"lamp-1\",\"port\":4000}", 0);
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 4000, 1), MONITOR_GOODBYE);
    hear("{\"command\":\"query\",\"bus\":\"5ee1d0c4b2a39786\",\"port\":4000,\"count\":1}", 0);
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 4000, 1), MONITOR_SILENT);
}

Test(farewells, are_forgotten_of_a_service_that_is_seen_again)
{
    hear(withdrawn, 0);
    hear(goodbye, 0);
    monitor_farewells_forget(&farewells, "lamp-2");
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 5000, 1), MONITOR_WITHDRAWN);
    monitor_farewells_forget(&farewells, "lamp-1");
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 5000, 1), MONITOR_SILENT);
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 4000, 1), MONITOR_GOODBYE);
}

Test(farewells, of_those_who_are_there_are_none)
{
    hear("{\"command\":\"query\",\"bus\":\"5ee1d0c4b2a39786\",\"port\":4000,\"count\":2}", 0);
    hear("{\"command\":\"query\",\"count\":0}", 0);
    hear("{\"command\":\"add\",\"service\":\"lamp-1\",\"port\":4000}", 0);
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 4000, 1), MONITOR_SILENT);
}

Test(farewells, beyond_their_number_push_out_the_oldest)
{
    char text[128];
    hear(withdrawn, 0);
    for (int i = 0; i < MONITOR_FAREWELLS - 1; i++) {
        snprintf(text, sizeof text, "{\"command\":\"remove\",\"service\":\"x-%d\"}", i);
        hear(text, 0);
    }
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 4000, 1), MONITOR_WITHDRAWN);
    hear(text, 0);
    cr_assert_eq(monitor_farewells_of(&farewells, "lamp-1", 4000, 1), MONITOR_SILENT);
    cr_assert_eq(monitor_farewells_of(&farewells, "x-0", 4000, 1), MONITOR_WITHDRAWN);
}

static monitor_tally tally;

static void begin_counting(void)
{
    tally = (monitor_tally){0};
}

TestSuite(tally, .init = begin_counting);

Test(tally, counts_each_kind_of_each_peer)
{
    monitor_tally_count(&tally, "a", "add", 10);
    monitor_tally_count(&tally, "a", "query", 480);
    monitor_tally_count(&tally, "b", "add", 10);
    monitor_tally_count(&tally, "b", "add", 5);
    size_t count;
    const monitor_row **rows = monitor_tally_sorted(&tally, &count);
    cr_assert_eq(count, 3);
    cr_assert(strcmp(rows[0]->kind, "query") == 0 && rows[0]->bytes == 480);
    cr_assert(strcmp(rows[1]->peer, "b") == 0 && rows[1]->packets == 2 && rows[1]->bytes == 15);
    cr_assert(strcmp(rows[2]->peer, "a") == 0 && rows[2]->packets == 1);
    free(rows);
    cr_assert_eq(monitor_tally_total(&tally).bytes, 505);
}

Test(tally, counts_the_rest_of_a_flood_in_one_row)
{
    char peer[16];
    for (int i = 0; i < 10 * MONITOR_ROWS; i++) {
        snprintf(peer, sizeof peer, "peer-%d", i);
        monitor_tally_count(&tally, peer, "add", 1);
    }
    monitor_tally_count(&tally, "peer-0", "add", 1);
    size_t count;
    const monitor_row **rows = monitor_tally_sorted(&tally, &count);
    cr_assert_eq(count, MONITOR_ROWS + 1);
    cr_assert_str_eq(rows[0]->peer, "peer-0");
    cr_assert_str_eq(rows[MONITOR_ROWS]->peer, "others");
    cr_assert_eq(rows[MONITOR_ROWS]->packets, 9 * MONITOR_ROWS);
    cr_assert_eq(monitor_tally_total(&tally).packets, 10 * MONITOR_ROWS + 1);
    free(rows);
}
