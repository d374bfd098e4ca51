/* SPDX-License-Identifier: MIT
 * Calls as they come over the wire: what they are answered, and what never reaches a handler. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "support/eventually.h"
#include "unit/service/customer.h"

Test(calls, are_answered_with_what_the_handler_says)
{
    shop here;
    shop_open(&here, NULL);
    shop_offer(&here, "echo", AUTOBUS_INLINE, shop_echo);
    hand *customer = customer_bind(here.bus, "shop");

    customer_call(customer, 1, "echo", "[1, 'two', {'three': null}]");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':[1,'two',{'three':null}]}"));
    hand_free(customer);
    shop_close(&here);
    EVENTUALLY(atomic_load(&here.freed) == 1);
}

Test(calls, have_ids_of_any_kind_which_come_back_as_they_were)
{
    static const char *const ids[] = {"'a \\u00e9 b'", "17", "1.50", "null", "[1,{}]", "''"};
    char wanted[100];
    shop here;
    shop_open(&here, NULL);
    shop_offer(&here, "nothing", AUTOBUS_INLINE, shop_nothing);
    hand *customer = customer_bind(here.bus, "shop");

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        customer_say(customer, "{'_type':1,'_id':%s,'_command':'call','name':'nothing','args':[]}",
                     ids[i]);
        snprintf(wanted, sizeof wanted, "{'_type':2,'_id':%s,'result':null}", ids[i]);
        cr_expect(customer_hears(customer, wanted));
    }
    hand_free(customer);
    shop_close(&here);
}

Test(calls, that_nothing_was_answered_to_are_null)
{
    shop here;
    shop_open(&here, NULL);
    shop_offer(&here, "quick", AUTOBUS_INLINE, shop_nothing);
    shop_offer(&here, "slow", AUTOBUS_POOL, shop_nothing);
    hand *customer = customer_bind(here.bus, "shop");

    customer_call(customer, 1, "quick", "[]");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':null}"));
    customer_call(customer, 2, "slow", "[]");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':2,'result':null}"));
    hand_free(customer);
    shop_close(&here);
}

static void fail(void *userdata, autobus_request *request)
{
    (void)userdata;
    cr_expect_eq(autobus_request_fail(request, "The bulb is \"broken\"."), AUTOBUS_OK);
}

Test(calls, may_fail_with_a_sentence)
{
    shop here;
    shop_open(&here, NULL);
    shop_offer(&here, "fail", AUTOBUS_INLINE, fail);
    hand *customer = customer_bind(here.bus, "shop");

    customer_call(customer, 1, "fail", "[]");
    const char *answer = hand_line(customer);
    cr_expect_not_null(strstr(answer, "\"text\":\"The bulb is \\\"broken\\\".\""), "%s", answer);
    cr_expect_not_null(strstr(answer, autobus_result_text(AUTOBUS_REMOTE)), "%s", answer);
    hand_free(customer);
    shop_close(&here);
}

static void expect_error(hand *customer, const char *part, autobus_result code)
{
    const char *answer = hand_line(customer);
    char written[64];

    snprintf(written, sizeof written, "\"code\":\"%s\"", autobus_result_text(code));
    cr_assert_not_null(answer);
    cr_expect_not_null(strstr(answer, "\"_error\""), "%s", answer);
    cr_expect_not_null(strstr(answer, part), "%s", answer);
    cr_expect_not_null(strstr(answer, written), "%s", answer);
}

Test(calls, that_make_no_sense_get_one_error_and_the_connection_goes_on)
{
    shop here;
    shop_open(&here, NULL);
    shop_offer(&here, "echo", AUTOBUS_INLINE, shop_echo);
    hand *customer = customer_bind(here.bus, "shop");

    customer_call(customer, 1, "sing", "[]");
    expect_error(customer, "No such function: sing", AUTOBUS_NOT_FOUND);
    customer_call(customer, 2, "_echo", "[]");
    expect_error(customer, "underscore", AUTOBUS_NOT_FOUND);
    customer_call(customer, 3, "echo", "{}");
    expect_error(customer, "a list", AUTOBUS_INVALID);
    customer_call(customer, 4, "echo", "null");
    expect_error(customer, "a list", AUTOBUS_INVALID);
    customer_say(customer, "{'_type':1,'_id':5,'_command':'call','name':'echo'}");
    expect_error(customer, "a list", AUTOBUS_INVALID);
    customer_say(customer, "{'_type':1,'_id':6,'_command':'call','args':[]}");
    expect_error(customer, "the name of a function", AUTOBUS_INVALID);
    customer_say(customer, "{'_type':1,'_id':7,'_command':'call','name':7,'args':[]}");
    expect_error(customer, "the name of a function", AUTOBUS_INVALID);
    customer_say(customer, "{'_type':1,'_id':8,'_command':'call','name':'ech\\u006f','args':[8]}");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':8,'result':[8]}"));
    customer_say(customer, "{'_type':1,'_id':9,'_command':'dance','name':'echo','args':[]}");
    cr_expect_not_null(strstr(hand_line(customer), "_error"));
    cr_expect_eq(atomic_load(&here.calls), 1);
    cr_expect(customer_hears_nothing(customer));
    hand_free(customer);
    shop_close(&here);
}

Test(calls, are_held_to_the_description_before_a_handler_sees_them)
{
    shop here;
    shop_open(&here, NULL);
    cr_assert_eq(autobus_service_add_function(
                     here.service, "dim",
                     "{'parameters': [{'name': 'level', 'type': 'integer', 'range': [0, 100]},"
                     " {'name': 'fade', 'type': 'number', 'default': 0.5}]}",
                     AUTOBUS_INLINE, shop_echo, &here, NULL),
                 AUTOBUS_OK, "%s", autobus_last_error());
    hand *customer = customer_bind(here.bus, "shop");

    customer_call(customer, 1, "dim", "['high']");
    expect_error(customer, "dim: \\\"level\\\" cannot be \\\"high\\\"; an integer from 0 to 100",
                 AUTOBUS_INVALID);
    customer_call(customer, 2, "dim", "[]");
    expect_error(customer, "dim takes 1 to 2 arguments (level, fade), not 0", AUTOBUS_INVALID);
    cr_expect_eq(atomic_load(&here.calls), 0);
    customer_call(customer, 3, "dim", "[7]");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':3,'result':[7,0.5]}"));
    hand_free(customer);
    shop_close(&here);
}

Test(calls, that_are_notifications_run_and_are_never_answered)
{
    shop here;
    shop_open(&here, NULL);
    shop_offer(&here, "echo", AUTOBUS_INLINE, shop_echo);
    shop_offer(&here, "fail", AUTOBUS_POOL, fail);
    hand *customer = customer_bind(here.bus, "shop");

    customer_say(customer, "{'_type':3,'_id':1,'_command':'call','name':'echo','args':[]}");
    customer_say(customer, "{'_type':3,'_id':2,'_command':'call','name':'fail','args':[]}");
    customer_say(customer, "{'_type':3,'_id':3,'_command':'call','name':'sing','args':[]}");
    customer_say(customer, "{'_type':3,'_id':4,'_command':'call','name':'echo','args':4}");
    customer_say(customer, "{'_type':1,'_command':'call','name':'echo','args':[]}");
    EVENTUALLY(atomic_load(&here.calls) == 2);
    cr_expect(customer_hears_nothing(customer));
    hand_free(customer);
    shop_close(&here);
}

Test(calls, beyond_the_bound_are_told_that_it_is_busy)
{
    autobus_options *options = autobus_options_new();
    shop here;
    autobus_options_set_number(options, AUTOBUS_MAX_CALLS, 2);
    shop_open(&here, options);
    shop_offer(&here, "block", AUTOBUS_POOL, shop_block);
    hand *customer = customer_bind(here.bus, "shop"), *other = customer_bind(here.bus, "shop");

    customer_call(customer, 1, "block", "[]");
    customer_call(customer, 2, "block", "[]");
    customer_call(customer, 3, "block", "[]");
    expect_error(customer, "Too many calls", AUTOBUS_BUSY);
    customer_call(other, 1, "block", "[]");
    EVENTUALLY(atomic_load(&here.calls) == 3);
    atomic_store(&here.may_end, true);
    cr_expect_not_null(strstr(hand_line(customer), "\"result\":null"));
    cr_expect_not_null(strstr(hand_line(customer), "\"result\":null"));
    cr_expect(customer_hears(other, "{'_type':2,'_id':1,'result':null}"));
    customer_call(customer, 4, "block", "[]");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':4,'result':null}"));
    hand_free(customer);
    hand_free(other);
    shop_close(&here);
}

/* As `printf … | nc -N` does it. */
Test(calls, are_answered_after_their_client_has_said_that_it_will_say_no_more)
{
    shop here;
    shop_open(&here, NULL);
    shop_offer(&here, "echo", AUTOBUS_INLINE, shop_echo);
    shop_offer(&here, "keep", AUTOBUS_INLINE, shop_keep);
    shop_offer(&here, "block", AUTOBUS_POOL, shop_block);
    hand *customer = customer_bind(here.bus, "shop");
    customer_call(customer, 1, "keep", "[]");
    customer_call(customer, 2, "block", "[]");
    customer_call(customer, 3, "echo", "[]");
    hand_finish(customer);
    cr_expect(customer_hears(customer, "{'_type':2,'_id':3,'result':[]}"));
    EVENTUALLY(atomic_load(&here.calls) == 3);
    atomic_store(&here.may_end, true);
    cr_expect(customer_hears(customer, "{'_type':2,'_id':2,'result':null}"));
    autobus_request *kept = atomic_exchange(&here.kept, NULL);
    cr_expect(autobus_request_is_wanted(kept));
    autobus_request_answer_text(kept, "'late'");
    autobus_request_free(&kept);
    cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':'late'}"));
    cr_expect_null(hand_line(customer));
    hand_free(customer);
    shop_close(&here);
}

Test(calls, run_in_the_dispatch_of_the_program_that_asked_for_it)
{
    autobus_options *options = autobus_options_new();
    shop here;
    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);
    shop_open(&here, options);
    shop_offer(&here, "echo", AUTOBUS_INLINE, shop_echo);
    hand *customer = customer_bind(here.bus, "shop");
    struct pollfd waits = {.fd = autobus_bus_fd(here.bus), .events = POLLIN};

    customer_call(customer, 1, "echo", "[1]");
    cr_assert_eq(poll(&waits, 1, 5000), 1);
    cr_expect_eq(atomic_load(&here.calls), 0);
    cr_expect_eq(autobus_bus_dispatch(here.bus), 1);
    cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':[1]}"));
    hand_free(customer);
    shop_close(&here);
}

static void look(void *userdata, autobus_request *request)
{
    shop *at = userdata;

    cr_expect_str_eq(autobus_request_function(request), "look");
    cr_expect_str_eq(autobus_request_text(request), "[5,null,\"x\"]");
    cr_expect_str_eq(autobus_request_caller(request), "127.0.0.1");
    cr_expect(autobus_request_is_wanted(request));
    cr_expect_eq(json_object_array_length(autobus_request_arguments(request)), 3);
    cr_expect_eq(json_object_get_int(autobus_request_argument(request, 0)), 5);
    cr_expect_null(autobus_request_argument(request, 1));
    cr_expect_str_eq(json_object_get_string(autobus_request_argument(request, 2)), "x");
    cr_expect_null(autobus_request_argument(request, 3));
    atomic_fetch_add(&at->calls, 1);
    cr_expect_eq(autobus_request_answer(request, json_object_new_int(1)), AUTOBUS_OK);
    cr_expect_not(autobus_request_is_wanted(request));
}

Test(calls, can_be_looked_at)
{
    shop here;
    shop_open(&here, NULL);
    shop_offer(&here, "look", AUTOBUS_POOL, look);
    hand *customer = customer_bind(here.bus, "shop");

    customer_call(customer, 1, "look", "[5,null,'x']");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':1}"));
    cr_expect_eq(atomic_load(&here.calls), 1);
    hand_free(customer);
    shop_close(&here);
}
