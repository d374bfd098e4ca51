/* SPDX-License-Identifier: MIT
 * Starts, hears and lets go of errands. Does not know what they do. */
#include "discovery/errand.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

static void drop(ab_errand *errand)
{
    if (atomic_fetch_sub(&errand->references, 1) != 1)
        return;
    close(errand->bell);
    errand->free(errand);
}

void ab_errand_ring(ab_errand *errand)
{
    /* The counter cannot overflow in practice, and then it would be ringing already. */
    ssize_t ignored = write(errand->bell, &(uint64_t){1}, sizeof(uint64_t));
    (void)ignored;
}

static void bell_rang(ab_watch *watch, bool can_read, bool can_write)
{
    ab_errand *errand = AB_CONTAINER(watch, ab_errand, watch);
    uint64_t rings;
    (void)can_write;
    if (can_read && read(errand->bell, &rings, sizeof rings) == (ssize_t)sizeof rings)
        errand->rung(errand);
}

static void *thread_main(void *argument)
{
    ab_errand *errand = argument;
    pthread_setname_np(pthread_self(), "autobus-errand");
    errand->run(errand);
    atomic_store(&errand->is_over, true);
    ab_errand_ring(errand);
    drop(errand);
    return NULL;
}

/* The program's signals are none of our thread's business. */
static int start_thread(ab_errand *errand)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&errand->thread, NULL, thread_main, errand);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

autobus_result ab_errand_start(ab_errand *errand, ab_loop *loop)
{
    atomic_init(&errand->references, 2);
    atomic_init(&errand->is_over, false);
    errand->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (errand->bell < 0) {
        autobus_result result =
            ab_fail_errno(errno, "can't make an event descriptor for a helper thread");
        errand->free(errand);
        return result;
    }
    ab_watch_init(&errand->watch, loop, errand->bell, bell_rang);
    ab_watch_want(&errand->watch, true, false);
    int error = start_thread(errand);
    if (error == 0)
        return AUTOBUS_OK;
    ab_watch_fini(&errand->watch);
    atomic_store(&errand->references, 1);
    drop(errand);
    return ab_fail_errno(error, "can't start a helper thread");
}

/* True if the thread is at its end. Real time, whatever the loop's clock: a thread is waited for. */
static bool wait_for_end(ab_errand *errand, ab_time patience)
{
    ab_time until = ab_clock_now(&ab_clock_real) + patience;
    while (!ab_errand_is_over(errand)) {
        ab_time left = until - ab_clock_now(&ab_clock_real);
        if (left <= 0)
            return false;
        struct pollfd bell = {.fd = errand->bell, .events = POLLIN};
        uint64_t rings;
        if (poll(&bell, 1, (int)(left / 1000) + 1) > 0 &&
            read(errand->bell, &rings, sizeof rings) < 0)
            continue;
    }
    return true;
}

void ab_errand_abandon(ab_errand *errand, ab_time patience)
{
    ab_watch_fini(&errand->watch);
    if (wait_for_end(errand, patience))
        pthread_join(errand->thread, NULL);
    else
        pthread_detach(errand->thread);
    drop(errand);
}
