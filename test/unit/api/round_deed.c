/* SPDX-License-Identifier: MIT
 * Deeds: everything that ends something, or waits, as a program might do it anywhere. */
#include "round.h"

#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "support/sanitizer.h"

/* Its own handle: whoever takes it frees it. */
#define FREE(at, held, member, function) \
    do {                                 \
        if (holder_take(held)) {         \
            function(&(held)->member);   \
            round_freed(at, held);       \
        }                                \
    } while (0)

typedef struct act {
    round *round;
    ab_dice dice;
    bool is_outside;
} act;

static bool flip(act *now)
{
    return ab_dice_below(&now->dice, 2) == 0;
}

static void free_remote(act *now)
{
    FREE(now->round, &now->round->remote, remote, autobus_remote_free);
}

static void close_remote(act *now)
{
    holder *held = &now->round->remote;
    if (!holder_use(held))
        return;
    autobus_remote_close(held->remote);
    holder_leave(held);
}

static void free_ear(act *now)
{
    FREE(now->round, &now->round->ear, ear, autobus_subscription_free);
    FREE(now->round, &now->round->listener, listener, autobus_listener_free);
}

static void free_bystander(act *now)
{
    FREE(now->round, &now->round->bystander, ear, autobus_subscription_free);
}

static holder *some_service(act *now)
{
    round *at = now->round;
    return atomic_load(&at->extra.is_there) && flip(now) ? &at->extra : &at->service;
}

static void free_service(act *now)
{
    holder *held = some_service(now);
    FREE(now->round, held, service, autobus_service_free);
}

static void withdraw(act *now)
{
    holder *held = some_service(now);
    if (!holder_use(held))
        return;
    (void)autobus_service_withdraw(held->service);
    if (flip(now))
        (void)autobus_service_publish(held->service);
    holder_leave(held);
}

static void remove_parts(act *now)
{
    holder *held = &now->round->service;
    if (!holder_use(held))
        return;
    autobus_service *service = held->service;
    (void)autobus_service_remove_function(service, "echo");
    (void)autobus_service_remove_function(service, flip(now) ? "work" : "later");
    (void)autobus_service_remove_object(service, "level");
    (void)autobus_service_remove_event(service, "rang");
    (void)autobus_service_remove_channel(service, "talk");
    holder_leave(held);
}

static holder *some_channel(act *now)
{
    return flip(now) ? &now->round->here : &now->round->there;
}

static void free_channel(act *now)
{
    holder *held = some_channel(now);
    FREE(now->round, held, channel, autobus_channel_free);
}

static void close_channel(act *now)
{
    holder *held = some_channel(now);
    if (!holder_use(held))
        return;
    (void)autobus_channel_pause(held->channel, flip(now));
    (void)autobus_channel_close(held->channel, flip(now) ? "enough" : NULL);
    holder_leave(held);
}

static void cancel(act *now)
{
    holder *held = &now->round->remote;
    if (!holder_use(held))
        return;
    (void)autobus_call_cancel(held->remote, atomic_load(&now->round->call));
    holder_leave(held);
}

static void call(act *now)
{
    holder *held = &now->round->remote;
    if (!holder_use(held))
        return;
    (void)autobus_call(held->remote, "echo", NULL, (int)ab_dice_below(&now->dice, 3), NULL);
    (void)autobus_remote_wait(held->remote, 1);
    holder_leave(held);
}

static void answer(act *now)
{
    round_answer(now->round);
}

static void free_house(act *now, house *whose)
{
    if (atomic_exchange(&whose->is_freed, true))
        return;
    autobus_bus *bus = whose->bus;
    autobus_bus_free(&bus);
    if (now->is_outside)
        atomic_store(&whose->is_over, true);
}

static void free_using(act *now)
{
    free_house(now, now->round->using);
}

static void free_serving(act *now)
{
    free_house(now, now->round->serving);
}

static void sync_house(act *now, house *whose)
{
    autobus_result result = autobus_bus_sync(whose->bus);
    if (round_inside == whose && result != AUTOBUS_WRONG_THREAD && result != AUTOBUS_CLOSED)
        round_fault(now->round, "a callback could wait for itself");
}

static void sync_using(act *now)
{
    sync_house(now, now->round->using);
}

static void sync_serving(act *now)
{
    sync_house(now, now->round->serving);
}

/* Frees its copy of a handle; nothing of it may be touched. */
#define FREE_IN_CHILD(held, member, function)                                  \
    do {                                                                       \
        if (atomic_load(&(held)->is_there) && !atomic_load(&(held)->is_taken)) \
            function(&(held)->member);                                         \
    } while (0)

static bool is_mine(const holder *held)
{
    return atomic_load(&held->is_there) && !atomic_load(&held->is_taken) &&
           atomic_load(&held->users) == 0;
}

static void free_in_child(round *at)
{
    FREE_IN_CHILD(&at->ear, ear, autobus_subscription_free);
    FREE_IN_CHILD(&at->bystander, ear, autobus_subscription_free);
    FREE_IN_CHILD(&at->listener, listener, autobus_listener_free);
    FREE_IN_CHILD(&at->here, channel, autobus_channel_free);
    FREE_IN_CHILD(&at->there, channel, autobus_channel_free);
    FREE_IN_CHILD(&at->remote, remote, autobus_remote_free);
    FREE_IN_CHILD(&at->request, request, autobus_request_free);
    FREE_IN_CHILD(&at->service, service, autobus_service_free);
    FREE_IN_CHILD(&at->extra, service, autobus_service_free);
    if (!atomic_load(&at->using->is_freed))
        autobus_bus_free(&at->using->bus);
}

/* The child's exit code. It was forked in the middle of anything. */
static int use_in_child(round *at)
{
    if (autobus_bus_sync(at->using->bus) != AUTOBUS_FORKED ||
        autobus_bus_dispatch(at->serving->bus) != -1)
        return 1;
    if (is_mine(&at->remote) &&
        (autobus_call_text(at->remote.remote, "echo", NULL, 1000, NULL) == AUTOBUS_OK ||
         autobus_remote_wait(at->remote.remote, 1000) == AUTOBUS_OK))
        return 2;
    if (is_mine(&at->service) &&
        autobus_service_fire_text(at->service.service, "rang", NULL) != AUTOBUS_FORKED)
        return 3;
    if (is_mine(&at->there) && autobus_channel_send_text(at->there.channel, "1") != AUTOBUS_FORKED)
        return 4;
    if (is_mine(&at->request) &&
        autobus_request_answer_text(at->request.request, "1") != AUTOBUS_FORKED)
        return 5;
    free_in_child(at);
    return 0;
}

static void fork_here(act *now)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        _exit(use_in_child(now->round));
    }
    if (waitpid(child, &status, 0) != child || status != 0) {
        cr_log_error("the child ended with status %x", (unsigned)status);
        round_fault(now->round, "a fork's child was not refused");
    }
}

static const struct {
    const char *name;
    void (*run)(act *now);
} deeds[] = {
    {"free the remote", free_remote},
    {"close the remote", close_remote},
    {"free the subscription", free_ear},
    {"free another subscription", free_bystander},
    {"free the service", free_service},
    {"withdraw the service", withdraw},
    {"remove its parts", remove_parts},
    {"free the channel", free_channel},
    {"close the channel", close_channel},
    {"cancel the call", cancel},
    {"call and wait", call},
    {"answer", answer},
    {"free the bus that uses", free_using},
    {"free the bus that serves", free_serving},
    {"sync the bus that uses", sync_using},
    {"sync the bus that serves", sync_serving},
    {"fork", fork_here},
};

int deed_count(void)
{
    /* The last is the fork. A child inherits the locks of an address sanitizer's allocator as they are, taken by
     * threads that it does not have. */
    return (int)(sizeof deeds / sizeof deeds[0]) - (HAS_ADDRESS_SANITIZER ? 1 : 0);
}

const char *deed_name(int deed)
{
    return deeds[deed].name;
}

void deed_do(round *at, int deed, uint64_t seed, bool is_outside)
{
    act now = {.round = at, .is_outside = is_outside};
    ab_dice_seed(&now.dice, seed);
    deeds[deed].run(&now);
}

static void free_there(round *at)
{
    FREE(at, &at->there, channel, autobus_channel_free);
}

static void free_here(round *at)
{
    FREE(at, &at->here, channel, autobus_channel_free);
}

static void free_extra(round *at)
{
    FREE(at, &at->extra, service, autobus_service_free);
    FREE(at, &at->service, service, autobus_service_free);
}

static void free_ears(round *at)
{
    FREE(at, &at->bystander, ear, autobus_subscription_free);
    FREE(at, &at->ear, ear, autobus_subscription_free);
    FREE(at, &at->listener, listener, autobus_listener_free);
}

static void free_user(round *at)
{
    FREE(at, &at->remote, remote, autobus_remote_free);
}

void round_clear(round *at)
{
    static void (*const all[])(round *) = {free_there, free_here, free_extra,
                                           free_ears,  free_user, round_answer};
    unsigned first = (unsigned)ab_dice_below(&at->dice, 6);
    unsigned step = ab_dice_below(&at->dice, 2) == 0 ? 1 : 5;
    for (unsigned i = 0; i < 6; i++)
        all[(first + i * step) % 6](at);
}
