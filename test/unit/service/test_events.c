/* SPDX-License-Identifier: MIT
 * Events over the wire: who hears them, and the two commands about them. */
#include <string.h>

#include <json-c/json.h>

#include "support/eventually.h"
#include "unit/service/customer.h"

#define FIRED(args) "{'_type':3,'_id':'…','_command':'fired','name':'ring','args':" args "}"

static void listen(hand *customer, const char *name)
{
    customer_say(customer, "{'_type':1,'_id':'l','_command':'listen','name':'%s'}", name);
}

Test(events, are_heard_by_every_listener_and_nobody_else)
{
    shop here;
    shop_open(&here, NULL);
    hand *one = customer_bind(here.bus, "shop"), *other = customer_bind(here.bus, "shop"),
         *deaf = customer_bind(here.bus, "shop");

    cr_expect_eq(autobus_service_add_event(here.service, "ring", "{'doc': 'x'}"), AUTOBUS_OK);
    listen(one, "ring");
    cr_expect(customer_hears(one, "{'_type':2,'_id':'l','name':'ring'}"));
    customer_say(other, "{'_type':3,'_id':1,'_command':'listen','name':'ring'}");
    cr_expect(customer_hears_nothing(other));
    cr_expect_eq(autobus_service_fire(here.service, "ring", NULL), AUTOBUS_OK);
    cr_expect_eq(autobus_service_fire(here.service, "ring", json_tokener_parse("[1,\"a\"]")),
                 AUTOBUS_OK);
    cr_expect_eq(autobus_service_fire_text(here.service, "ring", "[ {'b':\n NaN} ]"), AUTOBUS_OK);
    for (int i = 0; i < 2; i++) {
        hand *listener = i == 0 ? one : other;
        cr_expect(customer_hears(listener, FIRED("[]")));
        cr_expect(customer_hears(listener, FIRED("[1,'a']")));
        cr_expect(customer_hears(listener, FIRED("[{'b':null}]")));
    }
    cr_expect(customer_hears_nothing(deaf));
    hand_free(one);
    hand_free(other);
    hand_free(deaf);
    shop_close(&here);
}

Test(events, are_listened_for_once_at_a_time)
{
    shop here;
    shop_open(&here, NULL);
    hand *customer = customer_bind(here.bus, "shop");

    cr_expect_eq(autobus_service_add_event(here.service, "ring", NULL), AUTOBUS_OK);
    customer_say(customer, "{'_type':1,'_id':'u','_command':'unlisten','name':'ring'}");
    cr_expect_not_null(strstr(hand_line(customer), "You're not listening for that event."));
    customer_say(customer, "{'_type':3,'_id':'u','_command':'unlisten','name':'ring'}");
    for (int i = 0; i < 3; i++) {
        listen(customer, "ring");
        cr_expect(customer_hears(customer, "{'_type':2,'_id':'l','name':'ring'}"));
        listen(customer, "ring");
        cr_expect_not_null(strstr(hand_line(customer), "You're already listening for that event."));
        autobus_service_fire(here.service, "ring", NULL);
        cr_expect(customer_hears(customer, FIRED("[]")));
        customer_say(customer, "{'_type':1,'_id':'u','_command':'unlisten','name':'ring'}");
        cr_expect(customer_hears(customer, "{'_type':2,'_id':'u','name':'ring'}"));
        autobus_service_fire(here.service, "ring", NULL);
        cr_expect(customer_hears_nothing(customer));
    }
    customer_say(customer, "{'_type':1,'_id':'n','_command':'listen'}");
    cr_expect_not_null(strstr(hand_line(customer), "\"name\\\""));
    hand_free(customer);
    shop_close(&here);
}

Test(events, may_be_listened_for_before_they_are_there)
{
    shop here;
    shop_open(&here, NULL);
    hand *customer = customer_bind(here.bus, "shop");

    listen(customer, "ring");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':'l','name':'ring'}"));
    cr_expect_eq(autobus_service_fire(here.service, "ring", NULL), AUTOBUS_NOT_FOUND);
    cr_expect_str_eq(autobus_last_error(), "the service has no event \"ring\"");
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(autobus_service_add_event(here.service, "ring", NULL), AUTOBUS_OK);
        cr_expect_eq(autobus_service_fire(here.service, "ring", NULL), AUTOBUS_OK);
        cr_expect(customer_hears(customer, FIRED("[]")));
        cr_expect_eq(autobus_service_remove_event(here.service, "ring"), AUTOBUS_OK);
    }
    cr_expect_eq(autobus_service_remove_event(here.service, "ring"), AUTOBUS_NOT_FOUND);
    hand_free(customer);
    shop_close(&here);
}

Test(events, that_cannot_be_are_refused_with_a_sentence)
{
    shop here;
    shop_open(&here, NULL);

    cr_expect_eq(autobus_service_add_event(here.service, "ring", NULL), AUTOBUS_OK);
    cr_expect_eq(autobus_service_add_event(here.service, "ring", NULL), AUTOBUS_IN_USE);
    cr_expect_eq(autobus_service_add_event(here.service, "", NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_add_event(here.service, "r", "{'doc': 1}"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_add_event(NULL, "r", NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_fire(here.service, "ring", json_object_new_int(5)),
                 AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "a list such as [1, 2], not 5"));
    cr_expect_eq(autobus_service_fire_text(here.service, "ring", "{}"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_fire_text(here.service, "ring", "["), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_fire(NULL, "ring", json_object_new_array()), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_fire_text(NULL, "ring", "[]"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_fire(here.service, NULL, NULL), AUTOBUS_INVALID);
    autobus_bus_free(&here.bus);
    cr_expect_eq(autobus_service_fire(here.service, "ring", NULL), AUTOBUS_CLOSED);
    cr_expect_eq(autobus_service_add_event(here.service, "r", NULL), AUTOBUS_CLOSED);
    autobus_service_free(&here.service);
}
