/* SPDX-License-Identifier: MIT
 * The bus: a program's seat on the network. One thread, one TCP port, everything belongs to it. */
#ifndef AUTOBUS_BUS_H
#define AUTOBUS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <autobus/options.h>
#include <autobus/result.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct autobus_bus autobus_bus;

/** Starts a bus. `options` is taken (also on failure); NULL means the defaults. On failure *ret_bus is
 *  NULL, the sentence says why, and nothing is left running. */
autobus_result autobus_bus_new(autobus_options *options, autobus_bus **ret_bus);

/** Withdraws every service, says goodbye, stops the thread, frees and clears *bus. Waits for callbacks that
 *  are running, until the last goodbye is said (0.75 s where services were known to others), and until what was
 *  said on connections has reached the other hosts, or on this one the kernel; for who does not read what is
 *  more than that keeps, at most 2 s. From inside a callback it only marks, and the last one out frees. Listeners
 *  and services still held by the program are closed: their own free functions stay valid and safe. */
void autobus_bus_free(autobus_bus **bus);

/** This bus's id: 16 hexadecimal digits, random, new at every start, and replaced should another bus have the
 *  same. Every text returned is valid as long as the bus. */
const char *autobus_bus_id(const autobus_bus *bus);
/** The TCP port that its services are reached at. */
uint16_t autobus_bus_port(const autobus_bus *bus);
/** One line that names the interfaces asked, such as "eth0 (10.0.0.2), lo (127.0.0.1)". free() it. */
char *autobus_bus_interfaces(autobus_bus *bus);

/** Returns after every callback has run that was due when it was called. */
autobus_result autobus_bus_sync(autobus_bus *bus);

/** Waits until the picture is complete: answers had 150 ms to come, every bus heard has delivered the
 *  services it counts, and where peers do not say, nothing new came for 150 ms. AUTOBUS_TIMEOUT if that
 *  took longer than asked. */
autobus_result autobus_bus_settle(autobus_bus *bus, int timeout_ms);

/* Callbacks from the program's own loop (option AUTOBUS_DISPATCH). */

/** Readable when callbacks wait. Poll it; never read it. -1 when the bus runs callbacks itself. */
int autobus_bus_fd(const autobus_bus *bus);
/** Runs the callbacks that wait now; returns how many, or -1 with a sentence. Not from inside one. */
int autobus_bus_dispatch(autobus_bus *bus);

/** What a bus has counted since it started, and how large its picture is. */
typedef enum autobus_stat {
    AUTOBUS_STAT_SENT_PACKETS, /**< every copy to every destination counts */
    AUTOBUS_STAT_SENT_BYTES,
    AUTOBUS_STAT_SENT_QUERY, /**< packets by kind */
    AUTOBUS_STAT_SENT_ADD,
    AUTOBUS_STAT_SENT_REMOVE,
    AUTOBUS_STAT_SENT_PRESENCE,
    AUTOBUS_STAT_SENT_LOOPBACK_BYTES, /**< part of SENT_BYTES that stayed on this machine */
    AUTOBUS_STAT_HEARD_PACKETS,
    AUTOBUS_STAT_HEARD_BYTES,
    AUTOBUS_STAT_HEARD_QUERY,
    AUTOBUS_STAT_HEARD_ADD,
    AUTOBUS_STAT_HEARD_REMOVE,
    AUTOBUS_STAT_HEARD_PRESENCE,
    AUTOBUS_STAT_DROPPED_MALFORMED, /**< not a packet of ours */
    AUTOBUS_STAT_DROPPED_ROUTED,    /**< from beyond our links */
    AUTOBUS_STAT_DROPPED_RATE,      /**< from one source faster than it may */
    AUTOBUS_STAT_DROPPED_FULL,      /**< a bound of the picture was reached */
    AUTOBUS_STAT_DROPPED_LATE,      /**< by the kernel: they came faster than we read */
    AUTOBUS_STAT_SEND_FAILED,
    AUTOBUS_STAT_CONFLICTS, /**< an id that two services claim */
    AUTOBUS_STAT_PROBES,    /**< TCP probes started */
    AUTOBUS_STAT_PROBES_FAILED,
    AUTOBUS_STAT_FETCHES,  /**< lists fetched over TCP */
    AUTOBUS_STAT_ACCEPTED, /**< connections accepted */
    AUTOBUS_STAT_REFUSED,  /**< closed for noise, over a limit, or come by no chosen interface */
    AUTOBUS_STAT_BUSES,    /**< other buses known now */
    AUTOBUS_STAT_LEGACY_BUSES,  /**< of them without presence */
    AUTOBUS_STAT_SERVICES,      /**< services known now, own ones included */
    AUTOBUS_STAT_OFFERED,       /**< services published now */
    AUTOBUS_STAT_WAKES,         /**< turns of the bus thread's loop */
    AUTOBUS_STAT_ACCEPTED_UNIX, /**< part of ACCEPTED that came over the unix socket */
    AUTOBUS_STAT_BOUND,         /**< connections to services that were made */
    AUTOBUS_STAT_BOUND_UNIX,    /**< part of BOUND that went over unix sockets */
    AUTOBUS_STAT_COUNT
} autobus_stat;

/** One number. 0 for a stat this library does not know. */
uint64_t autobus_bus_stat(autobus_bus *bus, autobus_stat which);
/** Its name, such as "heard_packets"; NULL beyond the last. */
const char *autobus_stat_name(autobus_stat which);

#ifdef __cplusplus
}
#endif
#endif
