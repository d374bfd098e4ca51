/* SPDX-License-Identifier: MIT
 * The pulse of a connection: when to ask for a sign of life, and what silence means. Used by both sides. Knows
 * no message: its owner sends the pings and says what it heard. With the lock, on the bus thread. */
#ifndef AB_PEER_PULSE_H
#define AB_PEER_PULSE_H

#include <stdbool.h>

#include "loop/loop.h"
#include "net/stream.h"

typedef struct ab_pulse ab_pulse;

typedef struct ab_pulse_ops {
    void (*ping)(ab_pulse *pulse);
    void (*responsive)(ab_pulse *pulse, bool is_responsive);
    /** Dead: `is_vanished` if its kernel acknowledges nothing any more, else it was silent too long. The pulse has
     *  stopped. */
    void (*dead)(ab_pulse *pulse, bool is_vanished);
} ab_pulse_ops;

struct ab_pulse {
    ab_loop *loop;
    ab_stream *stream;
    const ab_pulse_ops *ops;
    ab_timer timer;
    ab_time unresponsive, silence; /**< bounds, see ab_link_limits */
    ab_time heard;                 /**< any byte, last */
    ab_time
        unacknowledged; /**< since when its kernel owes us an acknowledgement; AB_NEVER: it does not */
    ab_time pinged;
    bool
        is_waiting; /**< a call is under way: what is not acknowledged counts sooner (5 s, not 10) */
    bool is_paused;       /**< we do not read, so we cannot hear: only ping, every 2 s */
    bool is_unresponsive; /**< told so */
    bool asks; /**< false: the other side answers no pings; the kernel's keepalive must do */
};

/** Starts it. `asks`: the other side is libautobus, which answers pings. */
void ab_pulse_start(ab_pulse *pulse, ab_loop *loop, ab_stream *stream, const ab_pulse_ops *ops,
                    bool asks, ab_time unresponsive, ab_time silence) AB_LOCKED;
void ab_pulse_stop(ab_pulse *pulse) AB_LOCKED;
/** A byte was heard. Cheap: called for every piece that is read. */
void ab_pulse_heard(ab_pulse *pulse) AB_LOCKED;
/** Calls are under way, or are no more. */
void ab_pulse_wait(ab_pulse *pulse, bool is_waiting) AB_LOCKED;
void ab_pulse_pause(ab_pulse *pulse, bool is_paused) AB_LOCKED;

#endif
