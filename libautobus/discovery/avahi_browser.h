/* SPDX-License-Identifier: MIT
 * The services of others in mDNS. On avahi's thread only; its calls wait for the daemon. */
#ifndef AB_DISCOVERY_AVAHI_BROWSER_H
#define AB_DISCOVERY_AVAHI_BROWSER_H

#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "discovery/avahi_library.h"
#include "discovery/avahi_record.h"

typedef struct ab_avahi_browser {
    const ab_avahi_library *library;
    void (*tell)(void *owner, const ab_avahi_news *news);
    ab_avahi_failed_fn *failed;
    void *owner;

    /* Its own. */
    AvahiClient *client;
    AvahiServiceBrowser *browser; /**< the client's */
    ab_list items;                /**< of item.place */
    size_t count;
    uint64_t last_item;
} ab_avahi_browser;

void ab_avahi_browser_init(ab_avahi_browser *browser);
/** Begins, once. While the daemon runs. */
void ab_avahi_browser_start(ab_avahi_browser *browser, AvahiClient *client);
/** After the client is freed; tells nothing. */
void ab_avahi_browser_fini(ab_avahi_browser *browser);

#endif
