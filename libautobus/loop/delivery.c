/* SPDX-License-Identifier: MIT
 * Delivering callbacks: the queue, the two ways to run it, and how targets end. Knows that callbacks may do
 * anything: close their own target, close others, call back into the bus, take long. */
#include "loop/delivery.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "base/error.h"
#include "base/log.h"
#include "loop/stopwatch.h"

#define SLOW        AB_MS(1000)
#define BUDGET      ((ab_time)200) /* a turn of the bus thread has other work too */
#define QUICK_KNOWN 64U            /* functions of the program, at most */

struct ab_deliveries {
    ab_loop *loop;
    ab_lock *lock;
    bool by_dispatch;
    int fd;             /* by_dispatch: its counter is 1 while the queue is not empty */
    pthread_cond_t ran; /* something ran, was dropped, or a dispatch ended */
    ab_task task AB_UNDER_LOCK;
    ab_list queue AB_UNDER_LOCK;    /* of ab_delivery.place */
    uint64_t pushed AB_UNDER_LOCK;  /* the order of the latest */
    uint64_t running AB_UNDER_LOCK; /* the order of the one that runs now; 0: none */
    unsigned waiting AB_UNDER_LOCK; /* threads in ab_deliveries_sync */
    ab_stopwatch watch;             /* of the thread that runs them */
    bool is_dispatching AB_UNDER_LOCK;
    void (*quick[QUICK_KNOWN])(void) AB_UNDER_LOCK; /* by quick_place() */
    bool is_finished AB_UNDER_LOCK;
};

/* The callbacks that this thread is in, innermost first: one bus's callback may dispatch another bus. */
typedef struct frame frame;
struct frame {
    const ab_deliveries *deliveries;
    frame *outer;
};
static _Thread_local frame *innermost;

static void run_on_bus_thread(ab_task *task);

/* Nobody else knows it yet: no lock. */
static void init_deliveries(ab_deliveries *deliveries, ab_loop *loop, bool by_dispatch) AB_UNCHECKED
{
    deliveries->loop = loop;
    deliveries->lock = ab_loop_lock(loop);
    deliveries->by_dispatch = by_dispatch;
    deliveries->fd = -1;
    ab_task_init(&deliveries->task, run_on_bus_thread);
    ab_list_init(&deliveries->queue);
    pthread_cond_init(&deliveries->ran, NULL);
}

ab_deliveries *ab_deliveries_new(ab_loop *loop, bool by_dispatch)
{
    ab_deliveries *deliveries = ab_alloc(1, sizeof *deliveries);
    init_deliveries(deliveries, loop, by_dispatch);
    if (!by_dispatch)
        return deliveries;
    deliveries->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (deliveries->fd >= 0)
        return deliveries;
    ab_fail_errno(errno, "no eventfd to tell the program's loop of callbacks");
    pthread_cond_destroy(&deliveries->ran);
    free(deliveries);
    return NULL;
}

void ab_target_init(ab_target *target, void (*free)(ab_target *target))
{
    *target = (ab_target){.references = 1, .free = free};
}

static size_t quick_place(void (*code)(void))
{
    return ((uintptr_t)code >> 4) % QUICK_KNOWN;
}

static bool is_known_quick(const ab_deliveries *deliveries, void (*code)(void)) AB_LOCKED
{
    return code != NULL && deliveries->quick[quick_place(code)] == code;
}

/* It is not what it was taken for. */
static void change_quickness(ab_deliveries *deliveries, void (*code)(void), bool is_quick) AB_LOCKED
{
    if (code != NULL)
        deliveries->quick[quick_place(code)] = is_quick ? code : NULL;
}

/* What was said in this turn, and what is said in code of the program that may take its time, does not wait for that.
 * Leaves the lock; returns what come_back() is to be told. */
static bool go_into_code(ab_deliveries *deliveries, bool is_quick) AB_RELEASE(ab_the_lock)
{
    bool is_hurrying =
        !is_quick && ab_loop_is_here(deliveries->loop) && !ab_loop_hurry(deliveries->loop, true);
    ab_lock_drop(deliveries->lock);
    return is_hurrying;
}

static void come_back(ab_deliveries *deliveries, bool is_hurrying) AB_ACQUIRE(ab_the_lock)
{
    ab_lock_take(deliveries->lock);
    if (is_hurrying)
        (void)ab_loop_hurry(deliveries->loop, false);
}

/* Gives up one reference. The hook is the program's code: no lock, and the bus knows that we are in it. */
static void release(ab_deliveries *deliveries, ab_target *target) AB_LOCKED
{
    assert(target->references > 0);
    if (--target->references > 0)
        return;
    void (*bury)(ab_target *) = target->bury;
    bool is_hurrying = go_into_code(deliveries, is_known_quick(deliveries, target->code));
    target->free(target);
    come_back(deliveries, is_hurrying);
    if (bury != NULL)
        bury(target);
}

/* After the queue has changed: keeps the fd readable exactly while something waits. */
static void show(const ab_deliveries *deliveries, bool was_empty) AB_LOCKED
{
    bool is_empty = ab_list_is_empty(&deliveries->queue);
    eventfd_t ignored;
    if (deliveries->fd < 0 || was_empty == is_empty)
        return;
    if (is_empty)
        eventfd_read(deliveries->fd, &ignored);
    else
        eventfd_write(deliveries->fd, 1);
}

static void enqueue(ab_deliveries *deliveries, ab_delivery *delivery) AB_LOCKED
{
    delivery->order = ++deliveries->pushed;
    bool was_empty = ab_list_is_empty(&deliveries->queue);
    ab_list_append(&deliveries->queue, &delivery->place);
    show(deliveries, was_empty);
    if (!deliveries->by_dispatch)
        ab_loop_post(deliveries->loop, &deliveries->task);
}

void ab_deliveries_push(ab_deliveries *deliveries, ab_target *target, ab_delivery *delivery)
{
    ab_lock_is_held(deliveries->lock);
    delivery->target = target;
    if (target->is_closed || deliveries->is_finished) {
        delivery->drop(delivery);
        return;
    }
    target->references++;
    enqueue(deliveries, delivery);
}

static ab_delivery *first_of(const ab_deliveries *deliveries) AB_LOCKED
{
    if (ab_list_is_empty(&deliveries->queue))
        return NULL;
    return AB_CONTAINER(deliveries->queue.next, ab_delivery, place);
}

static void take_out(ab_deliveries *deliveries, ab_delivery *delivery) AB_LOCKED
{
    ab_list_remove(&delivery->place);
    show(deliveries, false);
}

static void tell_waiting(ab_deliveries *deliveries) AB_LOCKED
{
    if (deliveries->waiting > 0)
        pthread_cond_broadcast(&deliveries->ran);
}

static void warn_if_slow(const char *name, ab_time took)
{
    if (took > SLOW)
        ab_log(AB_LOG_WARNING, "a callback (%s) took %lld ms; all others waited for it", name,
               (long long)(took / 1000));
}

static bool is_next_of(const ab_deliveries *deliveries, void (*code)(void)) AB_LOCKED
{
    const ab_delivery *next = first_of(deliveries);
    return next != NULL && next->target->code == code;
}

/* Runs one that has begun, and gives up its reference. */
static void go_through(ab_deliveries *deliveries, ab_delivery *delivery) AB_LOCKED
{
    ab_target *target = delivery->target;
    void (*code)(void) = target->code;
    void (*end)(ab_delivery *) = delivery->end;
    void (*bury)(ab_target *) = target->bury;
    /* Nobody can queue more: its hook comes at once, without going back for the lock. */
    bool is_last = target->is_closed && target->references == 1 && end == NULL;
    bool is_quick = is_known_quick(deliveries, code);
    bool may_join = is_quick && is_next_of(deliveries, code);
    bool is_hurrying = go_into_code(deliveries, is_quick);
    const char *name = delivery->name;
    delivery->run(delivery);
    ab_time took;
    bool is_measured = ab_stopwatch_lap(&deliveries->watch, may_join, &took);
    if (is_measured)
        warn_if_slow(name, took);
    if (is_last)
        target->free(target);
    come_back(deliveries, is_hurrying);
    if (end != NULL)
        end(delivery);
    if (is_measured && is_quick != (deliveries->watch.each < AB_QUICK))
        change_quickness(deliveries, code, !is_quick);
    /* The next was dropped: another function is not to be blamed. */
    if (!is_measured && !is_next_of(deliveries, code))
        (void)ab_stopwatch_lap(&deliveries->watch, false, &took);
    if (!is_last)
        release(deliveries, target);
    else if (bury != NULL)
        bury(target);
}

/* Runs one if it wants to; the target's end, if it comes with it, belongs to the callback. */
static void run_one(ab_deliveries *deliveries, ab_delivery *delivery) AB_LOCKED
{
    frame here = {deliveries, innermost};
    deliveries->running = delivery->order;
    take_out(deliveries, delivery);
    innermost = &here;
    if (delivery->begin == NULL || delivery->begin(delivery))
        go_through(deliveries, delivery);
    else
        release(deliveries, delivery->target);
    innermost = here.outer;
    deliveries->running = 0;
    tell_waiting(deliveries);
}

static void run_on_bus_thread(ab_task *task)
{
    ab_deliveries *deliveries = AB_CONTAINER(task, ab_deliveries, task);
    ab_lock_is_held(deliveries->lock);
    uint64_t last = deliveries->pushed;
    ab_stopwatch_start(&deliveries->watch, ab_loop_clock(deliveries->loop));
    ab_time end = deliveries->watch.begun + BUDGET;
    ab_delivery *first;
    while ((first = first_of(deliveries)) != NULL && first->order <= last) {
        run_one(deliveries, first);
        if (deliveries->watch.begun >= end)
            break;
    }
    if (ab_list_is_empty(&deliveries->queue))
        ab_task_cancel(task);
    else
        ab_loop_post(deliveries->loop, task);
}

/* Runs what was pushed no later than `last`. One thread at a time. */
static int dispatch_until(ab_deliveries *deliveries, uint64_t last) AB_LOCKED
{
    int count = 0;
    ab_delivery *first;
    ab_stopwatch_start(&deliveries->watch, ab_loop_clock(deliveries->loop));
    deliveries->is_dispatching = true;
    while ((first = first_of(deliveries)) != NULL && first->order <= last) {
        run_one(deliveries, first);
        count++;
    }
    deliveries->is_dispatching = false;
    tell_waiting(deliveries);
    return count;
}

int ab_deliveries_dispatch(ab_deliveries *deliveries)
{
    if (!deliveries->by_dispatch) {
        ab_fail(AUTOBUS_INVALID,
                "this bus runs its callbacks itself; set AUTOBUS_DISPATCH to run them");
        return -1;
    }
    if (ab_deliveries_is_inside(deliveries)) {
        ab_fail(AUTOBUS_WRONG_THREAD, "callbacks cannot be dispatched from inside a callback");
        return -1;
    }
    int count = -1;
    ab_lock_take(deliveries->lock);
    if (deliveries->is_dispatching)
        ab_fail(AUTOBUS_BUSY, "another thread is dispatching the callbacks of this bus");
    else
        count = dispatch_until(deliveries, deliveries->pushed);
    ab_lock_drop(deliveries->lock);
    return count;
}

static bool is_done(const ab_deliveries *deliveries, uint64_t last) AB_LOCKED
{
    const ab_delivery *first = first_of(deliveries);
    bool is_waiting = first != NULL && first->order <= last;
    bool is_running = deliveries->running != 0 && deliveries->running <= last;
    return !is_waiting && !is_running;
}

autobus_result ab_deliveries_sync(ab_deliveries *deliveries)
{
    if (ab_deliveries_is_inside(deliveries) || ab_loop_is_here(deliveries->loop))
        return ab_fail(AUTOBUS_WRONG_THREAD, "a callback cannot wait for callbacks to have run");
    ab_lock_take(deliveries->lock);
    uint64_t last = deliveries->pushed;
    deliveries->waiting++;
    while (!is_done(deliveries, last)) {
        if (deliveries->by_dispatch && !deliveries->is_dispatching)
            dispatch_until(deliveries, last);
        else
            pthread_cond_wait(&deliveries->ran, &deliveries->lock->mutex);
    }
    deliveries->waiting--;
    ab_lock_drop(deliveries->lock);
    return AUTOBUS_OK;
}

/* Drops what is queued for one target, or for all (NULL). */
static void drop_queued(ab_deliveries *deliveries, const ab_target *target) AB_LOCKED
{
    ab_list dropped;
    ab_list_init(&dropped);
    bool was_empty = ab_list_is_empty(&deliveries->queue);
    AB_LIST_FOR_SAFE (at, &deliveries->queue) {
        if (target == NULL || AB_CONTAINER(at, ab_delivery, place)->target == target) {
            ab_list_remove(at);
            ab_list_append(&dropped, at);
        }
    }
    show(deliveries, was_empty);
    for (ab_list *first; (first = ab_list_take_first(&dropped)) != NULL;) {
        ab_delivery *delivery = AB_CONTAINER(first, ab_delivery, place);
        ab_target *owner = delivery->target;
        delivery->drop(delivery);
        release(deliveries, owner);
    }
    tell_waiting(deliveries);
}

void ab_target_close(ab_deliveries *deliveries, ab_target *target)
{
    ab_lock_take(deliveries->lock);
    assert(!target->is_closed);
    target->is_closed = true;
    drop_queued(deliveries, target);
    release(deliveries, target);
    ab_lock_drop(deliveries->lock);
}

static void pass_by(ab_delivery *delivery)
{
    (void)delivery;
}

void ab_target_retire(ab_deliveries *deliveries, ab_target *target, bool is_dropping)
{
    assert(!target->is_closed);
    target->is_closed = true;
    if (is_dropping)
        drop_queued(deliveries, target);
    /* What is queued or runs has the hook behind it. */
    if (deliveries->is_finished || target->references > 1) {
        release(deliveries, target);
        return;
    }
    target->farewell = (ab_delivery){
        .target = target,
        .run = pass_by,
        .drop = pass_by,
        .name = "free hook",
    };
    enqueue(deliveries, &target->farewell);
}

void ab_deliveries_finish(ab_deliveries *deliveries)
{
    ab_lock_take(deliveries->lock);
    while (!ab_list_is_empty(&deliveries->queue))
        (void)dispatch_until(deliveries, deliveries->pushed);
    deliveries->is_finished = true;
    ab_lock_drop(deliveries->lock);
}

void ab_deliveries_free(ab_deliveries *deliveries)
{
    if (deliveries == NULL)
        return;
    ab_lock_is_held(deliveries->lock);
    assert(deliveries->running == 0);
    drop_queued(deliveries, NULL);
    ab_task_cancel(&deliveries->task);
    ab_close_fd(&deliveries->fd);
    pthread_cond_destroy(&deliveries->ran);
    free(deliveries);
}

int ab_deliveries_fd(const ab_deliveries *deliveries)
{
    return deliveries->fd;
}

bool ab_deliveries_is_inside(const ab_deliveries *deliveries)
{
    for (const frame *at = innermost; at != NULL; at = at->outer)
        if (at->deliveries == deliveries)
            return true;
    return false;
}
