/* SPDX-License-Identifier: MIT
 * The registry of remotes. What this bus itself publishes or withdraws is told on the thread that does it; but remotes
 * dial and hang up on the bus thread alone, and hear of it there. */
#include <stdlib.h>

#include "base/error.h"
#include "proxy/inside.h"

/* News of a service, on its way to the bus thread. */
typedef struct report {
    ab_list place;
    autobus_change change;
    autobus_sighting *sighting;
} report;

static void pass_on(ab_task *task);

ab_remotes *ab_remotes_new(ab_seat *seat, const char *folder, const ab_link_limits *limits,
                           const ab_remotes_ops *ops, void *owner)
{
    ab_remotes *remotes = ab_alloc(1, sizeof *remotes);
    remotes->seat = seat;
    remotes->folder = folder;
    remotes->limits = *limits;
    remotes->ops = *ops;
    remotes->owner = owner;
    ab_list_init(&remotes->remotes);
    ab_list_init(&remotes->reports);
    ab_list_init(&remotes->connections);
    ab_task_init(&remotes->task, pass_on);
    ab_spares_init(&remotes->callings);
    return remotes;
}

static report *first_report(ab_remotes *remotes)
{
    ab_list *first = ab_list_take_first(&remotes->reports);
    return first != NULL ? AB_CONTAINER(first, report, place) : NULL;
}

static void free_report(report *done)
{
    ab_sighting_unref(done->sighting);
    free(done);
}

static void forget_reports(ab_remotes *remotes)
{
    for (report *each; (each = first_report(remotes)) != NULL;)
        free_report(each);
}

void ab_remotes_free(ab_remotes *remotes)
{
    if (remotes == NULL)
        return;
    forget_reports(remotes);
    ab_spares_fini(&remotes->callings);
    free(remotes);
}

static void tell_all(ab_remotes *remotes, autobus_change change, autobus_sighting *sighting)
    AB_LOCKED
{
    AB_LIST_FOR_SAFE (at, &remotes->remotes) {
        autobus_remote *remote = AB_CONTAINER(at, autobus_remote, place);
        if (!remote->is_closed)
            ab_seek_tell(remote, change, sighting);
    }
}

static void pass_on(ab_task *task) AB_LOCKED
{
    ab_remotes *remotes = AB_CONTAINER(task, ab_remotes, task);
    for (report *each; (each = first_report(remotes)) != NULL;) {
        tell_all(remotes, each->change, each->sighting);
        free_report(each);
    }
}

void ab_remotes_tell(ab_remotes *remotes, autobus_change change, autobus_sighting *sighting)
{
    if (ab_loop_is_here(remotes->seat->loop)) {
        pass_on(&remotes->task); /* what was told before comes first */
        tell_all(remotes, change, sighting);
        return;
    }
    if (ab_list_is_empty(&remotes->remotes))
        return;
    report *fresh = ab_alloc(1, sizeof *fresh);
    fresh->change = change;
    fresh->sighting = ab_sighting_ref(sighting);
    ab_list_append(&remotes->reports, &fresh->place);
    ab_loop_post(remotes->seat->loop, &remotes->task);
}

void ab_remotes_close(ab_remotes *remotes)
{
    AB_LIST_FOR_SAFE (at, &remotes->remotes)
        ab_remote_shut(AB_CONTAINER(at, autobus_remote, place), "the bus is closed");
}

uint64_t ab_remotes_stat(const ab_remotes *remotes, autobus_stat which)
{
    switch (which) {
    case AUTOBUS_STAT_BOUND: return remotes->bound;
    case AUTOBUS_STAT_BOUND_UNIX: return remotes->bound_near;
    default: return 0;
    }
}

void ab_remotes_stop(ab_remotes *remotes)
{
    ab_task_cancel(&remotes->task);
    forget_reports(remotes);
    while (!ab_list_is_empty(&remotes->remotes)) {
        autobus_remote *first = AB_CONTAINER(remotes->remotes.next, autobus_remote, place);
        ab_remote_shut(first, "the bus is closed");
        ab_remote_dismantle(first);
    }
}
