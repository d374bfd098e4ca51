/* SPDX-License-Identifier: MIT
 * Publishes one service `_autobus._tcp`, on one interface or all. Knows mDNS names and their collisions; the
 * strings of its TXT record come from avahi_txt.c. */
#include "base/error.h"

#if AUTOBUS_AVAHI
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "discovery/avahi_record.h"
#include "discovery/avahi_txt.h"

#define RENAMES 16

static AvahiStringList *make_txt(const ab_avahi_library *library, const ab_presence *presence)
{
    char strings[AB_TXT_STRINGS][AB_TXT_LONGEST];
    const char *array[AB_TXT_STRINGS];
    ab_txt_write(presence, strings);
    for (size_t i = 0; i < AB_TXT_STRINGS; i++)
        array[i] = strings[i];
    return library->string_list_new_from_array(array, AB_TXT_STRINGS);
}

/* The first name, from the bus id; or the next one after a collision ("autobus-… #2"). */
static void choose_name(ab_avahi_record *record, bool has_collided)
{
    char name[64];
    char *taken = record->name;
    snprintf(name, sizeof name, "autobus-%016" PRIx64, record->said.presence.bus);
    record->name = has_collided ? record->library->alternative_service_name(taken)
                                : record->library->strdup(name);
    record->library->free(taken);
}

static int name_interface(const ab_avahi_offer *offer, size_t i)
{
    return offer->count == 0 ? AVAHI_IF_UNSPEC : (int)offer->interfaces[i];
}

static size_t count_interfaces(const ab_avahi_offer *offer)
{
    return AB_MAX(offer->count, 1U);
}

static int add_services(ab_avahi_record *record)
{
    const ab_avahi_library *library = record->library;
    const ab_avahi_offer *offer = &record->said;
    AvahiStringList *txt = make_txt(library, &offer->presence);
    int error = AVAHI_OK;
    for (size_t i = 0; i < count_interfaces(offer) && error == AVAHI_OK; i++)
        error = library->entry_group_add_service_strlst(
            record->group, name_interface(offer, i), AVAHI_PROTO_UNSPEC, 0, record->name,
            AB_AVAHI_TYPE, NULL, NULL, offer->presence.port, txt);
    library->string_list_free(txt);
    return error < 0 ? error : AVAHI_OK;
}

/* A name of another program of this machine collides at once, one elsewhere later (group_changed). */
static int publish(ab_avahi_record *record)
{
    int error = add_services(record);
    for (int i = 0; i < RENAMES && error == AVAHI_ERR_COLLISION; i++) {
        choose_name(record, true);
        record->library->entry_group_reset(record->group);
        error = add_services(record);
    }
    if (error == AVAHI_OK)
        error = record->library->entry_group_commit(record->group);
    record->is_there = error == AVAHI_OK;
    return error;
}

static int update(ab_avahi_record *record)
{
    const ab_avahi_offer *offer = &record->said;
    AvahiStringList *txt = make_txt(record->library, &offer->presence);
    int error = AVAHI_OK;
    for (size_t i = 0; i < count_interfaces(offer) && error == AVAHI_OK; i++)
        error = record->library->entry_group_update_service_txt_strlst(
            record->group, name_interface(offer, i), AVAHI_PROTO_UNSPEC, 0, record->name,
            AB_AVAHI_TYPE, NULL, txt);
    record->library->string_list_free(txt);
    return error < 0 ? error : AVAHI_OK;
}

static void group_changed(AvahiEntryGroup *group, AvahiEntryGroupState state, void *userdata)
{
    ab_avahi_record *record = userdata;
    if (state == AVAHI_ENTRY_GROUP_FAILURE) {
        record->failed(record->owner, "publish", record->library->client_errno(record->client));
        return;
    }
    if (state != AVAHI_ENTRY_GROUP_COLLISION || group != record->group)
        return;
    ab_log(AB_LOG_INFO, "the mDNS name \"%s\" is taken; trying another one", record->name);
    choose_name(record, true);
    record->library->entry_group_reset(group);
    int error = publish(record);
    if (error != AVAHI_OK)
        record->failed(record->owner, "publish under another name", error);
}

static bool is_same_place(const ab_avahi_offer *a, const ab_avahi_offer *b)
{
    return a->presence.bus == b->presence.bus && a->presence.port == b->presence.port &&
           a->count == b->count &&
           memcmp(a->interfaces, b->interfaces, a->count * sizeof a->interfaces[0]) == 0;
}

void ab_avahi_record_withdraw(ab_avahi_record *record)
{
    if (record->is_there)
        record->library->entry_group_reset(record->group);
    record->is_there = false;
}

static int publish_anew(ab_avahi_record *record, const ab_avahi_offer *offer)
{
    bool is_same_bus = record->name != NULL && record->said.presence.bus == offer->presence.bus;
    ab_avahi_record_withdraw(record);
    record->said = *offer;
    if (!is_same_bus)
        choose_name(record, false);
    if (record->group == NULL)
        record->group = record->library->entry_group_new(record->client, group_changed, record);
    return record->group == NULL ? record->library->client_errno(record->client) : publish(record);
}

void ab_avahi_record_set(ab_avahi_record *record, AvahiClient *client, const ab_avahi_offer *offer)
{
    int error = AVAHI_OK;
    record->client = client;
    if (offer->presence.count == 0) {
        ab_avahi_record_withdraw(record);
    } else if (!record->is_there || !is_same_place(offer, &record->said)) {
        error = publish_anew(record, offer);
    } else if (!ab_txt_is_same(&offer->presence, &record->said.presence)) {
        record->said.presence = offer->presence;
        error = update(record);
    }
    if (error != AVAHI_OK)
        record->failed(record->owner, "publish", error);
}

void ab_avahi_record_fini(ab_avahi_record *record)
{
    record->library->free(record->name);
    record->name = NULL;
}
#endif
