/* SPDX-License-Identifier: MIT
 * The clock, the links and the processes. Connections are not simulated byte by byte: a probe or a fetch finds
 * what is there when it arrives. */
#include "support/wire_net.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "value/json.h"
#include "value/scan.h"

#define PAGE_SERVICES 64
#define HOSTS         1024

typedef enum mail_kind {
    MAIL_WAKE,
    MAIL_PACKET,
    MAIL_PROBED,
    MAIL_FETCHED
} mail_kind;

typedef struct wire_mail {
    ab_time at;
    uint64_t order;
    mail_kind kind;
    wire_node *to;
    ab_origin origin;
    ab_text *bytes;
    uint64_t token;
    bool is_good;
    wire_node *target;
} wire_mail;

/* The heap. */

static bool is_before(const wire_mail *a, const wire_mail *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void push(wire_net *net, wire_mail *mail)
{
    mail->order = net->orders++;
    if (net->mail_count == net->mail_capacity) {
        net->mail_capacity = AB_MAX(net->mail_capacity * 2, 64);
        net->mails = ab_realloc(net->mails, net->mail_capacity, sizeof(wire_mail *));
    }
    size_t at = net->mail_count++;
    while (at > 0 && is_before(mail, net->mails[(at - 1) / 2])) {
        net->mails[at] = net->mails[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    net->mails[at] = mail;
}

static wire_mail *pop(wire_net *net)
{
    wire_mail *first = net->mails[0], *last = net->mails[--net->mail_count];
    size_t at = 0;
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= net->mail_count)
            break;
        if (child + 1 < net->mail_count && is_before(net->mails[child + 1], net->mails[child]))
            child++;
        if (!is_before(net->mails[child], last))
            break;
        net->mails[at] = net->mails[child];
        at = child;
    }
    net->mails[at] = last;
    return first;
}

static wire_mail *mail_new(wire_net *net, mail_kind kind, wire_node *to, ab_time delay)
{
    wire_mail *mail = ab_alloc(1, sizeof *mail);
    *mail = (wire_mail){.at = net->now + delay, .kind = kind, .to = to};
    return mail;
}

static void mail_free(wire_mail *mail)
{
    ab_text_unref(mail->bytes);
    free(mail);
}

void wire_touch(wire_node *node)
{
    ab_time due = node->directory == NULL ? AB_NEVER : ab_directory_deadline(node->directory);
    if (due >= node->wakes_at || node->state != WIRE_RUNS)
        return;
    node->wakes_at = due;
    push(node->net, mail_new(node->net, MAIL_WAKE, node, AB_MAX(due - node->net->now, 0)));
}

/* Links. */

ab_address wire_address(unsigned host, uint16_t port)
{
    return ab_address_v4(0x0a000001U + host, port);
}

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

static bool is_same_link(const wire_net *net, unsigned a, unsigned b)
{
    return net->link_of[a] == net->link_of[b];
}

static bool can_reach(const wire_node *from, const wire_node *to)
{
    const wire_net *net = from->net;
    return from->host == to->host || (net->group_of[from->host] == net->group_of[to->host] &&
                                      to->state != WIRE_VANISHED && from->state != WIRE_VANISHED);
}

static ab_origin origin_of(const wire_node *from, const wire_node *to, bool is_local)
{
    ab_origin origin = {
        .from = {.address = from->address, .interface = is_local ? 1 : 2},
        .is_near = is_local || is_same_link(from->net, from->host, to->host),
        .is_own = from == to,
    };
    if (is_local)
        origin.from.address = ab_address_v4(0x7f000001, from->address.port);
    return origin;
}

static void carry(wire_node *to, const ab_origin *origin, ab_text *bytes, ab_time takes)
{
    wire_mail *mail = mail_new(to->net, MAIL_PACKET, to, takes);
    mail->origin = *origin;
    mail->bytes = ab_text_ref(bytes);
    push(to->net, mail);
}

/* One copy over a link to one node. */
static void carry_far(wire_node *from, wire_node *to, const ab_origin *origin, ab_text *bytes)
{
    wire_net *net = from->net;
    if (!can_reach(from, to) || net->is_udp_dead || is_chance(net, net->weather.loss))
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
        if (reach == AB_REACH_LOOPBACK || !is_same_link(net, from->host, to->host))
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

/* Actions of a directory. */

static void node_send(void *owner, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                      const char *bytes, size_t length)
{
    wire_node *node = owner;
    if (node->net->spy != NULL)
        node->net->spy(node, reach, to, kind, bytes, length);
    node->sent[kind]++;
    node->sent_bytes += length;
    ab_text *text = ab_text_new(bytes, length);
    if (reach == AB_REACH_ONE)
        send_one(node, to, kind, text);
    else
        broadcast(node, reach, kind, text);
    ab_text_unref(text);
}

static wire_node *find_listener(const wire_node *from, const ab_address *at, bool *is_silent)
{
    const wire_net *net = from->net;
    wire_node *found = ab_map_get(&net->by_tcp, &at->port, sizeof at->port);
    bool has_host = ab_address_is_loopback(at);
    *is_silent = false;
    for (size_t i = 0; i < net->count && !has_host; i++)
        has_host =
            ab_address_same_host(&net->nodes[i]->address, at) && can_reach(from, net->nodes[i]);
    bool is_there =
        found != NULL && (ab_address_is_loopback(at) ? found->host == from->host
                                                     : ab_address_same_host(&found->address, at));
    if (net->is_tcp_dead || !has_host || (is_there && found->state == WIRE_HANGS))
        *is_silent = true;
    return is_there && !*is_silent && found->state == WIRE_RUNS ? found : NULL;
}

static void node_probe(void *owner, uint64_t token, const ab_address *at, const char *service)
{
    wire_node *node = owner;
    bool is_silent;
    wire_node *found = find_listener(node, at, &is_silent);
    ab_time takes = is_silent ? AB_MS(3000) : 4 * node->net->weather.latency + 100;
    wire_mail *mail = mail_new(node->net, MAIL_PROBED, node, takes);
    mail->token = token;
    mail->is_good =
        found != NULL && found->directory != NULL &&
        (service == NULL || ab_directory_offers(found->directory, ab_slice_of(service)));
    push(node->net, mail);
}

static void node_fetch(void *owner, uint64_t token, const ab_address *at)
{
    wire_node *node = owner;
    bool is_silent;
    wire_node *found = find_listener(node, at, &is_silent);
    ab_time takes = is_silent ? AB_MS(3000) : 6 * node->net->weather.latency + 300;
    wire_mail *mail = mail_new(node->net, MAIL_FETCHED, node, takes);
    mail->token = token;
    mail->target = found;
    push(node->net, mail);
}

static void node_changed(void *owner, autobus_change change, autobus_sighting *sighting)
{
    wire_node *node = owner;
    if (!node->listens)
        return;
    if (node->event_count == node->event_capacity) {
        node->event_capacity = AB_MAX(node->event_capacity * 2, 16);
        node->events = ab_realloc(node->events, node->event_capacity, sizeof *node->events);
    }
    wire_event *event = &node->events[node->event_count++];
    *event = (wire_event){.at = node->net->now, .change = change};
    snprintf(event->id, sizeof event->id, "%s", sighting->id->bytes);
    ab_address_text(&sighting->locations[0], event->host);
}

static void node_renamed(void *owner, uint64_t bus)
{
    wire_node *node = owner;
    node->bus = bus;
}

static bool node_is_near(void *owner, const ab_address *address)
{
    const wire_node *node = owner;
    for (size_t i = 0; i < node->net->count; i++) {
        const wire_node *other = node->net->nodes[i];
        if (ab_address_same_host(&other->address, address))
            return is_same_link(node->net, node->host, other->host);
    }
    return ab_address_is_loopback(address);
}

static const ab_directory_ops ops = {
    .send = node_send,
    .probe = node_probe,
    .fetch = node_fetch,
    .changed = node_changed,
    .renamed = node_renamed,
    .is_near = node_is_near,
};

/* Fetches. */

typedef struct page {
    ab_buffer list;
    size_t count;
    ab_slice last;
} page;

static bool add_to_page(void *userdata, ab_slice id, ab_slice info)
{
    page *now = userdata;
    if (now->count == PAGE_SERVICES)
        return false;
    ab_buffer_append_text(&now->list, now->count++ == 0 ? "[" : ",[");
    ab_json_print_string(&now->list, id);
    ab_buffer_append_text(&now->list, ",");
    ab_buffer_append(&now->list, info.bytes, info.length);
    ab_buffer_append_text(&now->list, "]");
    now->last = id;
    return true;
}

static bool deliver_page(const wire_mail *mail, ab_slice *after, bool *is_first)
{
    wire_net *net = mail->to->net;
    ab_presence presence;
    page now = {.count = 0};
    ab_buffer_init(&now.list);
    ab_directory_presence(mail->target->directory, &presence);
    ab_buffer_append_text(&now.list, "[");
    bool at_end = ab_directory_offers_after(mail->target->directory, *is_first ? NULL : after,
                                            add_to_page, &now);
    ab_buffer_append_text(&now.list, "]");
    net->fetched_bytes += ab_buffer_length(&now.list);
    ab_value list = {AB_KIND_LIST, {ab_buffer_bytes(&now.list), ab_buffer_length(&now.list)}};
    bool goes_on = ab_directory_page(mail->to->directory, net->now, mail->token, &presence, list);
    *after = now.last;
    *is_first = false;
    ab_buffer_fini(&now.list);
    return goes_on && !at_end;
}

static void deliver_fetch(const wire_mail *mail)
{
    ab_slice after = {0};
    bool is_first = true, is_there = mail->target != NULL && mail->target->state == WIRE_RUNS;
    while (is_there && deliver_page(mail, &after, &is_first))
        continue;
    ab_directory_fetched(mail->to->directory, mail->to->net->now, mail->token, is_there);
}

/* Time. */

static void deliver(wire_net *net, const wire_mail *mail)
{
    wire_node *to = mail->to;
    if (mail->kind == MAIL_WAKE) {
        if (mail->at < to->wakes_at)
            return;
        to->wakes_at = AB_NEVER;
    }
    if (to->directory == NULL || to->state != WIRE_RUNS)
        return;
    switch (mail->kind) {
    case MAIL_WAKE:
        to->wakes += ab_directory_deadline(to->directory) <= net->now;
        ab_directory_run(to->directory, net->now);
        break;
    case MAIL_PACKET:
        net->delivered++;
        net->delivered_bytes += mail->bytes->length;
        to->wakes += !mail->origin.is_own;
        ab_directory_heard(to->directory, net->now, &mail->origin, mail->bytes->bytes,
                           mail->bytes->length);
        break;
    case MAIL_PROBED:
        ab_directory_probed(to->directory, net->now, mail->token, mail->is_good);
        break;
    case MAIL_FETCHED: deliver_fetch(mail); break;
    }
    wire_touch(to);
}

static bool step(wire_net *net, ab_time until)
{
    if (net->mail_count == 0 || net->mails[0]->at > until)
        return false;
    wire_mail *mail = pop(net);
    net->now = AB_MAX(net->now, mail->at);
    deliver(net, mail);
    mail_free(mail);
    return true;
}

void wire_run(wire_net *net, ab_time by)
{
    ab_time until = net->now + by;
    while (step(net, until))
        continue;
    net->now = until;
}

bool wire_run_until_told(wire_net *net, const wire_node *node, size_t events, ab_time most)
{
    ab_time until = net->now + most;
    while (node->event_count < events && step(net, until))
        continue;
    return node->event_count >= events;
}

/* Nodes. */

wire_net *wire_net_new(uint64_t seed)
{
    wire_net *net = ab_alloc(1, sizeof *net);
    net->now = AB_MS(1000000);
    net->weather = (wire_weather){.latency = 100, .jitter = 50, .copies = 2};
    ab_dice_seed(&net->dice, seed);
    ab_map_init(&net->by_tcp);
    return net;
}

void wire_net_free(wire_net *net)
{
    for (size_t i = 0; i < net->mail_count; i++)
        mail_free(net->mails[i]);
    free(net->mails);
    for (size_t i = 0; i < net->count; i++) {
        ab_directory_free(net->nodes[i]->directory);
        free(net->nodes[i]->events);
        free(net->nodes[i]);
    }
    free(net->nodes);
    ab_map_fini(&net->by_tcp);
    free(net);
}

ab_directory_config wire_config(wire_net *net)
{
    ab_directory_config config;
    ab_directory_defaults(&config);
    config.bus = ab_dice_next(&net->dice);
    config.seed = ab_dice_next(&net->dice);
    config.port = (uint16_t)(20000 + net->count);
    return config;
}

wire_node *wire_bus(wire_net *net, unsigned host, const ab_directory_config *config)
{
    assert(host < HOSTS);
    ab_directory_config own = config != NULL ? *config : wire_config(net);
    wire_node *node = ab_alloc(1, sizeof *node);
    if (net->count == net->capacity) {
        net->capacity = AB_MAX(net->capacity * 2, 16);
        net->nodes = ab_realloc(net->nodes, net->capacity, sizeof(wire_node *));
    }
    *node = (wire_node){
        .net = net,
        .index = net->count,
        .host = host,
        .address = wire_address(host, (uint16_t)(40000 + net->count)),
        .tcp = own.port,
        .bus = own.bus,
        .wakes_at = AB_NEVER,
        .listens = true,
    };
    net->nodes[net->count++] = node;
    ab_map_put(&net->by_tcp, &node->tcp, sizeof node->tcp, node);
    node->directory = ab_directory_new(&own, &ops, node, net->now);
    ab_address host_address = wire_address(host, 0);
    ab_directory_addresses(node->directory, net->now, &host_address, 1);
    wire_touch(node);
    return node;
}

void wire_move(wire_net *net, unsigned host, unsigned link)
{
    net->link_of[host] = link;
}

void wire_part(wire_net *net, unsigned host, unsigned group)
{
    net->group_of[host] = group;
}

void wire_publish(wire_node *node, const char *id, const char *info)
{
    ab_text *id_text = ab_text_new(id, strlen(id)), *info_text = ab_text_new(info, strlen(info));
    autobus_result result =
        ab_directory_publish(node->directory, node->net->now, id_text, info_text);
    assert(result == AUTOBUS_OK);
    (void)result;
    ab_text_unref(id_text);
    ab_text_unref(info_text);
    wire_touch(node);
}

void wire_withdraw(wire_node *node, const char *id)
{
    autobus_result result = ab_directory_withdraw(node->directory, node->net->now, ab_slice_of(id));
    assert(result == AUTOBUS_OK);
    (void)result;
    wire_touch(node);
}

void wire_leave(wire_node *node)
{
    ab_directory_leave(node->directory, node->net->now);
    wire_touch(node);
    for (int turn = 0; turn < 100 && !ab_directory_is_said(node->directory); turn++)
        wire_run(node->net, AB_MS(20));
    assert(ab_directory_is_said(node->directory));
    wire_set_state(node, WIRE_DEAD);
}

void wire_set_state(wire_node *node, wire_state state)
{
    bool goes_on = node->state == WIRE_HANGS && state == WIRE_RUNS;
    if (state == WIRE_HANGS)
        node->stopped_at = node->net->now;
    node->state = state;
    if (goes_on)
        ab_directory_stood_still(node->directory, node->net->now,
                                 node->net->now - node->stopped_at);
    node->wakes_at = AB_NEVER;
    wire_touch(node);
}

ab_origin wire_origin(const ab_address *from)
{
    return (ab_origin){
        .from = {.address = *from, .interface = 2}, .is_near = true, .is_shared = true};
}

void wire_inject(wire_node *node, const ab_origin *origin, const char *text)
{
    ab_directory_heard(node->directory, node->net->now, origin, text, strlen(text));
    wire_touch(node);
}

/* What they were told. */

const char *wire_story_from(const wire_node *node, size_t first)
{
    static char story[8192];
    size_t length = 0;
    story[0] = '\0';
    for (size_t i = first; i < node->event_count && length + 80 < sizeof story; i++) {
        const wire_event *event = &node->events[i];
        length += (size_t)snprintf(story + length, sizeof story - length, "%s%c%s",
                                   i == first ? "" : " ", "+-~"[event->change], event -> id);
    }
    return story;
}

const char *wire_story(const wire_node *node)
{
    return wire_story_from(node, 0);
}

size_t wire_count(const wire_node *node, autobus_change change)
{
    size_t count = 0;
    for (size_t i = 0; i < node->event_count; i++)
        count += node->events[i].change == change;
    return count;
}

bool wire_knows(const wire_node *node, size_t services)
{
    return ab_directory_stat(node->directory, AUTOBUS_STAT_SERVICES) == services;
}
