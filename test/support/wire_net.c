/* SPDX-License-Identifier: MIT
 * Time, hosts and processes of the simulated network. How packets travel is wire_links.c, what the directories
 * do is wire_actions.c. */
#include "support/wire_net.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "support/wire_inside.h"

#define HOSTS 1024

void wire_touch(wire_node *node)
{
    ab_time due = node->directory == NULL ? AB_NEVER : ab_directory_deadline(node->directory);
    if (due >= node->wakes_at || node->state != WIRE_RUNS)
        return;
    node->wakes_at = due;
    wire_mail_post(node->net, wire_mail_new(node, WIRE_WAKE, AB_MAX(due - node->net->now, 0)));
}

static void deliver(wire_net *net, const wire_mail *mail)
{
    wire_node *to = mail->to;
    if (mail->kind == WIRE_WAKE) {
        if (mail->at < to->wakes_at)
            return;
        to->wakes_at = AB_NEVER;
    }
    if (to->directory == NULL || to->state != WIRE_RUNS)
        return;
    switch (mail->kind) {
    case WIRE_WAKE:
        to->wakes += ab_directory_deadline(to->directory) <= net->now;
        ab_directory_run(to->directory, net->now);
        break;
    case WIRE_PACKET:
        net->delivered++;
        net->delivered_bytes += mail->bytes->length;
        to->wakes += !mail->origin.is_own;
        ab_directory_heard(to->directory, net->now, &mail->origin, mail->bytes->bytes,
                           mail->bytes->length);
        break;
    case WIRE_PROBED:
        ab_directory_probed(to->directory, net->now, mail->token, mail->is_good);
        break;
    case WIRE_FETCHED: wire_deliver_fetch(mail); break;
    }
    wire_touch(to);
}

static bool step(wire_net *net, ab_time until)
{
    if (net->mail_count == 0 || net->mails[0]->at > until)
        return false;
    wire_mail *mail = wire_mail_next(net);
    net->now = AB_MAX(net->now, mail->at);
    deliver(net, mail);
    wire_mail_free(mail);
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

ab_address wire_address(unsigned host, uint16_t port)
{
    return ab_address_v4(0x0a000001U + host, port);
}

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
        wire_mail_free(net->mails[i]);
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
    node->directory = ab_directory_new(&own, &wire_ops, node, net->now);
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
