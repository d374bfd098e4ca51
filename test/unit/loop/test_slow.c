/* SPDX-License-Identifier: MIT
 * A callback that takes long is told of in the log, by its name. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "loop/delivery.h"

static ab_clock_fake clock_of_test;
static ab_loop *loop;
static ab_deliveries *deliveries;
static ab_target lamp, door;
static ab_delivery of_lamp[3], of_door;
static unsigned runs, drops;

static ab_time stands_still(const ab_clock *clock)
{
    (void)clock;
    return 0;
}

static void some_code(void)
{
}

static void forget(ab_target *target)
{
    (void)target;
}

static void run(ab_delivery *delivery)
{
    (void)delivery;
    runs++;
}

static void drop(ab_delivery *delivery)
{
    (void)delivery;
    drops++;
}

static void take_two_seconds(ab_delivery *delivery)
{
    ab_clock_fake_advance(&clock_of_test, AB_MS(2000));
    run(delivery);
}

static void take_two_seconds_and_close(ab_delivery *delivery)
{
    take_two_seconds(delivery);
    ab_target_close(deliveries, delivery->target);
}

static void begin(void)
{
    ab_log_set_level("warning");
    ab_clock_fake_init(&clock_of_test, AB_MS(1));
    loop = ab_loop_new(&clock_of_test.clock, NULL, NULL);
    deliveries = ab_deliveries_new(loop, true);
    ab_target_init(&lamp, forget);
    ab_target_init(&door, forget);
    runs = drops = 0;
}

static void end(void) AB_UNCHECKED
{
    ab_lock_take(ab_loop_lock(loop));
    ab_deliveries_free(deliveries);
    ab_lock_drop(ab_loop_lock(loop));
    ab_loop_free(loop);
}

TestSuite(slow, .init = begin, .fini = end);

static void push(ab_target *target, ab_delivery *delivery, void (*what)(ab_delivery *delivery),
                 const char *name) AB_UNCHECKED
{
    *delivery = (ab_delivery){.run = what, .drop = drop, .name = name};
    ab_lock_take(ab_loop_lock(loop));
    ab_deliveries_push(deliveries, target, delivery);
    ab_lock_drop(ab_loop_lock(loop));
}

/* What the log said of it. */
static const char *dispatch(void)
{
    static char said[1024];
    int fds[2], kept = dup(STDERR_FILENO);
    cr_assert_eq(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    dup2(fds[1], STDERR_FILENO);
    (void)ab_deliveries_dispatch(deliveries);
    dup2(kept, STDERR_FILENO);
    ssize_t length = read(fds[0], said, sizeof said - 1);
    said[length < 0 ? 0 : length] = '\0';
    close(fds[0]), close(fds[1]), close(kept);
    return said;
}

Test(slow, is_named_in_the_log)
{
    push(&lamp, &of_lamp[0], take_two_seconds, "lamp listener");
    const char *said = dispatch();
    cr_expect_not_null(strstr(said, "lamp listener"), "%s", said);
    cr_expect_not_null(strstr(said, "2000 ms"), "%s", said);
}

/* Known to be quick, it would be measured with the one behind it, which is dropped. */
Test(slow, is_never_taken_for_another)
{
    clock_of_test.clock.tick = stands_still;
    lamp.code = some_code;
    push(&lamp, &of_lamp[0], run, "lamp listener");
    (void)dispatch();
    push(&lamp, &of_lamp[0], run, "lamp listener");
    push(&lamp, &of_lamp[1], take_two_seconds_and_close, "lamp listener");
    push(&lamp, &of_lamp[2], run, "lamp listener");
    push(&door, &of_door, run, "door listener");
    const char *said = dispatch();
    cr_expect_eq(runs, 4);
    cr_expect_eq(drops, 1);
    cr_expect_null(strstr(said, "door listener"), "%s", said);
}

Test(slow, among_the_quick_is_told_of_with_them)
{
    clock_of_test.clock.tick = stands_still;
    lamp.code = some_code;
    push(&lamp, &of_lamp[0], run, "lamp listener");
    (void)dispatch();
    push(&lamp, &of_lamp[0], take_two_seconds, "lamp listener");
    push(&lamp, &of_lamp[1], run, "lamp listener");
    const char *said = dispatch();
    cr_expect_not_null(strstr(said, "lamp listener"), "%s", said);
}
