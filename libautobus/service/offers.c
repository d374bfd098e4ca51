/* SPDX-License-Identifier: MIT
 * The registry of our services. The directory keeps what is announced of them; this knows which of them is the
 * program's, which the library's, and what a peer that bound one may do. */
#include "service/offers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/random.h"
#include "service/introspection.h"

#define PAGE_BYTES (32 * 1024)

typedef struct offer {
    ab_text *id, *info;
} offer;

struct ab_offers {
    ab_map by_id;         /**< of offer, the program's alone */
    offer *introspection; /**< NULL while nothing is offered */
    offer nobody;         /**< what binds to introspection hold while nothing is offered */
    ab_peers *peers;
    ab_directory *directory;
    void (*legacy_seen)(void *owner);
    void *owner;
};

ab_offers *ab_offers_new(void)
{
    ab_offers *offers = ab_alloc(1, sizeof *offers);
    ab_map_init(&offers->by_id);
    return offers;
}

static void offer_free(offer *gone)
{
    if (gone == NULL)
        return;
    ab_text_unref(gone->id);
    ab_text_unref(gone->info);
    free(gone);
}

void ab_offers_free(ab_offers *offers)
{
    size_t cursor = 0;

    if (offers == NULL)
        return;
    for (offer *each; (each = ab_map_next(&offers->by_id, &cursor)) != NULL;)
        offer_free(each);
    ab_map_fini(&offers->by_id);
    offer_free(offers->introspection);
    free(offers);
}

void ab_offers_attach(ab_offers *offers, ab_peers *peers, ab_directory *directory,
                      void (*legacy_seen)(void *owner), void *owner)
{
    offers->peers = peers;
    offers->directory = directory;
    offers->legacy_seen = legacy_seen;
    offers->owner = owner;
}

static offer *offer_new(ab_text *id, ab_text *info)
{
    offer *fresh = ab_alloc(1, sizeof *fresh);
    fresh->id = ab_text_ref(id);
    fresh->info = ab_text_ref(info);
    return fresh;
}

/** The introspection service comes with the first service of the program… */
static autobus_result introspection_appear(ab_offers *offers, ab_time now)
{
    char name[20];

    if (offers->introspection != NULL)
        return AUTOBUS_OK;
    snprintf(name, sizeof name, "%016" PRIx64, ab_random_id());
    ab_text *id = ab_text_new(name, strlen(name));
    ab_text *info = ab_introspection_info();
    autobus_result result = ab_directory_publish(offers->directory, now, id, info);
    if (result == AUTOBUS_OK)
        offers->introspection = offer_new(id, info);
    ab_text_unref(id);
    ab_text_unref(info);
    return result;
}

/** …and goes with the last: a bus with nothing to offer stays silent. */
static void introspection_leave(ab_offers *offers, ab_time now) AB_LOCKED
{
    offer *gone = offers->introspection;

    if (gone == NULL || offers->by_id.count > 0)
        return;
    offers->introspection = NULL;
    (void)ab_directory_withdraw(offers->directory, now,
                                (ab_slice){gone->id->bytes, gone->id->length});
    ab_peers_close_context(offers->peers, gone);
    offer_free(gone);
}

autobus_result ab_offers_publish(ab_offers *offers, ab_time now, ab_text *id, ab_text *info)
{
    autobus_result result = introspection_appear(offers, now);
    if (result != AUTOBUS_OK)
        return result;
    result = ab_directory_publish(offers->directory, now, id, info);
    if (result != AUTOBUS_OK) {
        introspection_leave(offers, now);
        return result;
    }
    offer *fresh = offer_new(id, info);
    ab_map_put(&offers->by_id, fresh->id->bytes, fresh->id->length, fresh);
    return AUTOBUS_OK;
}

autobus_result ab_offers_withdraw(ab_offers *offers, ab_time now, const ab_text *id)
{
    offer *gone = ab_map_take(&offers->by_id, id->bytes, id->length);

    if (gone == NULL)
        return ab_fail(AUTOBUS_NOT_FOUND, "service \"%s\" is not published on this bus", id->bytes);
    (void)ab_directory_withdraw(offers->directory, now, (ab_slice){id->bytes, id->length});
    ab_peers_close_context(offers->peers, gone);
    offer_free(gone);
    introspection_leave(offers, now);
    return AUTOBUS_OK;
}

static void *peer_binds(void *owner, ab_session *session, const ab_slice *service)
{
    ab_offers *offers = owner;
    const offer *details = offers->introspection;

    (void)session;
    if (service == NULL)
        return details != NULL ? (void *)offers->introspection : (void *)&offers->nobody;
    if (details != NULL && ab_text_is(details->id, *service))
        return offers->introspection;
    return ab_map_get(&offers->by_id, service->bytes, service->length);
}

typedef struct details_walk {
    const ab_offers *offers;
    ab_buffer *out;
    bool is_first;
} details_walk;

static bool details_add(void *userdata, ab_slice id, ab_slice info)
{
    details_walk *walk = userdata;
    const offer *details = walk->offers->introspection;

    ab_introspection_entry(walk->out, id, info, details != NULL && ab_text_is(details->id, id),
                           walk->is_first);
    walk->is_first = false;
    return true;
}

static void get_details(ab_offers *offers, ab_session *session, ab_value id) AB_LOCKED
{
    ab_buffer out;

    ab_buffer_init(&out);
    ab_buffer_append_text(&out, "{");
    details_walk walk = {offers, &out, true};
    (void)ab_directory_offers_after(offers->directory, NULL, details_add, &walk);
    ab_buffer_append_text(&out, "}");
    ab_session_answer(session, id, "result",
                      (ab_slice){ab_buffer_bytes(&out), ab_buffer_length(&out)});
    ab_buffer_fini(&out);
}

/** Calls reach the introspection service alone so far; every other command is peer's "no such command". */
static bool peer_commands(void *owner, ab_session *session, void *context,
                          const ab_message *message) AB_LOCKED
{
    ab_offers *offers = owner;

    if (!ab_message_is(message, "call"))
        return false;
    if (message->type == AB_MESSAGE_NOTIFICATION || message->id.kind == AB_KIND_NONE)
        return true;
    ab_value name = ab_scan_member(message->whole, AB_SLICE("name"));
    bool is_introspection = context == offers->introspection || context == &offers->nobody;
    if (is_introspection && ab_scan_is(name, AB_SLICE("get_details")))
        get_details(offers, session, message->id);
    else
        ab_session_answer_error(session, message->id, "No such function");
    return true;
}

static void peer_unbinds(void *owner, ab_session *session, void *context)
{
    (void)owner;
    (void)session;
    (void)context;
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

    ab_directory_presence(offers->directory, &presence);
    ab_write_services_begin(out, id, &presence);
    bool at_end = ab_directory_offers_after(offers->directory, after, page_add, &walk);
    ab_write_services_end(out, !at_end);
}

static void peer_is_legacy(void *owner)
{
    ab_offers *offers = owner;
    offers->legacy_seen(offers->owner);
}

const ab_peer_ops ab_offers_peer_ops = {
    .bind = peer_binds,
    .command = peer_commands,
    .unbound = peer_unbinds,
    .services = peer_lists,
    .legacy_seen = peer_is_legacy,
};
