/* SPDX-License-Identifier: MIT
 * The pace: when a line is due. It asks no clock. */
#ifndef REPLAY_PACE_H
#define REPLAY_PACE_H

#include <stdint.h>

typedef struct replay_pace {
    double speed;    /**< 2: twice as fast as it was; 0: as fast as it goes */
    int64_t most_ms; /**< the longest wait for a line; -1: any */
    int64_t recorded_ms;
    double due_ms;
} replay_pace;

/** The recording begins now. */
void replay_pace_start(replay_pace *self, int64_t now_ms);

/** When the next line is due that was recorded at that time: no earlier than the one before. Whoever is late, because a
 *  line came late, catches up; but behind more than a second, as after a pause, it goes on at its pace from there. */
int64_t replay_pace_due(replay_pace *self, int64_t recorded_ms, int64_t now_ms);

#endif
