/* SPDX-License-Identifier: MIT
 * Finding something to bind to. A connection tries its places once. A proxy tries every service that matches, one
 * after the other, and when none will have it, waits longer and longer; news of a service end the wait. A multi proxy
 * tries each service by itself. Whatever comes, nobody is dialled more often than the pace allows; and who tries a
 * place again leaves one dial to what may come next. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "proxy/inside.h"
#include "value/filter.h"

#define AT_ONCE  2           /* dials in a burst */
#define EACH     AB_MS(350)  /* then one in this time: with the burst, at most four in any second */
#define FIRST    AB_MS(100)  /* the wait after the first failure; doubled for each further one */
#define LONGEST  AB_MS(5000) /* and never longer */
#define DOUBLING 6
#define STEADY   AB_MS(500) /* what was bound for so long has not failed */

ab_time ab_pace_ready(const ab_pace *pace, bool is_again, ab_time now)
{
    return AB_MAX(now, is_again ? pace->next : pace->next - (AT_ONCE - 1) * EACH);
}

void ab_pace_use(ab_pace *pace, ab_time now)
{
    pace->next = AB_MAX(pace->next, now) + EACH;
}

/* With jitter, so that a house full of proxies does not knock in step. */
static ab_time patience(unsigned failures)
{
    ab_time wait = FIRST << AB_MIN(failures, DOUBLING);
    wait = AB_MIN(wait, LONGEST);
    return wait * 3 / 4 + (ab_time)(ab_random_id() % (uint64_t)(wait / 2));
}

static bool passes(const autobus_remote *remote, const autobus_sighting *sighting)
{
    char host[AB_ADDRESS_TEXT];
    ab_subject subject;
    ab_sighting_subject(sighting, &subject, ab_filter_sees_location(remote->filter) ? host : NULL);
    return ab_filter_matches(remote->filter, &subject);
}

static void add_candidate(void *userdata, autobus_sighting *sighting)
{
    autobus_remote *remote = userdata;
    if (!passes(remote, sighting))
        return;
    ab_candidate *candidate = ab_alloc(1, sizeof *candidate);
    candidate->sighting = ab_sighting_ref(sighting);
    /* What is on this machine comes first. */
    if (ab_address_is_loopback(&sighting->locations[0]))
        ab_list_prepend(&remote->round, &candidate->place);
    else
        ab_list_append(&remote->round, &candidate->place);
}

/* Whoever else matches is there at once; who failed may come back. */
static void put_failed_last(autobus_remote *remote) AB_LOCKED
{
    ab_list failed;
    ab_list_init(&failed);
    AB_LIST_FOR_SAFE (at, &remote->round) {
        if (!ab_binding_has_failed(remote, AB_CONTAINER(at, ab_candidate, place)->sighting))
            continue;
        ab_list_remove(at);
        ab_list_append(&failed, at);
    }
    for (ab_list *each; (each = ab_list_take_first(&failed)) != NULL;)
        ab_list_append(&remote->round, each);
}

static ab_candidate *first_candidate(autobus_remote *remote)
{
    ab_list *first = ab_list_take_first(&remote->round);
    return first == NULL ? NULL : AB_CONTAINER(first, ab_candidate, place);
}

static void free_candidate(ab_candidate *candidate)
{
    ab_sighting_unref(candidate->sighting);
    free(candidate);
}

void ab_seek_forget_round(autobus_remote *remote)
{
    for (ab_candidate *each; (each = first_candidate(remote)) != NULL;)
        free_candidate(each);
}

/* What is new comes first of all. */
static void add_first(autobus_remote *remote, autobus_sighting *sighting)
{
    AB_LIST_FOR_SAFE (at, &remote->round) {
        ab_candidate *before = AB_CONTAINER(at, ab_candidate, place);
        if (before->sighting->serial != sighting->serial)
            continue;
        ab_list_remove(&before->place);
        free_candidate(before);
    }
    ab_candidate *candidate = ab_alloc(1, sizeof *candidate);
    candidate->sighting = ab_sighting_ref(sighting);
    ab_list_prepend(&remote->round, &candidate->place);
}

static void wait_for(ab_timer *timer, autobus_remote *remote, ab_time due) AB_LOCKED
{
    ab_loop_timer_start(remote->seat->loop, timer, due);
}

static void seek_one(autobus_remote *remote) AB_LOCKED
{
    ab_directory *directory = remote->remotes->ops.directory(remote->remotes->owner);
    if (!ab_list_is_empty(&remote->bindings) || directory == NULL)
        return;
    if (ab_list_is_empty(&remote->round)) {
        ab_directory_each(directory, add_candidate, remote);
        put_failed_last(remote);
    }
    if (ab_list_is_empty(&remote->round))
        return;
    ab_candidate *candidate = AB_CONTAINER(remote->round.next, ab_candidate, place);
    bool is_again = remote->failures > 0 || ab_binding_has_failed(remote, candidate->sighting);
    ab_time now = ab_loop_now(remote->seat->loop);
    ab_time ready = ab_pace_ready(&remote->pace, is_again, now);
    if (ready > now) {
        wait_for(&remote->timer, remote, ready);
        return;
    }
    ab_list_remove(&candidate->place);
    ab_binding *binding = ab_binding_to(remote, candidate->sighting);
    free_candidate(candidate);
    (void)ab_binding_dial(binding);
}

static void dial_now(ab_timer *timer) AB_LOCKED
{
    (void)ab_binding_dial(AB_CONTAINER(timer, ab_binding, retry));
}

/* When the next place of this binding may be dialled. */
static ab_time ready_for_next(const ab_binding *binding, ab_time now) AB_LOCKED
{
    const autobus_remote *remote = binding->remote;
    bool is_multi = remote->kind == AB_MULTI;
    bool is_again = (is_multi ? binding->failures : remote->failures) > 0 ||
                    ab_place_has_failed(remote, &binding->addresses[binding->at]);
    return ab_pace_ready(is_multi ? &binding->pace : &remote->pace, is_again, now);
}

bool ab_seek_next(ab_binding *binding)
{
    autobus_remote *remote = binding->remote;
    if (binding->at == binding->count)
        return false;
    ab_time now = ab_loop_now(remote->seat->loop);
    ab_time ready = ready_for_next(binding, now);
    /* A connection tries each place once: that is no storm. */
    if (remote->kind == AB_CONNECTION || ready <= now)
        return ab_binding_dial(binding);
    ab_binding_hang_up(binding, "it did not bind");
    binding->retry.fire = dial_now;
    wait_for(&binding->retry, remote, ready);
    return true;
}

/* The binding of a multi proxy: now, or when it may. */
static void dial_or_wait(ab_binding *binding) AB_LOCKED
{
    autobus_remote *remote = binding->remote;
    if (binding->link != NULL || ab_timer_is_running(&binding->retry))
        return;
    binding->at = 0;
    ab_time now = ab_loop_now(remote->seat->loop);
    ab_time ready = ready_for_next(binding, now);
    if (ready > now)
        wait_for(&binding->retry, remote, ready);
    else
        (void)ab_binding_dial(binding);
}

/* A service that left and is still bound may be seen again, as a new one. */
static ab_binding *binding_of(const autobus_remote *remote, const autobus_sighting *sighting)
    AB_LOCKED
{
    ab_binding *left = NULL;
    AB_LIST_FOR (at, &remote->bindings) {
        ab_binding *binding = AB_CONTAINER(at, ab_binding, place);
        if (binding->serial == sighting->serial)
            return binding;
        if (binding->is_left && ab_text_is(binding->service, ab_slice_of(sighting->id->bytes)))
            left = binding;
    }
    return left;
}

static ab_binding *take_up(autobus_remote *remote, const autobus_sighting *sighting) AB_LOCKED
{
    ab_binding *binding = binding_of(remote, sighting);
    if (binding == NULL)
        return ab_binding_to(remote, sighting);
    ab_binding_move(binding, sighting);
    binding->serial = sighting->serial;
    binding->is_left = false;
    return binding;
}

static void add_binding(void *userdata, autobus_sighting *sighting) AB_LOCKED
{
    autobus_remote *remote = userdata;
    if (passes(remote, sighting))
        (void)take_up(remote, sighting);
}

static void retry_binding(ab_timer *timer) AB_LOCKED
{
    dial_or_wait(AB_CONTAINER(timer, ab_binding, retry));
}

static void seek_all(autobus_remote *remote) AB_LOCKED
{
    ab_directory *directory = remote->remotes->ops.directory(remote->remotes->owner);
    if (directory == NULL)
        return;
    ab_directory_each(directory, add_binding, remote);
    AB_LIST_FOR (at, &remote->bindings) {
        ab_binding *binding = AB_CONTAINER(at, ab_binding, place);
        binding->retry.fire = retry_binding;
        dial_or_wait(binding);
    }
}

void ab_seek(autobus_remote *remote)
{
    switch (remote->kind) {
    case AB_PROXY: seek_one(remote); break;
    case AB_MULTI: seek_all(remote); break;
    case AB_CONNECTION:
        AB_LIST_FOR_SAFE (at, &remote->bindings) {
            ab_binding *binding = AB_CONTAINER(at, ab_binding, place);
            if (binding->link == NULL)
                (void)ab_binding_dial(binding);
        }
        break;
    }
}

/* A service that comes where ours was may have taken its place, without our connection having noticed. */
static void doubt_neighbours(autobus_remote *remote, const autobus_sighting *sighting) AB_LOCKED
{
    AB_LIST_FOR (at, &remote->bindings)
        ab_binding_doubt(AB_CONTAINER(at, ab_binding, place), &sighting->locations[0]);
}

/* It waits, or dials where nobody answers; or where a link ended before, and there is word of another place. */
static bool may_give_up(const ab_binding *binding, bool is_elsewhere) AB_LOCKED
{
    return binding->is_stalled || binding->link == NULL ||
           (is_elsewhere && ab_place_has_failed(binding->remote, &binding->dialled));
}

/* Whoever waits has a reason to try again at once. */
static void tell_proxy(autobus_remote *remote, autobus_change change, autobus_sighting *sighting)
    AB_LOCKED
{
    if (!passes(remote, sighting))
        return;
    doubt_neighbours(remote, sighting);
    if (change == AUTOBUS_LEFT || remote->bound > 0)
        return;
    bool is_elsewhere = !ab_binding_has_failed(remote, sighting);
    remote->failures = 0;
    if (change == AUTOBUS_APPEARED)
        ab_binding_forgive(remote, sighting);
    add_first(remote, sighting);
    ab_loop_timer_stop(remote->seat->loop, &remote->timer);
    if (ab_list_is_empty(&remote->bindings)) {
        ab_seek(remote);
        return;
    }
    ab_binding *first = AB_CONTAINER(remote->bindings.next, ab_binding, place);
    if (may_give_up(first, is_elsewhere))
        ab_seek_failed(first, AUTOBUS_TIMEOUT, "it did not answer, and another one came");
}

static void tell_multi(autobus_remote *remote, autobus_change change, autobus_sighting *sighting)
    AB_LOCKED
{
    if (change == AUTOBUS_LEFT) {
        ab_binding *binding = binding_of(remote, sighting);
        if (binding != NULL && !binding->is_bound)
            ab_binding_free(binding, AUTOBUS_CLOSED, "the service left");
        else if (binding != NULL)
            binding->is_left = true;
        return;
    }
    if (!passes(remote, sighting))
        return;
    ab_binding *binding = take_up(remote, sighting);
    if (!binding->is_bound && binding->is_stalled)
        ab_binding_hang_up(binding, "it did not answer");
    binding->failures = 0;
    binding->retry.fire = retry_binding;
    ab_loop_timer_stop(remote->seat->loop, &binding->retry);
    dial_or_wait(binding);
}

void ab_seek_tell(autobus_remote *remote, autobus_change change, autobus_sighting *sighting)
{
    if (remote->kind == AB_PROXY)
        tell_proxy(remote, change, sighting);
    else if (remote->kind == AB_MULTI)
        tell_multi(remote, change, sighting);
}

static void bury(autobus_remote *remote, const ab_binding *binding, autobus_result why,
                 const char *sentence) AB_LOCKED
{
    remote->is_dead = true;
    remote->why = why;
    remote->sentence = ab_text_new(sentence, strlen(sentence));
    remote->died_of = ab_text_ref(binding->service);
}

/* In a row: a proxy counts rounds, a multi proxy the tries of each binding. */
static unsigned failures_after(const ab_binding *binding, ab_time now)
{
    const autobus_remote *remote = binding->remote;
    if (binding->bound_at != 0 && now - binding->bound_at >= STEADY)
        return 0;
    if (remote->kind == AB_MULTI)
        return binding->failures + 1;
    return remote->failures + (ab_list_is_empty(&remote->round) ? 1 : 0);
}

static void proxy_failed(autobus_remote *remote, ab_time now) AB_LOCKED
{
    if (!ab_list_is_empty(&remote->round) || remote->failures == 0) {
        ab_seek(remote);
        return;
    }
    wait_for(&remote->timer, remote, now + patience(remote->failures - 1));
}

void ab_seek_failed(ab_binding *binding, autobus_result why, const char *sentence)
{
    autobus_remote *remote = binding->remote;
    ab_time now = ab_loop_now(remote->seat->loop);
    unsigned failures = failures_after(binding, now);
    if (remote->kind == AB_MULTI && !binding->is_left) {
        ab_binding *again =
            ab_binding_new(remote, binding->service, binding->addresses, binding->count);
        again->serial = binding->serial;
        again->failures = failures;
        again->pace = binding->pace;
        again->retry.fire = retry_binding;
        wait_for(&again->retry, remote, failures == 0 ? now : now + patience(failures - 1));
    }
    if (remote->kind == AB_CONNECTION)
        bury(remote, binding, why, sentence);
    ab_binding_free(binding, why, sentence);
    if (remote->kind == AB_CONNECTION) {
        ab_callings_fail_waiting(remote, why, sentence);
        pthread_cond_broadcast(&remote->news);
    } else if (remote->kind == AB_PROXY) {
        remote->failures = failures;
        proxy_failed(remote, now);
    }
}
