/* SPDX-License-Identifier: MIT
 * Services of others: hearing of them as they come and go, and asking what is there now. */
#ifndef AUTOBUS_LISTENER_H
#define AUTOBUS_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

#include <autobus/bus.h>
#include <autobus/filter.h>
#include <autobus/message.h>
#include <autobus/sighting.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct autobus_listener autobus_listener;

typedef enum autobus_change {
    AUTOBUS_APPEARED,
    AUTOBUS_LEFT,
    AUTOBUS_CHANGED /**< its best location is another one now */
} autobus_change;

/** Called once for each change. `sighting` is borrowed for the call. */
typedef void autobus_listener_fn(void *userdata, autobus_change change,
                                 const autobus_sighting *sighting);

/** Listens for services that pass `filter` (taken, also on failure; NULL: all but the library's own).
 *  With `initial`, every service already there appears first, with no gap and nothing twice. The handle is in
 *  its place before the first callback begins; ret_listener NULL: it listens until the bus is freed. */
autobus_result autobus_listener_new(autobus_bus *bus, autobus_filter *filter, bool initial,
                                    autobus_listener_fn *heard, void *userdata,
                                    autobus_free_fn *free_userdata,
                                    autobus_listener **ret_listener);
/** After it returns no callback begins. Safe from inside its own callback. Frees and clears *listener. */
void autobus_listener_free(autobus_listener **listener);

/** The services known now that pass `filter` (taken; NULL: all but the library's own), sorted by id. The array and each
 *  sighting are yours: autobus_sightings_free(). */
autobus_result autobus_bus_enumerate(autobus_bus *bus, autobus_filter *filter,
                                     autobus_sighting ***ret_sightings, size_t *ret_count);
void autobus_sightings_free(autobus_sighting ***sightings, size_t count);

/** One service by its id. AUTOBUS_NOT_FOUND; AUTOBUS_AMBIGUOUS when two services claim that id. */
autobus_result autobus_bus_find(autobus_bus *bus, const char *id, autobus_sighting **ret_sighting);

#ifdef __cplusplus
}
#endif
#endif
