/* SPDX-License-Identifier: MIT
 * Times of then become times of now. */
#include "replay/pace.h"

#include <math.h>

enum {
    LATE_MS = 1000
};

void replay_pace_start(replay_pace *self, int64_t now_ms)
{
    self->recorded_ms = 0;
    self->due_ms = (double)now_ms;
}

int64_t replay_pace_due(replay_pace *self, int64_t recorded_ms, int64_t now_ms)
{
    double wait = self->speed > 0 ? (double)(recorded_ms - self->recorded_ms) / self->speed : 0;
    self->recorded_ms = recorded_ms;
    self->due_ms += self->most_ms >= 0 ? fmin(wait, (double)self->most_ms) : wait;
    if (self->speed <= 0 || self->due_ms < (double)(now_ms - LATE_MS)) {
        self->due_ms = (double)now_ms;
    }
    return (int64_t)ceil(fmin(self->due_ms, 0x1p52));
}
