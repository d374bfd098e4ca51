/* SPDX-License-Identifier: MIT
 * The functions of libavahi-client and libavahi-common that we use, found at run time: who does not use avahi
 * does not load it, and need not have it. */
#ifndef AB_DISCOVERY_AVAHI_LIBRARY_H
#define AB_DISCOVERY_AVAHI_LIBRARY_H

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-client/publish.h>
#include <avahi-common/alternative.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-common/simple-watch.h>
#include <avahi-common/strlst.h>

#include "base/compiler.h"

/** Each X(name) is the function avahi_name. */
#define AB_AVAHI_FUNCTIONS(X)                \
    X(alternative_service_name)              \
    X(client_errno)                          \
    X(client_free)                           \
    X(client_new)                            \
    X(entry_group_add_service_strlst)        \
    X(entry_group_commit)                    \
    X(entry_group_new)                       \
    X(entry_group_reset)                     \
    X(entry_group_update_service_txt_strlst) \
    X(free)                                  \
    X(service_browser_new)                   \
    X(service_resolver_free)                 \
    X(service_resolver_new)                  \
    X(simple_poll_free)                      \
    X(simple_poll_get)                       \
    X(simple_poll_iterate)                   \
    X(simple_poll_new)                       \
    X(strdup)                                \
    X(strerror)                              \
    X(string_list_free)                      \
    X(string_list_new_from_array)

#define AB_AVAHI_MEMBER(name) AB_TYPEOF(avahi_##name) * name;
typedef struct ab_avahi_library {
    AB_AVAHI_FUNCTIONS(AB_AVAHI_MEMBER)
} ab_avahi_library;
#undef AB_AVAHI_MEMBER

/** Loads it, once a process and for good. Any thread. NULL with a sentence if it is not installed. */
const ab_avahi_library *ab_avahi_library_open(void);

#endif
