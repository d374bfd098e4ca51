/* SPDX-License-Identifier: MIT
 * Requests that are kept: answered once, later, by whomever, and safely after everything they came from is gone. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include "support/eventually.h"
#include "unit/service/customer.h"

/* A shop that has kept a request of this customer. */
static hand *open_and_keep(shop *here)
{
    shop_open(here, NULL);
    shop_offer(here, "keep", AUTOBUS_INLINE, shop_keep);
    hand *customer = customer_bind(here->bus, "shop");
    customer_call(customer, 1, "keep", "['later']");
    EVENTUALLY(atomic_load(&here->calls) == 1);
    return customer;
}

static void *answer(void *argument)
{
    autobus_request *request = argument;

    cr_expect_str_eq(json_object_get_string(autobus_request_argument(request, 0)), "later");
    cr_expect_eq(autobus_request_answer(request, json_object_new_string("now")), AUTOBUS_OK);
    autobus_request_free(&request);
    return NULL;
}

static void answer_elsewhere(shop *here)
{
    pthread_t thread;
    pthread_create(&thread, NULL, answer, atomic_exchange(&here->kept, NULL));
    pthread_join(thread, NULL);
}

Test(requests, are_answered_later_from_another_thread)
{
    shop here;
    hand *customer = open_and_keep(&here);

    cr_expect(customer_hears_nothing(customer));
    answer_elsewhere(&here);
    cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':'now'}"));
    hand_free(customer);
    shop_close(&here);
}

Test(requests, are_answered_once)
{
    shop here;
    hand *customer = open_and_keep(&here);
    autobus_request *request = atomic_load(&here.kept);

    cr_expect_null(autobus_request_keep(request));
    cr_expect_eq(autobus_request_answer_text(request, "1"), AUTOBUS_OK);
    cr_expect_eq(autobus_request_answer_text(request, "2"), AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "\"keep\" has been answered already"));
    cr_expect_eq(autobus_request_fail(request, "No."), AUTOBUS_INVALID);
    cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':1}"));
    cr_expect(customer_hears_nothing(customer));
    hand_free(customer);
    shop_close(&here);
}

Test(requests, that_are_given_up_leave_their_caller_waiting)
{
    shop here;
    hand *customer = open_and_keep(&here);
    autobus_request *request = atomic_exchange(&here.kept, NULL);

    autobus_request_free(&request);
    cr_expect_null(request);
    cr_expect(customer_hears_nothing(customer));
    hand_free(customer);
    shop_close(&here);
}

Test(requests, are_answered_into_nothing_when_the_caller_is_gone)
{
    shop here;
    hand *customer = open_and_keep(&here);

    hand_free(customer);
    EVENTUALLY(!autobus_request_is_wanted(atomic_load(&here.kept)));
    answer_elsewhere(&here);
    shop_close(&here);
}

Test(requests, are_answered_into_nothing_when_the_service_is_gone)
{
    shop here;
    hand *customer = open_and_keep(&here);

    autobus_service_free(&here.service);
    cr_expect_not(autobus_request_is_wanted(atomic_load(&here.kept)));
    answer_elsewhere(&here);
    hand_free(customer);
    shop_close(&here);
    cr_expect_eq(atomic_load(&here.freed), 1);
}

Test(requests, are_answered_into_nothing_when_the_bus_is_gone)
{
    shop here;
    hand *customer = open_and_keep(&here);

    autobus_bus_free(&here.bus);
    answer_elsewhere(&here);
    autobus_service_free(&here.service);
    cr_expect_eq(atomic_load(&here.freed), 1);
    hand_free(customer);
}

Test(requests, outlive_everything)
{
    shop here;
    hand *customer = open_and_keep(&here);
    autobus_request *request = atomic_exchange(&here.kept, NULL);

    hand_free(customer);
    autobus_service_free(&here.service);
    autobus_bus_free(&here.bus);
    cr_expect_eq(atomic_load(&here.freed), 1);
    cr_expect_str_eq(autobus_request_text(request), "[\"later\"]");
    cr_expect_eq(autobus_request_fail(request, "Too late."), AUTOBUS_OK);
    autobus_request_free(&request);
}

Test(requests, whose_answer_is_too_large_fail_with_that)
{
    autobus_options *options = autobus_options_new();
    shop here;
    autobus_options_set_number(options, AUTOBUS_MAX_MESSAGE, 4096);
    shop_open(&here, options);
    shop_offer(&here, "keep", AUTOBUS_INLINE, shop_keep);
    hand *customer = customer_bind(here.bus, "shop");
    char large[8000];

    customer_call(customer, 1, "keep", "[]");
    EVENTUALLY(atomic_load(&here.calls) == 1);
    memset(large, 'x', sizeof large);
    json_object *value = json_object_new_string_len(large, sizeof large);
    cr_expect_eq(autobus_request_answer(atomic_load(&here.kept), value), AUTOBUS_TOO_LARGE);
    cr_expect_not_null(strstr(autobus_last_error(), "8002 bytes"));
    const char *heard = hand_line(customer);
    cr_expect_not_null(strstr(heard, autobus_result_text(AUTOBUS_TOO_LARGE)), "%s", heard);
    hand_free(customer);
    shop_close(&here);
}

Test(requests, that_get_no_json_are_still_to_be_answered)
{
    shop here;
    hand *customer = open_and_keep(&here);

    cr_expect_eq(autobus_request_answer_text(atomic_load(&here.kept), "{"), AUTOBUS_INVALID);
    cr_expect(autobus_request_is_wanted(atomic_load(&here.kept)));
    answer_elsewhere(&here);
    cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':'now'}"));
    hand_free(customer);
    shop_close(&here);
}

Test(requests, are_refused_at_once_in_a_forks_child)
{
    shop here;
    hand *customer = open_and_keep(&here);
    pid_t child = fork();

    if (child == 0) {
        autobus_request *request = atomic_load(&here.kept);
        bool is_right = autobus_request_answer_text(request, "1") == AUTOBUS_FORKED &&
                        !autobus_request_is_wanted(request) &&
                        autobus_service_fire(here.service, "e", NULL) == AUTOBUS_FORKED &&
                        autobus_service_set_text(here.service, "o", "1") == AUTOBUS_FORKED &&
                        autobus_service_add_event(here.service, "e", NULL) == AUTOBUS_FORKED;
        autobus_request_free(&request);
        autobus_service_free(&here.service);
        autobus_bus_free(&here.bus);
        _exit(is_right ? 0 : 1);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
    answer_elsewhere(&here);
    cr_expect(customer_hears(customer, "{'_type':2,'_id':1,'result':'now'}"));
    hand_free(customer);
    shop_close(&here);
}

Test(requests, that_are_null_are_said_to_be)
{
    autobus_request *none = NULL;

    cr_expect_eq(autobus_request_answer(NULL, json_object_new_int(1)), AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "the request is NULL"));
    cr_expect_eq(autobus_request_answer_text(NULL, "1"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_request_fail(NULL, "x"), AUTOBUS_INVALID);
    cr_expect_null(autobus_request_keep(NULL));
    cr_expect_str_eq(autobus_request_text(NULL), "[]");
    cr_expect_not(autobus_request_is_wanted(NULL));
    autobus_request_free(&none);
    autobus_request_free(NULL);
}
