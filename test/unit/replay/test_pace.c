/* SPDX-License-Identifier: MIT
 * When lines are due, with a clock that stands where the test puts it. */
#include <criterion/criterion.h>

#include "replay/pace.h"

enum {
    START = 1000000
};

static replay_pace pace;

static void start(void)
{
    pace = (replay_pace){.speed = 1, .most_ms = -1};
    replay_pace_start(&pace, START);
}

TestSuite(pace, .init = start);

/* The line of `recorded` ms, asked for when `now` ms are over, is due at `wanted`. */
static void is_due(int64_t recorded, int64_t now, int64_t wanted)
{
    int64_t due = replay_pace_due(&pace, recorded, START + now) - START;
    cr_assert_eq(due, wanted, "%lld is due at %lld, not at %lld", (long long)recorded,
                 (long long)due, (long long)wanted);
}

Test(pace, is_that_of_the_recording)
{
    is_due(0, 0, 0);
    is_due(500, 1, 500);
    is_due(500, 501, 500);
    is_due(86400000, 502, 86400000);
}

Test(pace, is_faster_or_slower_by_a_factor)
{
    pace.speed = 4;
    is_due(400, 0, 100);
    is_due(402, 100, 101);
    is_due(404, 101, 101);
    pace.speed = 0.5;
    is_due(504, 101, 301);
}

Test(pace, asks_for_no_patience_as_fast_as_it_goes)
{
    pace.speed = 0;
    is_due(0, 7, 7);
    is_due(3600000, 8, 8);
}

Test(pace, shortens_what_is_idle)
{
    pace.most_ms = 250;
    is_due(200, 0, 200);
    is_due(3600000, 200, 450);
    is_due(3600100, 450, 550);
    pace.speed = 0.1;
    is_due(3600150, 550, 800);
}

Test(pace, catches_up_with_what_came_a_little_late)
{
    is_due(100, 900, 100);
    is_due(200, 900, 200);
    is_due(1500, 900, 1500);
}

Test(pace, goes_on_from_where_it_was_after_a_pause)
{
    is_due(100, 0, 100);
    is_due(200, 60000, 60000);
    is_due(300, 60000, 60100);
}

Test(pace, has_no_end_that_a_clock_could_not_tell)
{
    pace.speed = 0.001;
    cr_assert_gt(replay_pace_due(&pace, INT64_C(1) << 51, START), START);
}
