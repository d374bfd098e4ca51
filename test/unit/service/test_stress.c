/* SPDX-License-Identifier: MIT
 * Everything at once: calls under way while functions, objects and the service come and go, from handlers, workers
 * and other threads, until one of them ends the bus. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "support/eventually.h"
#include "unit/service/customer.h"

#define ROUNDS  200
#define THREADS 3
#define STEPS   40

/* What a round shares. The service and the bus are freed once, by whoever draws that first. */
typedef struct fair {
    _Atomic(autobus_service *) service;
    _Atomic(autobus_bus *) bus;
    autobus_service *stall; /**< is never freed before the end */
    _Atomic(autobus_request *) kept;
    atomic_int hooks, hooks_due, began;
    atomic_int acting;   /**< who uses the stall just now */
    atomic_bool is_over; /**< it is used no more */
    uint16_t port;       /**< of the bus, and its id */
    char id[17];
} fair;

static atomic_ulong seeds;
static _Thread_local ab_dice dice;
static _Thread_local bool has_dice;

static uint64_t below(uint64_t limit)
{
    if (!has_dice)
        ab_dice_seed(&dice, atomic_fetch_add(&seeds, 1));
    has_dice = true;
    return ab_dice_below(&dice, limit);
}

static void hook(void *userdata)
{
    fair *at = userdata;
    atomic_fetch_add(&at->hooks, 1);
}

static void answer_kept(fair *at)
{
    autobus_request *request = atomic_exchange(&at->kept, NULL);

    autobus_request_answer_text(request, "1");
    autobus_request_free(&request);
}

static void act(fair *at);

static void handle(void *userdata, autobus_request *request)
{
    fair *at = userdata;

    atomic_fetch_add(&at->began, 1);
    if (below(3) == 0) {
        autobus_request *old = atomic_exchange(&at->kept, autobus_request_keep(request));
        autobus_request_free(&old);
    } else if (below(2) == 0) {
        autobus_request_answer_text(request, autobus_request_text(request));
    }
    act(at);
}

static void add_function(fair *at, const char *name)
{
    atomic_fetch_add(&at->hooks_due, 1);
    (void)autobus_service_add_function(at->stall, name, NULL, (autobus_policy)below(2), handle, at,
                                       hook);
}

static void end_bus(fair *at)
{
    autobus_bus *bus = atomic_exchange(&at->bus, NULL);
    autobus_bus_free(&bus);
}

static void end_service(fair *at)
{
    autobus_service *service = atomic_exchange(&at->service, NULL);
    autobus_service_free(&service);
}

static void do_something(fair *at)
{
    char name[3] = {'f', (char)('0' + below(3)), '\0'};

    switch (below(12)) {
    case 0:
    case 1: add_function(at, name); break;
    case 2: (void)autobus_service_remove_function(at->stall, name); break;
    case 3: (void)autobus_service_add_object(at->stall, name, NULL, NULL); break;
    case 4: (void)autobus_service_remove_object(at->stall, name); break;
    case 5: (void)autobus_service_set_text(at->stall, name, "[1,2,3]"); break;
    case 6: (void)autobus_service_add_event(at->stall, name, NULL); break;
    case 7: (void)autobus_service_remove_event(at->stall, name); break;
    case 8: (void)autobus_service_fire_text(at->stall, name, NULL); break;
    case 9: answer_kept(at); break;
    case 10:
        (void)(below(2) == 0 ? autobus_service_withdraw(at->stall)
                             : autobus_service_publish(at->stall));
        break;
    default:
        if (below(40) == 0)
            end_bus(at);
        else if (below(10) == 0)
            end_service(at);
        break;
    }
}

static void act(fair *at)
{
    atomic_fetch_add(&at->acting, 1);
    if (!atomic_load(&at->is_over))
        do_something(at);
    atomic_fetch_sub(&at->acting, 1);
}

static void *visit(void *argument)
{
    fair *at = argument;
    for (int i = 0; i < STEPS; i++)
        act(at);
    return NULL;
}

/* Says a lot and reads nothing; the bus may be gone. */
static void shop_around(const fair *at)
{
    static const char *const commands[] = {"watch", "unwatch", "listen", "unlisten"};
    hand *customer = hand_try(at->port, at->id);

    if (customer == NULL)
        return;
    customer_say(customer, "{'_type':1,'_id':0,'_command':'bind','service':'stall'}");
    for (int i = 0; i < STEPS; i++) {
        int type = below(2) == 0 ? 1 : 3, which = (int)below(3);
        if (below(2) == 0)
            customer_say(customer,
                         "{'_type':%d,'_id':%d,'_command':'call','name':'f%d','args':[%d]}", type,
                         i, which, i);
        else
            customer_say(customer, "{'_type':%d,'_id':%d,'_command':'%s','name':'f%d'}", type, i,
                         commands[below(4)], which);
    }
    hand_free(customer);
}

static void *shop_often(void *argument)
{
    for (int i = 0; i < 3; i++)
        shop_around(argument);
    return NULL;
}

static void hold_fair(void)
{
    autobus_options *options = autobus_options_new();
    autobus_bus *bus = NULL;
    fair at = {.service = NULL};
    pthread_t visitors[THREADS], customer;

    autobus_options_set_text(options, AUTOBUS_SOURCES, "none");
    autobus_options_set_text(options, AUTOBUS_SAY_TIMES, "0");
    autobus_options_set_number(options, AUTOBUS_WORKERS, 2);
    cr_assert_eq(autobus_bus_new(options, &bus), AUTOBUS_OK, "%s", autobus_last_error());
    atomic_store(&at.bus, bus);
    at.stall = autobus_service_parse(bus, "{}");
    autobus_service_set_id(at.stall, "stall");
    autobus_service_publish(at.stall);
    autobus_service *other = autobus_service_parse(bus, "{}");
    autobus_service_publish(other);
    atomic_store(&at.service, other);
    for (int i = 0; i < 3; i++)
        add_function(&at, (const char *[]){"f0", "f1", "f2"}[i]);
    at.port = autobus_bus_port(bus);
    snprintf(at.id, sizeof at.id, "%s", autobus_bus_id(bus));
    pthread_create(&customer, NULL, shop_often, &at);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&visitors[i], NULL, visit, &at);
    for (int i = 0; i < THREADS; i++)
        pthread_join(visitors[i], NULL);
    pthread_join(customer, NULL);
    end_service(&at);
    end_bus(&at);
    /* A bus that was freed in a callback ends on its own thread, and calls back until it has. */
    atomic_store(&at.is_over, true);
    EVENTUALLY(atomic_load(&at.acting) == 0);
    autobus_service_free(&at.stall);
    answer_kept(&at);
    EVENTUALLY(atomic_load(&at.hooks) == atomic_load(&at.hooks_due));
    answer_kept(&at);
}

static double scale(void)
{
    const char *text = getenv("AUTOBUS_TEST_SCALE");
    return text != NULL ? strtod(text, NULL) : 0.1;
}

Test(stress, leaves_nothing_whatever_handlers_do_to_what_they_belong_to)
{
    const char *text = getenv("AUTOBUS_TEST_SEED");

    atomic_store(&seeds, (text != NULL ? strtoul(text, NULL, 10) : 1) * 1000000);
    for (int i = 0; i < (int)(ROUNDS * scale()) + 1; i++)
        hold_fair();
}
