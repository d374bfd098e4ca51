/* SPDX-License-Identifier: MIT
 * The table of functions, where they run, and how they go away. */
#include <stdlib.h>
#include <string.h>

#include "support/eventually.h"
#include "unit/service/customer.h"

static void expect_refusal(shop *at, const char *name, const char *description,
                           autobus_policy policy, autobus_function_fn *handler,
                           autobus_result result, const char *part)
{
    int before = atomic_load(&at->freed);

    cr_expect_eq(autobus_service_add_function(at->service, name, description, policy, handler, at,
                                              shop_freed),
                 result);
    cr_expect_not_null(strstr(autobus_last_error(), part), "\"%s\" does not say \"%s\"",
                       autobus_last_error(), part);
    cr_expect_eq(atomic_load(&at->freed), before + 1, "what is passed is taken");
}

Test(functions, that_cannot_be_are_refused_with_a_sentence)
{
    static char long_name[300];
    shop here;
    shop_open(&here, NULL);

    memset(long_name, 'x', 256);
    shop_offer(&here, "echo", AUTOBUS_INLINE, shop_echo);
    expect_refusal(&here, "echo", NULL, AUTOBUS_INLINE, shop_echo, AUTOBUS_IN_USE,
                   "function \"echo\" already");
    expect_refusal(&here, "_e", NULL, AUTOBUS_INLINE, shop_echo, AUTOBUS_INVALID, "underscore");
    expect_refusal(&here, "", NULL, AUTOBUS_INLINE, shop_echo, AUTOBUS_INVALID, "1 to 255");
    expect_refusal(&here, long_name, NULL, AUTOBUS_INLINE, shop_echo, AUTOBUS_INVALID, "256");
    expect_refusal(&here, "a\nb", NULL, AUTOBUS_INLINE, shop_echo, AUTOBUS_INVALID, "control");
    expect_refusal(&here, "a\xff", NULL, AUTOBUS_INLINE, shop_echo, AUTOBUS_INVALID, "UTF-8");
    expect_refusal(&here, NULL, NULL, AUTOBUS_INLINE, shop_echo, AUTOBUS_INVALID, "NULL");
    expect_refusal(&here, "f", "[]", AUTOBUS_INLINE, shop_echo, AUTOBUS_INVALID, "a map");
    expect_refusal(&here, "f", NULL, AUTOBUS_INLINE, NULL, AUTOBUS_INVALID, "handler");
    expect_refusal(&here, "f", NULL, (autobus_policy)7, shop_echo, AUTOBUS_INVALID, "policy 7");
    cr_expect_eq(
        autobus_service_add_function(NULL, "f", NULL, AUTOBUS_INLINE, shop_echo, NULL, NULL),
        AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_remove_function(here.service, "sing"), AUTOBUS_NOT_FOUND);
    cr_expect_eq(autobus_service_remove_function(here.service, NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_remove_function(NULL, "sing"), AUTOBUS_INVALID);
    shop_close(&here);
}

Test(functions, come_and_go_while_the_service_is_published)
{
    shop here;
    shop_open(&here, NULL);
    hand *customer = customer_bind(here.bus, "shop");

    for (int i = 1; i <= 20; i++) {
        shop_offer(&here, "echo", i % 2 == 0 ? AUTOBUS_INLINE : AUTOBUS_POOL, shop_echo);
        customer_call(customer, 1, "echo", "[]");
        cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':[]}"));
        cr_expect_eq(autobus_service_remove_function(here.service, "echo"), AUTOBUS_OK);
        customer_call(customer, 2, "echo", "[]");
        cr_expect_not_null(strstr(hand_line(customer), "No such function"));
        EVENTUALLY(atomic_load(&here.freed) == i);
    }
    hand_free(customer);
    shop_close(&here);
}

static void remove_itself(void *userdata, autobus_request *request)
{
    shop *at = userdata;

    cr_expect_eq(autobus_service_remove_function(at->service, "leave"), AUTOBUS_OK);
    cr_expect_eq(atomic_load(&at->freed), 0, "the hook is the last touch");
    cr_expect_eq(autobus_request_answer_text(request, "'gone'"), AUTOBUS_OK);
}

Test(functions, may_remove_themselves)
{
    shop here;
    shop_open(&here, NULL);
    hand *customer = customer_bind(here.bus, "shop");

    for (int i = 0; i < 2; i++) {
        atomic_store(&here.freed, 0);
        shop_offer(&here, "leave", (autobus_policy)i, remove_itself);
        customer_call(customer, 1, "leave", "[]");
        cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':'gone'}"));
        EVENTUALLY(atomic_load(&here.freed) == 1);
    }
    hand_free(customer);
    shop_close(&here);
}

static void free_service(void *userdata, autobus_request *request)
{
    shop *at = userdata;

    autobus_service_free(&at->service);
    cr_expect_not(autobus_request_is_wanted(request), "its sessions are over");
    cr_expect_eq(autobus_request_answer_text(request, "1"), AUTOBUS_OK);
    atomic_fetch_add(&at->calls, 1);
}

Test(functions, may_free_their_service)
{
    for (int i = 0; i < 2; i++) {
        shop here;
        shop_open(&here, NULL);
        hand *customer = customer_bind(here.bus, "shop");
        shop_offer(&here, "end", (autobus_policy)i, free_service);
        customer_call(customer, 1, "end", "[]");
        cr_expect_null(hand_line(customer), "the session ends");
        EVENTUALLY(atomic_load(&here.freed) == 1);
        cr_expect_eq(atomic_load(&here.calls), 1);
        hand_free(customer);
        shop_close(&here);
    }
}

Test(functions, that_are_removed_do_not_begin_any_more)
{
    autobus_options *options = autobus_options_new();
    shop here;
    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);
    shop_open(&here, options);
    shop_offer(&here, "echo", AUTOBUS_INLINE, shop_echo);
    hand *customer = customer_bind(here.bus, "shop");

    customer_call(customer, 1, "echo", "[]");
    customer_call(customer, 2, "echo", "[]");
    cr_expect(customer_hears_nothing(customer));
    cr_expect_eq(autobus_service_remove_function(here.service, "echo"), AUTOBUS_OK);
    cr_expect_not_null(strstr(hand_line(customer), "removed before its turn"));
    cr_expect_not_null(strstr(hand_line(customer), autobus_result_text(AUTOBUS_CLOSED)));
    cr_expect_eq(atomic_load(&here.freed), 0, "the hook is a callback too");
    cr_expect_geq(autobus_bus_dispatch(here.bus), 0);
    cr_expect_eq(atomic_load(&here.freed), 1);
    cr_expect_eq(atomic_load(&here.calls), 0);
    hand_free(customer);
    shop_close(&here);
}

Test(functions, of_the_pool_that_are_removed_do_not_begin_any_more)
{
    autobus_options *options = autobus_options_new();
    shop here;
    autobus_options_set_number(options, AUTOBUS_WORKERS, 1);
    shop_open(&here, options);
    shop_offer(&here, "block", AUTOBUS_POOL, shop_block);
    hand *customer = customer_bind(here.bus, "shop");

    customer_call(customer, 1, "block", "[]");
    EVENTUALLY(atomic_load(&here.calls) == 1);
    customer_call(customer, 2, "block", "[]");
    cr_expect(customer_hears_nothing(customer));
    cr_expect_eq(autobus_service_remove_function(here.service, "block"), AUTOBUS_OK);
    cr_expect_not_null(strstr(hand_line(customer), "removed before its turn"));
    cr_expect_eq(autobus_bus_sync(here.bus), AUTOBUS_OK);
    cr_expect_eq(atomic_load(&here.freed), 0, "it is still running");
    atomic_store(&here.may_end, true);
    cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':null}"));
    EVENTUALLY(atomic_load(&here.freed) == 1);
    cr_expect_eq(atomic_load(&here.calls), 1);
    hand_free(customer);
    shop_close(&here);
}

Test(functions, of_the_pool_that_block_delay_no_other_call)
{
    shop here;
    shop_open(&here, NULL);
    shop_offer(&here, "block", AUTOBUS_POOL, shop_block);
    shop_offer(&here, "quick", AUTOBUS_INLINE, shop_nothing);
    shop_offer(&here, "slow", AUTOBUS_POOL, shop_nothing);
    hand *customer = customer_bind(here.bus, "shop");

    for (int i = 0; i < 5; i++)
        customer_call(customer, 1, "block", "[]");
    EVENTUALLY(atomic_load(&here.calls) == 5);
    customer_call(customer, 2, "quick", "[]");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':2,'result':null}"));
    customer_call(customer, 3, "slow", "[]");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':3,'result':null}"));
    atomic_store(&here.may_end, true);
    for (int i = 0; i < 5; i++)
        cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':null}"));
    hand_free(customer);
    shop_close(&here);
}

/* Returns some time after the bus has begun to close. */
static void nap(void *userdata, autobus_request *request)
{
    shop *at = userdata;

    (void)request;
    atomic_fetch_add(&at->calls, 1);
    while (autobus_service_set_doc(at->service, NULL) != AUTOBUS_CLOSED)
        eventually_wait_until_next_look();
    atomic_store(&at->may_end, true);
}

Test(functions, of_the_pool_are_waited_for_when_the_bus_is_freed)
{
    shop here;
    shop_open(&here, NULL);
    shop_offer(&here, "nap", AUTOBUS_POOL, nap);
    hand *customer = customer_bind(here.bus, "shop");

    customer_call(customer, 1, "nap", "[]");
    EVENTUALLY(atomic_load(&here.calls) == 1);
    autobus_bus_free(&here.bus);
    cr_expect(atomic_load(&here.may_end), "it has returned");
    autobus_service_free(&here.service);
    EVENTUALLY(atomic_load(&here.freed) == 1);
    hand_free(customer);
}

static void free_bus(void *userdata, autobus_request *request)
{
    shop *at = userdata;

    autobus_bus_free(&at->bus);
    cr_expect_eq(autobus_request_answer_text(request, "1"), AUTOBUS_OK);
    autobus_service_free(&at->service);
    atomic_fetch_add(&at->calls, 1);
}

Test(functions, may_free_their_bus)
{
    for (int i = 0; i < 2; i++) {
        shop here;
        shop_open(&here, NULL);
        hand *customer = customer_bind(here.bus, "shop");
        shop_offer(&here, "end", (autobus_policy)i, free_bus);
        customer_call(customer, 1, "end", "[]");
        cr_expect_null(hand_line(customer), "the session ends");
        EVENTUALLY(atomic_load(&here.freed) == 1);
        cr_expect_eq(atomic_load(&here.calls), 1);
        hand_free(customer);
    }
}

Test(functions, are_not_flooded_by_notifications_and_lose_none)
{
    autobus_options *options = autobus_options_new();
    shop here;
    autobus_options_set_number(options, AUTOBUS_MAX_CALLS, 4);
    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);
    shop_open(&here, options);
    shop_offer(&here, "count", AUTOBUS_INLINE, shop_nothing);
    hand *customer = customer_bind(here.bus, "shop");

    for (int i = 0; i < 100; i++)
        customer_say(customer, "{'_type':3,'_id':1,'_command':'call','name':'count','args':[]}");
    customer_say(customer, "{'_type':1,'_id':2,'_command':'ping'}");
    int most = 0;
    while (atomic_load(&here.calls) < 100) {
        int ran = autobus_bus_dispatch(here.bus);
        cr_assert_geq(ran, 0);
        most = ran > most ? ran : most;
        if (ran == 0)
            eventually_wait_until_next_look();
    }
    cr_expect_leq(most, 4, "no more than the bound waits for the program");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':2}"));
    hand_free(customer);
    shop_close(&here);
}
