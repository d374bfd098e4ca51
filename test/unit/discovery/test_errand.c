/* SPDX-License-Identifier: MIT
 * Work that blocks, beside a bus that does not wait for it. */
#include <criterion/criterion.h>

#include <semaphore.h>
#include <stdlib.h>

#include "discovery/errand.h"
#include "unit/discovery/bus_thread.h"

/* Stays on the test's stack: the errand inside tells when it may go. */
typedef struct walk {
    ab_errand errand;
    ab_loop *loop;
    sem_t may_go_on;
    int rings; /**< heard on the bus thread */
    bool is_over_when_rung;
    atomic_int frees;
} walk;

static void wait_then_ring(ab_errand *errand)
{
    walk *here = AB_CONTAINER(errand, walk, errand);
    ab_errand_ring(errand);
    while (sem_wait(&here->may_go_on) != 0)
        continue;
}

static void count_ring(ab_errand *errand)
{
    walk *here = AB_CONTAINER(errand, walk, errand);
    cr_expect(ab_loop_is_here(here->loop));
    here->rings++;
    here->is_over_when_rung = ab_errand_is_over(errand);
}

static void count_free(ab_errand *errand)
{
    atomic_fetch_add(&AB_CONTAINER(errand, walk, errand)->frees, 1);
}

static void go(walk *here)
{
    *here = (walk){.errand = {.run = wait_then_ring, .rung = count_ring, .free = count_free}};
    here->loop = bus_thread_new();
    sem_init(&here->may_go_on, 0, 0);
    cr_assert_eq(ab_errand_start(&here->errand, here->loop), AUTOBUS_OK, "%s",
                 autobus_last_error());
    bus_thread_start(here->loop);
}

static void end(walk *here)
{
    ab_loop_free(here->loop);
    sem_destroy(&here->may_go_on);
}

static bool has_rung(void *argument)
{
    return ((walk *)argument)->rings > 0;
}

static bool has_rung_at_the_end(void *argument)
{
    return ((walk *)argument)->is_over_when_rung;
}

static bool is_freed(void *argument)
{
    return atomic_load(&((walk *)argument)->frees) > 0;
}

Test(errand, rings_on_the_bus_thread_while_it_works_and_when_it_is_over)
{
    walk here;
    go(&here);
    cr_assert(bus_thread_until(here.loop, has_rung, &here));
    cr_expect_not(ab_errand_is_over(&here.errand));
    sem_post(&here.may_go_on);
    cr_assert(bus_thread_until(here.loop, has_rung_at_the_end, &here));
    bus_thread_stop(here.loop);
    ab_errand_abandon(&here.errand, 0);
    cr_expect_eq(atomic_load(&here.frees), 1, "nothing is left of an errand that is over");
    end(&here);
}

Test(errand, that_hangs_is_left_behind_and_cleans_up_after_itself)
{
    walk here;
    go(&here);
    bus_thread_stop(here.loop);
    double before = bus_milliseconds();
    ab_errand_abandon(&here.errand, AB_MS(20));
    double took = bus_milliseconds() - before;
    cr_expect(took >= 19 && took < 2000, "took %.1f ms", took);
    cr_expect_eq(atomic_load(&here.frees), 0);
    sem_post(&here.may_go_on);
    cr_assert(bus_thread_until(here.loop, is_freed, &here), "it never frees itself");
    end(&here);
}

Test(errand, that_ends_within_the_patience_is_waited_for)
{
    walk here;
    go(&here);
    bus_thread_stop(here.loop);
    sem_post(&here.may_go_on);
    ab_errand_abandon(&here.errand, AB_MS(5000));
    cr_expect_eq(atomic_load(&here.frees), 1);
    end(&here);
}
