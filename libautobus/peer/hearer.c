/* SPDX-License-Identifier: MIT
 * Messages as deliveries. The texts of a notice are changed and counted under the lock; its callback runs on a
 * message of its own, without it. */
#include "peer/hearer.h"

#include <stdlib.h>

#include "base/error.h"

struct ab_hearer {
    ab_target target;
    ab_seat *seat;
    autobus_message_fn *heard;
    void *userdata;
    autobus_free_fn *free_userdata;
};

struct ab_notice {
    ab_delivery delivery;
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

static void run_notice(ab_delivery *delivery)
{
    ab_notice *notice = AB_CONTAINER(delivery, ab_notice, delivery);
    ab_hearer *hearer = hearer_of(delivery->target);
    ab_lock_take(hearer->seat->lock);
    forget_slot(notice);
    autobus_message news = notice->news;
    ab_lock_drop(hearer->seat->lock);
    hearer->heard(hearer->userdata, &news);
    ab_news_fini(&news);
    if (notice->budget != NULL) {
        ab_lock_take(hearer->seat->lock);
        settle_budget(notice);
        ab_lock_drop(hearer->seat->lock);
    }
    free(notice);
}

static void drop_notice(ab_delivery *delivery) AB_LOCKED
{
    ab_notice *notice = AB_CONTAINER(delivery, ab_notice, delivery);
    forget_slot(notice);
    ab_news_fini(&notice->news);
    settle_budget(notice);
    free(notice);
}

static void free_hearer(ab_target *target)
{
    ab_hearer *hearer = hearer_of(target);
    if (hearer->free_userdata != NULL)
        hearer->free_userdata(hearer->userdata);
    ab_seat_unref(hearer->seat);
    free(hearer);
}

ab_hearer *ab_hearer_new(ab_seat *seat, autobus_message_fn *heard, void *userdata,
                         autobus_free_fn *free_userdata)
{
    ab_hearer *hearer = ab_alloc(1, sizeof *hearer);
    ab_target_init(&hearer->target, free_hearer);
    hearer->seat = ab_seat_ref(seat);
    hearer->heard = heard;
    hearer->userdata = userdata;
    hearer->free_userdata = free_userdata;
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
    ab_deliveries_push(hearer->seat->deliveries, &hearer->target, &notice->delivery);
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

void ab_hearer_end(ab_hearer *hearer, bool is_dropping)
{
    ab_target_retire(hearer->seat->deliveries, &hearer->target, is_dropping);
}
