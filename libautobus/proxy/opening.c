/* SPDX-License-Identifier: MIT
 * A channel belongs to one binding: it opens where the remote is bound now, and ends with that. */
#include "proxy/opening.h"

#include "base/error.h"
#include "peer/channel.h"
#include "proxy/inside.h"
#include "proxy/remote.h"

/* The binding to open it on; NULL with *why and a sentence. */
static ab_binding *find_binding(const autobus_remote *remote, const char *name, autobus_result *why)
    AB_LOCKED
{
    ab_binding *binding = ab_remote_bound_one(remote);
    *why = AUTOBUS_OK;
    if (remote->kind == AB_MULTI)
        *why =
            ab_fail(AUTOBUS_INVALID, "a multi proxy has no single service to open \"%s\" of", name);
    else if (binding == NULL)
        *why = ab_fail(AUTOBUS_NOT_FOUND, "no service is bound to open \"%s\" of", name);
    else if (!ab_link_is_autobus(binding->link))
        *why = ab_fail(AUTOBUS_INCOMPATIBLE, "an Autobus 2 peer knows no channels");
    return *why == AUTOBUS_OK ? binding : NULL;
}

static autobus_result open_locked(autobus_remote *remote, const char *name, bool is_stream,
                                  ab_slice argument, ab_hearer *hearer, autobus_channel **ret)
    AB_LOCKED
{
    autobus_result why;
    ab_binding *binding = find_binding(remote, name, &why);
    if (binding != NULL)
        return ab_channel_open(remote->seat, ab_link_channels(binding->link), binding->service,
                               ab_slice_of(name), is_stream, argument, hearer, ret);
    ab_hearer_end(hearer, true);
    return why;
}

autobus_result ab_remote_open(autobus_remote *remote, const char *name, bool is_stream,
                              ab_slice argument, const ab_ear *ear, autobus_channel **ret)
{
    autobus_result result = AUTOBUS_OK;
    if (name == NULL || name[0] == '\0' || ear->heard == NULL || ret == NULL)
        result = ab_fail(AUTOBUS_INVALID, "a channel needs a name, a callback, and a place for its "
                                          "handle");
    if (ret != NULL)
        *ret = NULL;
    if (result != AUTOBUS_OK || !ab_remote_enter(remote, &result)) {
        if (ear->free_userdata != NULL)
            ear->free_userdata(ear->userdata);
        return result;
    }
    ab_hearer *hearer = ab_hearer_new(remote->seat, ear->heard, ear->userdata, ear->free_userdata);
    result = open_locked(remote, name, is_stream, argument, hearer, ret);
    ab_remote_leave(remote);
    return result;
}
