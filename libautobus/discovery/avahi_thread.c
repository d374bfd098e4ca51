/* SPDX-License-Identifier: MIT
 * A D-Bus connection to the avahi daemon on a thread of its own, since every call of libavahi-client waits for
 * the daemon: up to 25 s when that is stopped. Orders come in through one event descriptor, news goes out by
 * ringing the errand's; neither side ever waits for the other.
 *
 * The client is made without AVAHI_CLIENT_NO_FAIL, which would keep a connection and this thread alive where no
 * daemon is: a thread that finds none, or loses its own, ends, and avahi.c tries again later. */
#include "base/error.h"

#if AUTOBUS_AVAHI
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "discovery/avahi_browser.h"
#include "discovery/avahi_record.h"
#include "discovery/avahi_thread.h"
#include "discovery/errand.h"

/* A bus that reads no news for so long is stuck; it hears everything anew when it is back. */
#define MOST_NEWS 16384

struct ab_avahi_thread {
    ab_errand errand;
    ab_avahi_thread_fn *rung; /**< the bus's */
    void *owner;
    int orders; /**< eventfd: there is a new offer, or it is over */
    atomic_bool has_daemon;

    /* Guards what both sides touch. The bus's lock can't: it is gone before a thread that hangs is. */
    pthread_mutex_t mutex;
    ab_avahi_offer offer;
    bool is_ending;
    ab_list news; /**< of ab_avahi_news.place */
    size_t news_count;

    /* The thread's own. */
    const ab_avahi_library *library;
    AvahiClient *client;
    bool is_running; /**< the daemon has a host name and takes services */
    bool has_failed;
    ab_avahi_record record;
    ab_avahi_browser browser;
};

/* On the thread. */

static void fail(void *owner, const char *what, int error)
{
    ab_avahi_thread *thread = owner;
    if (!thread->has_failed)
        ab_log(AB_LOG_INFO, "lost the avahi daemon (%s): %s", what,
               thread->library->strerror(error));
    thread->has_failed = true;
}

static void tell(void *owner, const ab_avahi_news *news)
{
    ab_avahi_thread *thread = owner;
    ab_avahi_news *copy = ab_alloc(1, sizeof *copy);
    *copy = *news;
    pthread_mutex_lock(&thread->mutex);
    ab_list_append(&thread->news, &copy->place);
    bool is_too_much = ++thread->news_count > MOST_NEWS;
    pthread_mutex_unlock(&thread->mutex);
    ab_errand_ring(&thread->errand);
    if (is_too_much)
        fail(thread, "nobody takes its news", AVAHI_ERR_TOO_MANY_ENTRIES);
}

static bool read_orders(ab_avahi_thread *thread, ab_avahi_offer *offer)
{
    pthread_mutex_lock(&thread->mutex);
    bool goes_on = !thread->is_ending;
    *offer = thread->offer;
    pthread_mutex_unlock(&thread->mutex);
    return goes_on;
}

static void publish(ab_avahi_thread *thread)
{
    ab_avahi_offer offer;
    if (read_orders(thread, &offer) && thread->is_running && !thread->has_failed)
        ab_avahi_record_set(&thread->record, thread->client, &offer);
}

static void orders_came(AvahiWatch *watch, int fd, AvahiWatchEvent event, void *userdata)
{
    uint64_t count;
    (void)watch, (void)event;
    if (read(fd, &count, sizeof count) == (ssize_t)sizeof count)
        publish(userdata);
}

/* Comes for the first time from inside client_new(). */
static void client_changed(AvahiClient *client, AvahiClientState state, void *userdata)
{
    ab_avahi_thread *thread = userdata;
    thread->client = client;
    switch (state) {
    case AVAHI_CLIENT_S_RUNNING:
        thread->is_running = true;
        atomic_store(&thread->has_daemon, true);
        ab_avahi_browser_start(&thread->browser, client);
        publish(thread);
        break;
    case AVAHI_CLIENT_S_REGISTERING:
    case AVAHI_CLIENT_S_COLLISION:
        thread->is_running = false;
        ab_avahi_record_withdraw(&thread->record);
        break;
    case AVAHI_CLIENT_FAILURE:
        fail(thread, "connection", thread->library->client_errno(client));
        break;
    case AVAHI_CLIENT_CONNECTING: break;
    }
}

static void follow(ab_avahi_thread *thread, AvahiSimplePoll *poll)
{
    const ab_avahi_library *library = thread->library;
    ab_avahi_offer offer;
    int error;
    thread->client =
        library->client_new(library->simple_poll_get(poll), 0, client_changed, thread, &error);
    if (thread->client == NULL) {
        ab_log(AB_LOG_DEBUG, "no avahi daemon: %s", library->strerror(error));
        return;
    }
    while (!thread->has_failed && read_orders(thread, &offer)) {
        if (library->simple_poll_iterate(poll, -1) != 0)
            break;
    }
    /* Closes the connection first of all, so this does not wait; the daemon withdraws what was ours. */
    library->client_free(thread->client);
}

static void run_thread(ab_errand *errand)
{
    ab_avahi_thread *thread = AB_CONTAINER(errand, ab_avahi_thread, errand);
    AvahiSimplePoll *poll = thread->library->simple_poll_new();
    if (poll == NULL)
        return;
    const AvahiPoll *api = thread->library->simple_poll_get(poll);
    AvahiWatch *watch = api->watch_new(api, thread->orders, AVAHI_WATCH_IN, orders_came, thread);
    follow(thread, poll);
    atomic_store(&thread->has_daemon, false);
    ab_avahi_record_fini(&thread->record);
    ab_avahi_browser_fini(&thread->browser);
    if (watch != NULL)
        api->watch_free(watch);
    thread->library->simple_poll_free(poll);
}

/* On whichever side is last. */

static void free_thread(ab_errand *errand)
{
    ab_avahi_thread *thread = AB_CONTAINER(errand, ab_avahi_thread, errand);
    AB_LIST_FOR_SAFE (place, &thread->news)
        free(AB_CONTAINER(place, ab_avahi_news, place));
    pthread_mutex_destroy(&thread->mutex);
    close(thread->orders);
    free(thread);
}

/* On the bus's side. */

static void thread_rang(ab_errand *errand)
{
    ab_avahi_thread *thread = AB_CONTAINER(errand, ab_avahi_thread, errand);
    thread->rung(thread->owner);
}

static void order(ab_avahi_thread *thread)
{
    ssize_t ignored = write(thread->orders, &(uint64_t){1}, sizeof(uint64_t));
    (void)ignored;
}

ab_avahi_thread *ab_avahi_thread_start(ab_loop *loop, const ab_avahi_offer *offer,
                                       ab_avahi_thread_fn *rung, void *owner)
{
    const ab_avahi_library *library = ab_avahi_library_open();
    int orders = library == NULL ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (orders < 0) {
        if (library != NULL)
            ab_fail_errno(errno, "can't make an event descriptor for avahi's thread");
        return NULL;
    }
    ab_avahi_thread *thread = ab_alloc(1, sizeof *thread);
    *thread = (ab_avahi_thread){
        .errand = {.run = run_thread, .rung = thread_rang, .free = free_thread},
        .rung = rung,
        .owner = owner,
        .orders = orders,
        .offer = *offer,
        .library = library,
        .record = {.library = library, .failed = fail, .owner = thread},
        .browser = {.library = library, .tell = tell, .failed = fail, .owner = thread},
    };
    pthread_mutex_init(&thread->mutex, NULL);
    ab_list_init(&thread->news);
    ab_avahi_browser_init(&thread->browser);
    return ab_errand_start(&thread->errand, loop) == AUTOBUS_OK ? thread : NULL;
}

void ab_avahi_thread_offer(ab_avahi_thread *thread, const ab_avahi_offer *offer)
{
    pthread_mutex_lock(&thread->mutex);
    thread->offer = *offer;
    pthread_mutex_unlock(&thread->mutex);
    order(thread);
}

ab_avahi_news *ab_avahi_thread_take(ab_avahi_thread *thread)
{
    pthread_mutex_lock(&thread->mutex);
    ab_list *first = ab_list_take_first(&thread->news);
    if (first != NULL)
        thread->news_count--;
    pthread_mutex_unlock(&thread->mutex);
    return first == NULL ? NULL : AB_CONTAINER(first, ab_avahi_news, place);
}

bool ab_avahi_thread_has_daemon(const ab_avahi_thread *thread)
{
    return atomic_load(&thread->has_daemon);
}

bool ab_avahi_thread_is_over(const ab_avahi_thread *thread)
{
    return ab_errand_is_over(&thread->errand);
}

void ab_avahi_thread_end(ab_avahi_thread *thread, ab_time patience)
{
    pthread_mutex_lock(&thread->mutex);
    thread->is_ending = true;
    pthread_mutex_unlock(&thread->mutex);
    order(thread);
    ab_errand_abandon(&thread->errand, patience);
}
#endif
