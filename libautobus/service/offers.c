/* SPDX-License-Identifier: MIT
 * The registry of our services. The directory keeps what is announced of them; this knows which of them is the
 * program's, which the library's. What a session may do with one that it bound is client.c. */
#include "service/offers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "service/client.h"
#include "service/gate.h"
#include "service/introspection.h"
#include "service/service.h"

#define PAGE_BYTES (32 * 1024)
#define QUEUE_MOST 16384 /* calls that wait for a worker */
#define IDLE_TIME  AB_MS(10000)

/* Nobody else knows it yet: no lock. */
ab_offers *ab_offers_new(ab_seat *seat, size_t workers, size_t max_message,
                         const ab_offers_ops *ops, void *owner) AB_UNCHECKED
{
    ab_offers *offers = ab_alloc(1, sizeof *offers);
    offers->seat = seat;
    offers->ops = ops;
    offers->owner = owner;
    ab_map_init(&offers->by_id);
    ab_list_init(&offers->services);
    ab_spares_init(&offers->requests);
    for (size_t i = 0; i < AB_CODECS; i++)
        ab_circular_init(&offers->fired[i]);
    offers->max_message = max_message;
    offers->pool = ab_pool_new(seat, workers, QUEUE_MOST, IDLE_TIME);
    offers->introspection = ab_service_make_introspection(offers);
    return offers;
}

/* Nobody else knows it any more: no lock. */
void ab_offers_free(ab_offers *offers) AB_UNCHECKED
{
    if (offers == NULL)
        return;
    ab_service_free_introspection(offers->introspection);
    ab_map_fini(&offers->by_id);
    ab_text_unref(offers->details);
    for (size_t i = 0; i < AB_CODECS; i++)
        ab_circular_fini(&offers->fired[i]);
    ab_spares_fini(&offers->requests);
    ab_pool_free(offers->pool);
    free(offers);
}

void ab_offers_attach(ab_offers *offers, ab_peers *peers, ab_directory *directory)
{
    offers->peers = peers;
    offers->directory = directory;
}

static ab_time now_of(const ab_offers *offers)
{
    return ab_loop_now(offers->seat->loop);
}

/** The introspection service comes with the first service of the program… */
static autobus_result introspection_appear(ab_offers *offers) AB_LOCKED
{
    autobus_service *details = offers->introspection;
    char name[20];

    if (details->is_published)
        return AUTOBUS_OK;
    snprintf(name, sizeof name, "%016" PRIx64, ab_random_id());
    ab_text_unref(details->id);
    ab_text_unref(details->info);
    details->id = ab_text_new(name, strlen(name));
    details->info = ab_introspection_info();
    autobus_result result =
        ab_directory_publish(offers->directory, now_of(offers), details->id, details->info);
    details->is_published = result == AUTOBUS_OK;
    return result;
}

/** …and goes with the last: a bus with nothing to offer stays silent. */
static void introspection_leave(ab_offers *offers) AB_LOCKED
{
    autobus_service *details = offers->introspection;

    if (!details->is_published || offers->by_id.count > 0)
        return;
    details->is_published = false;
    (void)ab_directory_withdraw(offers->directory, now_of(offers),
                                (ab_slice){details->id->bytes, details->id->length});
    ab_clients_dismiss(details, true, "The bus offers nothing any more.");
}

autobus_result ab_offers_publish(ab_offers *offers, autobus_service *service)
{
    autobus_result result = introspection_appear(offers);
    if (result != AUTOBUS_OK)
        return result;
    result = ab_directory_publish(offers->directory, now_of(offers), service->id, service->info);
    if (result != AUTOBUS_OK) {
        introspection_leave(offers);
        return result;
    }
    service->is_published = true;
    ab_map_put(&offers->by_id, service->id->bytes, service->id->length, service);
    ab_list_append(&offers->services, &service->place);
    ab_introspection_renew(offers);
    offers->ops->touch(offers->owner);
    return AUTOBUS_OK;
}

void ab_offers_withdraw(ab_offers *offers, autobus_service *service)
{
    ab_text *id = service->id;

    service->is_published = false;
    ab_map_take(&offers->by_id, id->bytes, id->length);
    ab_list_remove(&service->place);
    (void)ab_directory_withdraw(offers->directory, now_of(offers),
                                (ab_slice){id->bytes, id->length});
    ab_clients_dismiss(service, false, "The service was withdrawn.");
    introspection_leave(offers);
    ab_introspection_renew(offers);
    offers->ops->touch(offers->owner);
}

void ab_offers_close(ab_offers *offers)
{
    for (ab_list *each; (each = ab_list_take_first(&offers->services)) != NULL;) {
        autobus_service *service = AB_CONTAINER(each, autobus_service, place);
        service->is_published = false;
        ab_map_take(&offers->by_id, service->id->bytes, service->id->length);
        ab_clients_dismiss(service, false, "The bus was closed.");
    }
    offers->introspection->is_published = false;
    ab_pool_close(offers->pool);
    ab_clients_dismiss(offers->introspection, false, "The bus was closed.");
}

void ab_offers_wait(ab_offers *offers)
{
    ab_pool_wait(offers->pool);
}

bool ab_offers_is_worker(const ab_offers *offers)
{
    return ab_pool_is_inside(offers->pool);
}

static void *peer_binds(void *owner, ab_session *session, const ab_slice *service)
{
    ab_offers *offers = owner;
    autobus_service *details = offers->introspection, *found;

    ab_lock_is_held(offers->seat->lock);
    if (offers->seat->is_closing)
        return NULL;
    if (service == NULL || (details->is_published && ab_text_is(details->id, *service)))
        found = details;
    else
        found = ab_map_get(&offers->by_id, service->bytes, service->length);
    return found != NULL ? ab_client_new(found, session, service != NULL) : NULL;
}

static bool peer_commands(void *owner, ab_session *session, void *context, const ab_ask *ask)
{
    ab_offers *offers = owner;

    (void)session;
    ab_lock_is_held(offers->seat->lock);
    return ab_client_hear(context, ask);
}

static void peer_unbinds(void *owner, ab_session *session, void *context)
{
    ab_offers *offers = owner;

    (void)session;
    ab_lock_is_held(offers->seat->lock);
    ab_client_leave(context);
}

static bool peer_offers(void *owner, ab_session *session, void *context, autobus_channel *offered,
                        ab_slice name, bool is_stream)
{
    ab_offers *offers = owner;

    (void)session;
    ab_lock_is_held(offers->seat->lock);
    return ab_gate_offer(context, offered, name, is_stream);
}

static bool peer_owes(void *owner, ab_session *session, void *context)
{
    ab_offers *offers = owner;
    const ab_client *client = context;

    (void)session;
    ab_lock_is_held(offers->seat->lock);
    return client->under_way > 0;
}

typedef struct page_walk {
    ab_buffer *out;
    size_t end;
    bool is_first;
} page_walk;

static bool page_add(void *userdata, ab_slice id, ab_slice info)
{
    page_walk *walk = userdata;

    if (!walk->is_first && ab_buffer_length(walk->out) >= walk->end)
        return false;
    ab_write_services_one(walk->out, id, info, walk->is_first);
    walk->is_first = false;
    return true;
}

static void peer_lists(void *owner, ab_buffer *out, ab_value id, const ab_slice *after)
{
    ab_offers *offers = owner;
    ab_presence presence;
    page_walk walk = {out, ab_buffer_length(out) + PAGE_BYTES, true};

    ab_lock_is_held(offers->seat->lock);
    ab_directory_presence(offers->directory, &presence);
    ab_write_services_begin(out, id, &presence);
    bool at_end = ab_directory_offers_after(offers->directory, after, page_add, &walk);
    ab_write_services_end(out, !at_end);
}

static void peer_is_legacy(void *owner)
{
    ab_offers *offers = owner;
    offers->ops->legacy_seen(offers->owner);
}

const ab_peer_ops ab_offers_peer_ops = {
    .bind = peer_binds,
    .command = peer_commands,
    .unbound = peer_unbinds,
    .offered = peer_offers,
    .services = peer_lists,
    .owes = peer_owes,
    .legacy_seen = peer_is_legacy,
};
