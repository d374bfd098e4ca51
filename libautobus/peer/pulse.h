/* SPDX-License-Identifier: MIT
 * The pulse of a connection: when to ask for a sign of life, and what silence means. Used by both sides. Knows
 * no message: its owner sends the pings and says what it heard. With the lock.
 *
 * Time that our own loop stood still is nobody's silence: it is not counted. (So a test that moves a fake clock
 * moves it by less than a second at a time, and lets the loop see each.) */
#ifndef AB_PEER_PULSE_H
#define AB_PEER_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"
#include "net/stream.h"

typedef struct ab_pulse ab_pulse;

/** On the bus thread; `responsive` also in ab_pulse_heard(). The pulse may be stopped in them, and its memory freed,
 *  but not in `ping`. */
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
    ab_time patience; /**< idle time before a ping; each side of a connection has its own */
    ab_time heard;    /**< any byte, last */
    ab_time asked;    /**< the first call since then; AB_NEVER: none */
    ab_time pinged;
    ab_time
        unacknowledged; /**< since when its kernel owes us an acknowledgement; AB_NEVER: it does not */
    uint64_t taken;     /**< what its kernel had acknowledged at the last look */
    bool had_backlog; /**< more than pings was on its way then */
    bool
        is_waiting; /**< a call is under way: what is not acknowledged counts sooner (5 s, not 10) */
    bool is_paused; /**< we do not read, so we cannot hear: ping every 2 s, and ask its kernel */
    bool is_unresponsive; /**< told so */
    bool asks; /**< false: the other side answers no pings; the kernel's keepalive must do */
    bool is_running;
};

/** Starts it. `asks`: the other side is libautobus, which answers pings. Else the stream is guarded, and no op
 *  will be called of itself. */
void ab_pulse_start(ab_pulse *pulse, ab_loop *loop, ab_stream *stream, const ab_pulse_ops *ops,
                    bool asks, ab_time unresponsive, ab_time silence) AB_LOCKED;
/** Safe twice, and of one that is all zeros. Before the stream is closed. */
void ab_pulse_stop(ab_pulse *pulse) AB_LOCKED;
/** A byte was heard. Cheap: called for every piece that is read. Nothing happens unless it is started. */
void ab_pulse_heard(ab_pulse *pulse) AB_LOCKED;
/** Calls are under way, or are no more; say it for each new call. Any thread. */
void ab_pulse_wait(ab_pulse *pulse, bool is_waiting) AB_LOCKED;
/** Asks for a sign of life now, whoever it is: what is no longer there lets its kernel say so. */
void ab_pulse_ask(ab_pulse *pulse) AB_LOCKED;
/** Any thread. */
void ab_pulse_pause(ab_pulse *pulse, bool is_paused) AB_LOCKED;

#endif
