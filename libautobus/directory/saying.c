/* SPDX-License-Identifier: MIT
 * What is said aloud, and when. Legacy peers' share of it is the herald's; packing is bulk's. */
#include "directory/saying.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/bulk.h"
#include "directory/herald.h"
#include "directory/own.h"
#include "directory/voice.h"

#define PRESENCE_PAUSE AB_MS(250) /**< between two presences out of turn */

/** A change that is being said. */
typedef struct utterance {
    ab_list place; /**< in saying->utterances */
    ab_text *id;   /**< key in saying->by_id */
    bool is_removal;
    bool is_replacement; /**< the same id left before: that is said first */
    ab_time begun;
    size_t said; /**< how many times */
} utterance;

struct ab_saying {
    ab_directory *directory;
    ab_timer timer, presence;
    ab_list utterances;
    ab_map by_id;
    size_t count;
    ab_time presence_at; /**< the last one out of turn */
};

/** The utterances due now. */
typedef struct round {
    utterance **due;
    size_t count, fresh_adds, fresh_removals, repeats;
} round;

static void forget(struct ab_saying *saying, utterance *gone)
{
    ab_map_take(&saying->by_id, gone->id->bytes, gone->id->length);
    ab_list_remove(&gone->place);
    ab_text_unref(gone->id);
    free(gone);
    saying->count--;
}

static ab_time due_time(const struct ab_saying *saying, const utterance *what)
{
    return what->begun + saying->directory->config.say_times.at[what->said];
}

static void schedule(struct ab_saying *saying)
{
    ab_time next = AB_NEVER;
    AB_LIST_FOR (at, &saying->utterances)
        next = AB_MIN(next, due_time(saying, AB_CONTAINER(at, utterance, place)));
    if (next == AB_NEVER)
        ab_timer_stop(&saying->directory->timers, &saying->timer);
    else
        ab_timer_start(&saying->directory->timers, &saying->timer, next);
}

static ab_time held_back_until(const ab_directory *directory)
{
    return directory->started + directory->config.hold_back;
}

bool ab_saying_is_held_back(const ab_directory *directory)
{
    return ab_own_count(directory) > 0 && directory->now < held_back_until(directory);
}

/* One by one: few changes, each heard by everybody. */
static void say_each(struct ab_saying *saying, const round *now)
{
    for (size_t i = 0; i < now->count; i++) {
        const utterance *what = now->due[i];
        const ab_own *own = ab_own_find(saying->directory, ab_text_slice(what->id));
        if (what->is_removal || (what->is_replacement && what->said == 0))
            ab_voice_remove(saying->directory, AB_REACH_ALL, ab_text_slice(what->id));
        if (own != NULL)
            ab_voice_add(saying->directory, AB_REACH_ALL, own);
    }
}

/* Many: those who left by one presence, the new ones in bulk, and each for legacy peers by and by. */
static void say_together(struct ab_saying *saying, round *now)
{
    ab_directory *directory = saying->directory;
    if (now->fresh_removals > 0)
        ab_voice_presence(directory, AB_REACH_ALL);
    else if (now->repeats > 0)
        ab_voice_presence(directory, AB_REACH_EACH);
    ab_text **ids = ab_alloc(now->count, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < now->count; i++) {
        const utterance *what = now->due[i];
        if (what->said > 0)
            continue;
        if (what->is_removal || what->is_replacement)
            ab_herald_later(directory, what->id, true);
        if (!what->is_removal) {
            ab_herald_later(directory, what->id, false);
            ids[count++] = what->id;
        }
    }
    if (count > 0) {
        /* Repeats count from when it was said, not from when that was decided. */
        ab_time over = ab_bulk_say(directory, ids, count);
        for (size_t i = 0; i < now->count; i++) {
            if (now->due[i]->said == 0 && !now->due[i]->is_removal)
                now->due[i]->begun = over;
        }
    }
    free(ids);
}

static round gather(struct ab_saying *saying)
{
    ab_directory *directory = saying->directory;
    round now = {.due = ab_alloc(saying->count, sizeof(utterance *))};
    AB_LIST_FOR (at, &saying->utterances) {
        utterance *what = AB_CONTAINER(at, utterance, place);
        if (due_time(saying, what) > directory->now)
            continue;
        now.due[now.count++] = what;
        now.repeats += what->said > 0;
        now.fresh_removals += what->said == 0 && what->is_removal;
        now.fresh_adds += what->said == 0 && !what->is_removal;
    }
    return now;
}

static void start_presence(struct ab_saying *saying)
{
    ab_directory *directory = saying->directory;
    ab_timer_start(&directory->timers, &saying->presence,
                   directory->now + ab_own_draw_interval(directory));
}

static void say(ab_timer *timer)
{
    struct ab_saying *saying = AB_CONTAINER(timer, struct ab_saying, timer);
    ab_directory *directory = saying->directory;
    if (saying->count == 0)
        return;
    round now = gather(saying);
    if (ab_own_count(directory) > 0 && !ab_timer_is_running(&saying->presence))
        start_presence(saying);
    if (now.count > AB_SAYING_FEW)
        say_together(saying, &now);
    else
        say_each(saying, &now);
    for (size_t i = 0; i < now.count; i++) {
        if (++now.due[i]->said >= directory->config.say_times.count)
            forget(saying, now.due[i]);
    }
    free(now.due);
    schedule(saying);
}

static void say_presence(ab_timer *timer)
{
    struct ab_saying *saying = AB_CONTAINER(timer, struct ab_saying, presence);
    if (ab_own_count(saying->directory) == 0)
        return;
    start_presence(saying);
    ab_voice_presence(saying->directory, AB_REACH_EACH);
}

void ab_saying_init(ab_directory *directory)
{
    struct ab_saying *saying = ab_alloc(1, sizeof *saying);
    saying->directory = directory;
    saying->presence_at = INT64_MIN / 2;
    ab_timer_init(&saying->timer, say);
    ab_timer_init(&saying->presence, say_presence);
    ab_list_init(&saying->utterances);
    ab_map_init(&saying->by_id);
    directory->saying = saying;
}

void ab_saying_fini(ab_directory *directory)
{
    struct ab_saying *saying = directory->saying;
    AB_LIST_FOR_SAFE (at, &saying->utterances)
        forget(saying, AB_CONTAINER(at, utterance, place));
    ab_map_fini(&saying->by_id);
    free(saying);
}

static void utter(ab_directory *directory, ab_text *id, bool is_removal, ab_time begun)
{
    struct ab_saying *saying = directory->saying;
    utterance *what = ab_map_get(&saying->by_id, id->bytes, id->length);
    bool is_replacement = what != NULL && what->is_removal && !is_removal;
    if (what != NULL)
        forget(saying, what);
    if (directory->config.is_silent || directory->config.say_times.count == 0)
        return;
    what = ab_alloc(1, sizeof *what);
    what->id = ab_text_ref(id);
    what->is_removal = is_removal;
    what->is_replacement = is_replacement;
    what->begun = begun;
    ab_list_append(&saying->utterances, &what->place);
    ab_map_put(&saying->by_id, what->id->bytes, what->id->length, what);
    saying->count++;
    /* One that comes before a timer that is too early is found when that fires. */
    ab_time due = due_time(saying, what);
    if (!ab_timer_is_running(&saying->timer) || due < saying->timer.due)
        ab_timer_start(&directory->timers, &saying->timer, due);
}

void ab_saying_appeared(ab_directory *directory, ab_text *id)
{
    utter(directory, id, false, AB_MAX(directory->now, held_back_until(directory)));
}

void ab_saying_left(ab_directory *directory, ab_text *id, bool was_exposed)
{
    struct ab_saying *saying = directory->saying;
    utterance *what = ab_map_get(&saying->by_id, id->bytes, id->length);
    if (ab_own_count(directory) == 0)
        ab_timer_stop(&directory->timers, &saying->presence);
    if (was_exposed || (what != NULL && what->is_replacement))
        utter(directory, id, true, directory->now);
    else if (what != NULL)
        forget(saying, what);
}

void ab_saying_presence_now(ab_directory *directory)
{
    struct ab_saying *saying = directory->saying;
    if (ab_own_count(directory) == 0 || directory->now < held_back_until(directory) ||
        directory->now < saying->presence_at + PRESENCE_PAUSE)
        return;
    saying->presence_at = directory->now;
    ab_voice_presence(directory, AB_REACH_ALL);
}

bool ab_saying_is_done(const ab_directory *directory)
{
    return directory->saying->count == 0;
}
