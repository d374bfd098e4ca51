/* SPDX-License-Identifier: MIT
 * The directory: what a bus believes about the other buses of its network, and what it owes them. Pure: a
 * packet or the time goes in, actions and the next deadline come out. No socket, no clock, no thread; its
 * chance is seeded. The same code runs in the bus, in the simulation and in the fuzzers.
 *
 * Not reentrant: an action must not call back into the directory. Actions come during the calls below. */
#ifndef AB_DIRECTORY_DIRECTORY_H
#define AB_DIRECTORY_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <autobus/bus.h>
#include <autobus/listener.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/text.h"
#include "directory/sighting.h"
#include "wire/datagram.h"

#define AB_DIRECTORY_TIMES 8 /**< entries of a list of times */

typedef struct ab_times {
    size_t count;
    ab_time at[AB_DIRECTORY_TIMES]; /**< ascending */
} ab_times;

/** All that a program may set. ab_directory_defaults() fills it. */
typedef struct ab_directory_config {
    uint64_t bus;
    uint64_t seed;
    uint16_t port; /**< our TCP port */
    bool allow_routed;
    bool
        is_silent; /**< discovery is off: nothing is ever sent or asked; own services are still known */
    ab_times query_times, say_times;
    ab_time hold_back, presence, presence_per_bus, legacy_lease, probe_timeout;
    unsigned lease_percent;
    size_t max_services, max_services_per_source, max_buses;
} ab_directory_config;
void ab_directory_defaults(ab_directory_config *config);

/** A place packets come from and go to: an address with its port, and the interface. */
typedef struct ab_place {
    ab_address address;
    unsigned interface; /**< 0: as routed */
} ab_place;

/** How a packet came. */
typedef struct ab_origin {
    ab_place from;
    bool is_near; /**< on one of our links; otherwise only listed peers and those we asked count */
    bool is_shared; /**< it came by the shared port, not by our own socket */
    bool
        is_unicast; /**< it was sent to one of our addresses, not to a broadcast or multicast one */
    bool is_own;    /**< our own socket sent it */
} ab_origin;

typedef enum ab_reach {
    AB_REACH_ALL, /**< every destination of every interface: directed and limited broadcast, multicast, loopback */
    AB_REACH_EACH, /**< one destination per interface */
    AB_REACH_LEGACY, /**< where legacy peers listen: the limited broadcast of every interface, and loopback */
    AB_REACH_LOOPBACK, /**< the other programs of this machine */
    AB_REACH_ONE       /**< `to` */
} ab_reach;

typedef struct ab_directory_ops {
    /** Sends now. `to` is NULL but for AB_REACH_ONE. A remove reaches loopback last, all else first. */
    void (*send)(void *owner, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                 const char *bytes, size_t length);
    /** Connects to `at`, binds `service` (NULL: introspection), waits for the answer; ab_directory_probed()
     *  later, never from inside. */
    void (*probe)(void *owner, uint64_t token, const ab_address *at, const char *service);
    /** Fetches the whole list over TCP: ab_directory_page() for each page, then ab_directory_fetched(). */
    void (*fetch)(void *owner, uint64_t token, const ab_address *at);
    /** A service appeared, left, or has another best location. */
    void (*changed)(void *owner, autobus_change change, autobus_sighting *sighting);
    /** Its places are others now, though not the best of them. May be NULL. */
    void (*widened)(void *owner, autobus_sighting *sighting);
    /** What we say of ourselves changed (for sources that keep it elsewhere, such as mDNS). May be NULL. */
    void (*presence)(void *owner, const ab_presence *presence);
    /** Somebody else has our bus id: we have this one from now on. At most once in ten seconds. */
    void (*renamed)(void *owner, uint64_t bus);
    /** True if the address is on one of our links. For askers named in a packet that was passed on. */
    bool (*is_near)(void *owner, const ab_address *address);
} ab_directory_ops;

typedef struct ab_directory ab_directory;

ab_directory *ab_directory_new(const ab_directory_config *config, const ab_directory_ops *ops,
                               void *owner, ab_time now);
/** Forgets everything; no `left` is told. */
void ab_directory_free(ab_directory *directory);

/** When ab_directory_run() wants to be called; AB_NEVER if nothing is due. Read it after every call. */
ab_time ab_directory_deadline(const ab_directory *directory);
void ab_directory_run(ab_directory *directory, ab_time now);

/* What comes in. */

void ab_directory_heard(ab_directory *directory, ab_time now, const ab_origin *origin,
                        const char *bytes, size_t length);
/** The same from a source that has no datagrams: a bus says this of itself at that TCP address. It stays until
 *  ab_directory_lost(), as long as probes find it. */
void ab_directory_told(ab_directory *directory, ab_time now, const ab_address *at,
                       const ab_presence *presence);
void ab_directory_lost(ab_directory *directory, ab_time now, const ab_address *at, uint64_t bus);
void ab_directory_probed(ab_directory *directory, ab_time now, uint64_t token, bool is_alive);
/** False: enough, end the fetch. */
bool ab_directory_page(ab_directory *directory, ab_time now, uint64_t token,
                       const ab_presence *presence, ab_value services);
/** `at_end`: every page came. */
void ab_directory_fetched(ab_directory *directory, ab_time now, uint64_t token, bool at_end);
/** A connection to that place broke or was refused: whoever lived there is asked for a sign of life, and if none
 *  comes and nobody accepts there, given up at once. Legacy neighbours keep their lease. */
void ab_directory_doubt(ab_directory *directory, ab_time now, const ab_address *at);
/** A legacy peer spoke to us over TCP: it needs our `add`s. */
void ab_directory_legacy_seen(ab_directory *directory, ab_time now);
/** Our own addresses now (port 0), after start and whenever they change. Says and asks what that calls for. */
void ab_directory_addresses(ab_directory *directory, ab_time now, const ab_address *addresses,
                            size_t count);
/** Peers to ask by name (UDP places), resolved. Replaces the previous ones. */
void ab_directory_peers(ab_directory *directory, ab_time now, const ab_address *peers,
                        size_t count);
/** We did not run for so long: leases are prolonged, and we ask before we believe anybody dead. */
void ab_directory_stood_still(ab_directory *directory, ab_time now, ab_time gap);

/* What we offer, and want. */

/** Info bytes are sent as they are. AUTOBUS_IN_USE if we offer that id, AUTOBUS_TOO_LARGE with a sentence. */
autobus_result ab_directory_publish(ab_directory *directory, ab_time now, ab_text *id,
                                    ab_text *info);
autobus_result ab_directory_withdraw(ab_directory *directory, ab_time now, ab_slice id);
/** Somebody listens or waits for services now, or no longer. */
void ab_directory_want(ab_directory *directory, ab_time now, bool waits);
/** Withdraws everything. ab_directory_is_said() tells when all goodbyes have been said. */
void ab_directory_leave(ab_directory *directory, ab_time now);
bool ab_directory_is_said(const ab_directory *directory);

/* What is known. */

/** Every service known, ours too, in no order; the callback must not call back. */
void ab_directory_each(const ab_directory *directory,
                       void (*visit)(void *userdata, autobus_sighting *sighting), void *userdata);
/** How many services have that id; the first's sighting in *ret (borrowed) if there is one. */
size_t ab_directory_find(const ab_directory *directory, ab_slice id, autobus_sighting **ret);
/** The bus that lives at that TCP address, as far as we know; 0: nobody that has an id. Of several that claim it the
 *  one heard last. */
uint64_t ab_directory_bus_at(const ab_directory *directory, const ab_address *tcp);
/** Our own one, for the acceptor's binds. */
bool ab_directory_offers(const ab_directory *directory, ab_slice id);
/** Our own list, for fetches by others: the services after `after` in the order of their ids. */
typedef bool ab_directory_offer_fn(void *userdata, ab_slice id, ab_slice info);
/** Calls `visit` for each in order until it returns false; returns true if it got to the end. */
bool ab_directory_offers_after(const ab_directory *directory, const ab_slice *after,
                               ab_directory_offer_fn *visit, void *userdata);
void ab_directory_presence(const ab_directory *directory, ab_presence *presence);
/** The time at which the picture is (or was) complete if nothing new is heard; AB_NEVER while a bus heard has
 *  not yet delivered. */
ab_time ab_directory_settles(const ab_directory *directory);
/** Counters: the AUTOBUS_STAT_ of discovery that are not about sockets. */
uint64_t ab_directory_stat(const ab_directory *directory, autobus_stat which);

#endif
