/* SPDX-License-Identifier: MIT
 * A sighting: an immutable snapshot of one service as the directory knew it. Any thread may hold one.
 * The public functions of <autobus/sighting.h> are implemented beside this. */
#ifndef AB_DIRECTORY_SIGHTING_H
#define AB_DIRECTORY_SIGHTING_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <autobus/sighting.h>

#include "base/address.h"
#include "base/text.h"
#include "value/filter.h"

struct autobus_sighting {
    atomic_uint references;
    uint64_t
        serial; /**< of the service's appearance: the same for all sightings between appeared and left */
    ab_text *id, *info;
    char *_Atomic
        hosts; /**< the locations' hosts as text, made when first asked for; AB_ADDRESS_TEXT each */
    size_t count;           /**< at least 1 */
    ab_address locations[]; /**< best first */
};

autobus_sighting *ab_sighting_new(uint64_t serial, ab_text *id, ab_text *info,
                                  const ab_address *locations, size_t count);
autobus_sighting *ab_sighting_ref(autobus_sighting *sighting);
void ab_sighting_unref(autobus_sighting *sighting);
/** What a filter looks at. `host` is the caller's buffer that subject->host points into; NULL: nobody will look. */
void ab_sighting_subject(const autobus_sighting *sighting, ab_subject *subject,
                         char host[AB_ADDRESS_TEXT]);

#endif
