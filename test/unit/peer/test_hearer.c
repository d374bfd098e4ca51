/* SPDX-License-Identifier: MIT
 * Hearing messages: in order, replaced in their place, counted, held back, and ended with and without what waits. */
#include "peer/hearer.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/error.h"

static ab_seat seat;
static bool is_seat_free;
static char heard[200];
static unsigned frees;
static size_t eased_in_all;
static unsigned eased_times;

static AB_UNCHECKED void lock(void)
{
    ab_lock_take(seat.lock);
}

static AB_UNCHECKED void unlock(void)
{
    ab_lock_drop(seat.lock);
}

static void seat_free(ab_seat *gone)
{
    (void)gone;
    is_seat_free = true;
}

static void set_up(void)
{
    heard[0] = '\0';
    frees = eased_times = 0;
    eased_in_all = 0;
    is_seat_free = false;
    ab_seat_init(&seat, seat_free);
    seat.loop = ab_loop_new(NULL, NULL, NULL);
    seat.lock = ab_loop_lock(seat.loop);
    seat.deliveries = ab_deliveries_new(seat.loop, true);
}

static void tear_down(void)
{
    ab_deliveries_finish(seat.deliveries);
    ab_seat_unref(&seat);
    cr_expect(is_seat_free, "a hearer is left");
    lock();
    ab_deliveries_free(seat.deliveries);
    unlock();
    ab_loop_free(seat.loop);
}

TestSuite(hearer, .init = set_up, .fini = tear_down);

static void hear(void *userdata, const autobus_message *message)
{
    cr_assert_eq(frees, 0);
    strncat(heard, autobus_message_text(message, NULL), 8);
    if (userdata != NULL) {
        ab_hearer **own = userdata;
        ab_hearer *gone = *own;
        *own = NULL;
        lock();
        if (gone != NULL)
            ab_hearer_end(gone, true);
        unlock();
        cr_assert_eq(frees, 0);
    }
}

static void hook(void *userdata)
{
    (void)userdata;
    frees++;
}

static void ease(ab_budget *budget, size_t cost)
{
    (void)budget;
    eased_times++;
    eased_in_all += cost;
}

static autobus_message news_of(autobus_kind kind, const char *text)
{
    return (autobus_message){.kind = kind, .body = ab_text_new(text, strlen(text))};
}

static void tell_kind(ab_hearer *hearer, autobus_kind kind, const char *text, ab_budget *budget,
                      ab_notice **slot)
{
    autobus_message news = news_of(kind, text);
    lock();
    ab_hearer_tell(hearer, &news, budget, 10, slot, "test");
    unlock();
}

static void tell(ab_hearer *hearer, const char *text)
{
    tell_kind(hearer, AUTOBUS_FIRED, text, NULL, NULL);
}

static void end(ab_hearer *hearer, bool is_dropping)
{
    lock();
    ab_hearer_end(hearer, is_dropping);
    unlock();
}

static void set_pause(ab_hearer *hearer, bool is_paused)
{
    lock();
    ab_hearer_pause(hearer, is_paused);
    unlock();
}

static void dispatch(void)
{
    while (ab_deliveries_dispatch(seat.deliveries) > 0) {
    }
}

Test(hearer, hears_in_order_and_the_hook_is_last)
{
    ab_hearer *hearer = ab_hearer_new(&seat, hear, NULL, hook);
    tell(hearer, "1");
    tell(hearer, "2");
    end(hearer, false);
    cr_expect_eq(frees, 0);
    dispatch();
    cr_expect_str_eq(heard, "12");
    cr_expect_eq(frees, 1);
}

static size_t lengths[3], copies;

static void measure(void *userdata, const autobus_message *message)
{
    const char *text = autobus_message_text(message, &lengths[copies]);
    (void)userdata;
    cr_expect_eq(strlen(text), lengths[copies]);
    cr_expect_eq(text[0], copies == 2 ? 'n' : 'a');
    copies++;
}

Test(hearer, hears_copies_of_whatever_length)
{
    static const autobus_message news = {.kind = AUTOBUS_FIRED};
    ab_hearer *hearer = ab_hearer_new(&seat, measure, NULL, hook);
    char text[AB_NOTICE_ROOM + 1];
    for (size_t i = 0; i < 3; i++) {
        size_t length = i < 2 ? AB_NOTICE_ROOM + i : 0;
        memset(text, 'a', sizeof text);
        lock();
        ab_hearer_tell_copy(hearer, &news, (ab_slice){text, length}, NULL, 0, "test");
        unlock();
        memset(text, 'b', sizeof text);
    }
    end(hearer, false);
    dispatch();
    cr_expect_eq(copies, 3);
    cr_expect_eq(lengths[0], AB_NOTICE_ROOM);
    cr_expect_eq(lengths[1], AB_NOTICE_ROOM + 1);
    cr_expect_eq(lengths[2], 4, "null");
    cr_expect_eq(frees, 1);
}

Test(hearer, that_ends_dropping_hears_nothing_more)
{
    ab_hearer *hearer = ab_hearer_new(&seat, hear, NULL, hook);
    tell(hearer, "1");
    end(hearer, true);
    dispatch();
    cr_expect_str_eq(heard, "");
    cr_expect_eq(frees, 1);
}

Test(hearer, may_end_itself_while_it_hears)
{
    ab_hearer *hearer = NULL;
    hearer = ab_hearer_new(&seat, hear, &hearer, hook);
    tell(hearer, "1");
    tell(hearer, "2");
    dispatch();
    cr_expect_str_eq(heard, "1");
    cr_expect_eq(frees, 1);
}

Test(hearer, hears_the_latest_in_the_place_of_the_oldest)
{
    ab_hearer *hearer = ab_hearer_new(&seat, hear, NULL, NULL);
    ab_notice *slot = NULL;
    tell_kind(hearer, AUTOBUS_VALUE, "1", NULL, &slot);
    tell(hearer, "2");
    cr_assert_not_null(slot);
    autobus_message newer = news_of(AUTOBUS_VALUE, "3");
    lock();
    ab_notice_update(slot, &newer);
    unlock();
    dispatch();
    cr_expect_str_eq(heard, "32");
    cr_expect_null(slot);
    end(hearer, false);
}

Test(hearer, forgets_a_slot_that_goes_first)
{
    ab_hearer *hearer = ab_hearer_new(&seat, hear, NULL, NULL);
    ab_notice *slot = NULL;
    tell_kind(hearer, AUTOBUS_VALUE, "1", NULL, &slot);
    lock();
    ab_notice_forget_slot(slot);
    unlock();
    cr_expect_null(slot);
    end(hearer, false);
    dispatch();
    cr_expect_str_eq(heard, "1");
}

Test(hearer, a_dropped_notice_clears_its_slot)
{
    ab_hearer *hearer = ab_hearer_new(&seat, hear, NULL, NULL);
    ab_notice *slot = NULL;
    tell_kind(hearer, AUTOBUS_VALUE, "1", NULL, &slot);
    end(hearer, true);
    cr_expect_null(slot);
    dispatch();
}

Test(hearer, counts_what_waits_and_tells_when_it_eases)
{
    ab_hearer *hearer = ab_hearer_new(&seat, hear, NULL, NULL);
    ab_budget *budget = ab_budget_new(ease, NULL);
    tell_kind(hearer, AUTOBUS_FIRED, "1", budget, NULL);
    tell_kind(hearer, AUTOBUS_FIRED, "2", budget, NULL);
    cr_expect_eq(budget->used, 20);
    cr_expect_eq(eased_times, 0);
    dispatch();
    cr_expect_eq(budget->used, 0);
    cr_expect_eq(eased_in_all, 20);
    tell_kind(hearer, AUTOBUS_FIRED, "3", budget, NULL);
    end(hearer, true);
    cr_expect_eq(eased_times, 3, "what is dropped eases too");
    lock();
    ab_budget_leave(budget);
    unlock();
    dispatch();
}

Test(hearer, a_budget_outlives_its_owner_for_the_notices)
{
    ab_hearer *hearer = ab_hearer_new(&seat, hear, NULL, NULL);
    ab_budget *budget = ab_budget_new(ease, NULL);
    tell_kind(hearer, AUTOBUS_FIRED, "1", budget, NULL);
    lock();
    ab_budget_leave(budget);
    unlock();
    end(hearer, false);
    dispatch();
    cr_expect_eq(eased_times, 0);
    cr_expect_str_eq(heard, "1");
}

Test(hearer, that_is_paused_lets_pass_what_is_no_content)
{
    ab_hearer *hearer = ab_hearer_new(&seat, hear, NULL, NULL);
    tell_kind(hearer, AUTOBUS_DATA, "1", NULL, NULL);
    tell_kind(hearer, AUTOBUS_WRITABLE, "w", NULL, NULL);
    set_pause(hearer, true);
    tell_kind(hearer, AUTOBUS_DATA, "2", NULL, NULL);
    dispatch();
    cr_expect_str_eq(heard, "w");
    set_pause(hearer, false);
    dispatch();
    cr_expect_str_eq(heard, "w12");
    end(hearer, false);
}

Test(hearer, keeps_the_order_when_a_pause_ends_with_some_still_queued)
{
    ab_hearer *hearer = ab_hearer_new(&seat, hear, NULL, NULL);
    set_pause(hearer, true);
    tell_kind(hearer, AUTOBUS_DATA, "1", NULL, NULL);
    tell_kind(hearer, AUTOBUS_DATA, "2", NULL, NULL);
    dispatch();
    tell_kind(hearer, AUTOBUS_DATA, "3", NULL, NULL);
    set_pause(hearer, false);
    tell_kind(hearer, AUTOBUS_WRITABLE, "4", NULL, NULL);
    dispatch();
    cr_expect_str_eq(heard, "1234");
    end(hearer, false);
}

Test(hearer, that_ends_drops_what_a_pause_holds_back)
{
    ab_hearer *hearer = ab_hearer_new(&seat, hear, NULL, hook);
    ab_budget *budget = ab_budget_new(ease, NULL);
    set_pause(hearer, true);
    tell_kind(hearer, AUTOBUS_DATA, "1", budget, NULL);
    dispatch();
    tell_kind(hearer, AUTOBUS_DATA, "2", budget, NULL);
    end(hearer, true);
    cr_expect_eq(eased_times, 2);
    lock();
    ab_budget_leave(budget);
    unlock();
    dispatch();
    cr_expect_str_eq(heard, "");
    cr_expect_eq(frees, 1);
}

Test(hearer, hears_nothing_once_the_deliveries_are_finished)
{
    ab_hearer *hearer = ab_hearer_new(&seat, hear, NULL, hook);
    ab_budget *budget = ab_budget_new(ease, NULL);
    ab_notice *slot = NULL;
    tell(hearer, "1");
    ab_deliveries_finish(seat.deliveries);
    cr_expect_str_eq(heard, "1", "what was queued still came");
    tell_kind(hearer, AUTOBUS_FIRED, "2", budget, &slot);
    cr_expect_null(slot);
    cr_expect_eq(eased_times, 1);
    lock();
    ab_budget_leave(budget);
    unlock();
    end(hearer, false);
    cr_expect_str_eq(heard, "1");
    cr_expect_eq(frees, 1);
}
