/* SPDX-License-Identifier: MIT
 * The heap. Knows nothing of what the events mean. */
#include "sim/scale/event.h"

#include "base/compiler.h"
#include "base/error.h"

static bool is_before(const sim_event *a, const sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void sim_event_push(sim_network *network, const sim_event *event)
{
    if (network->heap_count == network->heap_capacity) {
        network->heap_capacity = AB_MAX(network->heap_capacity * 2, 1024);
        network->heap = ab_realloc(network->heap, network->heap_capacity, sizeof *network->heap);
    }
    sim_event fresh = *event;
    fresh.order = network->orders++;
    size_t at = network->heap_count++;
    while (at > 0 && is_before(&fresh, &network->heap[(at - 1) / 2])) {
        network->heap[at] = network->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    network->heap[at] = fresh;
}

bool sim_event_pop(sim_network *network, ab_time until, sim_event *event)
{
    sim_event *heap = network->heap;
    if (network->heap_count == 0 || heap[0].at > until)
        return false;
    *event = heap[0];
    const sim_event last = heap[--network->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= network->heap_count)
            break;
        if (child + 1 < network->heap_count && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (!is_before(&heap[child], &last))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return true;
}
