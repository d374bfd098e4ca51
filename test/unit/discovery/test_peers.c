/* SPDX-License-Identifier: MIT
 * Listed peers, and the names among them. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "discovery/peers.h"
#include "unit/discovery/bus_thread.h"

/* What was told last. */
typedef struct told {
    int times;
    size_t count;
    ab_address first, last;
} told;

static void take(void *owner, const ab_address *addresses, size_t count)
{
    told *here = owner;
    here->times++;
    here->count = count;
    here->first = addresses[0];
    here->last = addresses[count - 1];
}

static bool is_told_twice(void *argument)
{
    return ((told *)argument)->times == 2;
}

Test(peers, are_told_at_once_when_they_are_numbers)
{
    ab_loop *loop = bus_thread_new();
    ab_listed *listed;
    told here = {0};
    char text[AB_ADDRESS_TEXT];
    cr_assert_eq(ab_listed_new(loop, "10.1.0.5,[fd00::5]:99", 52722, take, &here, &listed),
                 AUTOBUS_OK);
    cr_expect_eq(here.times, 0);
    ab_listed_start(listed);
    cr_expect_eq(here.times, 1);
    cr_expect_eq(here.count, 2);
    cr_expect_str_eq(ab_address_text(&here.first, text), "10.1.0.5:52722");
    cr_expect_str_eq(ab_address_text(&here.last, text), "[fd00::5]:99");
    char *line = ab_listed_text(listed);
    cr_expect_str_eq(line, "peers 10.1.0.5:52722, [fd00::5]:99");
    free(line);
    ab_listed_free(listed);
    ab_loop_free(loop);
}

Test(peers, are_looked_up_beside_the_bus_when_they_are_names)
{
    ab_loop *loop = bus_thread_new();
    ab_listed *listed;
    told here = {0};
    /* Looked up like a name; and known to every machine, without a file or a server. */
    cr_assert_eq(ab_listed_new(loop, "10.1.0.5,0x7f000001:99", 52722, take, &here, &listed),
                 AUTOBUS_OK);
    ab_listed_start(listed);
    cr_expect_eq(here.times, 1, "the number does not wait for the name");
    bus_thread_start(loop);
    cr_assert(bus_thread_until(loop, is_told_twice, &here), "the name has no address");
    bus_thread_stop(loop);
    cr_expect_geq(here.count, 2);
    cr_expect(ab_address_is_loopback(&here.last));
    cr_expect_eq(here.last.port, 99);
    ab_listed_free(listed);
    ab_loop_free(loop);
}

Test(peers, can_be_let_go_while_a_name_is_looked_up)
{
    ab_loop *loop = bus_thread_new();
    ab_listed *listed;
    told here = {0};
    cr_assert_eq(ab_listed_new(loop, "localhost", 52722, take, &here, &listed), AUTOBUS_OK);
    ab_listed_start(listed);
    double before = bus_milliseconds();
    ab_listed_free(listed);
    cr_expect_lt(bus_milliseconds() - before, 1000.0);
    cr_expect_eq(here.times, 0);
    ab_loop_free(loop);
}

Test(peers, are_nobody_when_the_list_is_empty)
{
    ab_loop *loop = bus_thread_new();
    ab_listed *listed = (void *)loop;
    cr_assert_eq(ab_listed_new(loop, " ", 52722, take, NULL, &listed), AUTOBUS_OK);
    cr_expect_null(listed);
    ab_listed_free(listed);
    ab_loop_free(loop);
}
