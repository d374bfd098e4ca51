/* SPDX-License-Identifier: MIT
 * Asks whether somebody is still there, by binding. That the connection is accepted says nothing: the kernel
 * does that for a stopped process too. */
#include "peer/probe.h"

#include <stdlib.h>

#include "base/error.h"
#include "peer/visit.h"

/* Bytes of an answer to bind; somebody who says more is no bus. */
#define ANSWER_MOST 65536

struct ab_probe {
    ab_visit visit;
    uint64_t token;
    ab_probe_fn *done;
    void *owner;
};

static void finish(ab_visit *visit, bool is_alive) AB_LOCKED
{
    ab_probe *probe = AB_CONTAINER(visit, ab_probe, visit);
    ab_visit_end(visit);
    probe->done(probe->owner, probe->token, is_alive);
    free(probe);
}

/* Legacy clients take whatever comes first for the answer, and so legacy servers send nothing before it. */
static bool probe_heard(ab_visit *visit, const ab_message *message) AB_LOCKED
{
    finish(visit, message->error.kind == AB_KIND_NONE);
    return false;
}

static void probe_failed(ab_visit *visit) AB_LOCKED
{
    finish(visit, false);
}

static const ab_visit_ops visit_ops = {.heard = probe_heard, .failed = probe_failed};

ab_probe *ab_probe_start(ab_loop *loop, const ab_address *at, const char *service, ab_time timeout,
                         uint64_t token, ab_probe_fn *done, void *owner)
{
    ab_probe *probe = ab_alloc(1, sizeof *probe);
    probe->token = token;
    probe->done = done;
    probe->owner = owner;
    ab_visit_begin(&probe->visit, loop, at, service, timeout, ANSWER_MOST, ANSWER_MOST, &visit_ops);
    return probe;
}

void ab_probe_cancel(ab_probe *probe)
{
    if (probe == NULL)
        return;
    ab_visit_end(&probe->visit);
    free(probe);
}
