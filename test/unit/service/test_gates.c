/* SPDX-License-Identifier: MIT
 * Channels that a service offers: who may open one, and what becomes of those that nobody accepts. */
#include <string.h>

#include "support/eventually.h"
#include "unit/service/customer.h"

/* Notes what it hears, in the shop behind it. */
static void heard(void *userdata, const autobus_message *message)
{
    shop *at = userdata;
    (void)message;
    atomic_fetch_add(&at->calls, 1);
}

static _Atomic(autobus_channel *) accepted;

static void accept_it(void *userdata, autobus_channel *offered)
{
    cr_expect_str_eq(autobus_channel_name(offered), "chat");
    cr_expect_eq(autobus_channel_accept(offered, heard, userdata, NULL), AUTOBUS_OK);
    atomic_store(&accepted, offered);
}

static void look_away(void *userdata, autobus_channel *offered)
{
    (void)userdata;
    (void)offered;
}

static void close_it(void *userdata, autobus_channel *offered)
{
    (void)userdata;
    autobus_channel_close(offered, "We are closed.");
}

static void offer(shop *at, bool is_stream, autobus_accept_fn *accept)
{
    cr_assert_eq(
        autobus_service_add_channel(at->service, "chat", NULL, is_stream, accept, at, shop_freed),
        AUTOBUS_OK, "%s", autobus_last_error());
}

static void open_one(hand *customer, int channel, const char *name, const char *is_stream)
{
    customer_say(customer,
                 "{'_type':3,'_id':'0','_command':'open','channel':%d,'name':'%s','stream':%s,"
                 "'credit':65536,'value':null}",
                 channel, name, is_stream);
}

static bool is_closed_with(hand *customer, const char *part)
{
    const char *line = hand_line(customer);
    bool is_right = line != NULL && strstr(line, "\"close\"") != NULL && strstr(line, part) != NULL;
    if (!is_right)
        cr_log_warn("%s", line != NULL ? line : "the end");
    return is_right;
}

Test(gates, hand_over_what_is_opened)
{
    shop here;
    shop_open(&here, NULL);
    offer(&here, false, accept_it);
    hand *customer = customer_bind(here.bus, "shop");

    open_one(customer, 1, "chat", "false");
    cr_expect_not_null(strstr(hand_line(customer), "\"opened\""));
    /* The line leaves before the callback has returned. */
    EVENTUALLY(atomic_load(&accepted) != NULL);
    autobus_channel *channel = atomic_exchange(&accepted, NULL);
    customer_say(customer, "{'_type':3,'_id':'0','_command':'data','channel':1,'value':5}");
    EVENTUALLY(atomic_load(&here.calls) == 1);
    cr_expect_eq(autobus_service_remove_channel(here.service, "chat"), AUTOBUS_OK);
    EVENTUALLY(atomic_load(&here.freed) == 1);
    cr_expect_eq(autobus_channel_send_text(channel, "7"), AUTOBUS_OK, "those open go on");
    cr_expect_not_null(strstr(hand_line(customer), "\"value\":7"));
    open_one(customer, 2, "chat", "false");
    cr_expect(is_closed_with(customer, "\"channel\":2"));
    autobus_channel_free(&channel);
    cr_expect(is_closed_with(customer, "\"channel\":1"));
    hand_free(customer);
    shop_close(&here);
}

Test(gates, refuse_what_is_not_there_or_of_the_other_kind)
{
    shop here;
    shop_open(&here, NULL);
    offer(&here, true, accept_it);
    hand *customer = customer_bind(here.bus, "shop");

    open_one(customer, 1, "gossip", "false");
    cr_expect(is_closed_with(customer, autobus_result_text(AUTOBUS_NOT_FOUND)));
    open_one(customer, 2, "chat", "false");
    cr_expect(is_closed_with(customer, "\"channel\":2"));
    cr_expect(customer_hears_nothing(customer));
    hand_free(customer);
    shop_close(&here);
}

Test(gates, refuse_what_nobody_accepts)
{
    shop here;
    shop_open(&here, NULL);
    offer(&here, false, look_away);
    hand *customer = customer_bind(here.bus, "shop");

    open_one(customer, 1, "chat", "false");
    cr_expect(is_closed_with(customer, "not accepted"));
    autobus_service_remove_channel(here.service, "chat");
    offer(&here, false, close_it);
    open_one(customer, 2, "chat", "false");
    cr_expect(is_closed_with(customer, "\"channel\":2"));
    cr_expect(customer_hears_nothing(customer));
    hand_free(customer);
    shop_close(&here);
}

Test(gates, that_are_removed_refuse_those_who_wait)
{
    autobus_options *options = autobus_options_new();
    shop here;
    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);
    shop_open(&here, options);
    offer(&here, false, accept_it);
    hand *customer = customer_bind(here.bus, "shop");

    open_one(customer, 1, "chat", "false");
    cr_expect(customer_hears_nothing(customer));
    autobus_service_remove_channel(here.service, "chat");
    cr_expect(is_closed_with(customer, "not offered any more"));
    cr_expect_geq(autobus_bus_dispatch(here.bus), 0);
    cr_expect_eq(atomic_load(&here.freed), 1);
    cr_expect_null(atomic_load(&accepted));
    hand_free(customer);
    shop_close(&here);
}

Test(gates, that_cannot_be_are_refused_with_a_sentence)
{
    shop here;
    shop_open(&here, NULL);

    offer(&here, false, accept_it);
    cr_expect_eq(
        autobus_service_add_channel(here.service, "chat", NULL, true, accept_it, &here, shop_freed),
        AUTOBUS_IN_USE);
    cr_expect_eq(
        autobus_service_add_channel(here.service, "", NULL, true, accept_it, &here, shop_freed),
        AUTOBUS_INVALID);
    cr_expect_eq(
        autobus_service_add_channel(here.service, "c", NULL, true, NULL, &here, shop_freed),
        AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_add_channel(NULL, "c", NULL, true, accept_it, &here, shop_freed),
                 AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_add_channel(here.service, "c", "{'doc': []}", true, accept_it,
                                             &here, shop_freed),
                 AUTOBUS_INVALID);
    cr_expect_eq(atomic_load(&here.freed), 5, "what is passed is taken");
    cr_expect_eq(autobus_service_remove_channel(here.service, "c"), AUTOBUS_NOT_FOUND);
    cr_expect_eq(autobus_service_remove_channel(NULL, "c"), AUTOBUS_INVALID);
    shop_close(&here);
}
