/* SPDX-License-Identifier: MIT
 * What the parts of the simulated network share: mail that is on its way, and who can reach whom. */
#ifndef AUTOBUS_TEST_WIRE_INSIDE_H
#define AUTOBUS_TEST_WIRE_INSIDE_H

#include "support/wire_net.h"

/** What happens to a node when its time has come. */
typedef enum wire_mail_kind {
    WIRE_WAKE,
    WIRE_PACKET,
    WIRE_PROBED,
    WIRE_FETCHED
} wire_mail_kind;

typedef struct wire_mail {
    ab_time at;
    uint64_t order;
    wire_mail_kind kind;
    wire_node *to;
    ab_origin origin;
    ab_text *bytes;
    uint64_t token;
    bool is_good;
    wire_node *target;
} wire_mail;

/** Mail for that node, so much later; free it when it was delivered. */
wire_mail *wire_mail_new(wire_node *to, wire_mail_kind kind, ab_time delay);
void wire_mail_free(wire_mail *mail);
void wire_mail_post(wire_net *net, wire_mail *mail);
/** The next one in time; there must be one. */
wire_mail *wire_mail_next(wire_net *net);

bool wire_is_same_link(const wire_net *net, unsigned a, unsigned b);
bool wire_can_reach(const wire_node *from, const wire_node *to);
/** Brings a packet to whomever it is for. */
void wire_send(wire_node *from, ab_reach reach, const ab_place *to, ab_packet_kind kind,
               ab_text *bytes);

/** What the directories of the nodes do; the owner is the node. */
extern const ab_directory_ops wire_ops;
/** A fetch arrives: hands over the pages. */
void wire_deliver_fetch(const wire_mail *mail);

#endif
