/* SPDX-License-Identifier: MIT
 * Looks at a connection now and then: whether something was heard since, and if not, what the kernel knows of the
 * other one. The timer is lazy: traffic does not move it, it looks at what was heard when it fires. */
#include "peer/pulse.h"

#include "base/compiler.h"
#include "base/random.h"

#define IDLE_PING    AB_MS(4000)
#define WAITING_PING AB_MS(2500)
#define PAUSED_PING  AB_MS(2000)
#define IDLE_DEAF    AB_MS(10000)
#define WAITING_DEAF AB_MS(5000)

/* Our side and the other have different patience, so that only the one with less of it pings. */
#define SPREAD  AB_MS(400)
/* A ping may be this much early: else the answer to the last one would cost a look of its own. */
#define SLOP    AB_MS(60)
/* A timer later than this says that our loop stood still. */
#define LATE    AB_MS(1000)
/* The kernel tells times in its ticks. */
#define TICK    AB_MS(20)
/* Pings alone are no backlog: the kernel takes them for a stopped process too. */
#define BACKLOG 4096

/* Before either bound is reached the other side must have been asked. */
static ab_time patience_of(const ab_pulse *pulse)
{
    ab_time bound = AB_MIN(pulse->unresponsive, pulse->silence);
    if (pulse->is_waiting)
        return AB_MIN(AB_MIN(WAITING_PING, pulse->patience), bound / 4);
    return AB_MIN(pulse->patience, bound * 2 / 5);
}

static void sooner(ab_time *due, ab_time other, ab_time now)
{
    if (other > now && other < *due)
        *due = other;
}

/* How long its kernel may owe us an acknowledgement. */
static ab_time deafness_of(const ab_pulse *pulse)
{
    return pulse->is_waiting ? WAITING_DEAF : IDLE_DEAF;
}

static ab_time next_look(const ab_pulse *pulse, ab_time now)
{
    ab_time patience = pulse->is_paused ? PAUSED_PING : patience_of(pulse);
    ab_time due = pulse->is_paused ? now : AB_MAX(pulse->heard, pulse->pinged) + patience;
    if (due <= now)
        due = now + patience;
    if (!pulse->is_paused && !pulse->is_unresponsive)
        sooner(&due, pulse->heard + pulse->unresponsive, now);
    if (!pulse->is_paused)
        sooner(&due, pulse->heard + pulse->silence, now);
    if (pulse->unacknowledged != AB_NEVER)
        sooner(&due, pulse->unacknowledged + deafness_of(pulse), now);
    return due;
}

static void ping(ab_pulse *pulse, ab_time now)
{
    pulse->pinged = now;
    pulse->ops->ping(pulse);
}

/* Counts from now as if something had just been heard. */
static void begin_anew(ab_pulse *pulse, ab_time now)
{
    pulse->heard = now;
    pulse->asked = AB_NEVER;
    pulse->unacknowledged = AB_NEVER;
    pulse->had_backlog = false;
}

/* When the bytes that are owed for were sent: not before the last acknowledgement. Of our own bytes we know only
 * when a call or a ping was said. */
static ab_time owed_since(const ab_pulse *pulse, const ab_stream_acks *acks, ab_time now)
{
    ab_time acknowledged = now - acks->ago, since = pulse->unacknowledged;
    if (since == AB_NEVER) {
        since = now;
        if (pulse->asked != AB_NEVER && pulse->asked > acknowledged + TICK)
            since = pulse->asked;
        if (pulse->pinged > acknowledged + TICK && pulse->pinged < since)
            since = pulse->pinged;
    }
    return AB_MAX(since, acknowledged);
}

/* Somebody behind a slow line reads what was sent long before he reads a ping: that it becomes less is a sign
 * of life. True: there was one. */
static bool takes_backlog(ab_pulse *pulse, const ab_stream_acks *acks)
{
    bool has_taken = pulse->had_backlog && acks->taken > pulse->taken;
    pulse->taken = acks->taken;
    pulse->had_backlog = acks->in_flight + ab_stream_pending(pulse->stream) > BACKLOG;
    return has_taken;
}

static void note_heard(ab_pulse *pulse)
{
    pulse->heard = ab_loop_now(pulse->loop);
    pulse->asked = AB_NEVER;
    pulse->unacknowledged = AB_NEVER;
}

/* What a look found: the owner is told of it last, for the pulse may be gone after. */
typedef enum verdict {
    NOTHING_NEW,
    RESPONSIVE,
    UNRESPONSIVE,
    SILENT,
    VANISHED
} verdict;

/* Since when its kernel owes us something. True: for too long. */
static bool has_vanished(ab_pulse *pulse, const ab_stream_acks *acks, ab_time now)
{
    pulse->unacknowledged = acks->is_owing ? owed_since(pulse, acks, now) : AB_NEVER;
    return acks->is_owing && now - pulse->unacknowledged >= deafness_of(pulse);
}

/* It was silent for a while: what does its kernel say? */
static verdict judge(ab_pulse *pulse, ab_time now) AB_LOCKED
{
    ab_stream_acks acks = {0};
    bool is_known = ab_stream_ask_kernel(pulse->stream, &acks);
    if (is_known && takes_backlog(pulse, &acks)) {
        note_heard(pulse);
        return pulse->is_unresponsive ? RESPONSIVE : NOTHING_NEW;
    }
    bool is_owing = acks.is_owing;
    if (has_vanished(pulse, &acks, now))
        return VANISHED;
    if (now - pulse->heard >= pulse->silence)
        return SILENT;
    /* Behind what waits to be acknowledged a ping would tell nothing new. */
    if (!is_owing && !pulse->had_backlog &&
        now - AB_MAX(pulse->heard, pulse->pinged) >= patience_of(pulse) - SLOP)
        ping(pulse, now);
    bool is_unresponsive = !is_owing && now - pulse->heard >= pulse->unresponsive;
    return is_unresponsive && !pulse->is_unresponsive ? UNRESPONSIVE : NOTHING_NEW;
}

/* We do not read: only its kernel can tell of it, and only a ping can tell it of us. Whatever still waits to be sent
 * is a sign of life as well. */
static verdict look_in_a_pause(ab_pulse *pulse, ab_time now) AB_LOCKED
{
    ab_stream_acks acks = {0};
    (void)ab_stream_ask_kernel(pulse->stream, &acks);
    if (has_vanished(pulse, &acks, now))
        return VANISHED;
    if (ab_stream_pending(pulse->stream) == 0)
        ping(pulse, now);
    return NOTHING_NEW;
}

static verdict look_closely(ab_pulse *pulse, ab_time now) AB_LOCKED
{
    if (now - pulse->timer.due > LATE) {
        begin_anew(pulse, now);
        ping(pulse, now);
    } else if (pulse->is_paused) {
        return look_in_a_pause(pulse, now);
    } else if (now - pulse->heard >= patience_of(pulse) - SLOP) {
        return judge(pulse, now);
    }
    return NOTHING_NEW;
}

static void look(ab_timer *timer) AB_LOCKED
{
    ab_pulse *pulse = AB_CONTAINER(timer, ab_pulse, timer);
    ab_time now = ab_loop_now(pulse->loop);
    verdict found = look_closely(pulse, now);
    if (found == SILENT || found == VANISHED) {
        ab_pulse_stop(pulse);
        pulse->ops->dead(pulse, found == VANISHED);
        return;
    }
    if (found != NOTHING_NEW)
        pulse->is_unresponsive = found == UNRESPONSIVE;
    ab_loop_timer_start(pulse->loop, &pulse->timer, next_look(pulse, now));
    if (found != NOTHING_NEW)
        pulse->ops->responsive(pulse, found == RESPONSIVE);
}

void ab_pulse_start(ab_pulse *pulse, ab_loop *loop, ab_stream *stream, const ab_pulse_ops *ops,
                    bool asks, ab_time unresponsive, ab_time silence)
{
    ab_time now = ab_loop_now(loop);
    *pulse = (ab_pulse){
        .loop = loop,
        .stream = stream,
        .ops = ops,
        .unresponsive = unresponsive,
        .silence = silence,
        .patience = IDLE_PING - (ab_time)(ab_random_id() % SPREAD),
        .pinged = now,
        .asks = asks,
        .is_running = true,
    };
    begin_anew(pulse, now);
    ab_timer_init(&pulse->timer, look);
    ab_stream_guard(stream, !asks);
    if (asks)
        ab_loop_timer_start(loop, &pulse->timer, next_look(pulse, now));
}

void ab_pulse_stop(ab_pulse *pulse)
{
    if (!pulse->is_running)
        return;
    pulse->is_running = false;
    ab_loop_timer_stop(pulse->loop, &pulse->timer);
}

void ab_pulse_heard(ab_pulse *pulse)
{
    if (!pulse->is_running || !pulse->asks)
        return;
    note_heard(pulse);
    if (!pulse->is_unresponsive)
        return;
    pulse->is_unresponsive = false;
    pulse->ops->responsive(pulse, true);
}

/* The next look may have to be earlier than it was going to be; later it need not be. */
static void look_sooner(ab_pulse *pulse, ab_time due) AB_LOCKED
{
    if (!ab_timer_is_running(&pulse->timer) || due < pulse->timer.due)
        ab_loop_timer_start(pulse->loop, &pulse->timer, due);
}

void ab_pulse_wait(ab_pulse *pulse, bool is_waiting)
{
    if (!pulse->is_running || !pulse->asks || (!is_waiting && !pulse->is_waiting))
        return;
    pulse->is_waiting = is_waiting;
    if (!is_waiting || pulse->asked != AB_NEVER)
        return;
    pulse->asked = ab_loop_now(pulse->loop);
    if (!pulse->is_paused)
        look_sooner(pulse, pulse->asked + patience_of(pulse));
}

void ab_pulse_ask(ab_pulse *pulse)
{
    if (pulse->is_running)
        ping(pulse, ab_loop_now(pulse->loop));
}

void ab_pulse_pause(ab_pulse *pulse, bool is_paused)
{
    if (!pulse->is_running || !pulse->asks || pulse->is_paused == is_paused)
        return;
    ab_time now = ab_loop_now(pulse->loop);
    pulse->is_paused = is_paused;
    if (is_paused)
        look_sooner(pulse, now + PAUSED_PING);
    else
        begin_anew(pulse, now);
}
