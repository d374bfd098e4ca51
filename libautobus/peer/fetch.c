/* SPDX-License-Identifier: MIT
 * Turns the pages of a bus's list. Each page must lead further in the order of ids, so that a list ends
 * whatever the other side says. What the services are is not looked at. */
#include "peer/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/visit.h"

#define LINE_MOST (1U << 20)
#define ALL_MOST  (64U << 20)

struct ab_fetch {
    ab_visit visit;
    uint64_t token;
    const ab_fetch_ops *ops;
    void *owner;
    unsigned pages; /* asked for */
    char id[16];    /* of the latest question; "" before the bind is answered */
    char *after;    /* the last service heard of, NULL before the first */
    bool is_busy;   /* the owner looks at a page */
    bool is_cancelled;
};

static void free_fetch(ab_fetch *fetch) AB_LOCKED
{
    ab_visit_end(&fetch->visit);
    free(fetch->after);
    free(fetch);
}

static void finish(ab_fetch *fetch, bool at_end) AB_LOCKED
{
    ab_visit_end(&fetch->visit);
    fetch->ops->done(fetch->owner, fetch->token, at_end);
    free_fetch(fetch);
}

static void ask(ab_fetch *fetch) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer command;
    ab_buffer_init(&command);
    snprintf(fetch->id, sizeof fetch->id, "s%u", ++fetch->pages);
    ab_write_services_command(&command, fetch->id, fetch->after);
    ab_visit_ask(&fetch->visit, &command);
}

/* Remembers the last id of a page. False: it is not behind the one before. */
static bool advance(ab_fetch *fetch, ab_value services)
{
    ab_services_walk walk;
    ab_slice id, last = {0};
    ab_value info;
    ab_services_begin(&walk, services);
    while (ab_services_next(&walk, &id, &info))
        last = id;
    char *plain = ab_alloc(last.length + 1, 1);
    plain[ab_packet_id(last, plain)] = '\0';
    bool is_further = strcmp(plain, fetch->after == NULL ? "" : fetch->after) > 0;
    free(fetch->after);
    fetch->after = plain;
    return is_further;
}

/* False: the fetch is over and freed. */
static bool turn_page(ab_fetch *fetch, const ab_message *message) AB_LOCKED
{
    ab_presence presence;
    ab_value services;
    bool has_more;
    if (!ab_read_services(message, &presence, &services, &has_more)) {
        finish(fetch, false);
        return false;
    }
    fetch->is_busy = true;
    bool is_wanted = fetch->ops->page(fetch->owner, fetch->token, &presence, services);
    fetch->is_busy = false;
    if (fetch->is_cancelled) {
        free_fetch(fetch);
        return false;
    }
    if (!is_wanted || !has_more || !advance(fetch, services)) {
        finish(fetch, is_wanted && !has_more);
        return false;
    }
    ask(fetch);
    return true;
}

static bool fetch_heard(ab_visit *visit, const ab_message *message) AB_LOCKED
{
    ab_fetch *fetch = AB_CONTAINER(visit, ab_fetch, visit);
    if (fetch->id[0] != '\0') {
        /* Answers to something else are possible in this protocol, and nobody's. */
        bool is_ours =
            message->type == AB_MESSAGE_RESPONSE && ab_scan_is(message->id, ab_slice_of(fetch->id));
        return is_ours ? turn_page(fetch, message) : true;
    }
    if (message->error.kind != AB_KIND_NONE) {
        finish(fetch, false);
        return false;
    }
    ask(fetch);
    return true;
}

static void fetch_failed(ab_visit *visit) AB_LOCKED
{
    finish(AB_CONTAINER(visit, ab_fetch, visit), false);
}

static const ab_visit_ops visit_ops = {.heard = fetch_heard, .failed = fetch_failed};

ab_fetch *ab_fetch_start(ab_loop *loop, const ab_address *at, ab_time timeout, uint64_t token,
                         const ab_fetch_ops *ops, void *owner)
{
    ab_fetch *fetch = ab_alloc(1, sizeof *fetch);
    fetch->token = token;
    fetch->ops = ops;
    fetch->owner = owner;
    ab_visit_begin(&fetch->visit, loop, at, NULL, timeout, LINE_MOST, ALL_MOST, &visit_ops);
    return fetch;
}

void ab_fetch_cancel(ab_fetch *fetch)
{
    if (fetch == NULL)
        return;
    fetch->is_cancelled = true;
    if (!fetch->is_busy)
        free_fetch(fetch);
}
