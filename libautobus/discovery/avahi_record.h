/* SPDX-License-Identifier: MIT
 * Our own service in mDNS. On avahi's thread only; its calls wait for the daemon. */
#ifndef AB_DISCOVERY_AVAHI_RECORD_H
#define AB_DISCOVERY_AVAHI_RECORD_H

#include "discovery/avahi_library.h"
#include "discovery/avahi_thread.h"

#define AB_AVAHI_TYPE "_autobus._tcp"

/** The daemon refused or did not answer: `error` is avahi's. Everything made with the client is lost. */
typedef void ab_avahi_failed_fn(void *owner, const char *what, int error);

typedef struct ab_avahi_record {
    const ab_avahi_library *library;
    ab_avahi_failed_fn *failed;
    void *owner;

    /* Its own. */
    AvahiClient *client;
    AvahiEntryGroup *group; /**< the client's */
    char *name;             /**< avahi's memory; another one after a collision */
    ab_avahi_offer said;    /**< what the daemon was told last */
    bool is_there;
} ab_avahi_record;

/** Publishes, updates or withdraws. While the daemon runs. */
void ab_avahi_record_set(ab_avahi_record *record, AvahiClient *client, const ab_avahi_offer *offer);
/** Withdraws: the daemon is about to change its host name. */
void ab_avahi_record_withdraw(ab_avahi_record *record);
/** After the client is freed. */
void ab_avahi_record_fini(ab_avahi_record *record);

#endif
