/* SPDX-License-Identifier: MIT
 * Keeps the locations that avahi told. Calls nothing of avahi itself. */
#include "discovery/avahi_table.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/list.h"
#include "discovery/pursuit.h"

/* How long a restarted daemon may take to find again what its predecessor knew. */
#define GRACE        AB_MS(5000)
/* A bus that is there without a record is looked after so often, */
#define REVISIT      AB_MS(60000)
/* and so many such are kept. */
#define MOST_ORPHANS 1024
#define MOST_VISITS  32

/** A location that a daemon told. */
typedef struct entry {
    ab_list place;
    uint64_t serial; /**< token of its visits */
    uint64_t item;   /**< 0: no daemon vouches for it now */
    unsigned interface;
    ab_address at;
    ab_presence presence;
    bool is_told;       /**< to our owner: it is on a link that we use */
    bool is_visited;    /**< a visit is under way */
    ab_time revisit_at; /**< AB_NEVER: it is not due for one */
} entry;

struct ab_avahi_table {
    ab_loop *loop;
    const ab_avahi_config *config;
    ab_pursuits *visits;
    ab_timer grace, revisit;
    ab_list entries; /**< of entry.place, in order of discovery */
    size_t orphans;  /**< entries that were visited and found */
    uint64_t serials;
};

static ab_time now(const ab_avahi_table *table)
{
    return ab_loop_now(table->loop);
}

static bool is_acceptable(const ab_avahi_table *table, const entry *known)
{
    const ab_avahi_config *config = table->config;
    const ab_interface *interface = ab_interfaces_find(config->interfaces, known->interface);
    if (interface == NULL || !interface->is_used || known->presence.bus == config->bus)
        return false;
    return config->allow_routed ||
           ab_interfaces_on_link(config->interfaces, known->interface, &known->at);
}

static bool is_location(const entry *known, const ab_address *at, uint64_t bus)
{
    return known->presence.bus == bus && ab_address_equal(&known->at, at);
}

/* Another entry tells the same location: two interfaces on one network, say. */
static bool has_twin(const ab_avahi_table *table, const entry *of)
{
    AB_LIST_FOR (place, &table->entries) {
        const entry *other = AB_CONTAINER(place, entry, place);
        if (other != of && other->is_told && is_location(other, &of->at, of->presence.bus))
            return true;
    }
    return false;
}

static void set_revisit(ab_avahi_table *table, entry *known, ab_time at) AB_LOCKED
{
    table->orphans -= known->revisit_at != AB_NEVER;
    known->revisit_at = at;
    table->orphans += known->revisit_at != AB_NEVER;
    if (at != AB_NEVER && !ab_timer_is_running(&table->revisit))
        ab_loop_timer_start(table->loop, &table->revisit, at);
}

static void tell_lost(ab_avahi_table *table, entry *gone)
{
    bool was_told = gone->is_told;
    gone->is_told = false;
    if (was_told && !has_twin(table, gone))
        table->config->ops->lost(table->config->owner, &gone->at, gone->presence.bus);
}

static void drop(ab_avahi_table *table, entry *gone) AB_LOCKED
{
    set_revisit(table, gone, AB_NEVER);
    tell_lost(table, gone);
    ab_list_remove(&gone->place);
    free(gone);
}

static void consider(ab_avahi_table *table, entry *known)
{
    if (!is_acceptable(table, known)) {
        tell_lost(table, known);
        return;
    }
    known->is_told = true;
    table->config->ops->told(table->config->owner, &known->at, &known->presence);
}

/* Visits. */

static void visit(ab_avahi_table *table, entry *known) AB_LOCKED
{
    known->is_visited = true;
    ab_pursuits_probe(table->visits, known->serial, &known->at, NULL);
}

/* Nobody vouches for it: is it still there? */
static void doubt(ab_avahi_table *table, entry *known) AB_LOCKED
{
    known->item = 0;
    if (!known->is_told || has_twin(table, known) || table->orphans >= MOST_ORPHANS)
        drop(table, known);
    else if (!known->is_visited)
        visit(table, known);
}

static entry *find_visited(const ab_avahi_table *table, uint64_t serial)
{
    AB_LIST_FOR (place, &table->entries) {
        entry *at = AB_CONTAINER(place, entry, place);
        if (at->serial == serial && at->is_visited)
            return at;
    }
    return NULL;
}

static void visited(void *owner, uint64_t serial, bool is_alive) AB_LOCKED
{
    ab_avahi_table *table = owner;
    entry *known = find_visited(table, serial);
    if (known == NULL)
        return;
    known->is_visited = false;
    if (known->item != 0)
        return;
    if (is_alive)
        set_revisit(table, known, now(table) + REVISIT);
    else
        drop(table, known);
}

static void revisit(ab_timer *timer) AB_LOCKED
{
    ab_avahi_table *table = AB_CONTAINER(timer, ab_avahi_table, revisit);
    ab_time next = AB_NEVER;
    AB_LIST_FOR (place, &table->entries) {
        entry *known = AB_CONTAINER(place, entry, place);
        if (known->revisit_at <= now(table)) {
            set_revisit(table, known, AB_NEVER);
            visit(table, known);
        }
        next = AB_MIN(next, known->revisit_at);
    }
    if (next != AB_NEVER)
        ab_loop_timer_start(table->loop, timer, next);
}

static const ab_pursuit_ops visit_ops = {.probed = visited};

/* News. */

static entry *find_item(const ab_avahi_table *table, uint64_t item)
{
    AB_LIST_FOR (place, &table->entries) {
        entry *at = AB_CONTAINER(place, entry, place);
        if (at->item == item)
            return at;
    }
    return NULL;
}

/* The entry without a daemon that these news vouch for, or NULL. */
static entry *find_orphan(const ab_avahi_table *table, const ab_avahi_news *news)
{
    AB_LIST_FOR (place, &table->entries) {
        entry *at = AB_CONTAINER(place, entry, place);
        if (at->item == 0 && is_location(at, &news->at, news->presence.bus))
            return at;
    }
    return NULL;
}

/* Another bus is at that address now: a visit would find that one. */
static void drop_former(ab_avahi_table *table, const ab_avahi_news *news) AB_LOCKED
{
    AB_LIST_FOR_SAFE (place, &table->entries) {
        entry *at = AB_CONTAINER(place, entry, place);
        if (at->item == 0 && at->presence.bus != news->presence.bus &&
            ab_address_equal(&at->at, &news->at))
            drop(table, at);
    }
}

static void found(ab_avahi_table *table, const ab_avahi_news *news) AB_LOCKED
{
    entry *known = find_item(table, news->item);
    if (known != NULL && !is_location(known, &news->at, news->presence.bus))
        tell_lost(table, known);
    if (known == NULL)
        known = find_orphan(table, news);
    if (known == NULL) {
        known = ab_alloc(1, sizeof *known);
        known->serial = ++table->serials;
        known->revisit_at = AB_NEVER;
        ab_list_append(&table->entries, &known->place);
    }
    set_revisit(table, known, AB_NEVER);
    known->item = news->item;
    known->interface = news->interface;
    known->at = news->at;
    known->presence = news->presence;
    consider(table, known);
    drop_former(table, news);
}

static void grace_over(ab_timer *timer) AB_LOCKED
{
    ab_avahi_table *table = AB_CONTAINER(timer, ab_avahi_table, grace);
    AB_LIST_FOR_SAFE (place, &table->entries) {
        entry *at = AB_CONTAINER(place, entry, place);
        if (at->item == 0 && at->revisit_at == AB_NEVER)
            doubt(table, at);
    }
}

void ab_avahi_table_take(ab_avahi_table *table, const ab_avahi_news *news)
{
    entry *gone;
    switch (news->event) {
    case AB_AVAHI_FOUND: found(table, news); break;
    case AB_AVAHI_GONE:
        gone = find_item(table, news->item);
        if (gone != NULL)
            doubt(table, gone);
        break;
    case AB_AVAHI_COMPLETE:
        if (find_item(table, 0) != NULL)
            ab_loop_timer_start(table->loop, &table->grace, now(table) + GRACE);
        break;
    }
}

void ab_avahi_table_orphan(ab_avahi_table *table)
{
    AB_LIST_FOR (place, &table->entries) {
        AB_CONTAINER(place, entry, place)->item = 0;
    }
    ab_loop_timer_stop(table->loop, &table->grace);
}

void ab_avahi_table_reconsider(ab_avahi_table *table)
{
    AB_LIST_FOR (place, &table->entries) {
        entry *known = AB_CONTAINER(place, entry, place);
        if (known->is_told != is_acceptable(table, known))
            consider(table, known);
    }
}

ab_avahi_table *ab_avahi_table_new(ab_loop *loop, const ab_avahi_config *config)
{
    ab_avahi_table *table = ab_alloc(1, sizeof *table);
    table->loop = loop;
    table->config = config;
    table->visits = ab_pursuits_new(loop, config->probe_timeout, MOST_VISITS, &visit_ops, table);
    ab_timer_init(&table->grace, grace_over);
    ab_timer_init(&table->revisit, revisit);
    ab_list_init(&table->entries);
    return table;
}

void ab_avahi_table_free(ab_avahi_table *table)
{
    ab_loop_timer_stop(table->loop, &table->grace);
    ab_loop_timer_stop(table->loop, &table->revisit);
    ab_pursuits_free(table->visits);
    AB_LIST_FOR_SAFE (place, &table->entries) {
        free(AB_CONTAINER(place, entry, place));
    }
    free(table);
}
