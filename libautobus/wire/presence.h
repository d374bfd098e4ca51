/* SPDX-License-Identifier: MIT
 * The keys by which a bus speaks of itself, the same in datagrams and in pages fetched over TCP. */
#ifndef AB_WIRE_PRESENCE_H
#define AB_WIRE_PRESENCE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "value/scan.h"
#include "wire/datagram.h"

/** Where each key stands in an array of found values; a codec's own keys follow from AB_PRESENCE_KEYS on. */
typedef enum ab_presence_key {
    AB_KEY_BUS,
    AB_KEY_SEQ,
    AB_KEY_PORT,
    AB_KEY_COUNT,
    AB_KEY_DIGEST,
    AB_KEY_INTERVAL,
    AB_PRESENCE_KEYS
} ab_presence_key;
#define AB_PRESENCE_NAMES                                                                      \
    AB_FIELD("bus"), AB_FIELD("seq"), AB_FIELD("port"), AB_FIELD("count"), AB_FIELD("digest"), \
        AB_FIELD("interval")

/** False: a key that is there holds what it may not. *is_complete: all of them are there. */
bool ab_presence_read(const ab_value keys[AB_PRESENCE_KEYS], ab_presence *presence,
                      bool *is_complete);

/** Appends `"bus":…,"seq":…,"port":…,"count":…,"digest":…,"interval":…`. */
void ab_presence_write(ab_buffer *out, const ab_presence *presence);
/** The same without bus and port, which the packet has already, and with a comma in front. */
void ab_presence_write_rest(ab_buffer *out, const ab_presence *presence);

/** Appends `["id",info]`. */
void ab_presence_write_service(ab_buffer *out, ab_slice id, ab_slice info);

#endif
