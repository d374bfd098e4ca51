/* SPDX-License-Identifier: MIT
 * Messages as deliveries. The texts of a notice are changed and counted under the lock; its callback runs on a
 * message of its own, without it.
 *
 * Each notice is a delivery. One whose turn comes while it must wait, or behind one that waits, is set aside; once
 * no other delivery is queued, all those aside are queued again, in their order. */
#include "peer/hearer.h"

#include <stdlib.h>

#include "base/error.h"

struct ab_hearer {
    ab_target target;
    ab_seat *seat;
    autobus_message_fn *heard;
    void *userdata;
    autobus_free_fn *free_userdata;
    ab_list waiting AB_UNDER_LOCK;    /* of ab_notice.place: told, and not begun, in order */
    unsigned queued AB_UNDER_LOCK;    /* how many of them are in the delivery queue */
    unsigned set_aside AB_UNDER_LOCK; /* and how many are not */
    bool is_paused AB_UNDER_LOCK;
};

struct ab_notice {
    ab_delivery delivery;
    ab_list place AB_UNDER_LOCK;
    bool is_aside AB_UNDER_LOCK;
    autobus_message news AB_UNDER_LOCK;
    ab_notice **slot AB_UNDER_LOCK;
    ab_budget *budget;
    size_t cost;
};

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

static void settle_budget(ab_notice *notice) AB_LOCKED
{
    ab_budget *budget = notice->budget;
    if (budget == NULL)
        return;
    budget->used -= notice->cost;
    if (budget->eased != NULL)
        budget->eased(budget, notice->cost);
    unref_budget(budget);
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

static void run_notice(ab_delivery *delivery)
{
    ab_notice *notice = AB_CONTAINER(delivery, ab_notice, delivery);
    ab_hearer *hearer = hearer_of(delivery->target);
    ab_lock_take(hearer->seat->lock);
    if (!begin(hearer, notice)) {
        ab_lock_drop(hearer->seat->lock);
        return;
    }
    autobus_message news = notice->news;
    ab_lock_drop(hearer->seat->lock);
    if (hearer->heard != NULL)
        hearer->heard(hearer->userdata, &news);
    ab_news_fini(&news);
    if (notice->budget != NULL) {
        ab_lock_take(hearer->seat->lock);
        settle_budget(notice);
        ab_lock_drop(hearer->seat->lock);
    }
    free(notice);
}

static void free_notice(ab_notice *notice) AB_LOCKED
{
    ab_list_remove(&notice->place);
    forget_slot(notice);
    ab_news_fini(&notice->news);
    settle_budget(notice);
    free(notice);
}

static void drop_notice(ab_delivery *delivery) AB_LOCKED
{
    hearer_of(delivery->target)->queued--;
    free_notice(AB_CONTAINER(delivery, ab_notice, delivery));
}

static void free_hearer(ab_target *target)
{
    ab_hearer *hearer = hearer_of(target);
    if (hearer->free_userdata != NULL)
        hearer->free_userdata(hearer->userdata);
    ab_seat *seat = hearer->seat;
    free(hearer);
    ab_seat_unref(seat);
}

/* Nobody else knows it yet: no lock. */
ab_hearer *ab_hearer_new(ab_seat *seat, autobus_message_fn *heard, void *userdata,
                         autobus_free_fn *free_userdata) AB_UNCHECKED
{
    ab_hearer *hearer = ab_alloc(1, sizeof *hearer);
    ab_target_init(&hearer->target, free_hearer);
    hearer->seat = ab_seat_ref(seat);
    hearer->heard = heard;
    hearer->target.code = (void (*)(void))heard;
    hearer->userdata = userdata;
    hearer->free_userdata = free_userdata;
    ab_list_init(&hearer->waiting);
    return hearer;
}

void ab_hearer_tell(ab_hearer *hearer, const autobus_message *news, ab_budget *budget, size_t cost,
                    ab_notice **slot, const char *name)
{
    ab_notice *notice = ab_alloc(1, sizeof *notice);
    notice->news = *news;
    notice->delivery.run = run_notice;
    notice->delivery.drop = drop_notice;
    notice->delivery.name = name;
    notice->cost = cost;
    notice->budget = budget;
    if (budget != NULL) {
        budget->references++;
        budget->used += cost;
    }
    notice->slot = slot;
    if (slot != NULL)
        *slot = notice;
    ab_list_append(&hearer->waiting, &notice->place);
    enqueue(hearer, notice);
}

void ab_notice_update(ab_notice *notice, const autobus_message *news)
{
    ab_news_fini(&notice->news);
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
            free_notice(notice_at(at));
    }
    hearer->set_aside = 0;
    hearer->is_paused = false;
    ab_target_retire(hearer->seat->deliveries, &hearer->target, is_dropping);
}
