/* SPDX-License-Identifier: MIT
 * The avahi source as the bus sees it: keeps a thread while there is a daemon, and a table of what that told, so
 * that a daemon that goes away and comes back loses nobody. Calls nothing of avahi itself.
 *
 * A daemon is looked for by trying, every few seconds: nothing is watched meanwhile, no thread waits, and it
 * works wherever D-Bus does, be the daemon's own files visible or not (they are not in a container). */
#include "discovery/avahi.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/list.h"
#include "discovery/avahi_thread.h"

#if AUTOBUS_AVAHI

/* The first try after a daemon was lost; each further one waits twice as long. */
#define RETRY_FIRST AB_MS(500)
#define RETRY_LAST  AB_MS(10000)
/* How long a restarted daemon may take to find again what its predecessor knew. */
#define GRACE       AB_MS(5000)
/* What the thread gets to end; with a daemon that answers it takes a millisecond. */
#define PATIENCE    AB_MS(100)

/** A location that the daemon told. */
typedef struct entry {
    ab_list place;
    uint64_t item; /**< 0: told by a daemon that has gone, not confirmed since */
    unsigned interface;
    ab_address at;
    ab_presence presence;
    bool is_told; /**< to our owner: it is on a link that we use */
} entry;

typedef struct ab_avahi {
    ab_source source;
    ab_loop *loop;
    ab_avahi_config config;
    ab_avahi_offer offer;
    ab_avahi_thread *thread; /**< NULL: no daemon so far */
    ab_timer retry, grace;
    ab_time wait;
    ab_list entries; /**< of entry.place */
} ab_avahi;

/* The table. */

static bool is_acceptable(const ab_avahi *avahi, const entry *known)
{
    const ab_interface *interface = ab_interfaces_find(avahi->config.interfaces, known->interface);
    if (interface == NULL || !interface->is_used || known->presence.bus == avahi->config.bus)
        return false;
    return avahi->config.allow_routed ||
           ab_interfaces_on_link(avahi->config.interfaces, known->interface, &known->at);
}

/* Another one tells the same location: two interfaces on one network, say. */
static bool has_twin(const ab_avahi *avahi, const entry *of)
{
    AB_LIST_FOR (place, &avahi->entries) {
        const entry *other = AB_CONTAINER(place, entry, place);
        if (other != of && other->is_told && other->presence.bus == of->presence.bus &&
            ab_address_equal(&other->at, &of->at))
            return true;
    }
    return false;
}

static void tell_lost(ab_avahi *avahi, entry *gone)
{
    bool was_told = gone->is_told;
    gone->is_told = false;
    if (was_told && !has_twin(avahi, gone))
        avahi->config.ops->lost(avahi->config.owner, &gone->at, gone->presence.bus);
}

static void drop(ab_avahi *avahi, entry *gone)
{
    tell_lost(avahi, gone);
    ab_list_remove(&gone->place);
    free(gone);
}

static void consider(ab_avahi *avahi, entry *known)
{
    if (!is_acceptable(avahi, known)) {
        tell_lost(avahi, known);
        return;
    }
    known->is_told = true;
    avahi->config.ops->told(avahi->config.owner, &known->at, &known->presence);
}

static entry *find_item(const ab_avahi *avahi, uint64_t item)
{
    AB_LIST_FOR (place, &avahi->entries) {
        entry *at = AB_CONTAINER(place, entry, place);
        if (at->item == item)
            return at;
    }
    return NULL;
}

/* The entry of the former daemon that this one confirms, or NULL. */
static entry *find_unconfirmed(const ab_avahi *avahi, const ab_avahi_news *news)
{
    AB_LIST_FOR (place, &avahi->entries) {
        entry *at = AB_CONTAINER(place, entry, place);
        if (at->item == 0 && at->presence.bus == news->presence.bus &&
            ab_address_equal(&at->at, &news->at))
            return at;
    }
    return NULL;
}

static void found(ab_avahi *avahi, const ab_avahi_news *news)
{
    entry *known = find_item(avahi, news->item);
    if (known != NULL &&
        (known->presence.bus != news->presence.bus || !ab_address_equal(&known->at, &news->at))) {
        drop(avahi, known);
        known = NULL;
    }
    if (known == NULL)
        known = find_unconfirmed(avahi, news);
    if (known == NULL) {
        known = ab_alloc(1, sizeof *known);
        ab_list_append(&avahi->entries, &known->place);
    }
    known->item = news->item;
    known->interface = news->interface;
    known->at = news->at;
    known->presence = news->presence;
    consider(avahi, known);
}

static void grace_over(ab_timer *timer)
{
    ab_avahi *avahi = AB_CONTAINER(timer, ab_avahi, grace);
    for (entry *gone; (gone = find_item(avahi, 0)) != NULL;)
        drop(avahi, gone);
}

static void take_news(ab_avahi *avahi, const ab_avahi_news *news)
{
    entry *gone;
    switch (news->event) {
    case AB_AVAHI_FOUND: found(avahi, news); break;
    case AB_AVAHI_GONE:
        gone = find_item(avahi, news->item);
        if (gone != NULL)
            drop(avahi, gone);
        break;
    case AB_AVAHI_COMPLETE:
        if (find_item(avahi, 0) != NULL)
            ab_loop_timer_start(avahi->loop, &avahi->grace, ab_loop_now(avahi->loop) + GRACE);
        break;
    }
}

/* The thread. */

static void thread_rang(void *owner);

static void start_thread(ab_avahi *avahi)
{
    avahi->thread = ab_avahi_thread_start(avahi->loop, &avahi->offer, thread_rang, avahi);
    if (avahi->thread == NULL)
        ab_loop_timer_start(avahi->loop, &avahi->retry, ab_loop_now(avahi->loop) + RETRY_LAST);
}

static void try_again(ab_timer *timer)
{
    start_thread(AB_CONTAINER(timer, ab_avahi, retry));
}

/* What it told stays: its neighbours did not go away with our daemon. */
static void lose_thread(ab_avahi *avahi)
{
    ab_avahi_thread_end(avahi->thread, PATIENCE);
    avahi->thread = NULL;
    AB_LIST_FOR (place, &avahi->entries) {
        AB_CONTAINER(place, entry, place)->item = 0;
    }
    ab_loop_timer_stop(avahi->loop, &avahi->grace);
    ab_loop_timer_start(avahi->loop, &avahi->retry, ab_loop_now(avahi->loop) + avahi->wait);
    avahi->wait = AB_MIN(avahi->wait * 2, RETRY_LAST);
}

static void thread_rang(void *owner)
{
    ab_avahi *avahi = owner;
    bool is_over = ab_avahi_thread_is_over(avahi->thread);
    for (ab_avahi_news *news; (news = ab_avahi_thread_take(avahi->thread)) != NULL;) {
        avahi->wait = RETRY_FIRST;
        take_news(avahi, news);
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

static void free_avahi(ab_source *source)
{
    ab_avahi *avahi = AB_CONTAINER(source, ab_avahi, source);
    ab_loop_timer_stop(avahi->loop, &avahi->retry);
    ab_loop_timer_stop(avahi->loop, &avahi->grace);
    if (avahi->thread != NULL)
        ab_avahi_thread_end(avahi->thread, PATIENCE);
    for (ab_list *place; (place = ab_list_take_first(&avahi->entries)) != NULL;)
        free(AB_CONTAINER(place, entry, place));
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
    ab_timer_init(&avahi->grace, grace_over);
    ab_list_init(&avahi->entries);
    choose_interfaces(avahi);
    avahi->thread = ab_avahi_thread_start(loop, &avahi->offer, thread_rang, avahi);
    if (avahi->thread == NULL) {
        free(avahi);
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
    AB_LIST_FOR (place, &avahi->entries) {
        entry *known = AB_CONTAINER(place, entry, place);
        if (known->is_told != is_acceptable(avahi, known))
            consider(avahi, known);
    }
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
