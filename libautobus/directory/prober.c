/* SPDX-License-Identifier: MIT
 * The queue of probes. Does not judge: whoever ordered one does. A verdict may be the end of its neighbour, so
 * none is brought while somebody orders: he is in the midst of what the verdict may take away. */
#include "directory/prober.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/lease.h"
#include "directory/legacy.h"

#define AT_A_TIME          32
#define UNPROVEN_AT_A_TIME 16
#define UNPROVEN_PATIENCE  AB_MS(30000) /**< unproven ones that wait longer are given up unprobed */

typedef struct probe_job {
    ab_list place;
    uint64_t token; /**< 0: waiting */
    ab_time ordered;
    ab_probe_order order;
} probe_job;

struct ab_prober {
    ab_directory *directory;
    ab_list out, proven, unproven; /**< of probe_job.place */
    unsigned out_count, unproven_out;
    uint64_t tokens;
    ab_timer patience; /**< with the unproven: due before the first of them is stale, or then */
};

static void free_job(probe_job *job)
{
    ab_list_remove(&job->place);
    ab_text_unref(job->order.service);
    ab_text_unref(job->order.info);
    free(job);
}

static void conclude(struct ab_prober *prober, probe_job *job, bool is_alive)
{
    const ab_probe_order *order = &job->order;
    ab_list_remove(&job->place);
    if (order->purpose == AB_PROBE_LEASE)
        ab_lease_probed(prober->directory, order->bus, order->serial, order->suspicion, is_alive);
    else
        ab_legacy_probed(prober->directory, order, is_alive);
    free_job(job);
}

static void begin(struct ab_prober *prober, probe_job *job)
{
    ab_directory *directory = prober->directory;
    const ab_probe_order *order = &job->order;
    ab_list_remove(&job->place);
    ab_list_append(&prober->out, &job->place);
    prober->out_count++;
    prober->unproven_out += !order->is_proven;
    job->token = ++prober->tokens;
    job->order.began = directory->now;
    ab_count(directory, AUTOBUS_STAT_PROBES);
    if (order->purpose == AB_PROBE_LEASE)
        ab_lease_probe_began(directory, order->bus, order->serial);
    directory->ops->probe(directory->owner, job->token, &order->at,
                          order->service == NULL ? NULL : order->service->bytes);
}

/* Under pressure the unproven are not waited for: a forger cannot fill the queue for long. */
static void give_up_stale(ab_timer *timer)
{
    struct ab_prober *prober = AB_CONTAINER(timer, struct ab_prober, patience);
    ab_directory *directory = prober->directory;
    while (!ab_list_is_empty(&prober->unproven)) {
        probe_job *job = AB_CONTAINER(prober->unproven.next, probe_job, place);
        if (job->ordered + UNPROVEN_PATIENCE > directory->now) {
            ab_timer_start(&directory->timers, timer, job->ordered + UNPROVEN_PATIENCE);
            return;
        }
        conclude(prober, job, false);
    }
}

void ab_prober_init(ab_directory *directory)
{
    struct ab_prober *prober = ab_alloc(1, sizeof *prober);
    prober->directory = directory;
    ab_list_init(&prober->out);
    ab_list_init(&prober->proven);
    ab_list_init(&prober->unproven);
    ab_timer_init(&prober->patience, give_up_stale);
    directory->prober = prober;
}

void ab_prober_fini(ab_directory *directory)
{
    ab_list *lists[] = {&directory->prober->out, &directory->prober->proven,
                        &directory->prober->unproven};
    for (size_t i = 0; i < AB_COUNT(lists); i++) {
        AB_LIST_FOR_SAFE (at, lists[i])
            free_job(AB_CONTAINER(at, probe_job, place));
    }
    free(directory->prober);
}

static void begin_next(struct ab_prober *prober)
{
    while (prober->out_count < AT_A_TIME) {
        ab_list *queue = &prober->proven;
        if (ab_list_is_empty(queue) && prober->unproven_out < UNPROVEN_AT_A_TIME)
            queue = &prober->unproven;
        if (ab_list_is_empty(queue))
            break;
        begin(prober, AB_CONTAINER(queue->next, probe_job, place));
    }
}

void ab_prober_order(ab_directory *directory, const ab_probe_order *order)
{
    struct ab_prober *prober = directory->prober;
    probe_job *job = ab_alloc(1, sizeof *job);
    job->ordered = directory->now;
    job->order = *order;
    if (order->service != NULL)
        ab_text_ref(order->service);
    if (order->info != NULL)
        ab_text_ref(order->info);
    ab_list_append(order->is_proven ? &prober->proven : &prober->unproven, &job->place);
    begin_next(prober);
    if (job->token == 0 && !order->is_proven && !ab_timer_is_running(&prober->patience))
        ab_timer_start(&directory->timers, &prober->patience, job->ordered + UNPROVEN_PATIENCE);
}

/* A host that lets a probe wait to its end is silent: who waits for his turn to knock there need not. */
static void fail_host(struct ab_prober *prober, const ab_address *host)
{
    ab_list *lists[] = {&prober->proven, &prober->unproven};
    for (size_t i = 0; i < AB_COUNT(lists); i++) {
        ab_list same;
        ab_list_init(&same);
        AB_LIST_FOR_SAFE (at, lists[i]) {
            probe_job *job = AB_CONTAINER(at, probe_job, place);
            if (!ab_address_same_host(&job->order.at, host))
                continue;
            ab_list_remove(&job->place);
            ab_list_append(&same, &job->place);
        }
        while (!ab_list_is_empty(&same))
            conclude(prober, AB_CONTAINER(same.next, probe_job, place), false);
    }
}

static probe_job *find_job(const struct ab_prober *prober, uint64_t token)
{
    AB_LIST_FOR (at, &prober->out) {
        probe_job *job = AB_CONTAINER(at, probe_job, place);
        if (job->token == token)
            return job;
    }
    return NULL;
}

void ab_directory_probed(ab_directory *directory, ab_time now, uint64_t token, bool is_alive)
{
    struct ab_prober *prober = directory->prober;
    directory->now = AB_MAX(directory->now, now);
    probe_job *job = find_job(prober, token);
    if (job == NULL)
        return;
    prober->out_count--;
    prober->unproven_out -= !job->order.is_proven;
    if (!is_alive)
        ab_count(directory, AUTOBUS_STAT_PROBES_FAILED);
    ab_address at = job->order.at;
    ab_time took = directory->now - job->order.began;
    conclude(prober, job, is_alive);
    if (!is_alive && took >= directory->config.probe_timeout / 10 * 9)
        fail_host(prober, &at);
    begin_next(prober);
}
