/* SPDX-License-Identifier: MIT
 * What the introspection service tells, to those who ask and to those who watch. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "support/eventually.h"
#include "unit/service/customer.h"

static void accept_nothing(void *userdata, autobus_channel *offered)
{
    (void)userdata;
    (void)offered;
}

static void furnish(shop *at)
{
    cr_assert_eq(autobus_service_add_function(at->service, "dim",
                                              "{'doc': 'Dims.', 'parameters': [{'name': 'level'}]}",
                                              AUTOBUS_INLINE, shop_nothing, at, NULL),
                 AUTOBUS_OK);
    cr_assert_eq(autobus_service_add_event(at->service, "ring", NULL), AUTOBUS_OK);
    cr_assert_eq(autobus_service_add_object(at->service, "level", "{'type': 'integer'}", NULL),
                 AUTOBUS_OK);
    cr_assert_eq(
        autobus_service_add_channel(at->service, "chat", NULL, false, accept_nothing, NULL, NULL),
        AUTOBUS_OK);
    cr_assert_eq(autobus_service_add_channel(at->service, "music", "{'doc': 'Loud.'}", true,
                                             accept_nothing, NULL, NULL),
                 AUTOBUS_OK);
    cr_assert_eq(autobus_service_set_doc(at->service, "A shop."), AUTOBUS_OK);
}

/* The entry of the shop in an answer, a change, or get_details; "" where there is none. */
static const char *entry_in(const char *line, const char *key)
{
    static char text[4096];
    json_object *tree = json_tokener_parse(line), *details = NULL, *entry = NULL;

    text[0] = '\0';
    if (json_object_object_get_ex(tree, key, &details) &&
        json_object_object_get_ex(details, "shop", &entry)) {
        json_object_object_del(entry, "info");
        snprintf(text, sizeof text, "%s", json_object_to_json_string(entry));
    }
    json_object_put(tree);
    return text;
}

static const char *const furnished =
    "{'functions':{'dim':{'doc':'Dims.','parameters':[{'name':'level'}]}},'events':{'ring':{}},"
    "'objects':{'level':{'type':'integer'}},"
    "'channels':{'chat':{},'music':{'doc':'Loud.','stream':true}},'doc':'A shop.'}";

Test(details, tell_everything_that_a_service_has)
{
    shop here;
    shop_open(&here, NULL);
    furnish(&here);
    hand *customer = customer_bind(here.bus, NULL);

    customer_call(customer, 1, "get_details", "[]");
    const char *entry = entry_in(hand_line(customer), "result");
    cr_expect(hand_is_like(entry, furnished), "%s", entry);
    customer_call(customer, 2, "get_details", "['ignored']");
    cr_expect_str_neq(entry_in(hand_line(customer), "result"), "");
    customer_call(customer, 3, "dim", "[]");
    cr_expect_not_null(strstr(hand_line(customer), "No such function"));
    customer_say(customer, "{'_type':3,'_id':4,'_command':'call','name':'get_details','args':[]}");
    cr_expect(customer_hears_nothing(customer));
    hand_free(customer);
    shop_close(&here);
}

Test(details, tell_of_the_introspection_service_too)
{
    shop here;
    shop_open(&here, NULL);
    hand *customer = customer_bind(here.bus, NULL);

    customer_call(customer, 1, "get_details", "[]");
    const char *line = hand_line(customer);
    cr_expect_not_null(strstr(line, "\"type\":\"autobus.details\""), "%s", line);
    cr_expect_not_null(strstr(line, "\"functions\":{\"get_details\":{}},\"events\":{},\"objects\":{"
                                    "\"details\":{}},\"channels\":{}}"),
                       "%s", line);
    hand_free(customer);
    shop_close(&here);
}

/* Reads changes until the shop's entry is like this. */
static bool sees(hand *customer, const char *wanted)
{
    const char *entry;

    for (int i = 0; i < 20; i++) {
        const char *line = hand_line(customer);
        if (line == NULL)
            return false;
        entry = entry_in(line, "value");
        if (wanted[0] == '\0' ? entry[0] == '\0' : hand_is_like(entry, wanted))
            return true;
    }
    return false;
}

Test(details, are_kept_current_for_those_who_watch)
{
    const char *empty = "{'functions':{},'events':{},'objects':{},'channels':{}}";
    shop here;
    shop_open(&here, NULL);
    hand *customer = customer_bind(here.bus, NULL);

    customer_say(customer, "{'_type':1,'_id':'w','_command':'watch','name':'details'}");
    cr_expect_str_neq(entry_in(hand_line(customer), "value"), "");
    cr_expect(sees(customer, empty));
    furnish(&here);
    cr_expect(sees(customer, furnished));
    autobus_service_remove_function(here.service, "dim");
    autobus_service_remove_event(here.service, "ring");
    autobus_service_remove_object(here.service, "level");
    autobus_service_remove_channel(here.service, "chat");
    autobus_service_remove_channel(here.service, "music");
    autobus_service_set_doc(here.service, NULL);
    cr_expect(sees(customer, empty));
    autobus_service *other = autobus_service_parse(here.bus, "{}");
    autobus_service_publish(other);
    cr_expect(sees(customer, empty));
    autobus_service_withdraw(here.service);
    cr_expect(sees(customer, ""), "the last that is told is that it is gone");
    autobus_service_free(&other);
    cr_expect(sees(customer, ""), "and who bound no id stays, for the bus is there");
    autobus_service_publish(here.service);
    cr_expect(sees(customer, empty));
    hand_free(customer);
    shop_close(&here);
}

Test(details, of_a_service_that_is_not_published_are_told_to_nobody)
{
    shop here;
    shop_open(&here, NULL);
    autobus_service *secret = autobus_service_parse(here.bus, "{}");
    autobus_service_set_id(secret, "secret");
    hand *customer = customer_bind(here.bus, NULL);

    customer_say(customer, "{'_type':3,'_id':'w','_command':'watch','name':'details'}");
    cr_expect_not_null(strstr(hand_line(customer), "\"shop\""));
    autobus_service_add_event(secret, "e", NULL);
    cr_expect(customer_hears_nothing(customer));
    autobus_service_publish(secret);
    cr_expect_not_null(strstr(hand_line(customer), "\"secret\""));
    autobus_service_free(&secret);
    hand_free(customer);
    shop_close(&here);
}

Test(details, service_of_its_own_ends_the_sessions_that_chose_it_by_id)
{
    shop here;
    char id[64];
    shop_open(&here, NULL);
    hand *asking = customer_bind(here.bus, NULL);

    customer_call(asking, 1, "get_details", "[]");
    json_object *tree = json_tokener_parse(hand_line(asking)), *details = NULL;
    json_object_object_get_ex(tree, "result", &details);
    json_object_object_foreach (details, key, entry) {
        (void)entry;
        if (strcmp(key, "shop") != 0)
            snprintf(id, sizeof id, "%s", key);
    }
    json_object_put(tree);
    hand *customer = customer_bind(here.bus, id);
    cr_expect(customer_hears_nothing(customer));
    autobus_service_withdraw(here.service);
    cr_expect_null(hand_line(customer));
    customer_call(asking, 2, "get_details", "[]");
    cr_expect(customer_hears(asking, "{'_type':2,'_id':2,'result':{}}"));
    hand_free(customer);
    hand_free(asking);
    shop_close(&here);
}

Test(details, sessions_of_a_service_that_is_withdrawn_end)
{
    shop here;
    shop_open(&here, NULL);
    shop_offer(&here, "keep", AUTOBUS_INLINE, shop_keep);
    autobus_service_add_object(here.service, "level", NULL, NULL);
    autobus_service_add_event(here.service, "ring", NULL);
    hand *customer = customer_bind(here.bus, "shop");

    customer_say(customer, "{'_type':3,'_id':1,'_command':'watch','name':'level'}");
    customer_say(customer, "{'_type':3,'_id':1,'_command':'listen','name':'ring'}");
    customer_call(customer, 1, "keep", "[]");
    EVENTUALLY(atomic_load(&here.calls) == 1);
    cr_expect_not_null(strstr(hand_line(customer), "changed"));
    autobus_service_withdraw(here.service);
    cr_expect_eq(autobus_service_fire(here.service, "ring", NULL), AUTOBUS_OK);
    cr_expect_eq(autobus_service_set_text(here.service, "level", "1"), AUTOBUS_OK);
    cr_expect_null(hand_line(customer), "nothing is said but the end");
    cr_expect_not(autobus_request_is_wanted(atomic_load(&here.kept)));
    autobus_service_publish(here.service);
    hand *again = customer_bind(here.bus, "shop");
    customer_say(again, "{'_type':1,'_id':'w','_command':'watch','name':'level'}");
    cr_expect(customer_hears(again, "{'_type':2,'_id':'w','name':'level','value':1}"));
    hand_free(customer);
    hand_free(again);
    shop_close(&here);
}
