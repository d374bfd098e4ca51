/* SPDX-License-Identifier: MIT
 * Packets come in here: who may speak at all, and what each kind means. The consequences are drawn by the
 * parts that this one calls. */
#include "directory/hearing.h"

#include "directory/answer.h"
#include "directory/asking.h"
#include "directory/bounds.h"
#include "directory/catalogue.h"
#include "directory/claim.h"
#include "directory/correspondents.h"
#include "directory/herald.h"
#include "directory/inquiry.h"
#include "directory/lease.h"
#include "directory/legacy.h"
#include "directory/neighbour.h"
#include "directory/newcomers.h"
#include "directory/own.h"
#include "directory/saying.h"
#include "directory/voice.h"

#define RATE_SLOTS    1024
#define RENAME_PAUSE  AB_MS(10000)
#define GOODBYE_DOUBT AB_MS(500)
#define ON_THE_ROAD   AB_MS(300) /**< so long a packet may take */
#define PROVEN_LEASES \
    2 /**< so long it was heard of, it counts as proven without having been asked */

/** A packet and where it is from. */
typedef struct letter {
    const ab_packet *packet;
    const ab_origin *origin;
    ab_place from;  /**< of who wrote it, not of who passed it on */
    bool is_direct; /**< to our own socket, from that of who wrote it */
    bool is_far;
} letter;

void ab_hearing_init(ab_directory *directory)
{
    ab_hash_key key = {ab_dice_next(&directory->dice), ab_dice_next(&directory->dice)};
    ab_rate_table_init(&directory->rate_of_place, key, (ab_rate){AB_MS(1), 2000}, RATE_SLOTS);
    ab_rate_table_init(&directory->rate_of_host, key, (ab_rate){AB_MS(1) / 5, 10000}, RATE_SLOTS);
}

void ab_hearing_fini(ab_directory *directory)
{
    ab_rate_table_fini(&directory->rate_of_place);
    ab_rate_table_fini(&directory->rate_of_host);
}

static bool is_within_rate(ab_directory *directory, const ab_address *from)
{
    ab_address host = *from;
    host.port = 0;
    return ab_rate_table_take(&directory->rate_of_place, from, sizeof *from, directory->now) &&
           ab_rate_table_take(&directory->rate_of_host, &host, sizeof host, directory->now);
}

/* What a bus says of itself. */

static void apply_services(ab_neighbour *neighbour, ab_value services)
{
    uint64_t digest = 0;
    unsigned round = (unsigned)++neighbour->directory->serials;
    uint32_t count = ab_claim_services(neighbour, services, round, &digest);
    /* All it has in one packet: what is not in it is gone. */
    if (count == neighbour->said.count && digest == neighbour->said.digest &&
        !ab_claim_is_held(neighbour))
        ab_claim_sweep(neighbour, round);
}

static void apply(ab_neighbour *neighbour, const ab_packet *packet)
{
    char id[AB_CLAIM_ID];
    ab_slice plain = {id, 0};
    if (packet->kind == AB_PACKET_ADD || packet->kind == AB_PACKET_REMOVE) {
        if (packet->service.length + 2 > sizeof id)
            return;
        plain.length = ab_packet_id(packet->service, id);
    }
    ab_holding *held = plain.length == 0 ? NULL : ab_catalogue_held(neighbour, plain);
    if (packet->kind == AB_PACKET_ADD)
        ab_catalogue_put(neighbour, plain, packet->info.text);
    else if (packet->kind == AB_PACKET_REMOVE && held != NULL)
        ab_catalogue_drop(held);
    else if (packet->kind == AB_PACKET_PRESENCE && packet->services.kind == AB_KIND_LIST)
        apply_services(neighbour, packet->services);
}

/* A list sent to us alone is an answer, and all that came with it; one sent to everybody may go on. */
static ab_cause cause_of(const letter *mail, bool is_answer)
{
    const ab_packet *packet = mail->packet;
    if (is_answer)
        return AB_CAUSE_ANSWER;
    switch (packet->kind) {
    case AB_PACKET_QUERY: return AB_CAUSE_QUERY;
    case AB_PACKET_ADD: return AB_CAUSE_SERVICES;
    default: break;
    }
    bool may_go_on = packet->services.kind == AB_KIND_LIST && !mail->is_direct;
    return may_go_on ? AB_CAUSE_SERVICES : AB_CAUSE_PRESENCE;
}

static void sign_of_life(ab_neighbour *neighbour)
{
    ab_directory *directory = neighbour->directory;
    ab_lease_heard(neighbour);
    if (!neighbour->is_proven &&
        neighbour->met + ab_lease_length(neighbour) * PROVEN_LEASES < directory->now)
        ab_bounds_prove(neighbour);
}

/* It says it has nothing more, or less: if that is a lie, it will tell when asked. */
static void hear_goodbye(ab_neighbour *neighbour)
{
    if (neighbour->said.count == 0)
        ab_claim_depart(neighbour);
    ab_inquiry_doubt(neighbour, GOODBYE_DOUBT);
}

/* Two buses at one TCP address: the one that answers is there. */
static void settle_dispute(ab_neighbour *newcomer)
{
    const ab_location *location = AB_CONTAINER(newcomer->locations.next, ab_location, in_neighbour);
    const ab_location *first =
        ab_map_get(&newcomer->directory->locations, &location->tcp, sizeof location->tcp);
    if (first != location || first->next != NULL)
        ab_inquiry_doubt(newcomer, 0);
}

static ab_neighbour *meet(ab_directory *directory, const letter *mail)
{
    if (mail->packet->presence.count == 0)
        return NULL;
    return ab_newcomers_bus(directory, &mail->from, mail->packet->bus, mail->is_direct);
}

/* It was on its way when the bus said something newer to everybody: our question is not about that. Nor is it
 * if we have asked since, but only a moment after the news: answers do not say to which question. */
static bool is_overtaken(const letter *mail, const ab_location *location)
{
    const ab_neighbour *neighbour = location->neighbour;
    return mail->packet->presence.sequence < neighbour->said.sequence &&
           (location->asked_at < neighbour->said_at ||
            location->neighbour->directory->now < neighbour->said_at + ON_THE_ROAD);
}

/* It comes from where we asked a moment ago. Many who asked are answered by one packet to all; what we asked
 * out of doubt is answered by that too. */
static bool is_answer_from(const letter *mail, const ab_location *location)
{
    return mail->packet->kind == AB_PACKET_PRESENCE && location != NULL &&
           ab_address_equal(&location->place.address, &mail->from.address) &&
           (mail->is_direct || location->neighbour->wants_proof) &&
           ab_inquiry_expects(location->neighbour->directory, location) &&
           !is_overtaken(mail, location);
}

static void hear_bus(ab_directory *directory, const letter *mail)
{
    const ab_packet *packet = mail->packet;
    ab_neighbour *neighbour = ab_neighbour_of_bus(directory, packet->bus);
    bool is_new = neighbour == NULL;
    if (is_new && (neighbour = meet(directory, mail)) == NULL)
        return;
    ab_location *location = ab_neighbour_location(neighbour, &mail->from.address);
    bool is_answer = is_answer_from(mail, location);
    if (packet->kind == AB_PACKET_REMOVE && location == NULL) {
        ab_inquiry_doubt(neighbour, 0);
        return;
    }
    bool was_held = !is_new && ab_claim_is_held(neighbour);
    ab_claim claim = ab_claim_take(neighbour, &packet->presence, is_answer);
    if (claim == AB_CLAIM_OLD && neighbour->has_left)
        return;
    location = ab_neighbour_settle(neighbour, &mail->from, neighbour->said.port);
    sign_of_life(neighbour);
    if (claim == AB_CLAIM_OLD)
        return;
    if (is_answer)
        ab_bounds_prove(neighbour); /* before there is no room for what it says */
    if (is_new)
        settle_dispute(neighbour);
    if (neighbour->has_left) {
        if (claim == AB_CLAIM_NEW)
            hear_goodbye(neighbour);
        return;
    }
    if (claim == AB_CLAIM_NEW || !was_held)
        apply(neighbour, packet);
    if (location != NULL && packet->kind == AB_PACKET_PRESENCE) {
        ab_claim_addresses(neighbour, packet->addresses, location);
        ab_claim_age(neighbour);
    }
    ab_inquiry_review(neighbour, cause_of(mail, is_answer));
    if (claim == AB_CLAIM_NEW && packet->kind == AB_PACKET_REMOVE)
        hear_goodbye(neighbour);
}

/* Kinds. */

static bool may_speak_for(ab_directory *directory, const letter *mail)
{
    const ab_address *asker = &mail->packet->asker;
    const ab_address *by = &mail->origin->from.address;
    return ab_address_is_loopback(by) &&
           (directory->config.allow_routed || ab_correspondents_accepts(directory, asker) ||
            (directory->ops->is_near != NULL && directory->ops->is_near(directory->owner, asker)));
}

static void hear_query(ab_directory *directory, const letter *mail)
{
    const ab_packet *packet = mail->packet;
    const ab_origin *origin = mail->origin;
    ab_count(directory, AUTOBUS_STAT_HEARD_QUERY);
    if (!packet->has_bus) {
        ab_legacy_seen(directory);
        ab_herald_round(directory);
        return;
    }
    if (packet->has_presence)
        hear_bus(directory, mail);
    ab_asking_overheard(directory, packet);
    ab_answer_question(directory, packet, &mail->from, mail->is_far);
    if (mail->is_far)
        ab_correspondents_remember(directory, &mail->from);
    if (origin->is_shared && origin->is_unicast && !packet->has_asker &&
        ab_answer_may(directory, &mail->from.address))
        ab_voice_pass_on(directory, packet, &mail->from.address);
}

static void hear_suspicion(ab_directory *directory, const ab_packet *packet)
{
    if (packet->about == directory->config.bus) {
        ab_saying_presence_now(directory);
        return;
    }
    ab_neighbour *neighbour = ab_neighbour_of_bus(directory, packet->about);
    if (neighbour != NULL)
        ab_lease_suspected(neighbour);
}

static void hear_change(ab_directory *directory, const letter *mail)
{
    const ab_packet *packet = mail->packet;
    bool is_add = packet->kind == AB_PACKET_ADD;
    ab_count(directory, is_add ? AUTOBUS_STAT_HEARD_ADD : AUTOBUS_STAT_HEARD_REMOVE);
    if (packet->has_presence) {
        hear_bus(directory, mail);
    } else if (!packet->has_bus) {
        ab_legacy_seen(directory);
        if (is_add)
            ab_legacy_add(directory, &mail->from, packet);
        else
            ab_legacy_remove(directory, &mail->from, packet);
    }
}

static void hear(ab_directory *directory, const letter *mail)
{
    switch (mail->packet->kind) {
    case AB_PACKET_QUERY: hear_query(directory, mail); break;
    case AB_PACKET_ADD:
    case AB_PACKET_REMOVE: hear_change(directory, mail); break;
    case AB_PACKET_PRESENCE:
        ab_count(directory, AUTOBUS_STAT_HEARD_PRESENCE);
        hear_bus(directory, mail);
        break;
    case AB_PACKET_SUSPECT: hear_suspicion(directory, mail->packet); break;
    case AB_PACKET_KINDS: break;
    }
}

/* Somebody else goes by our name. We take another; what we offer is at the same place as before. */
static void rename_ourselves(ab_directory *directory)
{
    if (directory->now < directory->renamed_at + RENAME_PAUSE)
        return;
    directory->renamed_at = directory->now;
    do
        directory->config.bus = ab_dice_next(&directory->dice);
    while (directory->config.bus == 0 ||
           ab_neighbour_of_bus(directory, directory->config.bus) != NULL);
    if (directory->ops->renamed != NULL)
        directory->ops->renamed(directory->owner, directory->config.bus);
    /* Whoever knew us by the old name should know what we offer by the new one before he hears that the old one
     * is somebody else's. */
    for (size_t i = 0; i < ab_own_count(directory); i++)
        ab_saying_appeared(directory, ab_own_at(directory, i)->id);
    ab_directory_tell_presence(directory);
}

/* From beyond our links only those count whom we know by name, and askers if that is allowed. */
static bool is_welcome(ab_directory *directory, const ab_origin *origin, const ab_packet *packet)
{
    return origin->is_near || ab_correspondents_accepts(directory, &origin->from.address) ||
           (directory->config.allow_routed && (packet == NULL || packet->kind == AB_PACKET_QUERY));
}

static void sort_letter(ab_directory *directory, const ab_origin *origin, const ab_packet *packet)
{
    letter mail = {
        .packet = packet,
        .origin = origin,
        .from = origin->from,
        .is_direct = origin->is_unicast && !origin->is_shared && !packet->has_asker,
        .is_far = !origin->is_near,
    };
    if (packet->has_asker) {
        if (!may_speak_for(directory, &mail)) {
            ab_count(directory, AUTOBUS_STAT_DROPPED_ROUTED);
            return;
        }
        mail.from = (ab_place){.address = packet->asker};
        mail.is_far = directory->ops->is_near == NULL ||
                      !directory->ops->is_near(directory->owner, &packet->asker);
    }
    if (packet->has_bus && packet->bus == directory->config.bus) {
        if (!packet->has_asker)
            rename_ourselves(directory);
        return;
    }
    if (mail.is_far && packet->kind != AB_PACKET_QUERY)
        ab_correspondents_remember(directory, &mail.from);
    hear(directory, &mail);
}

void ab_directory_heard(ab_directory *directory, ab_time now, const ab_origin *origin,
                        const char *bytes, size_t length)
{
    ab_packet packet;
    bool is_unknown;
    directory->now = AB_MAX(directory->now, now);
    if (directory->config.is_silent || origin->is_own)
        return;
    if (!is_welcome(directory, origin, NULL)) {
        ab_count(directory, AUTOBUS_STAT_DROPPED_ROUTED);
    } else if (!is_within_rate(directory, &origin->from.address)) {
        ab_count(directory, AUTOBUS_STAT_DROPPED_RATE);
    } else if (!ab_datagram_decode(&packet, bytes, length, &is_unknown)) {
        if (!is_unknown)
            ab_count(directory, AUTOBUS_STAT_DROPPED_MALFORMED);
    } else if (!is_welcome(directory, origin, &packet)) {
        ab_count(directory, AUTOBUS_STAT_DROPPED_ROUTED);
    } else {
        sort_letter(directory, origin, &packet);
    }
}
