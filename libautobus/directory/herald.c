/* SPDX-License-Identifier: MIT
 * Single `add` and `remove` packets at a bounded pace, one copy a link: only legacy peers need them. Knows
 * nothing of those who hear them but when one of them was about. */
#include "directory/herald.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/own.h"
#include "directory/voice.h"

#define AUDIENCE       AB_MS(300000) /**< so long a legacy peer is thought to be there */
#define REPEAT_LEAST   AB_MS(10000)
#define REPEAT_MOST    AB_MS(15000)
#define ROUND_PAUSE    AB_MS(250) /**< between the beginnings of two rounds */
#define ROUND_JITTER   AB_MS(20)
#define LONGEST_JITTER AB_MS(200)
#define ROUND_RATE     65536 /**< bytes a second */
#define LATER_RATE     16384
#define LATER_PAUSE    AB_MS(50) /**< between two packets, for each bus heard */
#define FEW_BUSES      10        /**< they say all they have even if nobody is known to need it */
#define LEAVING_PAUSE  AB_MS(5)
#define LEAVING_FEW    8   /**< goodbyes said one by one where no legacy peer is known */
#define LEAVING_MOST   128 /**< and where one is */

/** Something to be said by and by. */
typedef struct errand {
    ab_list place;
    ab_text *id;
    bool is_removal;
} errand;

struct ab_herald {
    ab_directory *directory;
    ab_timer timer, repeat;
    ab_time audience_until;
    bool in_round;
    ab_time round_began;
    ab_time round_next; /**< when the next packet of the round may go */
    ab_text *round_at;  /**< the id said last in this round; NULL: none yet */
    ab_list later;      /**< of errand.place */
    size_t later_count;
    ab_time later_next;
    bool is_leaving;
    size_t farewells; /**< removals said or to be said since we are */
};

static void forget_first(struct ab_herald *herald)
{
    ab_list *first = ab_list_take_first(&herald->later);
    errand *gone = AB_CONTAINER(first, errand, place);
    ab_text_unref(gone->id);
    free(gone);
    herald->later_count--;
}

static void schedule(struct ab_herald *herald)
{
    ab_time next = herald->in_round ? herald->round_next : AB_NEVER;
    if (herald->later_count > 0)
        next = AB_MIN(next, herald->later_next);
    if (next == AB_NEVER)
        ab_timer_stop(&herald->directory->timers, &herald->timer);
    else
        ab_timer_start(&herald->directory->timers, &herald->timer, next);
}

static ab_time time_for(size_t bytes, ab_time rate)
{
    return (ab_time)bytes * 1000000 / rate;
}

static void end_round(struct ab_herald *herald)
{
    ab_text_unref(herald->round_at);
    herald->round_at = NULL;
    herald->in_round = false;
}

static void say_next_of_round(struct ab_herald *herald)
{
    ab_directory *directory = herald->directory;
    size_t index =
        herald->round_at == NULL ? 0 : ab_own_after(directory, ab_text_slice(herald->round_at));
    if (index >= ab_own_count(directory)) {
        end_round(herald);
        return;
    }
    const ab_own *own = ab_own_at(directory, index);
    ab_text_unref(herald->round_at);
    herald->round_at = ab_text_ref(own->id);
    ab_voice_add(directory, AB_REACH_LEGACY, own);
    herald->round_next += time_for(ab_buffer_length(&directory->out), ROUND_RATE);
    if (index + 1 == ab_own_count(directory))
        end_round(herald);
}

/* All buses together keep the pace of one. */
static ab_time later_pause(const ab_directory *directory)
{
    return directory->herald->is_leaving ? LEAVING_PAUSE
                                         : LATER_PAUSE * AB_MAX(ab_crowd(directory), 1);
}

static void say_next_errand(struct ab_herald *herald)
{
    ab_directory *directory = herald->directory;
    const errand *first = AB_CONTAINER(herald->later.next, errand, place);
    const ab_own *own = ab_own_find(directory, ab_text_slice(first->id));
    bool is_said = first->is_removal || own != NULL;
    if (first->is_removal)
        ab_voice_remove(directory, AB_REACH_LEGACY, ab_text_slice(first->id));
    else if (own != NULL)
        ab_voice_add(directory, AB_REACH_LEGACY, own);
    forget_first(herald);
    if (!is_said)
        return;
    ab_time paid = time_for(ab_buffer_length(&directory->out), LATER_RATE);
    herald->later_next = directory->now + later_pause(directory);
    if (!herald->is_leaving)
        herald->later_next = AB_MAX(herald->later_next, directory->now + paid);
}

static void say(ab_timer *timer)
{
    struct ab_herald *herald = AB_CONTAINER(timer, struct ab_herald, timer);
    ab_time now = herald->directory->now;
    while (herald->in_round && herald->round_next <= now)
        say_next_of_round(herald);
    while (herald->later_count > 0 && herald->later_next <= now)
        say_next_errand(herald);
    schedule(herald);
}

static void start_repeat(struct ab_herald *herald)
{
    ab_directory *directory = herald->directory;
    ab_timer_start(&directory->timers, &herald->repeat,
                   directory->now + REPEAT_LEAST +
                       ab_jitter(directory, REPEAT_MOST - REPEAT_LEAST));
}

static void start_round(struct ab_herald *herald, ab_time begins)
{
    if (herald->in_round || ab_own_count(herald->directory) == 0)
        return;
    herald->in_round = true;
    /* What an earlier round used up is waited for. */
    herald->round_began = AB_MAX(begins, herald->round_next);
    herald->round_next = herald->round_began;
    schedule(herald);
}

static void repeat(ab_timer *timer)
{
    struct ab_herald *herald = AB_CONTAINER(timer, struct ab_herald, repeat);
    if (!ab_herald_has_audience(herald->directory))
        return;
    start_round(herald, herald->directory->now);
    start_repeat(herald);
}

void ab_herald_init(ab_directory *directory)
{
    struct ab_herald *herald = ab_alloc(1, sizeof *herald);
    herald->directory = directory;
    herald->audience_until = herald->round_began = herald->round_next = INT64_MIN / 2;
    ab_timer_init(&herald->timer, say);
    ab_timer_init(&herald->repeat, repeat);
    ab_list_init(&herald->later);
    directory->herald = herald;
}

void ab_herald_fini(ab_directory *directory)
{
    struct ab_herald *herald = directory->herald;
    while (herald->later_count > 0)
        forget_first(herald);
    ab_text_unref(herald->round_at);
    free(herald);
}

bool ab_herald_has_audience(const ab_directory *directory)
{
    return directory->herald->audience_until > directory->now;
}

void ab_herald_legacy_seen(ab_directory *directory)
{
    struct ab_herald *herald = directory->herald;
    herald->audience_until = directory->now + AUDIENCE;
    if (!ab_timer_is_running(&herald->repeat))
        start_repeat(herald);
}

void ab_herald_round(ab_directory *directory)
{
    struct ab_herald *herald = directory->herald;
    ab_time begins = AB_MAX(directory->now, herald->round_began + ROUND_PAUSE);
    /* Many who answer spread out; one alone answers at once. */
    ab_time jitter = AB_MIN(LONGEST_JITTER, ROUND_JITTER + AB_MS(1) * ab_crowd(directory));
    start_round(herald, begins + ab_jitter(directory, jitter));
}

/* Among many buses one service is enough for a legacy peer that only listens: when it does not hear of that
 * again it comes to see whether it is still there, and then it is known to need the others. */
static bool is_worth_saying(struct ab_herald *herald, bool is_removal)
{
    const ab_directory *directory = herald->directory;
    bool has_audience = ab_herald_has_audience(directory);
    if (herald->is_leaving)
        return is_removal && herald->farewells++ < (has_audience ? LEAVING_MOST : LEAVING_FEW);
    return has_audience || herald->later_count == 0 || ab_crowd(directory) <= FEW_BUSES;
}

void ab_herald_later(ab_directory *directory, ab_text *id, bool is_removal)
{
    struct ab_herald *herald = directory->herald;
    if (!is_worth_saying(herald, is_removal))
        return;
    errand *fresh = ab_alloc(1, sizeof *fresh);
    fresh->id = ab_text_ref(id);
    fresh->is_removal = is_removal;
    ab_list_append(&herald->later, &fresh->place);
    if (herald->later_count++ == 0 && !herald->is_leaving)
        herald->later_next = AB_MAX(herald->later_next,
                                    directory->now + ab_jitter(directory, later_pause(directory)));
    schedule(herald);
}

void ab_herald_hurry(ab_directory *directory)
{
    struct ab_herald *herald = directory->herald;
    herald->is_leaving = true;
    end_round(herald);
    while (herald->later_count > 0)
        forget_first(herald);
    herald->later_next = directory->now;
    ab_timer_stop(&directory->timers, &herald->repeat);
    schedule(herald);
}

bool ab_herald_is_done(const ab_directory *directory)
{
    return directory->herald->later_count == 0;
}
