/* SPDX-License-Identifier: MIT
 * The C face of the bus: checks what a program may get wrong, then asks the layers below. */
#include <stdlib.h>

#include <autobus/bus.h>

#include "base/error.h"
#include "bus/bus.h"

AB_API autobus_result autobus_bus_new(autobus_options *options, autobus_bus **ret_bus)
{
    if (options == NULL)
        options = autobus_options_new();
    autobus_result result = ab_options_check(options);
    if (result == AUTOBUS_OK && ret_bus == NULL)
        result = ab_fail(AUTOBUS_INVALID, "autobus_bus_new() needs a place for the bus, not NULL");
    if (ret_bus != NULL)
        *ret_bus = NULL;
    if (result == AUTOBUS_OK)
        result = ab_bus_new(options, ret_bus);
    autobus_options_free(&options);
    return result;
}

AB_API void autobus_bus_free(autobus_bus **bus)
{
    if (bus == NULL || *bus == NULL)
        return;
    autobus_bus *closing = *bus;
    *bus = NULL;
    ab_bus_close(closing);
}

AB_API const char *autobus_bus_id(const autobus_bus *bus)
{
    return bus != NULL ? atomic_load(&bus->id) : "";
}

AB_API uint16_t autobus_bus_port(const autobus_bus *bus)
{
    return bus != NULL ? bus->port : 0;
}

AB_API char *autobus_bus_interfaces(autobus_bus *bus)
{
    autobus_result why;

    if (!ab_bus_enter(bus, &why))
        return ab_strdup("");
    char *text = ab_discovery_text(bus->discovery);
    ab_bus_leave(bus);
    return text;
}

AB_API autobus_result autobus_bus_sync(autobus_bus *bus)
{
    return ab_bus_sync(bus);
}

AB_API autobus_result autobus_bus_settle(autobus_bus *bus, int timeout_ms)
{
    return ab_bus_settle(bus, timeout_ms);
}

AB_API int autobus_bus_fd(const autobus_bus *bus)
{
    return bus != NULL ? ab_deliveries_fd(bus->seat.deliveries) : -1;
}

AB_API int autobus_bus_dispatch(autobus_bus *bus)
{
    return ab_bus_dispatch(bus);
}

AB_API uint64_t autobus_bus_stat(autobus_bus *bus, autobus_stat which)
{
    return ab_bus_stat(bus, which);
}

static const char *const stat_names[AUTOBUS_STAT_COUNT] = {
    [AUTOBUS_STAT_SENT_PACKETS] = "sent_packets",
    [AUTOBUS_STAT_SENT_BYTES] = "sent_bytes",
    [AUTOBUS_STAT_SENT_QUERY] = "sent_query",
    [AUTOBUS_STAT_SENT_ADD] = "sent_add",
    [AUTOBUS_STAT_SENT_REMOVE] = "sent_remove",
    [AUTOBUS_STAT_SENT_PRESENCE] = "sent_presence",
    [AUTOBUS_STAT_SENT_LOOPBACK_BYTES] = "sent_loopback_bytes",
    [AUTOBUS_STAT_HEARD_PACKETS] = "heard_packets",
    [AUTOBUS_STAT_HEARD_BYTES] = "heard_bytes",
    [AUTOBUS_STAT_HEARD_QUERY] = "heard_query",
    [AUTOBUS_STAT_HEARD_ADD] = "heard_add",
    [AUTOBUS_STAT_HEARD_REMOVE] = "heard_remove",
    [AUTOBUS_STAT_HEARD_PRESENCE] = "heard_presence",
    [AUTOBUS_STAT_DROPPED_MALFORMED] = "dropped_malformed",
    [AUTOBUS_STAT_DROPPED_ROUTED] = "dropped_routed",
    [AUTOBUS_STAT_DROPPED_RATE] = "dropped_rate",
    [AUTOBUS_STAT_DROPPED_FULL] = "dropped_full",
    [AUTOBUS_STAT_DROPPED_LATE] = "dropped_late",
    [AUTOBUS_STAT_SEND_FAILED] = "send_failed",
    [AUTOBUS_STAT_CONFLICTS] = "conflicts",
    [AUTOBUS_STAT_PROBES] = "probes",
    [AUTOBUS_STAT_PROBES_FAILED] = "probes_failed",
    [AUTOBUS_STAT_FETCHES] = "fetches",
    [AUTOBUS_STAT_ACCEPTED] = "accepted",
    [AUTOBUS_STAT_REFUSED] = "refused",
    [AUTOBUS_STAT_BUSES] = "buses",
    [AUTOBUS_STAT_LEGACY_BUSES] = "legacy_buses",
    [AUTOBUS_STAT_SERVICES] = "services",
    [AUTOBUS_STAT_OFFERED] = "offered",
    [AUTOBUS_STAT_WAKES] = "wakes",
    [AUTOBUS_STAT_ACCEPTED_UNIX] = "accepted_unix",
    [AUTOBUS_STAT_BOUND] = "bound",
    [AUTOBUS_STAT_BOUND_UNIX] = "bound_unix",
};

AB_API const char *autobus_stat_name(autobus_stat which)
{
    return (unsigned)which < AUTOBUS_STAT_COUNT ? stat_names[which] : NULL;
}
