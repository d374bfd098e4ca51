/* SPDX-License-Identifier: MIT
 * Lines by hand, and functions that note. */
#include "unit/service/customer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/eventually.h"

void customer_say(hand *customer, const char *format, ...)
{
    char *line = NULL;
    va_list values;

    va_start(values, format);
    cr_assert(vasprintf(&line, format, values) >= 0);
    va_end(values);
    for (char *at = line; *at != '\0'; at++)
        if (*at == '\'')
            *at = '"';
    hand_send(customer, line);
    hand_send(customer, "\n");
    free(line);
}

bool customer_hears(hand *customer, const char *wanted)
{
    const char *got = hand_line(customer);

    if (got != NULL && hand_is_like(got, wanted))
        return true;
    fprintf(stderr, "heard %s\nand not %s\n", got != NULL ? got : "the end", wanted);
    return false;
}

bool customer_hears_nothing(hand *customer)
{
    customer_say(customer, "{'_type':1,'_id':'nothing','_command':'ping'}");
    return customer_hears(customer, "{'_type':2,'_id':'nothing'}");
}

hand *customer_bind(const autobus_bus *bus, const char *service)
{
    hand *customer = hand_connect(autobus_bus_port(bus), autobus_bus_id(bus));
    const char *quote = service != NULL ? "'" : "", *id = service != NULL ? service : "null";

    customer_say(customer, "{'_type':1,'_id':0,'_command':'bind','service':%s%s%s}", quote, id,
                 quote);
    const char *answer = hand_line(customer);
    cr_assert(answer != NULL && strstr(answer, "_error") == NULL, "%s", answer);
    return customer;
}

void customer_call(hand *customer, int id, const char *function, const char *arguments)
{
    customer_say(customer, "{'_type':1,'_id':%d,'_command':'call','name':'%s','args':%s}", id,
                 function, arguments);
}

void shop_open(shop *at, autobus_options *options)
{
    memset(at, 0, sizeof *at);
    if (options == NULL)
        options = autobus_options_new();
    autobus_options_set_text(options, AUTOBUS_SOURCES, "none");
    cr_assert_eq(autobus_bus_new(options, &at->bus), AUTOBUS_OK, "%s", autobus_last_error());
    at->service = autobus_service_parse(at->bus, "{'type': 'shop'}");
    autobus_service_set_id(at->service, "shop");
    cr_assert_eq(autobus_service_publish(at->service), AUTOBUS_OK, "%s", autobus_last_error());
}

void shop_close(shop *at)
{
    autobus_request *kept = atomic_exchange(&at->kept, NULL);

    autobus_request_free(&kept);
    autobus_service_free(&at->service);
    autobus_bus_free(&at->bus);
}

void shop_freed(void *userdata)
{
    shop *at = userdata;
    atomic_fetch_add(&at->freed, 1);
}

void shop_offer(shop *at, const char *name, autobus_policy policy, autobus_function_fn *handler)
{
    cr_assert_eq(
        autobus_service_add_function(at->service, name, NULL, policy, handler, at, shop_freed),
        AUTOBUS_OK, "%s", autobus_last_error());
}

void shop_echo(void *userdata, autobus_request *request)
{
    shop *at = userdata;

    atomic_fetch_add(&at->calls, 1);
    cr_expect_eq(autobus_request_answer_text(request, autobus_request_text(request)), AUTOBUS_OK);
}

void shop_nothing(void *userdata, autobus_request *request)
{
    shop *at = userdata;

    (void)request;
    atomic_fetch_add(&at->calls, 1);
}

void shop_keep(void *userdata, autobus_request *request)
{
    shop *at = userdata;

    autobus_request *old = atomic_exchange(&at->kept, autobus_request_keep(request));
    autobus_request_free(&old);
    atomic_fetch_add(&at->calls, 1);
}

void shop_block(void *userdata, autobus_request *request)
{
    shop *at = userdata;

    (void)request;
    atomic_fetch_add(&at->calls, 1);
    while (!atomic_load(&at->may_end))
        eventually_wait_until_next_look();
}
