/* SPDX-License-Identifier: MIT
 * Starts probes and fetches on the bus thread, in the order they came, and hands their outcomes on. Knows
 * nothing of what they are for. */
#include "discovery/pursuit.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/list.h"
#include "peer/fetch.h"
#include "peer/probe.h"

typedef struct pursuit {
    ab_list place;
    ab_pursuits *pursuits;
    uint64_t token;
    ab_address at;
    bool is_fetch;
    char *service; /**< of a probe; NULL: introspection */
    ab_probe *probe;
    ab_fetch *fetch;
} pursuit;

struct ab_pursuits {
    ab_loop *loop;
    ab_time timeout;
    size_t most;
    const ab_pursuit_ops *ops;
    void *owner;
    ab_task start;
    ab_list waiting, under_way; /**< of pursuit.place */
    size_t under_way_count;
};

static void free_pursuit(pursuit *done)
{
    ab_list_remove(&done->place);
    free(done->service);
    free(done);
}

/* Takes it out before the owner hears of it, who may order more. */
static uint64_t finish(pursuit *done) AB_LOCKED
{
    ab_pursuits *pursuits = done->pursuits;
    uint64_t token = done->token;
    free_pursuit(done);
    pursuits->under_way_count--;
    if (!ab_list_is_empty(&pursuits->waiting))
        ab_loop_post(pursuits->loop, &pursuits->start);
    return token;
}

static void probe_done(void *owner, uint64_t token, bool is_alive) AB_LOCKED
{
    pursuit *done = owner;
    ab_pursuits *pursuits = done->pursuits;
    token = finish(done);
    pursuits->ops->probed(pursuits->owner, token, is_alive);
}

static bool page_came(void *owner, uint64_t token, const ab_presence *presence, ab_value services)
{
    pursuit *going = owner;
    return going->pursuits->ops->page(going->pursuits->owner, token, presence, services);
}

static void fetch_done(void *owner, uint64_t token, bool at_end) AB_LOCKED
{
    pursuit *done = owner;
    ab_pursuits *pursuits = done->pursuits;
    token = finish(done);
    pursuits->ops->fetched(pursuits->owner, token, at_end);
}

static const ab_fetch_ops fetch_ops = {.page = page_came, .done = fetch_done};

static void start_one(ab_pursuits *pursuits, pursuit *next) AB_LOCKED
{
    ab_list_remove(&next->place);
    ab_list_append(&pursuits->under_way, &next->place);
    pursuits->under_way_count++;
    if (next->is_fetch)
        next->fetch = ab_fetch_start(pursuits->loop, &next->at, pursuits->timeout, next->token,
                                     &fetch_ops, next);
    else
        next->probe = ab_probe_start(pursuits->loop, &next->at, next->service, pursuits->timeout,
                                     next->token, probe_done, next);
}

static void start_waiting(ab_task *task) AB_LOCKED
{
    ab_pursuits *pursuits = AB_CONTAINER(task, ab_pursuits, start);
    while (!ab_list_is_empty(&pursuits->waiting) && pursuits->under_way_count < pursuits->most)
        start_one(pursuits, AB_CONTAINER(pursuits->waiting.next, pursuit, place));
}

/* The directory orders on any thread, sockets are the bus thread's: it starts them. */
static pursuit *order(ab_pursuits *pursuits, uint64_t token, const ab_address *at) AB_LOCKED
{
    pursuit *fresh = ab_alloc(1, sizeof *fresh);
    *fresh = (pursuit){.pursuits = pursuits, .token = token, .at = *at};
    ab_list_append(&pursuits->waiting, &fresh->place);
    ab_loop_post(pursuits->loop, &pursuits->start);
    return fresh;
}

void ab_pursuits_probe(ab_pursuits *pursuits, uint64_t token, const ab_address *at,
                       const char *service)
{
    pursuit *fresh = order(pursuits, token, at);
    fresh->service = service == NULL ? NULL : ab_strdup(service);
}

void ab_pursuits_fetch(ab_pursuits *pursuits, uint64_t token, const ab_address *at)
{
    order(pursuits, token, at)->is_fetch = true;
}

ab_pursuits *ab_pursuits_new(ab_loop *loop, ab_time timeout, size_t most, const ab_pursuit_ops *ops,
                             void *owner)
{
    ab_pursuits *pursuits = ab_alloc(1, sizeof *pursuits);
    *pursuits =
        (ab_pursuits){.loop = loop, .timeout = timeout, .most = most, .ops = ops, .owner = owner};
    ab_task_init(&pursuits->start, start_waiting);
    ab_list_init(&pursuits->waiting);
    ab_list_init(&pursuits->under_way);
    return pursuits;
}

void ab_pursuits_free(ab_pursuits *pursuits)
{
    if (pursuits == NULL)
        return;
    ab_task_cancel(&pursuits->start);
    AB_LIST_FOR_SAFE (place, &pursuits->under_way) {
        pursuit *going = AB_CONTAINER(place, pursuit, place);
        if (going->is_fetch)
            ab_fetch_cancel(going->fetch);
        else
            ab_probe_cancel(going->probe);
        free_pursuit(going);
    }
    AB_LIST_FOR_SAFE (place, &pursuits->waiting)
        free_pursuit(AB_CONTAINER(place, pursuit, place));
    free(pursuits);
}
