/* SPDX-License-Identifier: MIT
 * A binding: one link at a time to one service, what it has said of its objects, and how it comes and goes. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "proxy/inside.h"

#define STALL AB_MS(500) /* a dial within a house takes a few milliseconds */

/* A host that is not there answers nothing at all. Others need not wait for that; without others it has its time. */
static void lose_patience(ab_timer *timer) AB_LOCKED
{
    ab_binding *binding = AB_CONTAINER(timer, ab_binding, stall);
    bool has_candidates = !ab_list_is_empty(&binding->remote->round);
    binding->is_stalled = true;
    if (binding->is_bound || (binding->at < binding->count && ab_binding_dial(binding)))
        return;
    if (has_candidates)
        ab_seek_failed(binding, AUTOBUS_TIMEOUT, "it did not answer, and others wait");
}

ab_binding *ab_binding_new(autobus_remote *remote, ab_text *service, const ab_address *addresses,
                           size_t count)
{
    ab_binding *binding = ab_alloc(1, sizeof *binding);
    binding->remote = remote;
    binding->service = ab_text_ref(service);
    binding->addresses = ab_alloc(count, sizeof *addresses);
    memcpy(binding->addresses, addresses, count * sizeof *addresses);
    binding->count = count;
    ab_map_init(&binding->values);
    ab_timer_init(&binding->retry, NULL);
    ab_timer_init(&binding->stall, lose_patience);
    ab_list_append(&remote->bindings, &binding->place);
    return binding;
}

bool ab_place_has_failed(const autobus_remote *remote, const ab_address *place)
{
    for (unsigned i = 0; i < AB_MIN(remote->fails, AB_FAILED_KEPT); i++)
        if (remote->failed[i].port == place->port)
            return true;
    return false;
}

bool ab_binding_has_failed(const autobus_remote *remote, const autobus_sighting *sighting)
{
    for (size_t i = 0; i < sighting->count; i++)
        if (!ab_place_has_failed(remote, &sighting->locations[i]))
            return false;
    return true;
}

/* Who was restarted is at another port, and the old ones may still be known. */
static void put_failed_last(ab_binding *binding) AB_LOCKED
{
    ab_address *sorted = ab_alloc(binding->count, sizeof *sorted);
    size_t count = 0;
    for (int is_failed = 0; is_failed <= 1; is_failed++)
        for (size_t i = 0; i < binding->count; i++)
            if (ab_place_has_failed(binding->remote, &binding->addresses[i]) == is_failed)
                sorted[count++] = binding->addresses[i];
    free(binding->addresses);
    binding->addresses = sorted;
}

/* It accepts again, or is said to be new. */
static void forget_failures(autobus_remote *remote, uint16_t port)
{
    for (unsigned i = 0; i < AB_FAILED_KEPT; i++)
        if (remote->failed[i].port == port)
            remote->failed[i].port = 0;
}

void ab_binding_forgive(autobus_remote *remote, const autobus_sighting *sighting)
{
    for (size_t i = 0; i < sighting->count; i++)
        forget_failures(remote, sighting->locations[i].port);
}

static void note_failure(ab_binding *binding, autobus_result why) AB_LOCKED
{
    autobus_remote *remote = binding->remote;
    const ab_remotes *remotes = remote->remotes;
    if (!ab_place_has_failed(remote, &binding->dialled))
        remote->failed[remote->fails++ % AB_FAILED_KEPT] = binding->dialled;
    if (why == AUTOBUS_FAILED || why == AUTOBUS_CLOSED)
        remotes->ops.doubt(remotes->owner, &binding->dialled);
}

ab_binding *ab_binding_to(autobus_remote *remote, const autobus_sighting *sighting)
{
    ab_binding *binding =
        ab_binding_new(remote, sighting->id, sighting->locations, sighting->count);
    binding->serial = sighting->serial;
    put_failed_last(binding);
    return binding;
}

void ab_binding_move(ab_binding *binding, const autobus_sighting *sighting)
{
    binding->addresses = ab_realloc(binding->addresses, sighting->count, sizeof(ab_address));
    memcpy(binding->addresses, sighting->locations, sighting->count * sizeof(ab_address));
    binding->count = sighting->count;
    binding->at = 0;
    put_failed_last(binding);
}

/* Who waits may be the very one who has to hear the news before his answer: so as much again is read for him. */
bool ab_binding_is_full(const ab_binding *binding)
{
    const ab_link_limits *limits = &binding->remote->remotes->limits;
    return binding->budget->used > 2 * limits->max_queued + limits->max_message;
}

/* The program may be slow; then nothing more is read until half of it is heard. */
static void mind_the_program(ab_binding *binding) AB_LOCKED
{
    size_t most = binding->remote->remotes->limits.max_queued;
    if (binding->link == NULL)
        return;
    bool is_slow = binding->awaited > 0
                       ? ab_binding_is_full(binding)
                       : binding->budget->used > (binding->is_slow ? most / 2 : most);
    if (is_slow == binding->is_slow)
        return;
    binding->is_slow = is_slow;
    ab_link_pause(binding->link, is_slow);
    if (is_slow && binding->awaited > 0)
        ab_callings_fail_inside(binding->remote);
}

void ab_binding_await(ab_binding *binding, bool is_awaited)
{
    binding->awaited += is_awaited ? 1U : -1U;
    mind_the_program(binding);
}

static void program_heard(ab_budget *budget, size_t cost) AB_LOCKED
{
    (void)cost;
    mind_the_program(budget->owner);
}

static void subscribe(ab_binding *binding) AB_LOCKED
{
    size_t cursor = 0;
    for (ab_topic *topic; (topic = ab_map_next(&binding->remote->events, &cursor)) != NULL;)
        ab_link_listen(binding->link, ab_text_slice(topic->name), true);
    cursor = 0;
    for (ab_topic *topic; (topic = ab_map_next(&binding->remote->objects, &cursor)) != NULL;)
        ab_link_watch(binding->link, ab_text_slice(topic->name), true);
}

static void link_bound(void *owner) AB_LOCKED
{
    ab_binding *binding = owner;
    autobus_remote *remote = binding->remote;
    ab_loop_timer_stop(remote->seat->loop, &binding->stall);
    binding->is_bound = true;
    binding->bound_at = ab_loop_now(remote->seat->loop);
    remote->bound++;
    remote->remotes->bound++;
    remote->remotes->bound_near += ab_link_is_near(binding->link);
    forget_failures(remote, binding->dialled.port);
    ab_seek_forget_round(remote);
    ab_tell_state(remote, AUTOBUS_BOUND, binding->service, AUTOBUS_OK, NULL);
    subscribe(binding);
    ab_callings_bound(remote, binding);
    pthread_cond_broadcast(&remote->news);
}

static void link_ended(void *owner, autobus_result why, const char *sentence) AB_LOCKED
{
    ab_binding *binding = owner;
    bool was_bound = binding->is_bound;
    note_failure(binding, why);
    char *kept = ab_strdup(sentence); /* it may be the link's */
    if (was_bound || !ab_seek_next(binding))
        ab_seek_failed(binding, why, kept);
    free(kept);
}

ab_value_kept *ab_binding_value(ab_binding *binding, ab_text *name)
{
    ab_value_kept *kept = ab_map_get(&binding->values, name->bytes, name->length);
    if (kept != NULL)
        return kept;
    kept = ab_alloc(1, sizeof *kept);
    kept->name = ab_text_ref(name);
    ab_map_put(&binding->values, kept->name->bytes, kept->name->length, kept);
    return kept;
}

static void free_kept(ab_value_kept *kept)
{
    ab_text_unref(kept->name);
    ab_text_unref(kept->text);
    free(kept);
}

void ab_binding_forget_value(ab_binding *binding, const ab_text *name)
{
    ab_value_kept *kept = ab_map_take(&binding->values, name->bytes, name->length);
    if (kept != NULL)
        free_kept(kept);
}

/* Old servers say everything twice after a watch; what is the same as before is still told. */
static void link_changed(void *owner, ab_slice name, ab_value value) AB_LOCKED
{
    ab_binding *binding = owner;
    ab_topic *topic = ab_map_get(&binding->remote->objects, name.bytes, name.length);
    if (topic == NULL)
        return;
    ab_value_kept *kept = ab_binding_value(binding, topic->name);
    ab_text_unref(kept->text);
    kept->text =
        value.kind == AB_KIND_NONE ? NULL : ab_text_new(value.text.bytes, value.text.length);
    kept->is_known = true;
    ab_tell_value(binding->remote, binding->service, name, kept->text);
}

static void link_fired(void *owner, ab_slice name, ab_slice arguments) AB_LOCKED
{
    ab_binding *binding = owner;
    ab_tell_fired(binding, name, arguments);
    mind_the_program(binding);
}

static void link_responsive(void *owner, bool is_responsive) AB_LOCKED
{
    ab_binding *binding = owner;
    ab_tell_state(binding->remote, is_responsive ? AUTOBUS_RESPONSIVE : AUTOBUS_UNRESPONSIVE,
                  binding->service, AUTOBUS_OK, NULL);
}

static const ab_link_ops link_ops = {
    .bound = link_bound,
    .ended = link_ended,
    .changed = link_changed,
    .fired = link_fired,
    .responsive = link_responsive,
};

void ab_binding_hang_up(ab_binding *binding, const char *sentence)
{
    ab_link *link = binding->link;
    binding->link = NULL;
    ab_loop_timer_stop(binding->remote->seat->loop, &binding->stall);
    if (link != NULL)
        ab_link_close(link, sentence);
    if (binding->budget != NULL)
        ab_budget_leave(binding->budget);
    binding->budget = NULL;
    binding->is_slow = false;
}

/* Who lives at this place of our own machine; 0: unknown, or it is elsewhere. */
static uint64_t near_bus(const ab_remotes *remotes, const ab_address *at) AB_LOCKED
{
    const ab_directory *directory = remotes->ops.directory(remotes->owner);
    if (directory == NULL || !ab_address_is_loopback(at))
        return 0;
    return ab_directory_bus_at(directory, at);
}

bool ab_binding_dial(ab_binding *binding)
{
    autobus_remote *remote = binding->remote;
    ab_time now = ab_loop_now(remote->seat->loop);
    ab_binding_hang_up(binding, "it did not bind");
    if (binding->at == binding->count)
        return false;
    ab_pace_use(remote->kind == AB_MULTI ? &binding->pace : &remote->pace, now);
    binding->budget = ab_budget_new(program_heard, binding);
    binding->is_stalled = false;
    ab_loop_timer_start(remote->seat->loop, &binding->stall, now + STALL);
    const char *service = binding->service->length > 0 ? binding->service->bytes : NULL;
    binding->dialled = binding->addresses[binding->at++];
    ab_remotes *remotes = remote->remotes;
    ab_link_road road = {
        .at = binding->dialled,
        .folder = remotes->folder,
        .bus = near_bus(remotes, &binding->dialled),
        .shared = &remotes->connections,
    };
    binding->link =
        ab_link_dial_by(remote->seat->loop, &road, service, &remotes->limits, &link_ops, binding);
    return true;
}

void ab_binding_doubt(ab_binding *binding, const ab_address *at)
{
    if (binding->is_bound && ab_address_same_host(&binding->dialled, at))
        ab_link_doubt(binding->link);
}

/* What was said of its objects is no longer so. */
static void lose_values(ab_binding *binding) AB_LOCKED
{
    size_t cursor = 0;
    for (ab_value_kept *kept; (kept = ab_map_next(&binding->values, &cursor)) != NULL;)
        if (kept->text != NULL)
            ab_tell_value(binding->remote, binding->service, ab_text_slice(kept->name), NULL);
}

void ab_binding_free(ab_binding *binding, autobus_result why, const char *sentence)
{
    autobus_remote *remote = binding->remote;
    bool was_bound = binding->is_bound;
    ab_list_remove(&binding->place);
    ab_loop_timer_stop(remote->seat->loop, &binding->retry);
    ab_loop_timer_stop(remote->seat->loop, &binding->stall);
    binding->is_bound = false;
    if (was_bound)
        remote->bound--;
    ab_binding_hang_up(binding, sentence);
    if (was_bound || remote->is_dead) {
        lose_values(binding);
        ab_tell_nothing(remote, binding->service);
        ab_tell_state(remote, AUTOBUS_LOST, binding->service, why, sentence);
    }
    size_t cursor = 0;
    for (ab_value_kept *kept; (kept = ab_map_next(&binding->values, &cursor)) != NULL;)
        free_kept(kept);
    ab_map_fini(&binding->values);
    ab_text_unref(binding->service);
    free(binding->addresses);
    free(binding);
}
