/* SPDX-License-Identifier: MIT
 * The discovery datagrams, to and from bytes; docs/protocol.md is the specification. Pure: no socket, no
 * clock, no memory of what came before. What it returns points into the bytes it was given. */
#ifndef AB_WIRE_DATAGRAM_H
#define AB_WIRE_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/text.h"
#include "value/scan.h"

#define AB_DATAGRAM_MAX  16384 /**< what a legacy peer can receive */
#define AB_DATAGRAM_GOOD 1400  /**< what fits any LAN in one piece */
#define AB_QUERY_SIZE \
    480 /**< queries are padded to this, so that an answer of 3 x is worth a datagram */
#define AB_ANSWER_FACTOR    3 /**< a direct answer is at most so many times as long as the question */
#define AB_PACKET_ADDRESSES 8

typedef enum ab_packet_kind {
    AB_PACKET_QUERY,
    AB_PACKET_ADD,
    AB_PACKET_REMOVE,
    AB_PACKET_PRESENCE,
    AB_PACKET_SUSPECT, /**< "I have not heard of bus `about` for too long": it answers aloud, others wait */
    AB_PACKET_KINDS
} ab_packet_kind;

/** What a bus says of itself in every packet but a listener's question. */
typedef struct ab_presence {
    uint64_t bus;
    uint64_t sequence; /**< raised by every change of what it offers */
    uint64_t digest;   /**< sum of ab_service_digest() over what it offers */
    uint32_t count;    /**< how many services; 0 is a goodbye of all */
    uint32_t interval; /**< ms until it says so again */
    uint16_t port;     /**< TCP */
} ab_presence;

typedef struct ab_packet {
    ab_packet_kind kind;
    size_t size;  /**< bytes of the whole datagram */
    bool has_bus; /**< false: a legacy peer */
    uint64_t bus;
    bool has_presence; /**< `presence` is complete and valid */
    ab_presence presence;
    uint16_t port;     /**< add, remove: TCP, 1..65535 */
    ab_slice service;  /**< add, remove: the id as written between its quotes; see ab_packet_id() */
    ab_value info;     /**< add: a map, bytes as sent */
    ab_value services; /**< presence: a list of [id, info]; NONE without */
    ab_value addresses; /**< presence: list of host strings the bus has now ("at"); NONE without */
    bool waits;         /**< query: wants to hear of newcomers */
    bool has_known;     /**< query: `known` and `sum` are there */
    uint32_t known;     /**< how many offering buses the asker knows */
    uint64_t sum;       /**< sum of their ids */
    uint64_t about;     /**< suspect */
    bool has_asker; /**< query passed on by a neighbour on the same machine: answer to `asker` */
    ab_address asker;
} ab_packet;

/** Decodes and validates. False: malformed or unknown; *packet is unspecified. An unknown command that is
 *  otherwise well-formed is false with *is_unknown set. */
bool ab_datagram_decode(ab_packet *packet, const char *bytes, size_t length, bool *is_unknown);

/** 64-bit hash of one service: SipHash-2-4 with the key 00 01 .. 0f over id, a zero byte, info bytes. */
uint64_t ab_service_digest(ab_slice id, ab_slice info);
/** The id with escapes undone, into `out` of at least written.length bytes; its length. */
size_t ab_packet_id(ab_slice written, char *out);
/** Walks the `services` of a presence (or a fetched page): ids as written, infos as sent. Ends at anything
 *  that is not [string, map]. */
typedef struct ab_services_walk {
    ab_members members;
} ab_services_walk;
void ab_services_begin(ab_services_walk *walk, ab_value services);
bool ab_services_next(ab_services_walk *walk, ab_slice *written_id, ab_value *info);

/* Encoders append to an empty buffer. Ids and infos are raw bytes. */

typedef struct ab_query {
    uint64_t bus;
    bool waits, has_known;
    uint32_t known;
    uint64_t sum;
    const ab_presence *presence; /**< NULL: nothing offered */
    const ab_address *asker;     /**< NULL: not passed on */
} ab_query;
/** Padded to AB_QUERY_SIZE. */
void ab_datagram_query(ab_buffer *out, const ab_query *query);
/** `presence` NULL makes the legacy form. */
void ab_datagram_add(ab_buffer *out, uint16_t port, ab_slice id, ab_slice info,
                     const ab_presence *presence);
void ab_datagram_remove(ab_buffer *out, uint16_t port, ab_slice id, const ab_presence *presence);
void ab_datagram_suspect(ab_buffer *out, uint64_t bus, uint64_t about);
/** Begin, then any number of services, then end. */
void ab_datagram_presence_begin(ab_buffer *out, const ab_presence *presence,
                                const ab_address *addresses, size_t count);
/** Adds one service unless the finished datagram would be longer than `limit`: then false, nothing changed. */
bool ab_datagram_presence_service(ab_buffer *out, ab_slice id, ab_slice info, size_t limit);
void ab_datagram_presence_end(ab_buffer *out);

#endif
