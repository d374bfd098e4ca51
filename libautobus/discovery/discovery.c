/* SPDX-License-Identifier: MIT
 * Puts discovery together: what the sources hear goes into the directory, what the directory wants goes out
 * through them, or over TCP as a probe or a fetch (pursuit.c). Knows the clock; what is believed is the
 * directory's affair. */
#include "discovery/discovery.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "discovery/avahi.h"
#include "discovery/broadcast.h"
#include "discovery/peers.h"
#include "discovery/pursuit.h"
#include "discovery/source_names.h"

/* Descriptors are finite, and every one of a thousand buses that vanish together costs a dial. */
#define MOST_PURSUITS 256

struct ab_discovery {
    ab_loop *loop;
    const ab_discovery_ops *ops;
    void *owner;
    bool is_ready; /**< the owner has heard that there is a discovery */
    ab_directory *directory;
    ab_timer timer; /**< at the directory's deadline */
    ab_pursuits *pursuits;
    ab_interfaces *interfaces;    /**< NULL: discovery is off */
    ab_source *broadcast, *avahi; /**< NULL: not asked for */
    ab_listed *listed;            /**< NULL: none */
};

static ab_time now(const ab_discovery *discovery)
{
    return ab_loop_now(discovery->loop);
}

ab_directory *ab_discovery_directory(ab_discovery *discovery)
{
    return discovery->directory;
}

/* The owner's op comes last: in it the lock may be dropped. */
void ab_discovery_touch(ab_discovery *discovery)
{
    ab_time deadline = ab_directory_deadline(discovery->directory);
    if (deadline == AB_NEVER)
        ab_loop_timer_stop(discovery->loop, &discovery->timer);
    else if (!ab_timer_is_running(&discovery->timer) || discovery->timer.due != deadline)
        ab_loop_timer_start(discovery->loop, &discovery->timer, deadline);
    if (discovery->is_ready && discovery->ops->turned != NULL)
        discovery->ops->turned(discovery->owner);
}

static void deadline_came(ab_timer *timer) AB_LOCKED
{
    ab_discovery *discovery = AB_CONTAINER(timer, ab_discovery, timer);
    ab_directory_run(discovery->directory, now(discovery));
    ab_discovery_touch(discovery);
}

/* What the directory wants. */

static void send_out(void *owner, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                     const char *bytes, size_t length)
{
    ab_discovery *discovery = owner;
    if (discovery->broadcast != NULL)
        discovery->broadcast->class->send(discovery->broadcast, reach, to, kind, bytes, length);
}

static void start_probe(void *owner, uint64_t token, const ab_address *at, const char *service)
    AB_LOCKED
{
    ab_discovery *discovery = owner;
    ab_pursuits_probe(discovery->pursuits, token, at, service);
}

static void start_fetch(void *owner, uint64_t token, const ab_address *at) AB_LOCKED
{
    ab_discovery *discovery = owner;
    ab_pursuits_fetch(discovery->pursuits, token, at);
}

static void service_changed(void *owner, autobus_change change, autobus_sighting *sighting)
{
    ab_discovery *discovery = owner;
    discovery->ops->changed(discovery->owner, change, sighting);
}

static void service_widened(void *owner, autobus_sighting *sighting)
{
    ab_discovery *discovery = owner;
    if (discovery->ops->widened != NULL)
        discovery->ops->widened(discovery->owner, sighting);
}

static void presence_changed(void *owner, const ab_presence *presence)
{
    ab_discovery *discovery = owner;
    if (discovery->avahi != NULL)
        discovery->avahi->class->presence(discovery->avahi, presence);
}

static void bus_renamed(void *owner, uint64_t bus)
{
    ab_discovery *discovery = owner;
    discovery->ops->renamed(discovery->owner, bus);
}

static bool address_is_near(void *owner, const ab_address *address)
{
    ab_discovery *discovery = owner;
    const ab_interface *interface;
    size_t cursor = 0;
    if (discovery->interfaces == NULL)
        return false;
    while ((interface = ab_interfaces_next(discovery->interfaces, &cursor)) != NULL) {
        if (interface->is_used &&
            ab_interfaces_on_link(discovery->interfaces, interface->index, address))
            return true;
    }
    return false;
}

static const ab_directory_ops directory_ops = {
    .send = send_out,
    .probe = start_probe,
    .fetch = start_fetch,
    .changed = service_changed,
    .widened = service_widened,
    .presence = presence_changed,
    .renamed = bus_renamed,
    .is_near = address_is_near,
};

/* What the directory is told. */

static void packet_heard(void *owner, const ab_origin *origin, const char *bytes, size_t length)
    AB_LOCKED
{
    ab_discovery *discovery = owner;
    ab_directory_heard(discovery->directory, now(discovery), origin, bytes, length);
    ab_discovery_touch(discovery);
}

static void bus_told(void *owner, const ab_address *at, const ab_presence *presence) AB_LOCKED
{
    ab_discovery *discovery = owner;
    ab_directory_told(discovery->directory, now(discovery), at, presence);
    ab_discovery_touch(discovery);
}

static void bus_lost(void *owner, const ab_address *at, uint64_t bus) AB_LOCKED
{
    ab_discovery *discovery = owner;
    ab_directory_lost(discovery->directory, now(discovery), at, bus);
    ab_discovery_touch(discovery);
}

static void probed(void *owner, uint64_t token, bool is_alive) AB_LOCKED
{
    ab_discovery *discovery = owner;
    ab_directory_probed(discovery->directory, now(discovery), token, is_alive);
    ab_discovery_touch(discovery);
}

static bool page_came(void *owner, uint64_t token, const ab_presence *presence, ab_value services)
    AB_LOCKED
{
    ab_discovery *discovery = owner;
    bool goes_on =
        ab_directory_page(discovery->directory, now(discovery), token, presence, services);
    ab_discovery_touch(discovery);
    return goes_on;
}

static void fetched(void *owner, uint64_t token, bool at_end) AB_LOCKED
{
    ab_discovery *discovery = owner;
    ab_directory_fetched(discovery->directory, now(discovery), token, at_end);
    ab_discovery_touch(discovery);
}

static const ab_avahi_ops avahi_ops = {.told = bus_told, .lost = bus_lost};
static const ab_pursuit_ops pursuit_ops = {.probed = probed, .page = page_came, .fetched = fetched};

static void peers_resolved(void *owner, const ab_address *addresses, size_t count) AB_LOCKED
{
    ab_discovery *discovery = owner;
    ab_directory_peers(discovery->directory, now(discovery), addresses, count);
    ab_discovery_touch(discovery);
}

static void tell_addresses(ab_discovery *discovery)
{
    const ab_interface *interface;
    ab_address *addresses = NULL;
    size_t count = 0, cursor = 0;
    while ((interface = ab_interfaces_next(discovery->interfaces, &cursor)) != NULL) {
        if (!interface->is_used)
            continue;
        addresses = ab_realloc(addresses, count + interface->count, sizeof *addresses);
        for (size_t i = 0; i < interface->count; i++)
            addresses[count++] = interface->addresses[i].address;
    }
    ab_directory_addresses(discovery->directory, now(discovery), addresses, count);
    free(addresses);
}

static void interfaces_changed(void *owner) AB_LOCKED
{
    ab_discovery *discovery = owner;
    if (discovery->broadcast != NULL)
        ab_broadcast_join(discovery->broadcast);
    tell_addresses(discovery);
    ab_avahi_interfaces_changed(discovery->avahi);
    ab_discovery_touch(discovery);
}

/* Making and ending. */

static autobus_result open_broadcast(ab_discovery *discovery, const ab_discovery_config *config,
                                     unsigned sources) AB_LOCKED
{
    ab_broadcast_config broadcast = {
        .port = config->udp_port,
        .is_for_peers = (sources & AB_SOURCE_BROADCAST) == 0,
        .interfaces = discovery->interfaces,
        .heard = packet_heard,
        .owner = discovery,
    };
    if (broadcast.is_for_peers && discovery->listed == NULL)
        return AUTOBUS_OK;
    return ab_broadcast_new(discovery->loop, &broadcast, &discovery->broadcast);
}

static autobus_result open_avahi(ab_discovery *discovery, const ab_discovery_config *config,
                                 unsigned sources) AB_LOCKED
{
    ab_avahi_config avahi = {
        .interfaces = discovery->interfaces,
        .is_restricted = config->interfaces != NULL && *config->interfaces != '\0',
        .allow_routed = config->directory.allow_routed,
        .bus = config->directory.bus,
        .probe_timeout = config->directory.probe_timeout,
        .ops = &avahi_ops,
        .owner = discovery,
    };
    if ((sources & AB_SOURCE_AVAHI) == 0)
        return AUTOBUS_OK;
    return ab_avahi_new(discovery->loop, &avahi, &discovery->avahi);
}

static autobus_result open_all(ab_discovery *discovery, const ab_discovery_config *config) AB_LOCKED
{
    unsigned sources;
    autobus_result result = ab_source_names_parse(config->sources, &sources);
    if (result != AUTOBUS_OK)
        return result;
    if (sources != 0) {
        result = ab_listed_new(discovery->loop, config->peers, config->udp_port, peers_resolved,
                               discovery, &discovery->listed);
        if (result == AUTOBUS_OK)
            result = ab_interfaces_new(discovery->loop, config->interfaces, interfaces_changed,
                                       discovery, &discovery->interfaces);
        if (result == AUTOBUS_OK)
            result = open_broadcast(discovery, config, sources);
        if (result == AUTOBUS_OK)
            result = open_avahi(discovery, config, sources);
    }
    if (result != AUTOBUS_OK)
        return result;
    ab_directory_config directory = config->directory;
    directory.is_silent = sources == 0;
    discovery->pursuits = ab_pursuits_new(discovery->loop, directory.probe_timeout, MOST_PURSUITS,
                                          &pursuit_ops, discovery);
    discovery->directory = ab_directory_new(&directory, &directory_ops, discovery, now(discovery));
    return AUTOBUS_OK;
}

autobus_result ab_discovery_new(ab_loop *loop, const ab_discovery_config *config,
                                const ab_discovery_ops *ops, void *owner, ab_discovery **ret)
{
    ab_discovery *discovery = ab_alloc(1, sizeof *discovery);
    *discovery = (ab_discovery){.loop = loop, .ops = ops, .owner = owner};
    ab_timer_init(&discovery->timer, deadline_came);
    *ret = NULL;
    autobus_result result = open_all(discovery, config);
    if (result != AUTOBUS_OK) {
        ab_discovery_free(discovery);
        return result;
    }
    if (discovery->interfaces != NULL)
        tell_addresses(discovery);
    if (discovery->listed != NULL)
        ab_listed_start(discovery->listed);
    ab_discovery_touch(discovery);
    discovery->is_ready = true;
    *ret = discovery;
    return AUTOBUS_OK;
}

static void free_source(ab_source *source)
{
    if (source != NULL)
        source->class->free(source);
}

void ab_discovery_free(ab_discovery *discovery)
{
    if (discovery == NULL)
        return;
    ab_loop_timer_stop(discovery->loop, &discovery->timer);
    ab_pursuits_free(discovery->pursuits);
    ab_listed_free(discovery->listed);
    free_source(discovery->avahi);
    free_source(discovery->broadcast);
    if (discovery->interfaces != NULL)
        ab_interfaces_free(discovery->interfaces);
    if (discovery->directory != NULL)
        ab_directory_free(discovery->directory);
    free(discovery);
}

/* Asking. */

static void append(ab_buffer *text, char *part)
{
    if (part != NULL)
        ab_buffer_appendf(text, "%s%s", ab_buffer_length(text) > 0 ? ", " : "", part);
    free(part);
}

char *ab_discovery_text(ab_discovery *discovery)
{
    ab_buffer text;
    ab_buffer_init(&text);
    if (discovery->broadcast != NULL)
        append(&text, discovery->broadcast->class->text(discovery->broadcast));
    if (discovery->avahi != NULL)
        append(&text, discovery->avahi->class->text(discovery->avahi));
    if (discovery->listed != NULL)
        append(&text, ab_listed_text(discovery->listed));
    if (ab_buffer_length(&text) == 0)
        ab_buffer_append_text(&text, "none (discovery is off)");
    ab_buffer_append(&text, "", 1);
    return text.data;
}

uint64_t ab_discovery_stat(ab_discovery *discovery, autobus_stat which)
{
    uint64_t sum = ab_directory_stat(discovery->directory, which);
    if (discovery->broadcast != NULL)
        sum += discovery->broadcast->class->stat(discovery->broadcast, which);
    return sum;
}
