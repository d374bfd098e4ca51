/* SPDX-License-Identifier: MIT
 * The registry of remotes. */
#include <stdlib.h>

#include "base/error.h"
#include "proxy/inside.h"

ab_remotes *ab_remotes_new(ab_seat *seat, const ab_link_limits *limits, const ab_remotes_ops *ops,
                           void *owner)
{
    ab_remotes *remotes = ab_alloc(1, sizeof *remotes);
    remotes->seat = seat;
    remotes->limits = *limits;
    remotes->ops = *ops;
    remotes->owner = owner;
    ab_list_init(&remotes->remotes);
    return remotes;
}

void ab_remotes_free(ab_remotes *remotes)
{
    free(remotes);
}

void ab_remotes_tell(ab_remotes *remotes, autobus_change change, autobus_sighting *sighting)
{
    AB_LIST_FOR_SAFE (at, &remotes->remotes) {
        autobus_remote *remote = AB_CONTAINER(at, autobus_remote, place);
        if (!remote->is_closed)
            ab_seek_tell(remote, change, sighting);
    }
}

void ab_remotes_close(ab_remotes *remotes)
{
    AB_LIST_FOR_SAFE (at, &remotes->remotes)
        ab_remote_shut(AB_CONTAINER(at, autobus_remote, place), "the bus is closed");
}

void ab_remotes_stop(ab_remotes *remotes)
{
    while (!ab_list_is_empty(&remotes->remotes)) {
        autobus_remote *first = AB_CONTAINER(remotes->remotes.next, autobus_remote, place);
        ab_remote_shut(first, "the bus is closed");
        ab_remote_dismantle(first);
    }
}
