/* SPDX-License-Identifier: MIT
 * A bus in a crowd: threads, callbacks and free hooks do everything the API has, in an order that only a seed
 * knows, while one of them ends the bus. What matters is what sanitizers say; besides, no callback comes after
 * its hook, two never run at once, and at the end nothing is left.
 *
 * AUTOBUS_TEST_SEED repeats a run as far as threads can be repeated; AUTOBUS_TEST_SCALE makes it longer. */
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/random.h"
#include "support/eventually.h"
#include "support/small_town.h"

#define ROUNDS  1000
#define THREADS 4
#define ACTIONS 150
#define SLOTS   6

/** One bus and the crowd around it. Whoever takes something out of its slot is the only one to use it. */
typedef struct party {
    autobus_bus *bus;
    autobus_bus *_Atomic to_free;
    bool is_dispatched;
    autobus_service *_Atomic services[SLOTS];
    autobus_listener *_Atomic listeners[SLOTS];
    atomic_int guests;  /**< not yet gone through their hook */
    atomic_int running; /**< callbacks */
    atomic_uint faults;
} party;

/** A listener's userdata: gone with its hook, so that a callback after that is seen by the sanitizer. */
typedef struct guest {
    party *party;
    atomic_bool is_gone;
} guest;

static atomic_ulong seeds;
static _Thread_local ab_dice dice;
static _Thread_local bool has_dice;
static _Thread_local unsigned depth;

static unsigned throw_below(unsigned limit)
{
    if (!has_dice)
        ab_dice_seed(&dice, atomic_fetch_add(&seeds, 1));
    has_dice = true;
    return (unsigned)ab_dice_below(&dice, limit);
}

static void act(party *at);

static void act_inside(party *at)
{
    if (depth > 0)
        return;
    depth++;
    for (unsigned i = throw_below(3); i > 0; i--)
        act(at);
    depth--;
}

static void guest_hears(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    guest *self = userdata;
    party *at = self->party;

    (void)change;
    if (atomic_fetch_add(&at->running, 1) != 0 || atomic_load(&self->is_gone))
        atomic_fetch_add(&at->faults, 1);
    if (autobus_sighting_id(sighting)[0] == '\0' || autobus_sighting_host(sighting)[0] == '\0')
        atomic_fetch_add(&at->faults, 1);
    act_inside(at);
    atomic_fetch_sub(&at->running, 1);
}

static void guest_goes(void *userdata)
{
    guest *self = userdata;
    party *at = self->party;

    if (atomic_exchange(&self->is_gone, true))
        atomic_fetch_add(&at->faults, 1);
    act_inside(at);
    free(self);
    atomic_fetch_sub(&at->guests, 1);
}

static void put_service(party *at, autobus_service *service)
{
    autobus_service *former = atomic_exchange(&at->services[throw_below(SLOTS)], service);
    autobus_service_free(&former);
}

static autobus_service *take_service(party *at)
{
    return atomic_exchange(&at->services[throw_below(SLOTS)], NULL);
}

static void put_listener(party *at, autobus_listener *listener)
{
    autobus_listener *former = atomic_exchange(&at->listeners[throw_below(SLOTS)], listener);
    autobus_listener_free(&former);
}

static void make_service(party *at)
{
    static const char *const infos[] = {"{'type': 'lamp'}", "{'type': 'door', 'n': 1}", "[1]"};
    char id[8];
    autobus_service *fresh = autobus_service_parse(at->bus, infos[throw_below(3)]);

    snprintf(id, sizeof id, "s%u", throw_below(5));
    if (throw_below(2) == 0)
        (void)autobus_service_set_id(fresh, id);
    (void)autobus_service_publish(fresh);
    put_service(at, fresh);
}

static void change_service(party *at)
{
    autobus_service *taken = take_service(at);

    if (taken == NULL)
        return;
    switch (throw_below(4)) {
    case 0: (void)autobus_service_withdraw(taken); break;
    case 1: (void)autobus_service_publish(taken); break;
    case 2: (void)autobus_service_set_id(taken, "other"); break;
    default: (void)autobus_service_is_published(taken);
    }
    put_service(at, taken);
}

static void free_service(party *at)
{
    autobus_service *taken = take_service(at);
    autobus_service_free(&taken);
}

static autobus_filter *some_filter(const party *at)
{
    char condition[32];
    autobus_filter *filter = NULL;

    snprintf(condition, sizeof condition, "port=%u", autobus_bus_port(at->bus));
    switch (throw_below(4)) {
    case 0: return NULL;
    case 1: return autobus_filter_parse("{'type': 'lamp'}");
    case 2: filter = autobus_filter_new(); (void)autobus_filter_add_text(filter, condition);
    }
    return filter != NULL ? filter : autobus_filter_new();
}

static void make_listener(party *at)
{
    autobus_listener *fresh = NULL;
    guest *self = calloc(1, sizeof *self);
    bool has_handle = throw_below(8) != 0;

    self->party = at;
    atomic_fetch_add(&at->guests, 1);
    (void)autobus_listener_new(at->bus, some_filter(at), throw_below(2) == 0, guest_hears, self,
                               guest_goes, has_handle ? &fresh : NULL);
    if (fresh != NULL)
        put_listener(at, fresh);
}

static void free_listener(party *at)
{
    autobus_listener *taken = atomic_exchange(&at->listeners[throw_below(SLOTS)], NULL);
    autobus_listener_free(&taken);
}

static void enumerate(party *at)
{
    autobus_sighting **all = NULL, *one = NULL;
    size_t count = 0;

    if (autobus_bus_enumerate(at->bus, some_filter(at), &all, &count) == AUTOBUS_OK)
        for (size_t i = 1; i < count; i++)
            if (strcmp(autobus_sighting_id(all[i - 1]), autobus_sighting_id(all[i])) > 0)
                atomic_fetch_add(&at->faults, 1);
    autobus_sightings_free(&all, count);
    (void)autobus_bus_find(at->bus, "s1", &one);
    autobus_sighting_free(&one);
}

static void ask(party *at)
{
    char *text = autobus_bus_interfaces(at->bus);

    free(text);
    if (strlen(autobus_bus_id(at->bus)) != 16)
        atomic_fetch_add(&at->faults, 1);
    for (int i = 0; i < AUTOBUS_STAT_COUNT; i++)
        (void)autobus_bus_stat(at->bus, (autobus_stat)i);
}

static void end(party *at)
{
    autobus_bus *taken = atomic_exchange(&at->to_free, NULL);
    autobus_bus_free(&taken);
}

static void act(party *at)
{
    switch (throw_below(48)) {
    case 0:
        if (throw_below(8) == 0)
            end(at);
        break;
    case 1: (void)autobus_bus_settle(at->bus, (int)throw_below(4)); break;
    case 2:
    case 3: (void)autobus_bus_sync(at->bus); break;
    case 4:
    case 5: ask(at); break;
    case 6:
    case 7:
    case 8: enumerate(at); break;
    default:
        switch (throw_below(6)) {
        case 0: make_service(at); break;
        case 1: change_service(at); break;
        case 2: free_service(at); break;
        case 3: make_listener(at); break;
        case 4: free_listener(at); break;
        default: (void)autobus_bus_dispatch(at->bus);
        }
    }
}

/* Its own service keeps the bus's memory, so that it may go on asking a closed one. */
static void *celebrate(void *userdata)
{
    party *at = userdata;

    for (int i = 0; i < ACTIONS; i++)
        act(at);
    return NULL;
}

static void clear(party *at)
{
    for (size_t i = 0; i < SLOTS; i++) {
        autobus_service *service = atomic_exchange(&at->services[i], NULL);
        autobus_listener *listener = atomic_exchange(&at->listeners[i], NULL);
        autobus_service_free(&service);
        autobus_listener_free(&listener);
    }
}

static bool is_clear(party *at)
{
    bool is_it = true;
    for (size_t i = 0; i < SLOTS; i++)
        is_it = is_it && atomic_load(&at->services[i]) == NULL &&
                atomic_load(&at->listeners[i]) == NULL;
    return is_it;
}

static autobus_options *some_options(party *at, uint16_t port)
{
    autobus_options *options = town_options(port);

    at->is_dispatched = throw_below(2) == 0;
    if (throw_below(3) != 0)
        autobus_options_set_text(options, AUTOBUS_SOURCES, "none");
    autobus_options_set_text(options, AUTOBUS_SAY_TIMES, "0,5");
    autobus_options_set_number(options, AUTOBUS_DISPATCH, at->is_dispatched);
    return options;
}

static void hold_party(uint16_t port)
{
    party at = {0};
    pthread_t threads[THREADS];

    cr_assert_eq(autobus_bus_new(some_options(&at, port), &at.bus), AUTOBUS_OK, "%s",
                 autobus_last_error());
    atomic_store(&at.to_free, at.bus);
    autobus_service *keeper = autobus_service_parse(at.bus, "{}");
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, celebrate, &at);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    end(&at);
    /* What callbacks still make they also put away; a closed bus takes nothing new. */
    EVENTUALLY((clear(&at), atomic_load(&at.guests) == 0 && is_clear(&at)));
    cr_expect_eq(atomic_load(&at.faults), 0);
    autobus_service_free(&keeper);
}

static double scale(void)
{
    const char *text = getenv("AUTOBUS_TEST_SCALE");
    return text != NULL ? strtod(text, NULL) : 0.1;
}

static int open_fds(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

Test(stress, leaves_nothing_whoever_ends_the_bus_and_when)
{
    const char *text = getenv("AUTOBUS_TEST_SEED");
    unsigned long seed = text != NULL ? strtoul(text, NULL, 10) : 1;
    uint16_t port = town_port();
    int before = open_fds();
    autobus_bus *neighbour = town_bus(port);
    autobus_service *lamp = town_lamp(neighbour, "s1");

    atomic_store(&seeds, seed * 1000000);
    for (int i = 0; i < (int)(ROUNDS * scale()) + 1; i++)
        hold_party(port);
    autobus_service_free(&lamp);
    autobus_bus_free(&neighbour);
    EVENTUALLY(open_fds() == before);
}
