/* SPDX-License-Identifier: MIT
 * Objects over the wire: their values, those who watch, and what slow ones cost. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <json-c/json.h>

#include "support/eventually.h"
#include "unit/service/customer.h"

#define CHANGED(value) "{'_type':3,'_id':'…','_command':'changed','name':'level','value':" value "}"
#define GONE           "{'_type':3,'_id':'…','_command':'changed','name':'level','value':null,'gone':true}"

static void watch(hand *customer, const char *name)
{
    customer_say(customer, "{'_type':1,'_id':'w','_command':'watch','name':'%s'}", name);
}

static void add_level(shop *at, int value)
{
    cr_assert_eq(autobus_service_add_object(at->service, "level", NULL, json_object_new_int(value)),
                 AUTOBUS_OK, "%s", autobus_last_error());
}

Test(objects, tell_the_value_of_now_and_every_change)
{
    shop here;
    shop_open(&here, NULL);
    hand *one = customer_bind(here.bus, "shop"), *other = customer_bind(here.bus, "shop");

    add_level(&here, 66);
    watch(one, "level");
    cr_expect(customer_hears(one, "{'_type':2,'_id':'w','name':'level','value':66}"));
    cr_expect(customer_hears(one, CHANGED("66")), "for those who asked without wanting an answer");
    customer_say(other, "{'_type':3,'_id':'w','_command':'watch','name':'level'}");
    cr_expect(customer_hears(other, CHANGED("66")));
    cr_expect_eq(autobus_service_set(here.service, "level", json_object_new_int(5)), AUTOBUS_OK);
    cr_expect(customer_hears(one, CHANGED("5")));
    cr_expect(customer_hears(other, CHANGED("5")));
    cr_expect_eq(autobus_service_set(here.service, "level", NULL), AUTOBUS_OK);
    cr_expect(customer_hears(one, CHANGED("null")), "null is a value");
    cr_expect_eq(autobus_service_set_text(here.service, "level", "{'a':\n[]}"), AUTOBUS_OK);
    cr_expect(customer_hears(one, CHANGED("{'a':[]}")));
    hand_free(one);
    hand_free(other);
    shop_close(&here);
}

Test(objects, are_watched_once_at_a_time)
{
    shop here;
    shop_open(&here, NULL);
    hand *customer = customer_bind(here.bus, "shop");

    add_level(&here, 1);
    customer_say(customer, "{'_type':1,'_id':'u','_command':'unwatch','name':'level'}");
    cr_expect_not_null(strstr(hand_line(customer), "You're not watching that object."));
    for (int i = 0; i < 3; i++) {
        watch(customer, "level");
        cr_expect(customer_hears(customer, "{'_type':2,'_id':'w','name':'level','value':1}"));
        cr_expect(customer_hears(customer, CHANGED("1")));
        watch(customer, "level");
        cr_expect_not_null(strstr(hand_line(customer), "You're already watching that object."));
        customer_say(customer, "{'_type':3,'_id':'w','_command':'watch','name':'level'}");
        customer_say(customer, "{'_type':%d,'_id':'u','_command':'unwatch','name':'level'}",
                     i == 0 ? 3 : 1);
        if (i > 0)
            cr_expect(
                customer_hears(customer, "{'_type':2,'_id':'u','name':'level','value':null}"));
        cr_expect(customer_hears(customer, GONE));
        autobus_service_set(here.service, "level", json_object_new_int(1));
        cr_expect(customer_hears_nothing(customer));
    }
    customer_say(customer, "{'_type':1,'_id':'n','_command':'watch','name':7}");
    cr_expect_not_null(strstr(hand_line(customer), "needs"));
    hand_free(customer);
    shop_close(&here);
}

Test(objects, may_be_watched_before_they_are_there_and_after_they_are_gone)
{
    shop here;
    shop_open(&here, NULL);
    hand *customer = customer_bind(here.bus, "shop");

    watch(customer, "level");
    cr_expect(customer_hears(customer, "{'_type':2,'_id':'w','name':'level','value':null}"));
    cr_expect(customer_hears(customer, GONE));
    cr_expect_eq(autobus_service_set_text(here.service, "level", "1"), AUTOBUS_NOT_FOUND);
    for (int i = 0; i < 3; i++) {
        add_level(&here, 7);
        cr_expect(customer_hears(customer, CHANGED("7")));
        cr_expect_eq(autobus_service_remove_object(here.service, "level"), AUTOBUS_OK);
        cr_expect(customer_hears(customer, GONE));
    }
    cr_expect_eq(autobus_service_remove_object(here.service, "level"), AUTOBUS_NOT_FOUND);
    hand_free(customer);
    shop_close(&here);
}

Test(objects, that_cannot_be_are_refused_with_a_sentence)
{
    shop here;
    shop_open(&here, NULL);

    add_level(&here, 1);
    cr_expect_eq(autobus_service_add_object(here.service, "level", NULL, json_object_new_int(2)),
                 AUTOBUS_IN_USE);
    cr_expect_eq(
        autobus_service_add_object(here.service, "o", "{'type': 'x'}", json_object_new_int(2)),
        AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_add_object(NULL, "o", NULL, json_object_new_int(2)),
                 AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_set_text(here.service, "level", NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_set_text(here.service, "level", "nul"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_set(NULL, "level", json_object_new_int(2)), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_set_text(NULL, "level", "1"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_set(here.service, "none", json_object_new_int(2)),
                 AUTOBUS_NOT_FOUND);
    autobus_bus_free(&here.bus);
    cr_expect_eq(autobus_service_set(here.service, "level", json_object_new_int(2)),
                 AUTOBUS_CLOSED);
    autobus_service_free(&here.service);
}

/* How many bytes this process has from malloc now. */
static size_t used(void)
{
    struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
}

/* All of them in the long run, else a tenth. */
static int changes(void)
{
    const char *text = getenv("AUTOBUS_TEST_SCALE");
    return (int)(20000 * (text != NULL ? strtod(text, NULL) : 0.1)) / 100 * 100 + 100;
}

/* Who is no libautobus and takes nothing for 30 s is held for deaf. A sanitizer may need longer than that for all of
 * the changes; then some thousands have to do. */
static bool is_patience_over(time_t began, int changed)
{
    return changed % 100 == 0 && changed >= 2000 && time(NULL) - began > 15;
}

Test(objects, that_change_faster_than_a_watcher_reads_cost_it_little_and_tell_it_the_last)
{
    char *value = malloc(65536 + 3);
    shop here;
    shop_open(&here, NULL);
    hand *slow = customer_bind(here.bus, "shop"), *quick = customer_bind(here.bus, "shop");
    add_level(&here, 0);
    watch(slow, "level");
    watch(quick, "level");
    cr_expect(customer_hears(quick, "{'_type':2,'_id':'w','name':'level','value':0}"));
    cr_expect(customer_hears(quick, CHANGED("0")));
    cr_expect(customer_hears(slow, "{'_type':2,'_id':'w','name':'level','value':0}"));
    cr_expect(customer_hears(slow, CHANGED("0")));

    memset(value, 'x', 65538);
    value[0] = value[65537] = '"';
    value[65538] = '\0';
    size_t before = used(), most = 0;
    int last = changes();
    char digits[8];
    time_t began = time(NULL);
    for (int i = 1; i <= last; i++) {
        memcpy(value + 1, digits, (size_t)snprintf(digits, sizeof digits, "%06d", i));
        cr_assert_eq(autobus_service_set_text(here.service, "level", value), AUTOBUS_OK);
        if (i % 100 == 0) {
            char part[16];
            const char *line;
            snprintf(part, sizeof part, ":\"%06d", i);
            do
                line = hand_line(quick);
            while (line != NULL && strstr(line, part) == NULL);
            cr_assert_not_null(line, "the other watcher is delayed by none");
        }
        size_t now = used();
        most = now > before && now - before > most ? now - before : most;
        if (is_patience_over(began, i))
            last = i;
    }
    cr_expect_lt(most, (size_t)8 << 20, "%zu bytes", most);
    const char *line;
    int heard = 0;
    do {
        line = hand_line(slow);
        heard++;
    } while (line != NULL && strstr(line, digits) == NULL);
    cr_expect_not_null(line, "the last value arrives");
    cr_expect_lt(heard, last / 2);
    cr_expect(customer_hears_nothing(slow));
    hand_free(slow);
    hand_free(quick);
    shop_close(&here);
    free(value);
}
