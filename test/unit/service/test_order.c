/* SPDX-License-Identifier: MIT
 * Order: who hears an event that was fired after a value was set has heard that value or a newer one, however many
 * threads set and fire, and however slowly it reads. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "support/eventually.h"
#include "unit/service/customer.h"

#define THREADS 8
#define ROUNDS  200

typedef struct setter {
    pthread_t thread;
    shop *at;
    int number;
} setter;

/* Each thread has an object and an event of its own; all go to one listener. */
static void *set_and_fire(void *argument)
{
    setter *me = argument;
    char name[16];

    snprintf(name, sizeof name, "n%d", me->number);
    for (int i = 1; i <= ROUNDS; i++) {
        json_object *list = json_object_new_array();
        json_object_array_add(list, json_object_new_int(i));
        cr_assert_eq(autobus_service_set(me->at->service, name, json_object_new_int(i)),
                     AUTOBUS_OK);
        cr_assert_eq(autobus_service_fire(me->at->service, name, list), AUTOBUS_OK);
    }
    return NULL;
}

static int number_in(json_object *line, const char *key)
{
    json_object *value = NULL;

    json_object_object_get_ex(line, key, &value);
    if (json_object_is_type(value, json_type_array))
        value = json_object_array_get_idx(value, 0);
    return json_object_get_int(value);
}

/* Counts the lines that break the promise. */
static int read_all(hand *customer, int fired[THREADS])
{
    int value[THREADS] = {0}, wrong = 0, events = 0;

    while (events < THREADS * ROUNDS) {
        json_object *line = json_tokener_parse(hand_line(customer)), *command = NULL, *name = NULL;
        json_object_object_get_ex(line, "_command", &command);
        json_object_object_get_ex(line, "name", &name);
        int which = atoi(json_object_get_string(name) + 1);
        if (strcmp(json_object_get_string(command), "changed") == 0) {
            wrong += number_in(line, "value") < value[which];
            value[which] = number_in(line, "value");
        } else {
            int round = number_in(line, "args");
            wrong += round != fired[which] + 1 || value[which] < round;
            fired[which] = round;
            events++;
        }
        json_object_put(line);
        if (events % 100 == 0)
            eventually_wait_until_next_look();
    }
    return wrong;
}

Test(order, holds_between_a_value_and_the_event_that_follows_it)
{
    setter setters[THREADS];
    int fired[THREADS] = {0};
    shop here;
    shop_open(&here, NULL);
    hand *customer = customer_bind(here.bus, "shop");

    for (int i = 0; i < THREADS; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        autobus_service_add_event(here.service, name, NULL);
        autobus_service_add_object(here.service, name, NULL, json_object_new_int(0));
        customer_say(customer, "{'_type':3,'_id':1,'_command':'watch','name':'%s'}", name);
        customer_say(customer, "{'_type':3,'_id':1,'_command':'listen','name':'%s'}", name);
        char wanted[120];
        snprintf(wanted, sizeof wanted,
                 "{'_type':3,'_id':'…','_command':'changed','name':'%s','value':0}", name);
        cr_assert(customer_hears(customer, wanted));
    }
    cr_assert(customer_hears_nothing(customer));
    for (int i = 0; i < THREADS; i++) {
        setters[i] = (setter){.at = &here, .number = i};
        pthread_create(&setters[i].thread, NULL, set_and_fire, &setters[i]);
    }
    cr_expect_eq(read_all(customer, fired), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(setters[i].thread, NULL);
    hand_free(customer);
    shop_close(&here);
}

static void set_then_answer(void *userdata, autobus_request *request)
{
    shop *at = userdata;
    int number = atomic_fetch_add(&at->calls, 1) + 1;

    autobus_service_set(at->service, "n", json_object_new_int(number));
    autobus_request_answer(request, json_object_new_int(number));
}

Test(order, holds_between_a_value_and_the_answer_that_follows_it)
{
    autobus_options *options = autobus_options_new();
    shop here;
    autobus_options_set_number(options, AUTOBUS_WORKERS, 1);
    shop_open(&here, options);
    shop_offer(&here, "next", AUTOBUS_POOL, set_then_answer);
    autobus_service_add_object(here.service, "n", NULL, NULL);
    hand *customer = customer_bind(here.bus, "shop");
    int value = 0;

    customer_say(customer, "{'_type':3,'_id':1,'_command':'watch','name':'n'}");
    for (int i = 0; i < 300; i++)
        customer_call(customer, i, "next", "[]");
    for (int answers = 0; answers < 300;) {
        json_object *line = json_tokener_parse(hand_line(customer));
        if (json_object_object_get_ex(line, "result", NULL)) {
            cr_expect_geq(value, number_in(line, "result"));
            answers++;
        } else {
            value = number_in(line, "value");
        }
        json_object_put(line);
    }
    hand_free(customer);
    shop_close(&here);
}
