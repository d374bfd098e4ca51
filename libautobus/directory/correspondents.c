/* SPDX-License-Identifier: MIT
 * Peers by name and far askers. Knows no interfaces. */
#include "directory/correspondents.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/own.h"
#include "directory/voice.h"

#define MOST      64
#define INTERVALS 3 /**< that a far asker is remembered for */

typedef struct far_place {
    ab_place place;
    ab_time until;
} far_place;

struct ab_correspondents {
    ab_directory *directory;
    ab_address *peers;
    size_t peer_count;
    far_place far[MOST];
    size_t far_count;
    ab_timer again;
};

static void ask_again(ab_timer *timer)
{
    struct ab_correspondents *all = AB_CONTAINER(timer, struct ab_correspondents, again);
    ab_correspondents_ask(all->directory);
}

void ab_correspondents_init(ab_directory *directory)
{
    struct ab_correspondents *all = ab_alloc(1, sizeof *all);
    all->directory = directory;
    ab_timer_init(&all->again, ask_again);
    directory->correspondents = all;
}

void ab_correspondents_fini(ab_directory *directory)
{
    free(directory->correspondents->peers);
    free(directory->correspondents);
}

static bool is_listed(const struct ab_correspondents *all, const ab_address *host)
{
    for (size_t i = 0; i < all->peer_count; i++) {
        if (ab_address_same_host(&all->peers[i], host))
            return true;
    }
    return false;
}

bool ab_correspondents_accepts(const ab_directory *directory, const ab_address *from)
{
    const struct ab_correspondents *all = directory->correspondents;
    if (is_listed(all, from))
        return true;
    for (size_t i = 0; i < all->far_count; i++) {
        if (all->far[i].until > directory->now &&
            ab_address_equal(&all->far[i].place.address, from))
            return true;
    }
    return false;
}

/* The place's own slot, else a free one, else that which would be forgotten first. */
static far_place *slot_for(struct ab_correspondents *all, const ab_address *address, ab_time now)
{
    far_place *oldest = NULL;
    for (size_t i = 0; i < all->far_count; i++) {
        far_place *far = &all->far[i];
        if (ab_address_equal(&far->place.address, address))
            return far;
        if (oldest == NULL || far->until < oldest->until)
            oldest = far;
    }
    if (oldest != NULL && (oldest->until <= now || all->far_count == MOST))
        return oldest;
    return &all->far[all->far_count++];
}

void ab_correspondents_remember(ab_directory *directory, const ab_place *place)
{
    ab_presence own;
    ab_directory_presence(directory, &own);
    ab_time interval = AB_MAX(directory->config.presence, AB_MS((ab_time)own.interval));
    far_place *far = slot_for(directory->correspondents, &place->address, directory->now);
    *far = (far_place){*place, directory->now + interval * INTERVALS};
}

void ab_correspondents_copy(ab_directory *directory, ab_packet_kind kind, const char *bytes,
                            size_t length)
{
    const struct ab_correspondents *all = directory->correspondents;
    for (size_t i = 0; i < all->far_count; i++) {
        const far_place *far = &all->far[i];
        if (far->until > directory->now)
            directory->ops->send(directory->owner, AB_REACH_ONE, &far->place, kind, bytes, length);
    }
}

void ab_correspondents_ask(ab_directory *directory)
{
    struct ab_correspondents *all = directory->correspondents;
    if (all->peer_count == 0 || directory->config.is_silent)
        return;
    for (size_t i = 0; i < all->peer_count; i++) {
        ab_place to = {.address = all->peers[i]};
        ab_voice_query(directory, AB_REACH_ONE, &to, false);
    }
    ab_time interval = directory->config.presence;
    ab_timer_start(&directory->timers, &all->again,
                   directory->now + interval - ab_jitter(directory, interval / 10));
}

void ab_directory_peers(ab_directory *directory, ab_time now, const ab_address *peers, size_t count)
{
    struct ab_correspondents *all = directory->correspondents;
    directory->now = AB_MAX(directory->now, now);
    free(all->peers);
    all->peers = count == 0 ? NULL : ab_alloc(count, sizeof *peers);
    if (count > 0)
        memcpy(all->peers, peers, count * sizeof *peers);
    all->peer_count = count;
    if (count == 0)
        ab_timer_stop(&directory->timers, &all->again);
    else if (!directory->config.is_silent)
        ab_timer_start(&directory->timers, &all->again, directory->now);
}
