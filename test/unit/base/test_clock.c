/* SPDX-License-Identifier: MIT
 * The real clock, the fake one, and the count of forks. */
#include "base/clock.h"

#include <criterion/criterion.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fork.h"

Test(clock, the_real_one_goes_on)
{
    ab_time before = ab_clock_now(&ab_clock_real), after = before;
    while (after == before)
        after = ab_clock_now(&ab_clock_real);
    cr_assert(after > before);
    cr_assert(after - before < AB_MS(10000));
}

Test(clock, ticks_at_least_every_twenty_milliseconds)
{
    ab_time before = ab_clock_tick(&ab_clock_real);
    while (ab_clock_tick(&ab_clock_real) == before)
        continue;
    ab_time first = ab_clock_tick(&ab_clock_real), at = ab_clock_now(&ab_clock_real);
    while (ab_clock_now(&ab_clock_real) - at < AB_MS(20))
        continue;
    cr_assert(ab_clock_tick(&ab_clock_real) > first);
}

Test(clock, the_fake_one_moves_when_it_is_told)
{
    ab_clock_fake fake;
    ab_clock_fake_init(&fake, 1000);
    cr_assert_eq(ab_clock_now(&fake.clock), 1000);
    cr_assert_eq(ab_clock_now(&fake.clock), 1000);
    ab_time tick = ab_clock_tick(&fake.clock);
    ab_clock_fake_advance(&fake, AB_MS(5));
    cr_assert_eq(ab_clock_tick(&fake.clock) - tick, AB_MS(5));
    cr_assert_eq(ab_clock_now(&fake.clock), 6000);
}

/* The exit status of a child that runs this. */
static int status_of_child(int (*run)(unsigned), unsigned argument)
{
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(run(argument));
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int distance_from(unsigned generation)
{
    return (int)(ab_fork_generation() - generation);
}

static int distance_of_grandchild(unsigned generation)
{
    return status_of_child(distance_from, generation);
}

Test(fork_generation, counts_the_forks_between)
{
    unsigned here = ab_fork_generation();
    cr_assert_eq(status_of_child(distance_from, here), 1);
    cr_assert_eq(status_of_child(distance_of_grandchild, here), 2);
    cr_assert_eq(ab_fork_generation(), here);
}
