/* SPDX-License-Identifier: MIT
 * The facts: what was found out about this machine and its network, and nothing of what it means. Whoever gathers
 * them writes them here, and whoever judges them reads nothing else. */
#ifndef DOCTOR_FACTS_H
#define DOCTOR_FACTS_H

#include <arpa/inet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <autobus/result.h>

/** What became of something that was said to everybody by one interface. */
typedef enum doctor_way {
    DOCTOR_WAY_UNTRIED, /**< nothing of the kind can be sent there */
    DOCTOR_WAY_REFUSED, /**< the system did not let it out */
    DOCTOR_WAY_LOST,    /**< it went out, and the system's own copy of it did not come in */
    DOCTOR_WAY_BACK
} doctor_way;

typedef struct doctor_attempt {
    doctor_way way;
    int error; /**< errno of REFUSED */
} doctor_attempt;

typedef struct doctor_address {
    int family; /**< AF_INET or AF_INET6 */
    unsigned char bytes[16];
    unsigned prefix;
    struct in_addr broadcast; /**< 0: none */
} doctor_address;

#define DOCTOR_ADDRESSES 16

typedef struct doctor_interface {
    unsigned index;
    char name[IF_NAMESIZE];
    bool is_loopback, is_up, has_link, can_broadcast, can_multicast;
    bool is_device; /**< a piece of hardware, not one that software made up */
    bool is_used;   /**< the library speaks on it */
    int mtu;
    size_t count;
    doctor_address addresses[DOCTOR_ADDRESSES]; /**< more than fit are left out */
    doctor_attempt broadcast, multicast;
    size_t heard; /**< packets of others that came in by it */
} doctor_interface;

/** Whether a TCP port lets somebody in. */
typedef enum doctor_door {
    DOCTOR_DOOR_UNTRIED,
    DOCTOR_DOOR_OPEN,
    DOCTOR_DOOR_SHUT,  /**< refused or unreachable: an answer came */
    DOCTOR_DOOR_SILENT /**< no answer came in time */
} doctor_door;

typedef struct doctor_knock {
    doctor_door door;
    int error; /**< errno of SHUT */
} doctor_knock;

#define DOCTOR_HOST (INET6_ADDRSTRLEN + IF_NAMESIZE)

/** Somebody else who was heard. */
typedef struct doctor_speaker {
    char id[17];            /**< of the bus; empty: an old peer, which has none */
    char host[DOCTOR_HOST]; /**< where it was heard from first */
    unsigned interface;     /**< by which it came in then */
    uint16_t port;          /**< TCP; 0: it did not say */
    bool is_here;           /**< on this very machine */
    bool is_beyond;         /**< in none of that interface's networks */
    bool has_twin;          /**< its id is said with another port too */
    bool answered;          /**< it spoke to us alone */
    doctor_knock knock;
} doctor_speaker;

/** A machine that is asked alone: a listed peer, or the place that was typed. */
typedef struct doctor_peer {
    char *name;                  /**< as it was written; owned */
    char *trouble;               /**< why it has no address, owned; NULL: it has one */
    char host[DOCTOR_HOST];      /**< its address */
    uint16_t udp_port, tcp_port; /**< the latter 0: not known */
    bool is_place;
    bool is_beyond; /**< in none of this machine's networks */
    int error;      /**< errno of asking, also what came back of it; 0: none */
    bool answered;  /**< something was heard from there over UDP */
    doctor_knock knock;
} doctor_peer;

/** A service that was asked for, and is seen or stands where a place was typed. */
typedef struct doctor_service {
    char *name;    /**< its id or its place; owned */
    char *address; /**< HOST:PORT; owned */
    uint16_t port;
    doctor_knock knock;
    autobus_result bound; /**< what came of connecting to it in full */
    char *why;            /**< the sentence of a failure, owned; NULL: none */
} doctor_service;

typedef struct doctor_facts {
    uint16_t port;     /**< discovery's, UDP */
    bool port_is_held; /**< by a program that does not share it */
    char *holder;      /**< which, as far as can be seen; owned */
    bool uses_broadcast, uses_avahi;
    bool has_avahi_daemon;
    bool has_default_route;

    doctor_interface *interfaces; /**< owned, as all the lists */
    size_t interface_count;
    doctor_speaker *speakers;
    size_t speaker_count;
    size_t strange;                 /**< packets that are none of ours */
    char strange_host[DOCTOR_HOST]; /**< where the first of them came from */
    doctor_peer *peers;
    size_t peer_count;

    char *wanted;  /**< the service that was asked for, in words; owned. NULL: none was */
    bool is_place; /**< it is a place */
    doctor_service *services; /**< those that were tried */
    size_t service_count;
    size_t matching; /**< how many there are; not all may have been tried */
    char *near;      /**< names that come near, owned; NULL: none does */
    size_t seen;     /**< services that are seen, whatever they are */
    char *twin;      /**< an id that two services claim, owned; NULL: none */
} doctor_facts;

void doctor_facts_fini(doctor_facts *self);

/** The interface of that index; NULL: none. */
doctor_interface *doctor_facts_interface(const doctor_facts *self, unsigned index);

/** True if the interface has an address of that family. */
bool doctor_interface_has(const doctor_interface *self, int family);

/** Its addresses in one line, "" without any; free() it. */
char *doctor_interface_addresses(const doctor_interface *self);

/** True if `source` lies in one of its networks. */
bool doctor_interface_reaches(const doctor_interface *self, struct in_addr source);

/** How many speakers there are on other machines, or on this one. */
size_t doctor_facts_speakers(const doctor_facts *self, bool here);

#endif
