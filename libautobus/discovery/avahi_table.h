/* SPDX-License-Identifier: MIT
 * What the avahi daemon told: locations of buses, who vouches for them, and visits to those that nobody vouches
 * for any more. A record that vanishes is the word of somebody's daemon, not of the bus: that daemon may merely
 * have been restarted, so the bus itself is asked over TCP before it is given up. */
#ifndef AB_DISCOVERY_AVAHI_TABLE_H
#define AB_DISCOVERY_AVAHI_TABLE_H

#include "discovery/avahi.h"
#include "discovery/avahi_thread.h"

typedef struct ab_avahi_table ab_avahi_table;

/* All on the bus thread with the lock, or before it runs. */

/** `config` is read as long as the table lives. */
ab_avahi_table *ab_avahi_table_new(ab_loop *loop, const ab_avahi_config *config);
/** Forgets everything; nobody is told. */
void ab_avahi_table_free(ab_avahi_table *table) AB_LOCKED;
void ab_avahi_table_take(ab_avahi_table *table, const ab_avahi_news *news) AB_LOCKED;
/** Our daemon has gone. What it told holds until the next one has had time to confirm it. */
void ab_avahi_table_orphan(ab_avahi_table *table) AB_LOCKED;
/** The interfaces have changed. */
void ab_avahi_table_reconsider(ab_avahi_table *table);

#endif
