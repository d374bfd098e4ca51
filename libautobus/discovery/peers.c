/* SPDX-License-Identifier: MIT
 * Keeps the addresses of the listed peers up to date. Names are looked up on an errand, for getaddrinfo may
 * take half a minute; an address once known is kept while the name server does not answer. */
#include "discovery/peers.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "discovery/errand.h"

/* Names that resolved are looked up again after this, */
#define REFRESH  AB_MS(300 * 1000)
/* others sooner, waiting twice as long each time. */
#define RETRY    AB_MS(5 * 1000)
/* What a lookup under way gets at the end. */
#define PATIENCE AB_MS(20)

/** One walk to the name servers. */
typedef struct lookup_errand {
    ab_errand errand;
    struct ab_listed *listed; /**< not for the errand's thread */
    ab_listed_peer *peers;    /**< copies; the thread's until it is over */
    size_t count;
} lookup_errand;

struct ab_listed {
    ab_loop *loop;
    ab_listed_peer *peers;
    size_t count;
    ab_listed_fn *resolved;
    void *owner;
    ab_timer again;
    ab_time wait;
    lookup_errand *lookup; /**< under way, or NULL */
};

/* On the errand's thread. */

static void resolve(ab_listed_peer *peer)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
    peer->count = 0;
    int error = getaddrinfo(peer->host, NULL, &hints, &found);
    if (error != 0) {
        ab_log(AB_LOG_INFO, "the peer %s has no address: %s", peer->host, gai_strerror(error));
        return;
    }
    for (struct addrinfo *at = found; at != NULL && peer->count < AB_LISTED_ADDRESSES;
         at = at->ai_next) {
        ab_address *address = &peer->addresses[peer->count];
        if (ab_address_from_sockaddr(address, at->ai_addr)) {
            address->port = peer->port;
            peer->count++;
        }
    }
    freeaddrinfo(found);
}

static void run_lookup(ab_errand *errand)
{
    lookup_errand *lookup = AB_CONTAINER(errand, lookup_errand, errand);
    for (size_t i = 0; i < lookup->count; i++) {
        if (lookup->peers[i].is_name)
            resolve(&lookup->peers[i]);
    }
}

static void free_lookup(ab_errand *errand)
{
    lookup_errand *lookup = AB_CONTAINER(errand, lookup_errand, errand);
    ab_listed_clear(lookup->peers, lookup->count);
    free(lookup);
}

/* On the bus thread. */

static void tell(ab_listed *listed)
{
    ab_address all[AB_LISTED_MAX * AB_LISTED_ADDRESSES];
    size_t count = 0;
    for (size_t i = 0; i < listed->count; i++) {
        for (size_t j = 0; j < listed->peers[i].count; j++)
            all[count++] = listed->peers[i].addresses[j];
    }
    listed->resolved(listed->owner, all, count);
}

/* Takes what was found; true if that is another address than before. */
static bool adopt(ab_listed_peer *peer, const ab_listed_peer *found)
{
    size_t size = found->count * sizeof found->addresses[0];
    if (found->count == 0 ||
        (found->count == peer->count && memcmp(peer->addresses, found->addresses, size) == 0))
        return false;
    memcpy(peer->addresses, found->addresses, size);
    peer->count = found->count;
    return true;
}

static void lookup_rang(ab_errand *errand) AB_LOCKED
{
    lookup_errand *lookup = AB_CONTAINER(errand, lookup_errand, errand);
    ab_listed *listed = lookup->listed;
    bool is_complete = true, has_changed = false;
    if (!ab_errand_is_over(errand))
        return;
    for (size_t i = 0; i < listed->count; i++) {
        is_complete = is_complete && lookup->peers[i].count > 0;
        has_changed = adopt(&listed->peers[i], &lookup->peers[i]) || has_changed;
    }
    listed->lookup = NULL;
    ab_errand_abandon(errand, PATIENCE);
    listed->wait = is_complete ? REFRESH : AB_MIN(listed->wait * 2, REFRESH);
    ab_loop_timer_start_in(listed->loop, &listed->again, listed->wait);
    if (has_changed)
        tell(listed);
}

static void start_lookup(ab_listed *listed) AB_LOCKED
{
    lookup_errand *lookup = ab_alloc(1, sizeof *lookup);
    lookup->errand = (ab_errand){.run = run_lookup, .rung = lookup_rang, .free = free_lookup};
    lookup->listed = listed;
    lookup->count = listed->count;
    lookup->peers = ab_alloc(listed->count, sizeof *lookup->peers);
    for (size_t i = 0; i < listed->count; i++) {
        lookup->peers[i] = listed->peers[i];
        lookup->peers[i].host = ab_strdup(listed->peers[i].host);
    }
    if (ab_errand_start(&lookup->errand, listed->loop) == AUTOBUS_OK) {
        listed->lookup = lookup;
        return;
    }
    ab_log(AB_LOG_WARNING, "can't look up the listed peers now: %s", autobus_last_error());
    ab_loop_timer_start_in(listed->loop, &listed->again, listed->wait);
}

static void look_again(ab_timer *timer) AB_LOCKED
{
    start_lookup(AB_CONTAINER(timer, ab_listed, again));
}

autobus_result ab_listed_new(ab_loop *loop, const char *text, uint16_t port, ab_listed_fn *resolved,
                             void *owner, ab_listed **ret)
{
    ab_listed_peer *peers;
    size_t count;
    *ret = NULL;
    autobus_result result = ab_listed_parse(text, port, &peers, &count);
    if (result != AUTOBUS_OK || count == 0)
        return result;
    ab_listed *listed = ab_alloc(1, sizeof *listed);
    *listed = (ab_listed){.loop = loop,
                          .peers = peers,
                          .count = count,
                          .resolved = resolved,
                          .owner = owner,
                          .wait = RETRY};
    ab_timer_init(&listed->again, look_again);
    *ret = listed;
    return AUTOBUS_OK;
}

void ab_listed_start(ab_listed *listed)
{
    bool has_names = false, has_numbers = false;
    for (size_t i = 0; i < listed->count; i++) {
        has_names = has_names || listed->peers[i].is_name;
        has_numbers = has_numbers || !listed->peers[i].is_name;
    }
    if (has_numbers)
        tell(listed);
    if (has_names)
        start_lookup(listed);
}

void ab_listed_free(ab_listed *listed)
{
    if (listed == NULL)
        return;
    ab_loop_timer_stop(listed->loop, &listed->again);
    if (listed->lookup != NULL)
        ab_errand_abandon(&listed->lookup->errand, PATIENCE);
    ab_listed_clear(listed->peers, listed->count);
    free(listed);
}

char *ab_listed_text(const ab_listed *listed)
{
    ab_buffer text;
    ab_buffer_init(&text);
    for (size_t i = 0; i < listed->count; i++) {
        const ab_listed_peer *peer = &listed->peers[i];
        bool is_bracketed = strchr(peer->host, ':') != NULL;
        ab_buffer_appendf(&text, "%s%s%s%s:%u", i == 0 ? "peers " : ", ", is_bracketed ? "[" : "",
                          peer->host, is_bracketed ? "]" : "", (unsigned)peer->port);
    }
    ab_buffer_append(&text, "", 1);
    return text.data;
}
