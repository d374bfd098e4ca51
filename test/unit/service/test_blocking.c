/* SPDX-License-Identifier: MIT
 * Functions that block the workers of a real bus for long, and what goes on at once beside them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "support/eventually.h"
#include "unit/service/customer.h"

/* The bound scales: ten seconds in full, one else. */
static int64_t long_ms(void)
{
    const char *scale = getenv("AUTOBUS_TEST_SCALE");
    return scale != NULL && atof(scale) >= 1 ? 10000 : 1000;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One thing of each kind that needs no worker. */
static void use_what_needs_no_worker(shop *here, hand *customer, int number)
{
    char wanted[120];
    customer_call(customer, number, "echo", "[1]");
    snprintf(wanted, sizeof wanted, "{'_type':2,'_id':%d,'result':[1]}", number);
    cr_expect(customer_hears(customer, wanted));
    autobus_service_set(here->service, "level", json_object_new_int(number));
    snprintf(wanted, sizeof wanted,
             "{'_type':3,'_id':'0','_command':'changed','name':'level','value':%d}", number);
    cr_expect(customer_hears(customer, wanted));
    autobus_service_fire(here->service, "pressed", NULL);
    cr_expect(customer_hears(
        customer, "{'_type':3,'_id':'0','_command':'fired','name':'pressed','args':[]}"));
}

static void shop_with_workers(shop *here, int workers)
{
    autobus_options *options = autobus_options_new();
    autobus_options_set_number(options, AUTOBUS_WORKERS, workers);
    shop_open(here, options);
    shop_offer(here, "block", AUTOBUS_POOL, shop_block);
    shop_offer(here, "work", AUTOBUS_POOL, shop_echo);
    shop_offer(here, "echo", AUTOBUS_INLINE, shop_echo);
    autobus_service_add_object(here->service, "level", NULL, json_object_new_int(0));
    autobus_service_add_event(here->service, "pressed", NULL);
}

static hand *subscriber(const shop *here)
{
    hand *customer = customer_bind(here->bus, "shop");
    customer_say(customer, "{'_type':3,'_command':'watch','name':'level'}");
    customer_say(customer, "{'_type':3,'_command':'listen','name':'pressed'}");
    (void)hand_line(customer); /* the value */
    cr_expect(customer_hears_nothing(customer));
    return customer;
}

/* The rest of the house does not notice it: the longest that anything took, in ms. */
static int64_t longest_while_blocked(shop *here, hand *customer, bool has_worker)
{
    int64_t longest = 0, end = now_ms() + long_ms();
    for (int number = 10; now_ms() < end; number++) {
        int64_t begun = now_ms();
        use_what_needs_no_worker(here, customer, number);
        if (has_worker) {
            customer_call(customer, 9, "work", "[2]");
            cr_expect(customer_hears(customer, "{'_type':2,'_id':9,'result':[2]}"));
        }
        longest = now_ms() - begun > longest ? now_ms() - begun : longest;
        cr_assert_eq(atomic_load(&here->may_end), false);
    }
    return longest;
}

Test(blocking, for_ten_seconds_delays_no_other_call, .timeout = 60)
{
    shop here;
    shop_with_workers(&here, 4);
    hand *slow = customer_bind(here.bus, "shop"), *customer = subscriber(&here);
    for (int i = 0; i < 3; i++)
        customer_call(slow, i, "block", "[]");
    EVENTUALLY(atomic_load(&here.calls) == 3);
    cr_expect_lt(longest_while_blocked(&here, customer, true), long_ms() / 2);
    atomic_store(&here.may_end, true);
    for (int i = 0; i < 3; i++)
        cr_expect_not_null(strstr(hand_line(slow), "\"result\":null"));
    hand_free(slow);
    hand_free(customer);
    shop_close(&here);
}

Test(blocking, every_worker_delays_only_what_needs_one, .timeout = 60)
{
    shop here;
    shop_with_workers(&here, 2);
    hand *slow = customer_bind(here.bus, "shop"), *customer = subscriber(&here);
    for (int i = 0; i < 2; i++)
        customer_call(slow, i, "block", "[]");
    EVENTUALLY(atomic_load(&here.calls) == 2);
    customer_call(slow, 2, "work", "[3]");
    cr_expect_lt(longest_while_blocked(&here, customer, false), long_ms() / 2);
    cr_expect(customer_hears_nothing(slow));
    atomic_store(&here.may_end, true);
    for (int i = 0; i < 3; i++)
        cr_expect_not_null(strstr(hand_line(slow), "\"result\":"));
    hand_free(slow);
    hand_free(customer);
    shop_close(&here);
}
