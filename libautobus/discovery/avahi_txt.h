/* SPDX-License-Identifier: MIT
 * A presence as the strings of a DNS TXT record, to and from. Pure. */
#ifndef AB_DISCOVERY_AVAHI_TXT_H
#define AB_DISCOVERY_AVAHI_TXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "wire/datagram.h"

#define AB_TXT_STRINGS 5
#define AB_TXT_LONGEST 32

/** "bus=…", "digest=…" (16 hexadecimal digits), "seq=…", "count=…", "interval=…". The port is in the SRV record. */
void ab_txt_write(const ab_presence *presence, char strings[AB_TXT_STRINGS][AB_TXT_LONGEST]);
/** Begins to collect: which keys were seen. */
typedef struct ab_txt_reader {
    ab_presence presence;
    unsigned seen, bad;
} ab_txt_reader;
/** Takes one string; of a repeated key the first counts, an unknown one is passed over. */
void ab_txt_read(ab_txt_reader *reader, ab_slice string);
/** True if all of it came and is valid; `port` is the SRV record's. */
bool ab_txt_finish(const ab_txt_reader *reader, uint16_t port, ab_presence *presence);
/** True if both would be written alike. */
bool ab_txt_is_same(const ab_presence *a, const ab_presence *b);

#endif
