/* SPDX-License-Identifier: MIT
 * What a directory orders: sending, probing, fetching; and what it tells. Connections are not simulated byte by
 * byte: a probe or a fetch finds what is there when it is ordered. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "support/wire_inside.h"
#include "value/json.h"
#include "value/scan.h"

#define PAGE_SERVICES 64

static void node_send(void *owner, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                      const char *bytes, size_t length)
{
    wire_node *node = owner;
    if (node->net->spy != NULL)
        node->net->spy(node, reach, to, kind, bytes, length);
    node->sent[kind]++;
    node->sent_bytes += length;
    ab_text *text = ab_text_new(bytes, length);
    wire_send(node, reach, to, kind, text);
    ab_text_unref(text);
}

static wire_node *find_listener(const wire_node *from, const ab_address *at, bool *is_silent)
{
    const wire_net *net = from->net;
    wire_node *found = ab_map_get(&net->by_tcp, &at->port, sizeof at->port);
    bool has_host = ab_address_is_loopback(at);
    *is_silent = false;
    for (size_t i = 0; i < net->count && !has_host; i++)
        has_host = ab_address_same_host(&net->nodes[i]->address, at) &&
                   wire_can_reach(from, net->nodes[i]);
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
    wire_mail *mail = wire_mail_new(node, WIRE_PROBED, takes);
    mail->token = token;
    mail->is_good =
        found != NULL && found->directory != NULL &&
        (service == NULL || ab_directory_offers(found->directory, ab_slice_of(service)));
    wire_mail_post(node->net, mail);
}

static void node_fetch(void *owner, uint64_t token, const ab_address *at)
{
    wire_node *node = owner;
    bool is_silent;
    wire_node *found = find_listener(node, at, &is_silent);
    ab_time takes = is_silent ? AB_MS(3000) : 6 * node->net->weather.latency + 300;
    wire_mail *mail = wire_mail_new(node, WIRE_FETCHED, takes);
    mail->token = token;
    mail->target = found;
    wire_mail_post(node->net, mail);
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
            return wire_is_same_link(node->net, node->host, other->host);
    }
    return ab_address_is_loopback(address);
}

const ab_directory_ops wire_ops = {
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

void wire_deliver_fetch(const wire_mail *mail)
{
    ab_slice after = {0};
    bool is_first = true, is_there = mail->target != NULL && mail->target->state == WIRE_RUNS;
    while (is_there && deliver_page(mail, &after, &is_first))
        continue;
    ab_directory_fetched(mail->to->directory, mail->to->net->now, mail->token, is_there);
}
