/* SPDX-License-Identifier: MIT
 * A network of directories in one process, on virtual time: hosts on links, packets with latency, loss,
 * duplicates and another order, partitions, and processes that die, hang or vanish. Seeded: what happened once
 * happens again. Knows directories only by their functions and actions. */
#ifndef AUTOBUS_TEST_WIRE_NET_H
#define AUTOBUS_TEST_WIRE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/map.h"
#include "base/random.h"
#include "directory/directory.h"

#define WIRE_PORT 52722

/** How the links behave. */
typedef struct wire_weather {
    ab_time latency,
        jitter; /**< a packet takes latency + 0 .. jitter, so jitter changes their order */
    unsigned loss, twice; /**< per mille of the packets on a link: lost, delivered twice */
    unsigned copies;      /**< of what goes to all, as they come over one link */
} wire_weather;

typedef enum wire_state {
    WIRE_RUNS,
    WIRE_HANGS,   /**< stopped: its kernel accepts connections, nothing answers */
    WIRE_DEAD,    /**< the process is gone, its host refuses connections */
    WIRE_VANISHED /**< the host is gone */
} wire_state;

/** Something a node was told. */
typedef struct wire_event {
    ab_time at;
    autobus_change change;
    char id[64];
    char host[AB_ADDRESS_TEXT];
} wire_event;

typedef struct wire_net wire_net;

typedef struct wire_node {
    wire_net *net;
    size_t index;
    unsigned host;
    ab_address address; /**< of its host, with its own UDP port */
    uint16_t tcp;
    ab_directory *directory; /**< NULL: an old peer, or freed */
    uint64_t bus;
    wire_state state;
    ab_time stopped_at; /**< when it began to hang */
    ab_time wakes_at;
    wire_event *events;
    size_t event_count, event_capacity;
    size_t wakes;
    uint64_t sent[AB_PACKET_KINDS], sent_bytes; /**< each call of send once, whatever its reach */
    uint64_t answered_bytes;                    /**< sent by unicast, without questions */
    bool listens;                               /**< false: events are not kept */
} wire_node;

struct wire_net {
    ab_time now;
    ab_dice dice;
    wire_weather weather;
    wire_node **nodes;
    size_t count, capacity;
    ab_map by_tcp;                          /**< of wire_node by port */
    unsigned link_of[1024], group_of[1024]; /**< by host */
    struct wire_mail **mails;               /**< a heap by time */
    size_t mail_count, mail_capacity;
    uint64_t orders;
    uint64_t delivered, delivered_bytes;  /**< every copy to every node */
    uint64_t link_packets, link_bytes;    /**< every copy on a link once; loopback not counted */
    uint64_t kind_bytes[AB_PACKET_KINDS]; /**< of link_bytes */
    uint64_t fetched_bytes;
    bool is_tcp_dead, is_udp_dead;
    /** If set, sees every packet that is sent. */
    void (*spy)(wire_node *from, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                const char *bytes, size_t length);
};

wire_net *wire_net_new(uint64_t seed);
void wire_net_free(wire_net *net);

/** The defaults, with ids and ports of its own. */
ab_directory_config wire_config(wire_net *net);
/** A bus on that host (0 ..). NULL: the defaults. */
wire_node *wire_bus(wire_net *net, unsigned host, const ab_directory_config *config);
ab_address wire_address(unsigned host, uint16_t port);
/** Hosts on different links reach one another by unicast only. */
void wire_move(wire_net *net, unsigned host, unsigned link);
/** Hosts of different groups do not reach one another at all. */
void wire_part(wire_net *net, unsigned host, unsigned group);

/** Lets time pass. */
void wire_run(wire_net *net, ab_time by);
/** Until the node has been told so many things, or the time is over; false then. */
bool wire_run_until_told(wire_net *net, const wire_node *node, size_t events, ab_time most);
/** Reads the deadline again, after a call into its directory. */
void wire_touch(wire_node *node);

void wire_publish(wire_node *node, const char *id, const char *info);
void wire_withdraw(wire_node *node, const char *id);
/** Says goodbye, and is dead when that is said. */
void wire_leave(wire_node *node);
void wire_set_state(wire_node *node, wire_state state);
/** A packet out of nowhere. */
void wire_inject(wire_node *node, const ab_origin *origin, const char *text);
/** An origin on its link, heard by the shared port. */
ab_origin wire_origin(const ab_address *from);

/** All it was told, as "+id -id ~id". */
const char *wire_story(const wire_node *node);
/** The same from that event on. */
const char *wire_story_from(const wire_node *node, size_t first);
size_t wire_count(const wire_node *node, autobus_change change);
/** True if it knows exactly so many services. */
bool wire_knows(const wire_node *node, size_t services);

#endif
