/* SPDX-License-Identifier: MIT
 * The C face of services of others: listening, enumerating, finding. */
#include <autobus/listener.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bus/bus.h"
#include "bus/listener.h"
#include "value/filter.h"

AB_API autobus_result autobus_listener_new(autobus_bus *bus, autobus_filter *filter, bool initial,
                                           autobus_listener_fn *heard, void *userdata,
                                           autobus_free_fn *free_userdata,
                                           autobus_listener **ret_listener)
{
    return ab_listener_new(bus, filter, initial, heard, userdata, free_userdata, ret_listener);
}

AB_API void autobus_listener_free(autobus_listener **listener)
{
    if (listener == NULL || *listener == NULL)
        return;
    autobus_listener *gone = *listener;
    *listener = NULL;
    ab_listener_free(gone);
}

typedef struct collection {
    const autobus_filter *filter;
    bool sees_location;
    autobus_sighting **sightings;
    size_t count, capacity;
} collection;

static void collect(void *userdata, autobus_sighting *sighting)
{
    collection *all = userdata;
    char host[AB_ADDRESS_TEXT];
    ab_subject subject;

    ab_sighting_subject(sighting, &subject, all->sees_location ? host : NULL);
    if (!ab_filter_matches(all->filter, &subject))
        return;
    if (all->count == all->capacity) {
        all->capacity = all->capacity > 0 ? all->capacity * 2 : 64;
        all->sightings = ab_realloc(all->sightings, all->capacity, sizeof(autobus_sighting *));
    }
    all->sightings[all->count++] = ab_sighting_ref(sighting);
}

static int by_id(const void *a, const void *b)
{
    const autobus_sighting *const *left = a, *const *right = b;
    int order = strcmp(autobus_sighting_id(*left), autobus_sighting_id(*right));
    return order != 0
               ? order
               : strcmp(autobus_sighting_info_text(*left), autobus_sighting_info_text(*right));
}

AB_API autobus_result autobus_bus_enumerate(autobus_bus *bus, autobus_filter *filter,
                                            autobus_sighting ***ret_sightings, size_t *ret_count)
{
    autobus_result result = ab_filter_check(filter);
    collection all = {.filter = filter, .sees_location = ab_filter_sees_location(filter)};

    if (result == AUTOBUS_OK && (ret_sightings == NULL || ret_count == NULL))
        result = ab_fail(
            AUTOBUS_INVALID,
            "autobus_bus_enumerate() needs places for the sightings and their count, not NULL");
    if (result == AUTOBUS_OK && ab_bus_enter(bus, &result)) {
        ab_directory_each(ab_bus_directory(bus), collect, &all);
        ab_bus_leave(bus);
        if (all.count > 1)
            qsort(all.sightings, all.count, sizeof(autobus_sighting *), by_id);
    }
    if (ret_sightings != NULL)
        *ret_sightings = all.sightings;
    if (ret_count != NULL)
        *ret_count = all.count;
    autobus_filter_free(&filter);
    return result;
}

AB_API void autobus_sightings_free(autobus_sighting ***sightings, size_t count)
{
    if (sightings == NULL || *sightings == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        autobus_sighting_free(&(*sightings)[i]);
    free(*sightings);
    *sightings = NULL;
}

AB_API autobus_result autobus_bus_find(autobus_bus *bus, const char *id,
                                       autobus_sighting **ret_sighting)
{
    autobus_result result;
    autobus_sighting *first = NULL;

    if (ret_sighting == NULL || id == NULL)
        return ab_fail(AUTOBUS_INVALID,
                       "autobus_bus_find() needs an id and a place for the sighting, not NULL");
    *ret_sighting = NULL;
    if (!ab_bus_enter(bus, &result))
        return result;
    size_t count = ab_directory_find(ab_bus_directory(bus), ab_slice_of(id), &first);
    if (count == 1)
        *ret_sighting = ab_sighting_ref(first);
    ab_bus_leave(bus);
    if (count == 1)
        return AUTOBUS_OK;
    if (count == 0)
        return ab_fail(AUTOBUS_NOT_FOUND, "no service with id \"%s\" is known here", id);
    return ab_fail(AUTOBUS_AMBIGUOUS, "%zu services claim the id \"%s\"; enumerate them instead",
                   count, id);
}
