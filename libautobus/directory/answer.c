/* SPDX-License-Identifier: MIT
 * Who asked, and when the answer is due. Knows no schedule of our own. */
#include "directory/answer.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/neighbour.h"
#include "directory/own.h"
#include "directory/voice.h"

#define WINDOW          AB_MS(100) /**< in which copies of a question count as one */
#define DELAY_PER_BUS   AB_MS(1)
#define FEW_BUSES       5 /**< that answer without a delay */
#define MANY_ASKERS     3 /**< within a window: they get one answer to all */
#define GATHERING       AB_MS(5)
#define PAUSE_FOR_EACH  AB_MS(2) /**< of answers to all: for each bus, and asker */
#define MOST_ASKERS     1024
#define MOST_A_PACKET   64
#define RATE_TABLE_SIZE 1024

static const ab_rate rate_per_source = {AB_MS(50), 50};

/** One who asked, until its window is over. */
typedef struct asker {
    ab_list place; /**< in answering->askers, the oldest first */
    uint64_t bus;  /**< key in answering->by_bus */
    ab_time asked;
    ab_place from;
    size_t size; /**< of the question */
    bool is_answered, is_far;
    ab_timer due;
    struct ab_answering *answering;
} asker;

struct ab_answering {
    ab_directory *directory;
    ab_list askers;
    ab_map by_bus;
    ab_timer expiry;
    size_t direct; /**< near askers of the window that have, or wait for, an answer of their own */
    ab_timer to_all; /**< the one answer to many */
    ab_time said_to_all;
    ab_text *cursor; /**< the service said last, when not all fit; NULL: begin at the first */
    ab_rate_table hosts, places;
};

static void forget(asker *gone)
{
    struct ab_answering *answering = gone->answering;
    ab_timer_stop(&answering->directory->timers, &gone->due);
    ab_map_take(&answering->by_bus, &gone->bus, sizeof gone->bus);
    ab_list_remove(&gone->place);
    if (!gone->is_far)
        answering->direct--;
    free(gone);
}

static void expire(ab_timer *timer)
{
    struct ab_answering *answering = AB_CONTAINER(timer, struct ab_answering, expiry);
    ab_directory *directory = answering->directory;
    AB_LIST_FOR_SAFE (at, &answering->askers) {
        asker *oldest = AB_CONTAINER(at, asker, place);
        ab_time over = oldest->asked + WINDOW;
        if (!oldest->is_answered) {
            bool is_direct = ab_timer_is_running(&oldest->due);
            over = AB_MAX(over, (is_direct ? &oldest->due : &answering->to_all)->due + 1);
        }
        if (over > directory->now) {
            ab_timer_start(&directory->timers, timer, over);
            return;
        }
        forget(oldest);
    }
}

/* As many services as fit, beginning behind those that fitted last time. */
static void say(struct ab_answering *answering, ab_reach reach, const ab_place *to, size_t limit)
{
    ab_directory *directory = answering->directory;
    const ab_own *services[MOST_A_PACKET];
    size_t all = ab_own_count(directory), count = AB_MIN(all, MOST_A_PACKET), said, first = 0;
    if (answering->cursor != NULL)
        first = ab_own_after(directory, ab_text_slice(answering->cursor));
    for (size_t i = 0; i < count; i++)
        services[i] = ab_own_at(directory, (first + i) % all);
    if (!ab_voice_services(directory, reach, to, limit, services, count, &said))
        return;
    ab_text_unref(answering->cursor);
    answering->cursor = NULL;
    if (said < all && count > 0)
        answering->cursor = ab_text_ref(services[said == 0 ? 0 : said - 1]->id);
}

static void answer_directly(ab_timer *timer)
{
    asker *one = AB_CONTAINER(timer, asker, due);
    one->is_answered = true;
    if (ab_own_count(one->answering->directory) == 0)
        return;
    size_t limit = AB_MIN(one->size * AB_ANSWER_FACTOR, (size_t)AB_DATAGRAM_GOOD);
    say(one->answering, AB_REACH_ONE, &one->from, limit);
}

void ab_answer_unasked(ab_directory *directory)
{
    if (ab_own_count(directory) > 0)
        say(directory->answering, AB_REACH_EACH, NULL, AB_DATAGRAM_GOOD);
}

static void answer_all(ab_timer *timer)
{
    struct ab_answering *answering = AB_CONTAINER(timer, struct ab_answering, to_all);
    AB_LIST_FOR (at, &answering->askers) {
        asker *one = AB_CONTAINER(at, asker, place);
        one->is_answered = one->is_answered || !one->is_far;
    }
    answering->said_to_all = answering->directory->now;
    ab_answer_unasked(answering->directory);
}

void ab_answers_init(ab_directory *directory)
{
    struct ab_answering *answering = ab_alloc(1, sizeof *answering);
    ab_hash_key key = {ab_dice_next(&directory->dice), ab_dice_next(&directory->dice)};
    answering->directory = directory;
    answering->said_to_all = INT64_MIN / 2;
    ab_list_init(&answering->askers);
    ab_map_init(&answering->by_bus);
    ab_timer_init(&answering->expiry, expire);
    ab_timer_init(&answering->to_all, answer_all);
    ab_rate_table_init(&answering->hosts, key, rate_per_source, RATE_TABLE_SIZE);
    ab_rate_table_init(&answering->places, key, rate_per_source, RATE_TABLE_SIZE);
    directory->answering = answering;
}

void ab_answers_fini(ab_directory *directory)
{
    struct ab_answering *answering = directory->answering;
    AB_LIST_FOR_SAFE (at, &answering->askers)
        forget(AB_CONTAINER(at, asker, place));
    ab_map_fini(&answering->by_bus);
    ab_text_unref(answering->cursor);
    ab_rate_table_fini(&answering->hosts);
    ab_rate_table_fini(&answering->places);
    free(answering);
}

bool ab_answer_may(ab_directory *directory, const ab_address *source)
{
    struct ab_answering *answering = directory->answering;
    ab_address host = *source;
    host.port = 0;
    if (ab_rate_table_take(&answering->places, source, sizeof *source, directory->now) &&
        ab_rate_table_take(&answering->hosts, &host, sizeof host, directory->now))
        return true;
    ab_count(directory, AUTOBUS_STAT_DROPPED_RATE);
    return false;
}

/* The asker knows all we know, or all but one who will see that too and answer for itself. */
static bool is_known_already(const ab_directory *directory, const ab_packet *query)
{
    const ab_neighbour *by = ab_neighbour_of_bus(directory, query->bus);
    uint32_t known = directory->bus_count + 1;
    uint64_t sum = directory->bus_sum + directory->config.bus;
    if (!query->has_known)
        return false;
    if (by != NULL && by->is_counted) {
        known--;
        sum -= by->bus;
    }
    if (query->known == known)
        return query->sum == sum;
    uint64_t missing = sum - query->sum;
    return query->known + 1 == known && missing != directory->config.bus &&
           ab_neighbour_of_bus(directory, missing) != NULL;
}

static asker *remember(struct ab_answering *answering, const ab_packet *query,
                       const ab_place *place, bool is_far)
{
    ab_directory *directory = answering->directory;
    asker *fresh = ab_alloc(1, sizeof *fresh);
    *fresh = (asker){.bus = query->bus,
                     .asked = directory->now,
                     .from = *place,
                     .size = query->size,
                     .is_far = is_far,
                     .answering = answering};
    ab_timer_init(&fresh->due, answer_directly);
    ab_list_append(&answering->askers, &fresh->place);
    ab_map_put(&answering->by_bus, &fresh->bus, sizeof fresh->bus, fresh);
    if (!is_far)
        answering->direct++;
    if (!ab_timer_is_running(&answering->expiry))
        ab_timer_start(&directory->timers, &answering->expiry, directory->now + WINDOW);
    return fresh;
}

/* Few buses are soon done with few askers, such as the commands of a script, which come one after the other and want
 * to be gone. However many there are of either, they all together say 500 such answers a second, or what they say when
 * each says ten. */
static ab_time pause_between(const struct ab_answering *answering)
{
    ab_time many = ab_crowd(answering->directory) + (ab_time)answering->direct;
    return AB_MIN(PAUSE_FOR_EACH * many, WINDOW);
}

/* From here on one answer serves all that wait, and those who ask before it is out. */
static void answer_together(struct ab_answering *answering, ab_time delay)
{
    ab_directory *directory = answering->directory;
    if (ab_timer_is_running(&answering->to_all))
        return;
    AB_LIST_FOR (at, &answering->askers) {
        asker *one = AB_CONTAINER(at, asker, place);
        if (!one->is_far)
            ab_timer_stop(&directory->timers, &one->due);
    }
    ab_time due = directory->now + AB_MAX(delay, GATHERING);
    ab_timer_start(&directory->timers, &answering->to_all,
                   AB_MAX(due, answering->said_to_all + pause_between(answering)));
}

void ab_answer_question(ab_directory *directory, const ab_packet *query, const ab_place *place,
                        bool is_far)
{
    struct ab_answering *answering = directory->answering;
    if (ab_own_count(directory) == 0 || is_known_already(directory, query) ||
        answering->by_bus.count >= MOST_ASKERS ||
        ab_map_get(&answering->by_bus, &query->bus, sizeof query->bus) != NULL)
        return;
    asker *fresh = remember(answering, query, place, is_far);
    ab_time delay = 0;
    if (ab_crowd(directory) >= FEW_BUSES)
        delay = ab_jitter(directory, DELAY_PER_BUS * (ab_crowd(directory) - 4));
    if (!is_far && answering->direct >= MANY_ASKERS)
        answer_together(answering, delay);
    else if (!ab_answer_may(directory, &place->address))
        fresh->is_answered = true;
    else if (delay > 0)
        ab_timer_start(&directory->timers, &fresh->due, directory->now + delay);
    else
        answer_directly(&fresh->due);
}
