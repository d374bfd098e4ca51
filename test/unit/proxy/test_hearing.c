/* SPDX-License-Identifier: MIT
 * What a program hears that is slow: of an object the latest value, of events every one, in order. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>
#include <json-c/json.h>

#include "home.h"
#include "support/eventually.h"
#include "support/small_town.h"

/* Callbacks wait behind it until it is opened. */
typedef struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t opens;
    bool is_open;
    atomic_int reached, heard, last, disorder, gone;
} gate;

#define GATE_CLOSED                                                           \
    {                                                                         \
        .mutex = PTHREAD_MUTEX_INITIALIZER, .opens = PTHREAD_COND_INITIALIZER \
    }

static void gate_open(gate *here)
{
    pthread_mutex_lock(&here->mutex);
    here->is_open = true;
    pthread_cond_broadcast(&here->opens);
    pthread_mutex_unlock(&here->mutex);
}

static void gate_pass(gate *here)
{
    atomic_fetch_add(&here->reached, 1);
    pthread_mutex_lock(&here->mutex);
    while (!here->is_open)
        pthread_cond_wait(&here->opens, &here->mutex);
    pthread_mutex_unlock(&here->mutex);
}

static void hear_value(void *userdata, const autobus_message *message)
{
    gate *here = userdata;
    gate_pass(here);
    if (autobus_message_kind(message) == AUTOBUS_GONE) {
        atomic_fetch_add(&here->gone, 1);
        return;
    }
    atomic_store(&here->last, json_object_get_int(autobus_message_value(message)));
    atomic_fetch_add(&here->heard, 1);
}

static void hear_event(void *userdata, const autobus_message *message)
{
    gate *here = userdata;
    gate_pass(here);
    int number = atoi(autobus_message_text(message, NULL) + 1);
    if (number != atomic_load(&here->last) + 1)
        atomic_fetch_add(&here->disorder, 1);
    atomic_store(&here->last, number);
    atomic_fetch_add(&here->heard, 1);
}

static int value_now(autobus_remote *remote)
{
    json_object *value = NULL;
    int number = -1;
    if (autobus_value(remote, "level", &value) == AUTOBUS_OK)
        number = json_object_get_int(value);
    json_object_put(value);
    return number;
}

Test(hearing, a_slow_watcher_skips_to_the_latest_value)
{
    lamp here = {0};
    gate slow = GATE_CLOSED;
    uint16_t town = town_port();
    autobus_bus *bus = town_bus(town);
    lamp_switch_on(&here, town, NULL, 0);
    autobus_remote *proxy = home_proxy(bus);
    cr_assert_eq(autobus_remote_wait(proxy, 5000), AUTOBUS_OK);
    autobus_watch(proxy, "level", hear_value, &slow, NULL, NULL);
    EVENTUALLY(atomic_load(&slow.reached) == 1);
    for (int i = 1; i <= 2000; i++)
        autobus_service_set(here.service, "level", json_object_new_int(i));
    gate_open(&slow);
    EVENTUALLY(atomic_load(&slow.last) == 2000);
    cr_expect_eq(value_now(proxy), 2000);
    cr_expect_lt(atomic_load(&slow.heard), 2000);
    autobus_remote_free(&proxy);
    lamp_switch_off(&here);
    autobus_bus_free(&bus);
}

/* The one callback of a bus that waits holds up all its others, so this bus is read by dispatch. */
Test(hearing, of_a_thousand_changes_one_notice_waits)
{
    lamp here = {0};
    gate open = GATE_CLOSED;
    uint16_t town = town_port();
    autobus_options *options = town_options(town);
    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);
    autobus_bus *bus = NULL;
    cr_assert_eq(autobus_bus_new(options, &bus), AUTOBUS_OK, "%s", autobus_last_error());
    lamp_switch_on(&here, town, NULL, 0);
    autobus_remote *proxy = home_proxy(bus);
    gate_open(&open);
    cr_assert_eq(autobus_remote_wait(proxy, 5000), AUTOBUS_OK);
    autobus_watch(proxy, "level", hear_value, &open, NULL, NULL);
    for (int i = 1; i <= 1000; i++)
        autobus_service_set(here.service, "level", json_object_new_int(i));
    EVENTUALLY(value_now(proxy) == 1000);
    cr_expect_eq(autobus_bus_dispatch(bus), 1);
    cr_expect_eq(atomic_load(&open.last), 1000);
    cr_expect_eq(atomic_load(&open.heard), 1);
    lamp_switch_off(&here);
    EVENTUALLY(autobus_remote_bound(proxy) == 0);
    cr_expect_eq(value_now(proxy), -1);
    cr_expect_eq(autobus_bus_dispatch(bus), 1);
    cr_expect_eq(atomic_load(&open.gone), 1);
    autobus_remote_free(&proxy);
    autobus_bus_free(&bus);
}

Test(hearing, a_second_watcher_hears_at_once_what_is_known)
{
    lamp here = {0};
    record first, second;
    record_init(&first);
    record_init(&second);
    uint16_t town = town_port();
    autobus_bus *bus = town_bus(town);
    lamp_switch_on(&here, town, NULL, 5);
    autobus_remote *proxy = home_proxy(bus);
    autobus_subscription *pressed = NULL;
    cr_assert_eq(autobus_remote_wait(proxy, 5000), AUTOBUS_OK);
    cr_expect_eq(value_now(proxy), -1);
    autobus_watch(proxy, "level", record_heard, &first, NULL, NULL);
    EVENTUALLY(record_has(&first, "value 5;"));
    autobus_watch(proxy, "level", record_heard, &second, NULL, NULL);
    EVENTUALLY(record_has(&second, "value 5;"));
    cr_expect_eq(record_count(&first), 1);
    /* An event of the same name is another thing. */
    autobus_listen(proxy, "level", record_heard, &second, NULL, &pressed);
    autobus_subscription_free(&pressed);
    cr_expect_eq(value_now(proxy), 5);
    autobus_remote_free(&proxy);
    lamp_switch_off(&here);
    autobus_bus_free(&bus);
    record_fini(&first);
    record_fini(&second);
}

Test(hearing, a_slow_listener_is_not_read_for_and_misses_nothing, .timeout = 60)
{
    lamp here = {0};
    gate slow = GATE_CLOSED;
    uint16_t town = town_port();
    autobus_options *options = town_options(town);
    autobus_options_set_number(options, AUTOBUS_MAX_QUEUED, 65536);
    autobus_bus *bus = NULL;
    cr_assert_eq(autobus_bus_new(options, &bus), AUTOBUS_OK, "%s", autobus_last_error());
    lamp_switch_on(&here, town, NULL, 5);
    autobus_remote *proxy = home_proxy(bus);
    cr_assert_eq(autobus_remote_wait(proxy, 5000), AUTOBUS_OK);
    autobus_listen(proxy, "pressed", hear_event, &slow, NULL, NULL);
    cr_assert_eq(autobus_call(proxy, "add", NULL, 5000, NULL), AUTOBUS_OK);
    for (int i = 1; i <= 5000; i++) {
        char number[100];
        snprintf(number, sizeof number, "[%d, \"as often as it is pressed it is heard\"]", i);
        cr_assert_eq(autobus_service_fire_text(here.service, "pressed", number), AUTOBUS_OK);
    }
    EVENTUALLY(atomic_load(&slow.reached) == 1);
    gate_open(&slow);
    EVENTUALLY(atomic_load(&slow.heard) == 5000);
    cr_expect_eq(atomic_load(&slow.disorder), 0);
    cr_expect_eq(autobus_call(proxy, "add", NULL, 5000, NULL), AUTOBUS_OK);
    autobus_remote_free(&proxy);
    lamp_switch_off(&here);
    autobus_bus_free(&bus);
}

Test(hearing, a_program_uses_its_own_service)
{
    lamp here = {0};
    char *answer = NULL;
    lamp_switch_on(&here, town_port(), NULL, 5);
    autobus_remote *proxy = home_proxy(here.bus);
    cr_assert_eq(autobus_call_text(proxy, "add", "[40, 2]", 5000, &answer), AUTOBUS_OK, "%s",
                 autobus_last_error());
    cr_expect_str_eq(answer, "42");
    free(answer);
    autobus_remote_free(&proxy);
    lamp_switch_off(&here);
}
