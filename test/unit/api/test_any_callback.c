/* SPDX-License-Identifier: MIT
 * Any callback may do anything: for each callback that the library has, each thing that ends something or waits is
 * done inside it, beside it on another thread at that moment, and both at once; thousands of times, in random
 * surroundings: one bus or two, callbacks by the bus or by dispatch, connections, proxies and multi proxies. Every
 * hook runs once and last, every call completes once, nothing begins after its end, and nothing is left.
 *
 * AUTOBUS_TEST_SEED repeats the dice, not the threads; AUTOBUS_TEST_SCALE makes it longer. */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include <criterion/criterion.h>

#include "round.h"
#include "support/eventually.h"
#include "support/small_town.h"

#define ROUNDS   2000  /* of each callback, at scale 1 */
#define PATIENCE 60000 /* ms */

/* Two who serve and two who use: one of each dispatches. Whoever was freed is replaced. */
typedef struct town {
    uint16_t port;
    house *serving[2], *using[2];
    pthread_t accomplice;
    pthread_mutex_t mutex;
    pthread_cond_t news;
    round *job; /* of the accomplice */
    bool is_over;
    int done; /* rounds of it */
} town;

static double scale(void)
{
    const char *text = getenv("AUTOBUS_TEST_SCALE");
    return text != NULL ? strtod(text, NULL) : 0.1;
}

static unsigned long first_seed(void)
{
    const char *text = getenv("AUTOBUS_TEST_SEED");
    return text != NULL ? strtoul(text, NULL, 10) : (unsigned long)time(NULL);
}

static int count_of(const char *path)
{
    DIR *folder = opendir(path);
    int count = 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* Houses. */

static house *house_new(uint16_t port, bool is_dispatched)
{
    house *made = calloc(1, sizeof *made);
    autobus_options *options = town_options(port);
    autobus_options_set_text(options, AUTOBUS_SAY_TIMES, "0");
    autobus_options_set_number(options, AUTOBUS_WORKERS, 2);
    autobus_options_set_number(options, AUTOBUS_CHANNEL_WINDOW, 1024);
    autobus_options_set_number(options, AUTOBUS_DISPATCH, is_dispatched);
    made->is_dispatched = is_dispatched;
    cr_assert_eq(autobus_bus_new(options, &made->bus), AUTOBUS_OK, "%s", autobus_last_error());
    made->keeper = autobus_service_parse(made->bus, "{}");
    return made;
}

static void house_free(house *gone)
{
    if (gone == NULL)
        return;
    if (!atomic_load(&gone->is_freed))
        autobus_bus_free(&gone->bus);
    autobus_service_free(&gone->keeper);
    free(gone);
}

static house *lived_in(town *here, house **at, bool is_dispatched)
{
    if (*at != NULL && !atomic_load(&(*at)->is_freed))
        return *at;
    house_free(*at);
    *at = house_new(here->port, is_dispatched);
    return *at;
}

/* The other thread. */

static void do_beside(round *at)
{
    uint64_t seed = at->seed * 31 + (uint64_t)at->number;
    while (!atomic_load(&at->go))
        sched_yield();
    for (volatile uint64_t i = 0; i < seed % 11 * 200; i++)
        continue;
    if (at->place != INSIDE)
        deed_do(at, at->deed_beside, seed, true);
}

static void *accompany(void *argument)
{
    town *here = argument;
    pthread_mutex_lock(&here->mutex);
    while (!here->is_over) {
        round *at = here->job;
        here->job = NULL;
        if (at == NULL) {
            pthread_cond_wait(&here->news, &here->mutex);
            continue;
        }
        pthread_mutex_unlock(&here->mutex);
        do_beside(at);
        pthread_mutex_lock(&here->mutex);
        here->done++;
    }
    pthread_mutex_unlock(&here->mutex);
    return NULL;
}

static void give_job(town *here, round *at)
{
    pthread_mutex_lock(&here->mutex);
    here->job = at;
    here->done = 0;
    pthread_cond_signal(&here->news);
    pthread_mutex_unlock(&here->mutex);
}

static bool is_job_done(town *here)
{
    pthread_mutex_lock(&here->mutex);
    bool is_done = here->done > 0;
    pthread_mutex_unlock(&here->mutex);
    return is_done;
}

/* Rounds. */

static void wait_until_next_look(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 30000}, NULL);
}

/* Runs the callbacks of those who dispatch. */
static void look_around(round *at)
{
    int ran = 0;
    if (at->using->is_dispatched)
        ran += autobus_bus_dispatch(at->using->bus) > 0;
    if (at->serving != at->using && at->serving->is_dispatched)
        ran += autobus_bus_dispatch(at->serving->bus) > 0;
    if (ran == 0)
        wait_until_next_look();
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *where(const round *at)
{
    return (const char *[]){"inside", "beside", "both"}[at->place];
}

static void explain(const round *at, const char *why)
{
    cr_log_error("%s: seed %lu, round %d, %s, %s%s%s: %s; beside: %s; %s", why, at->seed,
                 at->number, moment_name(at->moment),
                 at->using == at->serving ? "one bus" : "two buses",
                 at->using->is_dispatched ? ", using dispatched" : "",
                 at->serving->is_dispatched ? ", serving dispatched" : "",
                 deed_name(at->deed_inside), deed_name(at->deed_beside), where(at));
    for (int i = 0; i < at->tally_count; i++) {
        const tally *each = &at->tallies[i];
        cr_log_error("  %s: begun %d, hooks %d, last %d%s", each->name, each->begun, each->hooks,
                     each->last, each->is_refused ? ", refused" : "");
    }
}

/* False: the moment did not come, as it should have. */
static bool live_through(town *here, round *at)
{
    double until = seconds() + PATIENCE / 1000.0;
    bool must_come = at->place != BESIDE || at->waits_for_moment;
    if (!at->waits_for_moment)
        atomic_store(&at->go, true);
    round_trigger(at);
    while (!is_job_done(here) || (must_come && !atomic_load(&at->is_done))) {
        if (seconds() > until) {
            atomic_store(&at->go, true);
            return false;
        }
        if (!atomic_load(&at->has_come))
            round_nudge(at);
        look_around(at);
    }
    return true;
}

static bool clean_up(round *at)
{
    double until = seconds() + PATIENCE / 1000.0;
    do {
        round_clear(at);
        look_around(at);
    } while (!round_is_over(at) && seconds() < until);
    round_clear(at); /* a channel that was closed has run its hook, and is still there */
    return round_is_over(at);
}

/* What is due has run: nothing comes any more. */
static void sync_both(const round *at)
{
    house *both[] = {at->using, at->serving};
    for (int i = 0; i < 2; i++)
        if (!atomic_load(&both[i]->is_freed))
            cr_expect_eq(autobus_bus_sync(both[i]->bus), AUTOBUS_OK, "%s", autobus_last_error());
}

static void choose(town *here, round *at, int number, moment which)
{
    int count = deed_count();
    ab_dice *dice = &at->dice;
    ab_dice_seed(dice, at->seed * 1000003 + (uint64_t)(number * MOMENTS) + which);
    at->number = number;
    at->moment = which;
    at->place = (place)(number % PLACES);
    at->deed_inside =
        at->place == BESIDE ? (int)ab_dice_below(dice, (uint64_t)count) : number / PLACES % count;
    at->deed_beside =
        at->place == BESIDE ? number / PLACES % count : (int)ab_dice_below(dice, (uint64_t)count);
    at->waits_for_moment = at->place != BESIDE || ab_dice_below(dice, 2) == 0;
    atomic_init(&at->chatter, 10);
    bool is_dispatched = ab_dice_below(dice, 3) == 0, is_other = ab_dice_below(dice, 3) == 0;
    at->serving = lived_in(here, &here->serving[is_dispatched], is_dispatched);
    at->using = ab_dice_below(dice, 3) == 0 ? at->serving
                                            : lived_in(here, &here->using[is_other], is_other);
}

static bool hold_round(town *here, int number, moment which, unsigned long seed)
{
    round *at = calloc(1, sizeof *at);
    at->seed = seed;
    choose(here, at, number, which);
    round_set_up(at);
    give_job(here, at);
    bool is_fine = live_through(here, at);
    if (!is_fine)
        explain(at, "the moment did not come");
    if (is_fine && !(is_fine = clean_up(at)))
        explain(at, "not everything has ended");
    if (!is_fine)
        return false; /* what it holds may still be called */
    sync_both(at);
    round_audit(at);
    if (atomic_load(&at->fault) != NULL) {
        explain(at, atomic_load(&at->fault));
        is_fine = false;
    }
    free(at);
    return is_fine;
}

static void begin(town *here)
{
    here->port = town_port();
    pthread_mutex_init(&here->mutex, NULL);
    pthread_cond_init(&here->news, NULL);
    cr_assert_eq(pthread_create(&here->accomplice, NULL, accompany, here), 0);
}

static void end(town *here)
{
    pthread_mutex_lock(&here->mutex);
    here->is_over = true;
    pthread_cond_signal(&here->news);
    pthread_mutex_unlock(&here->mutex);
    pthread_join(here->accomplice, NULL);
    for (int i = 0; i < 2; i++) {
        house_free(here->using[i]);
        house_free(here->serving[i]);
    }
    pthread_cond_destroy(&here->news);
    pthread_mutex_destroy(&here->mutex);
}

static void hold_rounds(moment which)
{
    town here = {0};
    unsigned long seed = first_seed();
    int count = (int)(ROUNDS * scale()) + 1;
    cr_log_info("%s: %d rounds, AUTOBUS_TEST_SEED=%lu", moment_name(which), count, seed);
    begin(&here);
    /* A sanitizer may have begun a thread of its own with the first. */
    int threads = count_of("/proc/self/task") - 1, fds = count_of("/proc/self/fd");
    for (int i = 0; i < count; i++)
        cr_assert(hold_round(&here, i, which, seed), "round %d of AUTOBUS_TEST_SEED=%lu", i, seed);
    end(&here);
    EVENTUALLY(count_of("/proc/self/task") == threads);
    EVENTUALLY(count_of("/proc/self/fd") == fds);
}

#define ANYTHING_MAY_BE_DONE(name, which)    \
    Test(any_callback, name, .timeout = 600) \
    {                                        \
        hold_rounds(which);                  \
    }

ANYTHING_MAY_BE_DONE(when_a_service_is_found, FOUND)
ANYTHING_MAY_BE_DONE(when_a_service_has_left, LEFT)
ANYTHING_MAY_BE_DONE(when_a_remote_is_bound, STATE_BOUND)
ANYTHING_MAY_BE_DONE(when_a_remote_is_lost, STATE_LOST)
ANYTHING_MAY_BE_DONE(when_an_object_changes, VALUE)
ANYTHING_MAY_BE_DONE(when_an_object_is_gone, GONE)
ANYTHING_MAY_BE_DONE(when_an_event_is_fired, FIRED)
ANYTHING_MAY_BE_DONE(when_details_change, DETAILS)
ANYTHING_MAY_BE_DONE(when_a_call_completes, ANSWER)
ANYTHING_MAY_BE_DONE(when_a_channel_is_open, OPENED)
ANYTHING_MAY_BE_DONE(when_the_client_hears_on_a_channel, DATA_HERE)
ANYTHING_MAY_BE_DONE(when_the_client_may_send_again, WRITABLE_HERE)
ANYTHING_MAY_BE_DONE(when_a_channel_of_the_client_is_closed, CLOSED_HERE)
ANYTHING_MAY_BE_DONE(when_a_function_is_called, HANDLED)
ANYTHING_MAY_BE_DONE(when_a_function_of_the_pool_is_called, WORKED)
ANYTHING_MAY_BE_DONE(when_an_answer_is_put_off, DEFERRED)
ANYTHING_MAY_BE_DONE(when_a_channel_is_offered, KNOCKED)
ANYTHING_MAY_BE_DONE(when_the_service_hears_on_a_channel, DATA_THERE)
ANYTHING_MAY_BE_DONE(when_the_service_may_send_again, WRITABLE_THERE)
ANYTHING_MAY_BE_DONE(when_a_channel_of_the_service_is_closed, CLOSED_THERE)
ANYTHING_MAY_BE_DONE(when_a_hook_runs, HOOKED)
