/* SPDX-License-Identifier: MIT
 * Messages as deliveries. The texts of a notice are changed and counted under the lock; its callback runs on a
 * message of its own, without it.
 *
 * Each notice is a delivery. One whose turn comes while it must wait, or behind one that waits, is set aside; once
 * no other delivery is queued, all those aside are queued again, in their order. Those that have run are kept for what
 * is told next. */
#include "peer/hearer.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static ab_hearer *hearer_of(ab_target *target)
{
    return AB_CONTAINER(target, ab_hearer, target);
}

ab_budget *ab_budget_new(void (*eased)(ab_budget *budget, size_t cost), void *owner)
{
    ab_budget *budget = ab_alloc(1, sizeof *budget);
    budget->references = 1;
    budget->eased = eased;
    budget->owner = owner;
    return budget;
}

static void unref_budget(ab_budget *budget)
{
    if (--budget->references == 0)
        free(budget);
}

void ab_budget_leave(ab_budget *budget)
{
    budget->eased = NULL;
    unref_budget(budget);
}

static void forget_slot(ab_notice *notice) AB_LOCKED
{
    if (notice->slot != NULL)
        *notice->slot = NULL;
    notice->slot = NULL;
}

/* Whoever is told may end the hearer, and if that was the last of it, it is gone. */
static void settle(ab_budget *budget, size_t cost) AB_LOCKED
{
    if (budget == NULL)
        return;
    budget->used -= cost;
    if (budget->eased != NULL)
        budget->eased(budget, cost);
    unref_budget(budget);
}

/* A short body is the notice's own. */
static void forget_news(ab_notice *notice) AB_UNCHECKED
{
    if (notice->news.body == (ab_text *)(void *)notice->room)
        notice->news.body = NULL;
    ab_news_fini(&notice->news);
}

static ab_notice *notice_at(ab_list *place)
{
    return AB_CONTAINER(place, ab_notice, place);
}

static void enqueue(ab_hearer *hearer, ab_notice *notice) AB_LOCKED
{
    hearer->queued++;
    ab_deliveries_push(hearer->seat->deliveries, &hearer->target, &notice->delivery);
}

static bool waits_in_a_pause(const ab_notice *notice) AB_LOCKED
{
    autobus_kind kind = notice->news.kind;
    return kind == AUTOBUS_DATA || kind == AUTOBUS_BLOB || kind == AUTOBUS_ENDED ||
           kind == AUTOBUS_CLOSED_NOW;
}

static bool may_run(const ab_hearer *hearer, const ab_notice *notice) AB_LOCKED
{
    return hearer->is_paused ? !waits_in_a_pause(notice) : hearer->waiting.next == &notice->place;
}

/* Once nothing else is queued they keep their order. */
static void requeue(ab_hearer *hearer) AB_LOCKED
{
    if (hearer->is_paused || hearer->queued > 0 || hearer->set_aside == 0)
        return;
    hearer->set_aside = 0;
    AB_LIST_FOR_SAFE (at, &hearer->waiting) {
        notice_at(at)->is_aside = false;
        enqueue(hearer, notice_at(at));
    }
}

/* Its turn: true if it begins now. */
static bool begin(ab_hearer *hearer, ab_notice *notice) AB_LOCKED
{
    bool begins = may_run(hearer, notice);
    hearer->queued--;
    if (begins) {
        ab_list_remove(&notice->place);
        forget_slot(notice);
    } else {
        notice->is_aside = true;
        hearer->set_aside++;
    }
    requeue(hearer);
    return begins;
}

/* For what is told next. */
static void put_by(ab_hearer *hearer, ab_notice *notice) AB_LOCKED
{
    if (notice == &hearer->first)
        hearer->is_first_used = false;
    else
        ab_spares_give(&hearer->spares, notice);
}

static ab_notice *take_spare(ab_hearer *hearer) AB_LOCKED
{
    size_t used = offsetof(ab_notice, room);
    if (hearer->is_first_used)
        return ab_spares_take(&hearer->spares, sizeof(ab_notice), used);
    hearer->is_first_used = true;
    return memset(&hearer->first, 0, used);
}

/* One runs at a time, so the one before has ended. */
static bool begin_notice(ab_delivery *delivery) AB_LOCKED
{
    ab_notice *notice = AB_CONTAINER(delivery, ab_notice, delivery);
    ab_hearer *hearer = hearer_of(delivery->target);
    if (!begin(hearer, notice))
        return false;
    if (hearer->running != NULL)
        put_by(hearer, hearer->running);
    hearer->running = notice;
    return true;
}

/* It has begun: nobody else knows it. */
static void run_notice(ab_delivery *delivery) AB_UNCHECKED
{
    ab_notice *notice = AB_CONTAINER(delivery, ab_notice, delivery);
    const ab_hearer *hearer = hearer_of(delivery->target);
    if (hearer->heard != NULL)
        hearer->heard(hearer->userdata, &notice->news);
    forget_news(notice);
}

static void end_notice(ab_delivery *delivery) AB_LOCKED
{
    const ab_notice *notice = AB_CONTAINER(delivery, ab_notice, delivery);
    settle(notice->budget, notice->cost);
}

static void drop(ab_hearer *hearer, ab_notice *notice) AB_LOCKED
{
    ab_list_remove(&notice->place);
    forget_slot(notice);
    forget_news(notice);
    ab_budget *budget = notice->budget;
    size_t cost = notice->cost;
    put_by(hearer, notice);
    settle(budget, cost);
}

static void drop_notice(ab_delivery *delivery) AB_LOCKED
{
    ab_hearer *hearer = hearer_of(delivery->target);
    hearer->queued--;
    drop(hearer, AB_CONTAINER(delivery, ab_notice, delivery));
}

static void free_notices(ab_hearer *hearer) AB_LOCKED
{
    if (hearer->running != NULL)
        put_by(hearer, hearer->running);
    ab_spares_fini(&hearer->spares);
}

static void call_hook(ab_target *target)
{
    const ab_hearer *hearer = hearer_of(target);
    if (hearer->free_userdata != NULL)
        hearer->free_userdata(hearer->userdata);
}

/* The seat's reference is not the last: that is of whoever runs this. */
static void bury(ab_target *target) AB_LOCKED
{
    ab_hearer *hearer = hearer_of(target);
    ab_seat *seat = hearer->seat;
    free_notices(hearer);
    hearer->gone(hearer);
    ab_seat_unref(seat);
}

/* Nobody else knows it yet: no lock. */
void ab_hearer_init(ab_hearer *hearer, ab_seat *seat, autobus_message_fn *heard, void *userdata,
                    autobus_free_fn *free_userdata, void (*gone)(ab_hearer *hearer)) AB_UNCHECKED
{
    ab_target_init(&hearer->target, call_hook);
    hearer->target.bury = bury;
    hearer->seat = ab_seat_ref(seat);
    hearer->heard = heard;
    hearer->target.code = (void (*)(void))heard;
    hearer->userdata = userdata;
    hearer->free_userdata = free_userdata;
    hearer->gone = gone;
    ab_list_init(&hearer->waiting);
    ab_spares_init(&hearer->spares);
    hearer->queued = hearer->set_aside = 0;
    hearer->running = NULL;
    hearer->is_paused = hearer->is_first_used = false;
}

static void free_memory(ab_hearer *hearer)
{
    free(hearer);
}

ab_hearer *ab_hearer_new(ab_seat *seat, autobus_message_fn *heard, void *userdata,
                         autobus_free_fn *free_userdata)
{
    ab_hearer *hearer = ab_alloc(1, sizeof *hearer);
    ab_hearer_init(hearer, seat, heard, userdata, free_userdata, free_memory);
    return hearer;
}

static ab_notice *new_notice(ab_hearer *hearer, const autobus_message *news, ab_budget *budget,
                             size_t cost, const char *name) AB_LOCKED
{
    ab_notice *notice = take_spare(hearer);
    notice->news = *news;
    notice->delivery.begin = begin_notice;
    notice->delivery.run = run_notice;
    notice->delivery.end = budget != NULL ? end_notice : NULL;
    notice->delivery.drop = drop_notice;
    notice->delivery.name = name;
    notice->cost = cost;
    notice->budget = budget;
    if (budget != NULL) {
        budget->references++;
        budget->used += cost;
    }
    ab_list_append(&hearer->waiting, &notice->place);
    return notice;
}

void ab_hearer_tell(ab_hearer *hearer, const autobus_message *news, ab_budget *budget, size_t cost,
                    ab_notice **slot, const char *name)
{
    ab_notice *notice = new_notice(hearer, news, budget, cost, name);
    notice->slot = slot;
    if (slot != NULL)
        *slot = notice;
    enqueue(hearer, notice);
}

void ab_hearer_tell_copy(ab_hearer *hearer, const autobus_message *news, ab_slice body,
                         ab_budget *budget, size_t cost, const char *name)
{
    ab_notice *notice = new_notice(hearer, news, budget, cost, name);
    if (body.length > AB_NOTICE_ROOM)
        notice->news.body = ab_text_new(body.bytes, body.length);
    else if (body.length > 0)
        notice->news.body = ab_text_place(notice->room, body);
    enqueue(hearer, notice);
}

void ab_notice_update(ab_notice *notice, const autobus_message *news)
{
    forget_news(notice);
    notice->news = *news;
}

void ab_notice_forget_slot(ab_notice *notice)
{
    forget_slot(notice);
}

void ab_hearer_pause(ab_hearer *hearer, bool is_paused)
{
    hearer->is_paused = is_paused;
    requeue(hearer);
}

void ab_hearer_end(ab_hearer *hearer, bool is_dropping)
{
    AB_LIST_FOR_SAFE (at, &hearer->waiting) {
        if (notice_at(at)->is_aside)
            drop(hearer, notice_at(at));
    }
    hearer->set_aside = 0;
    hearer->is_paused = false;
    ab_target_retire(hearer->seat->deliveries, &hearer->target, is_dropping);
}
