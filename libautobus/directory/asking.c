/* SPDX-License-Identifier: MIT
 * The schedule of queries. Knows no answers, but when there were none. */
#include "directory/asking.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/answer.h"
#include "directory/correspondents.h"
#include "directory/own.h"
#include "directory/saying.h"
#include "directory/voice.h"

#define JITTER         AB_MS(1) /**< of repeated questions, for each bus heard */
#define LONGEST_JITTER AB_MS(50)
#define ALONE          AB_MS(110)  /**< between two questions while nobody at all has answered */
#define ALONE_MOST     AB_MS(500)  /**< and no longer than that */
#define PAUSE          AB_MS(1000) /**< between two rounds of questions */
#define HURRY          AB_MS(2)    /**< gathers what is published together */
#define HURRIES        AB_MS(100)  /**< between two hurried questions */

struct ab_asking {
    ab_directory *directory;
    ab_timer timer;
    ab_time started;   /**< of the present round */
    size_t next;       /**< of config.query_times */
    ab_time began;     /**< when the first one of the round went out */
    ab_time asked;     /**< the last one */
    ab_time hurried;   /**< when one came early, or will */
    ab_time agreed;    /**< when somebody else was heard to know the same buses */
    bool is_repeating; /**< there has been a round before */
    bool is_between;   /**< the next one is none of the schedule */
    bool has_told;     /**< all that we offer, since nobody answered */
};

/* Somebody still needs an answer: the first question always does. */
static bool is_needed(const struct ab_asking *asking)
{
    const ab_directory *directory = asking->directory;
    if (asking->next == 0 || !ab_own_is_exposed(directory))
        return true;
    /* Whoever agrees with all we know, and with us, has said so in our place. */
    return (directory->wants || ab_saying_is_held_back(directory)) &&
           asking->agreed <= asking->asked;
}

/* With many about, somebody answers even where packets are lost. Where there is one, it may be the first three of
 * them: then another question is cheaper than the wait. */
static bool is_alone(const struct ab_asking *asking)
{
    const ab_directory *directory = asking->directory;
    return asking->next > 0 && directory->bus_count + directory->legacy_count == 0 &&
           directory->now + ALONE <= asking->started + ALONE_MOST;
}

static void schedule(struct ab_asking *asking)
{
    ab_directory *directory = asking->directory;
    const ab_times *times = &directory->config.query_times;
    if (asking->next >= times->count)
        return;
    ab_time due = asking->started + times->at[asking->next];
    if (asking->next > 0)
        due += ab_jitter(directory, AB_MIN(JITTER * ab_crowd(directory), LONGEST_JITTER));
    asking->is_between = is_alone(asking) && due > directory->now + ALONE;
    if (asking->is_between)
        due = directory->now + ALONE;
    ab_timer_start(&directory->timers, &asking->timer, due);
}

/* Who hears us may be unable to reach us: after a cut it takes a kernel a second to look for us anew. So nobody should
 * have to ask. */
static void tell_though_unasked(struct ab_asking *asking)
{
    if (asking->has_told || !is_alone(asking))
        return;
    asking->has_told = true;
    ab_answer_unasked(asking->directory);
}

static void ask(ab_timer *timer)
{
    struct ab_asking *asking = AB_CONTAINER(timer, struct ab_asking, timer);
    ab_directory *directory = asking->directory;
    if (is_needed(asking)) {
        bool is_repeated = asking->next > 0 || asking->is_repeating;
        asking->asked = directory->now;
        if (asking->next == 0)
            asking->began = directory->now;
        ab_voice_query(directory, AB_REACH_ALL, NULL, is_repeated);
        ab_correspondents_ask(directory);
    }
    tell_though_unasked(asking);
    if (!asking->is_between)
        asking->next++;
    if (asking->next == directory->config.query_times.count)
        asking->is_repeating = true;
    schedule(asking);
}

void ab_asking_init(ab_directory *directory)
{
    struct ab_asking *asking = ab_alloc(1, sizeof *asking);
    *asking =
        (struct ab_asking){.directory = directory, .started = directory->now, .began = AB_NEVER};
    asking->asked = asking->agreed = asking->hurried = INT64_MIN / 2;
    ab_timer_init(&asking->timer, ask);
    directory->asking = asking;
    if (!directory->config.is_silent)
        schedule(asking);
}

void ab_asking_fini(ab_directory *directory)
{
    free(directory->asking);
}

void ab_asking_want(ab_directory *directory)
{
    struct ab_asking *asking = directory->asking;
    if (ab_timer_is_running(&asking->timer) && directory->now < asking->started + PAUSE)
        return;
    ab_asking_restart(directory);
}

void ab_asking_restart(ab_directory *directory)
{
    struct ab_asking *asking = directory->asking;
    if (directory->config.is_silent || asking->next == 0)
        return;
    asking->started = AB_MAX(directory->now, asking->started + PAUSE);
    asking->began = AB_NEVER;
    asking->next = 0;
    schedule(asking);
}

void ab_asking_hurry(ab_directory *directory)
{
    struct ab_asking *asking = directory->asking;
    ab_time soon = AB_MAX(directory->now + HURRY, asking->hurried + HURRIES);
    if (!ab_timer_is_running(&asking->timer) || asking->timer.due <= soon)
        return;
    asking->hurried = soon;
    ab_timer_start(&directory->timers, &asking->timer, soon);
}

void ab_asking_overheard(ab_directory *directory, const ab_packet *query)
{
    bool offers = ab_own_count(directory) > 0;
    uint32_t known = directory->bus_count + (offers ? 1 : 0);
    uint64_t sum = directory->bus_sum + (offers ? directory->config.bus : 0);
    bool is_offering = query->has_presence && query->presence.count > 0;
    if (query->has_known && query->known + (is_offering ? 1 : 0) == known &&
        query->sum + (is_offering ? query->bus : 0) == sum)
        directory->asking->agreed = directory->now;
}

ab_time ab_asking_began(const ab_directory *directory)
{
    return directory->asking->began;
}
