/* SPDX-License-Identifier: MIT
 * A sighting: what a bus knows of one service at one moment. It never changes; ask again for news. */
#ifndef AUTOBUS_SIGHTING_H
#define AUTOBUS_SIGHTING_H

#include <stddef.h>
#include <stdint.h>

#include <json-c/json_types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct autobus_sighting autobus_sighting;

/** A sighting of one's own to keep; from any thread. */
autobus_sighting *autobus_sighting_keep(const autobus_sighting *sighting);
/** Gives up one's own; NULL and pointer to NULL are fine. */
void autobus_sighting_free(autobus_sighting **sighting);

/** The service id. Strings live as long as the sighting. */
const char *autobus_sighting_id(const autobus_sighting *sighting);
/** The best location: loopback first, then as found. "fe80::1%eth0" names its interface. */
const char *autobus_sighting_host(const autobus_sighting *sighting);
uint16_t autobus_sighting_port(const autobus_sighting *sighting);
/** All locations, best first; there is always one. */
size_t autobus_sighting_locations(const autobus_sighting *sighting);
const char *autobus_sighting_location_host(const autobus_sighting *sighting, size_t index);
uint16_t autobus_sighting_location_port(const autobus_sighting *sighting, size_t index);
/** The info as its publisher sent it: the JSON text of an object. */
const char *autobus_sighting_info_text(const autobus_sighting *sighting);
/** The info with host, port and service filled in; yours (json_object_put). NULL only without memory. */
json_object *autobus_sighting_info(const autobus_sighting *sighting);

#ifdef __cplusplus
}
#endif
#endif
