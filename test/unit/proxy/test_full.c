/* SPDX-License-Identifier: MIT
 * A program that has not heard its news, asks, and waits for the answer, which comes behind all the news. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>
#include <json-c/json.h>

#include "home.h"
#include "proxy/inside.h"
#include "support/eventually.h"
#include "support/small_town.h"

#define MOST 65536 /* bytes of news that may wait for the program */

static lamp here;
static autobus_bus *bus;
static autobus_remote *proxy;
static autobus_subscription *ears;

static struct {
    int heard, asked;
    autobus_result first, second;
    int64_t sum, took_ms;
} program;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static autobus_result ask(int64_t *ret_sum)
{
    json_object *value = NULL;
    autobus_result result = autobus_call(proxy, "add", json_tokener_parse("[1, 2]"), 20000, &value);
    *ret_sum = json_object_get_int64(value);
    json_object_put(value);
    return result;
}

static void ask_at_the_first(void *userdata, const autobus_message *message)
{
    int64_t ignored;
    (void)userdata;
    (void)message;
    if (program.heard++ > 0)
        return;
    int64_t begun = now_ms();
    program.first = ask(&program.sum);
    program.took_ms = now_ms() - begun;
    if (program.first != AUTOBUS_OK)
        program.second = ask(&ignored);
}

static void open_home(void)
{
    uint16_t town = town_port();
    autobus_options *options = town_options(town);
    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);
    autobus_options_set_number(options, AUTOBUS_MAX_QUEUED, MOST);
    autobus_options_set_number(options, AUTOBUS_MAX_MESSAGE, MOST);
    memset(&program, 0, sizeof program);
    lamp_switch_on(&here, town, "lamp-1", 1);
    cr_assert_eq(autobus_bus_new(options, &bus), AUTOBUS_OK, "%s", autobus_last_error());
    proxy = home_proxy(bus);
    cr_assert_eq(autobus_listen(proxy, "pressed", ask_at_the_first, NULL, NULL, &ears), AUTOBUS_OK);
    cr_assert_eq(autobus_remote_wait(proxy, 5000), AUTOBUS_OK, "%s", autobus_last_error());
    int64_t sum;
    cr_assert_eq(ask(&sum), AUTOBUS_OK, "it listens by now");
}

static void close_home(void)
{
    autobus_subscription_free(&ears);
    autobus_remote_free(&proxy);
    autobus_bus_free(&bus);
    lamp_switch_off(&here);
}

TestSuite(full, .init = open_home, .fini = close_home, .timeout = 60);

AB_UNCHECKED static bool is_paused(void)
{
    ab_lock_take(proxy->seat->lock);
    bool is_slow = ab_remote_bound_one(proxy)->is_slow;
    ab_lock_drop(proxy->seat->lock);
    return is_slow;
}

/* More than may wait: the link is paused. */
static void fire(int kilobytes)
{
    char text[1100];
    memset(text, 'x', sizeof text);
    memcpy(text, "[\"", 2);
    memcpy(text + 1000, "\"]", 3);
    for (int i = 0; i < kilobytes; i++)
        cr_assert_eq(autobus_service_fire(here.service, "pressed", json_tokener_parse(text)),
                     AUTOBUS_OK);
    EVENTUALLY(is_paused());
}

static void hear_all(int count)
{
    EVENTUALLY(autobus_bus_dispatch(bus) >= 0 && program.heard == count);
    EVENTUALLY(!is_paused());
}

Test(full, who_asks_inside_of_a_callback_gets_his_answer_before_the_news_are_heard)
{
    fire(100);
    hear_all(100);
    cr_assert_eq(program.first, AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(program.sum, 3);
}

Test(full, who_asks_between_callbacks_does_too)
{
    int64_t sum = 0;
    fire(100);
    cr_assert_eq(ask(&sum), AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(sum, 3);
    cr_assert(is_paused(), "and no more is read than for him");
    hear_all(100);
}

Test(full, who_asks_behind_far_too_many_news_is_told_so_at_once)
{
    fire(1000);
    hear_all(1000);
    cr_assert_eq(program.first, AUTOBUS_TIMEOUT);
    cr_assert_eq(program.second, AUTOBUS_BUSY, "nothing is sent in vain");
    cr_assert_lt(program.took_ms, 10000);
}
