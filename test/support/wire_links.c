/* SPDX-License-Identifier: MIT
 * The links: who hears a packet, when, and how often. Knows nothing of what is in it. */
#include "base/error.h"
#include "support/wire_inside.h"

static bool is_chance(wire_net *net, unsigned per_mille)
{
    return per_mille > 0 && ab_dice_below(&net->dice, 1000) < per_mille;
}

static ab_time travel_time(wire_net *net)
{
    ab_time jitter = net->weather.jitter;
    return net->weather.latency +
           (jitter == 0 ? 0 : (ab_time)ab_dice_below(&net->dice, (uint64_t)jitter + 1));
}

bool wire_is_same_link(const wire_net *net, unsigned a, unsigned b)
{
    return net->link_of[a] == net->link_of[b];
}

bool wire_can_reach(const wire_node *from, const wire_node *to)
{
    const wire_net *net = from->net;
    return from->host == to->host || (net->group_of[from->host] == net->group_of[to->host] &&
                                      to->state != WIRE_VANISHED && from->state != WIRE_VANISHED);
}

static ab_origin origin_of(const wire_node *from, const wire_node *to, bool is_local)
{
    ab_origin origin = {
        .from = {.address = from->address, .interface = is_local ? 1 : 2},
        .is_near = is_local || wire_is_same_link(from->net, from->host, to->host),
        .is_own = from == to,
    };
    if (is_local)
        origin.from.address = ab_address_v4(0x7f000001, from->address.port);
    return origin;
}

static void carry(wire_node *to, const ab_origin *origin, ab_text *bytes, ab_time takes)
{
    wire_mail *mail = wire_mail_new(to, WIRE_PACKET, takes);
    mail->origin = *origin;
    mail->bytes = ab_text_ref(bytes);
    wire_mail_post(to->net, mail);
}

/* One copy over a link to one node. */
static void carry_far(wire_node *from, wire_node *to, const ab_origin *origin, ab_text *bytes)
{
    wire_net *net = from->net;
    if (!wire_can_reach(from, to) || net->is_udp_dead || is_chance(net, net->weather.loss))
        return;
    carry(to, origin, bytes, travel_time(net));
    if (is_chance(net, net->weather.twice))
        carry(to, origin, bytes, travel_time(net));
}

static void count_on_link(wire_net *net, ab_packet_kind kind, size_t length)
{
    net->link_packets++;
    net->link_bytes += length;
    net->kind_bytes[kind] += length;
}

static void broadcast(wire_node *from, ab_reach reach, ab_packet_kind kind, ab_text *bytes)
{
    wire_net *net = from->net;
    unsigned copies = reach == AB_REACH_ALL ? net->weather.copies : 1;
    for (size_t i = 0; i < net->count; i++) {
        wire_node *to = net->nodes[i];
        if (to->directory == NULL)
            continue;
        if (to->host == from->host) {
            ab_origin origin = origin_of(from, to, true);
            origin.is_shared = true;
            carry(to, &origin, bytes, 20);
        }
        if (reach == AB_REACH_LOOPBACK || !wire_is_same_link(net, from->host, to->host))
            continue;
        ab_origin origin = origin_of(from, to, false);
        origin.is_shared = true;
        for (unsigned copy = 0; copy < copies; copy++) {
            if (to->host == from->host)
                carry(to, &origin, bytes, 30);
            else
                carry_far(from, to, &origin, bytes);
        }
    }
    for (unsigned copy = 0; copy < copies && reach != AB_REACH_LOOPBACK; copy++)
        count_on_link(net, kind, bytes->length);
}

/* The node that a unicast packet reaches: the port's owner, or who bound the shared port last. */
static wire_node *find_receiver(const wire_node *from, const ab_address *to)
{
    const wire_net *net = from->net;
    wire_node *newest = NULL;
    for (size_t i = 0; i < net->count; i++) {
        wire_node *node = net->nodes[i];
        bool is_host = ab_address_is_loopback(to) ? node->host == from->host
                                                  : ab_address_same_host(&node->address, to);
        if (is_host && node->directory != NULL && node->state != WIRE_DEAD &&
            (to->port == WIRE_PORT || node->address.port == to->port))
            newest = node;
    }
    return newest;
}

static void send_one(wire_node *from, const ab_place *place, ab_packet_kind kind, ab_text *bytes)
{
    wire_node *to = find_receiver(from, &place->address);
    bool is_local = ab_address_is_loopback(&place->address);
    if (!is_local)
        count_on_link(from->net, kind, bytes->length);
    if (kind != AB_PACKET_QUERY)
        from->answered_bytes += bytes->length;
    if (to == NULL)
        return;
    ab_origin origin = origin_of(from, to, is_local);
    origin.is_unicast = true;
    origin.is_shared = place->address.port == WIRE_PORT;
    if (from->host == to->host)
        carry(to, &origin, bytes, 20);
    else
        carry_far(from, to, &origin, bytes);
}

void wire_send(wire_node *from, ab_reach reach, const ab_place *to, ab_packet_kind kind,
               ab_text *bytes)
{
    if (reach == AB_REACH_ONE)
        send_one(from, to, kind, bytes);
    else
        broadcast(from, reach, kind, bytes);
}
