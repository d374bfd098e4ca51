/* SPDX-License-Identifier: MIT
 * Bulk announcements. Knows no repeats. */
#include "directory/bulk.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/own.h"
#include "directory/voice.h"

#define PACE          AB_MS(2)    /**< between two datagrams of ours */
#define LONGEST       AB_MS(2000) /**< that it may take until the last bus begins */
#define MOST_A_PACKET 64

struct ab_bulk {
    ab_directory *directory;
    ab_timer timer;
    ab_text **ids; /**< still to be said, from `next` on */
    size_t next, count;
};

static void forget(struct ab_bulk *bulk)
{
    for (size_t i = bulk->next; i < bulk->count; i++)
        ab_text_unref(bulk->ids[i]);
    free(bulk->ids);
    bulk->ids = NULL;
    bulk->next = bulk->count = 0;
}

/* The next ones that are still ours; the others are passed over. */
static size_t gather(struct ab_bulk *bulk, const ab_own *found[MOST_A_PACKET],
                     size_t places[MOST_A_PACKET])
{
    size_t count = 0;
    for (size_t i = bulk->next; i < bulk->count && count < MOST_A_PACKET; i++) {
        found[count] = ab_own_find(bulk->directory, ab_text_slice(bulk->ids[i]));
        places[count] = i + 1;
        count += found[count] != NULL;
    }
    return count;
}

static void say(ab_timer *timer)
{
    struct ab_bulk *bulk = AB_CONTAINER(timer, struct ab_bulk, timer);
    ab_directory *directory = bulk->directory;
    const ab_own *found[MOST_A_PACKET];
    size_t places[MOST_A_PACKET], said, count = gather(bulk, found, places);
    if (count == 0) {
        forget(bulk);
        return;
    }
    /* One that is too long for a good datagram goes alone in a long one. */
    if (!ab_voice_services(directory, AB_REACH_EACH, NULL, AB_DATAGRAM_GOOD, found, count, &said) ||
        said == 0)
        ab_voice_services(directory, AB_REACH_EACH, NULL, AB_DATAGRAM_MAX, found, 1, &said);
    size_t end = places[AB_MAX(said, 1) - 1];
    for (; bulk->next < end; bulk->next++)
        ab_text_unref(bulk->ids[bulk->next]);
    if (bulk->next == bulk->count)
        forget(bulk);
    else
        ab_timer_start(&directory->timers, &bulk->timer, directory->now + PACE);
}

void ab_bulk_init(ab_directory *directory)
{
    directory->bulk = ab_alloc(1, sizeof *directory->bulk);
    directory->bulk->directory = directory;
    ab_timer_init(&directory->bulk->timer, say);
}

void ab_bulk_fini(ab_directory *directory)
{
    forget(directory->bulk);
    free(directory->bulk);
}

static size_t packets_for(const ab_directory *directory, ab_text *const ids[], size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        const ab_own *own = ab_own_find(directory, ab_text_slice(ids[i]));
        if (own != NULL)
            bytes += (size_t)own->id->length + own->info->length + 6;
    }
    return bytes / (AB_DATAGRAM_GOOD - 200) + 1;
}

ab_time ab_bulk_say(ab_directory *directory, ab_text *const ids[], size_t count)
{
    struct ab_bulk *bulk = directory->bulk;
    size_t left = bulk->count - bulk->next, packets = packets_for(directory, ids, count);
    ab_text **all = ab_alloc(left + count, sizeof *all);
    for (size_t i = 0; i < left; i++)
        all[i] = ab_text_ref(bulk->ids[bulk->next + i]);
    for (size_t i = 0; i < count; i++)
        all[left + i] = ab_text_ref(ids[i]);
    forget(bulk);
    bulk->ids = all;
    bulk->count = left + count;
    /* As if every bus heard had as much to say, and all of them began now. */
    ab_time each = AB_MAX(AB_MS(2), AB_MS(3) / 2 * (ab_time)packets);
    ab_time spread = ab_crowd(directory) < 5 ? 0 : each * ab_crowd(directory);
    ab_time begins = directory->now + ab_jitter(directory, AB_MIN(spread, LONGEST));
    if (left > 0 && ab_timer_is_running(&bulk->timer))
        begins = AB_MIN(begins, bulk->timer.due);
    ab_timer_start(&directory->timers, &bulk->timer, begins);
    return begins + PACE * (ab_time)packets;
}
