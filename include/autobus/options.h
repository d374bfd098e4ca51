/* SPDX-License-Identifier: MIT
 * How a bus behaves: ports, sources of discovery, timings, limits. Everything has a good default. */
#ifndef AUTOBUS_OPTIONS_H
#define AUTOBUS_OPTIONS_H

#include <stdint.h>

#include <autobus/result.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct autobus_options autobus_options;

/** Options that are whole numbers. Times are milliseconds where the name says nothing else. Defaults in brackets. */
typedef enum autobus_number {
    AUTOBUS_UDP_PORT,     /**< discovery port [AUTOBUS_PORT, else 52722] */
    AUTOBUS_TCP_PORT,     /**< port of all services of this bus; 0: any free one [0] */
    AUTOBUS_ALLOW_ROUTED, /**< 1: also answer askers that are not on our links [0] */
    AUTOBUS_DISPATCH,     /**< 1: callbacks wait for autobus_bus_dispatch() [0: bus thread] */
    AUTOBUS_HOLD_BACK_MS, /**< no broadcast announcement before this age of the bus [1000] */
    AUTOBUS_PRESENCE_MS, /**< presence interval where 13 to 100 buses are heard; fewer, down to 40 % [10000] */
    AUTOBUS_PRESENCE_PER_BUS_MS, /**< presence interval per bus heard, if that is longer [100] */
    AUTOBUS_LEASE_PERCENT,       /**< lease, as a part of the presence interval heard [115] */
    AUTOBUS_LEGACY_LEASE_MS,     /**< lease of a peer that sends no presence [30000] */
    AUTOBUS_PROBE_TIMEOUT_MS,    /**< how long a probe may take [3000] */
    AUTOBUS_MAX_SERVICES,        /**< services known of others [65536] */
    AUTOBUS_MAX_SERVICES_PER_SOURCE, /**< unproven ones from one address [1024] */
    AUTOBUS_MAX_BUSES,               /**< other buses known [16384] */
    /** TCP connections accepted at a time, and never more than half the descriptors of the process [8192] */
    AUTOBUS_MAX_INBOUND,
    AUTOBUS_MAX_UNBOUND_PER_SOURCE, /**< of them not yet bound, from one address [64] */
    AUTOBUS_UNBOUND_MS,             /**< life of a connection that does not bind [30000] */
    AUTOBUS_MAX_MESSAGE,            /**< bytes in one message of a bound connection [4194304] */
    AUTOBUS_MAX_QUEUED,     /**< bytes waiting for one peer, or from it for the program [4194304] */
    AUTOBUS_MAX_CALLS,      /**< calls under way to one service, in either role [1024] */
    AUTOBUS_MAX_CHANNELS,   /**< channels open to one service [256] */
    AUTOBUS_CHANNEL_WINDOW, /**< bytes that may be sent on a channel ahead of its reader [65536] */
    AUTOBUS_WORKERS,        /**< threads for functions of the pool, started when needed [16] */
    AUTOBUS_CONNECT_MS,     /**< how long connecting and binding may take at one place [10000] */
    AUTOBUS_UNRESPONSIVE_MS, /**< silence until a connection counts as unresponsive [10000] */
    AUTOBUS_SILENCE_MS,      /**< silence until an unresponsive connection is closed [60000] */
    /** microseconds that the bus thread, having sent a batch of small messages or read 16 KiB in one turn, looks for
     *  more before it sleeps; 0: it sleeps at once. Batches become up to twice as fast, for as much processor time
     *  [60] */
    AUTOBUS_LOOK_OUT_US,
    /** microseconds that threads look for the next message before they sleep: the bus thread when it has heard one, who
     *  calls while it waits for the answer (2000 at most); 0: they sleep at once. On both sides, a call right after
     *  another takes a fraction, for as much processor time as there is [AUTOBUS_SPIN_US, else 0] */
    AUTOBUS_SPIN_US,
    AUTOBUS_NUMBER_COUNT
} autobus_number;

/** Options that are text. */
typedef enum autobus_text {
    AUTOBUS_SOURCES, /**< comma list of broadcast, avahi; or none [AUTOBUS_DISCOVERY, else broadcast] */
    /** comma list of globs, a leading ! excludes: where discovery speaks and connections are accepted; those by
     *  loopback always are [AUTOBUS_INTERFACES, else all] */
    AUTOBUS_INTERFACES,
    AUTOBUS_PEERS,       /**< comma list of host[:udp-port] to ask by name [AUTOBUS_PEERS] */
    AUTOBUS_QUERY_TIMES, /**< comma list of ms after the start [0,100,300,700,1500,4000] */
    AUTOBUS_SAY_TIMES, /**< comma list of ms at which appearing and leaving are said [0,250,750] */
    /** folder of the unix sockets by which programs of one user on one machine reach each other, an absolute path; or
     *  none: they use TCP as well [AUTOBUS_RUNTIME_DIR, else $XDG_RUNTIME_DIR/autobus, else /run/user/UID/autobus, else
     *  /tmp/autobus-UID] */
    AUTOBUS_RUNTIME_DIR,
    AUTOBUS_WIRE, /**< what our connections speak: frames where both sides can; or lines [AUTOBUS_WIRE, else frames] */
    AUTOBUS_TEXT_COUNT
} autobus_text;

/** Fresh options with every default, the environment already applied. NULL only without memory. */
autobus_options *autobus_options_new(void);
/** Frees and clears *options; NULL and pointer to NULL are fine. */
void autobus_options_free(autobus_options **options);

/** Sets a number. A value out of range fails here and is remembered: autobus_bus_new() will say it. */
autobus_result autobus_options_set_number(autobus_options *options, autobus_number which,
                                          int64_t value);
/** Sets a text (copied). Checked like a number. */
autobus_result autobus_options_set_text(autobus_options *options, autobus_text which,
                                        const char *value);

#ifdef __cplusplus
}
#endif
#endif
