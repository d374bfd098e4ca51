/* SPDX-License-Identifier: MIT
 * The avahi source as the bus sees it: keeps a thread while there is a daemon, and a table of what that told
 * which outlives it. Calls nothing of avahi itself.
 *
 * A daemon is looked for by trying, every few seconds: nothing is watched meanwhile, no thread waits, and it
 * works wherever D-Bus does, be the daemon's own files visible or not (they are not in a container). */
#include "discovery/avahi.h"

#include <stdlib.h>

#include "base/error.h"
#include "discovery/avahi_table.h"
#include "discovery/avahi_thread.h"

#if AUTOBUS_AVAHI

/* The first try after a daemon was lost; each further one waits twice as long. */
#define RETRY_FIRST AB_MS(500)
#define RETRY_LAST  AB_MS(10000)
/* What the thread gets to end; with a daemon that answers it takes a millisecond. */
#define PATIENCE    AB_MS(100)

typedef struct ab_avahi {
    ab_source source;
    ab_loop *loop;
    ab_avahi_config config;
    ab_avahi_offer offer;
    ab_avahi_thread *thread; /**< NULL: no daemon so far */
    ab_avahi_table *table;
    ab_timer retry;
    ab_time wait;
} ab_avahi;

/* The thread. */

static void thread_rang(void *owner) AB_LOCKED;

static void start_thread(ab_avahi *avahi) AB_LOCKED
{
    avahi->thread = ab_avahi_thread_start(avahi->loop, &avahi->offer, thread_rang, avahi);
    if (avahi->thread == NULL)
        ab_loop_timer_start_in(avahi->loop, &avahi->retry, RETRY_LAST);
}

static void try_again(ab_timer *timer) AB_LOCKED
{
    start_thread(AB_CONTAINER(timer, ab_avahi, retry));
}

static void lose_thread(ab_avahi *avahi) AB_LOCKED
{
    ab_avahi_thread_end(avahi->thread, PATIENCE);
    avahi->thread = NULL;
    ab_avahi_table_orphan(avahi->table);
    ab_loop_timer_start_in(avahi->loop, &avahi->retry, avahi->wait);
    avahi->wait = AB_MIN(avahi->wait * 2, RETRY_LAST);
}

static void thread_rang(void *owner) AB_LOCKED
{
    ab_avahi *avahi = owner;
    bool is_over = ab_avahi_thread_is_over(avahi->thread);
    for (ab_avahi_news *news; (news = ab_avahi_thread_take(avahi->thread)) != NULL;) {
        avahi->wait = RETRY_FIRST;
        ab_avahi_table_take(avahi->table, news);
        free(news);
    }
    if (is_over)
        lose_thread(avahi);
}

/* The source. */

static void choose_interfaces(ab_avahi *avahi)
{
    const ab_interface *interface;
    size_t cursor = 0;
    avahi->offer.count = 0;
    if (!avahi->config.is_restricted)
        return;
    while ((interface = ab_interfaces_next(avahi->config.interfaces, &cursor)) != NULL) {
        if (interface->is_used && avahi->offer.count < AB_AVAHI_INTERFACES)
            avahi->offer.interfaces[avahi->offer.count++] = interface->index;
    }
}

/* On no interface is not on all. */
static void order(ab_avahi *avahi)
{
    ab_avahi_offer offer = avahi->offer;
    if (avahi->config.is_restricted && offer.count == 0)
        offer.presence.count = 0;
    if (avahi->thread != NULL)
        ab_avahi_thread_offer(avahi->thread, &offer);
}

static void set_presence(ab_source *source, const ab_presence *presence)
{
    ab_avahi *avahi = AB_CONTAINER(source, ab_avahi, source);
    avahi->config.bus = presence->bus;
    avahi->offer.presence = *presence;
    order(avahi);
}

static char *tell_text(ab_source *source)
{
    const ab_avahi *avahi = AB_CONTAINER(source, ab_avahi, source);
    bool has_daemon = avahi->thread != NULL && ab_avahi_thread_has_daemon(avahi->thread);
    return ab_strdup(has_daemon ? "avahi" : "avahi (no daemon)");
}

static void free_avahi(ab_source *source) AB_LOCKED
{
    ab_avahi *avahi = AB_CONTAINER(source, ab_avahi, source);
    ab_loop_timer_stop(avahi->loop, &avahi->retry);
    if (avahi->thread != NULL)
        ab_avahi_thread_end(avahi->thread, PATIENCE);
    ab_avahi_table_free(avahi->table);
    free(avahi);
}

static const ab_source_class avahi_class = {
    .name = "avahi",
    .presence = set_presence,
    .text = tell_text,
    .free = free_avahi,
};

autobus_result ab_avahi_new(ab_loop *loop, const ab_avahi_config *config, ab_source **ret)
{
    ab_avahi *avahi = ab_alloc(1, sizeof *avahi);
    *avahi = (ab_avahi){
        .source = {.class = &avahi_class}, .loop = loop, .config = *config, .wait = RETRY_FIRST};
    ab_timer_init(&avahi->retry, try_again);
    avahi->table = ab_avahi_table_new(loop, &avahi->config);
    choose_interfaces(avahi);
    avahi->thread = ab_avahi_thread_start(loop, &avahi->offer, thread_rang, avahi);
    if (avahi->thread == NULL) {
        free_avahi(&avahi->source);
        return AUTOBUS_FAILED;
    }
    *ret = &avahi->source;
    return AUTOBUS_OK;
}

void ab_avahi_interfaces_changed(ab_source *source)
{
    if (source == NULL)
        return;
    ab_avahi *avahi = AB_CONTAINER(source, ab_avahi, source);
    choose_interfaces(avahi);
    order(avahi);
    ab_avahi_table_reconsider(avahi->table);
}

#else

autobus_result ab_avahi_new(ab_loop *loop, const ab_avahi_config *config, ab_source **ret)
{
    (void)loop, (void)config, (void)ret;
    return ab_fail(
        AUTOBUS_FAILED,
        "discovery through avahi was asked for, but this libautobus was built without it "
        "(AUTOBUS_AVAHI=OFF); leave avahi out of the sources");
}

void ab_avahi_interfaces_changed(ab_source *source)
{
    (void)source;
}
#endif
