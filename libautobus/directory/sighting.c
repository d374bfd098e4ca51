/* SPDX-License-Identifier: MIT
 * Snapshots of services, and the public functions that read them. Knows nothing of how they were found. */
#include "directory/sighting.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/error.h"
#include "value/json.h"

autobus_sighting *ab_sighting_new(uint64_t serial, ab_text *id, ab_text *info,
                                  const ab_address *locations, size_t count)
{
    autobus_sighting *sighting = ab_alloc(1, sizeof *sighting + count * sizeof *locations);
    atomic_init(&sighting->references, 1);
    atomic_init(&sighting->hosts, NULL);
    sighting->serial = serial;
    sighting->id = ab_text_ref(id);
    sighting->info = ab_text_ref(info);
    sighting->count = count;
    memcpy(sighting->locations, locations, count * sizeof *locations);
    return sighting;
}

autobus_sighting *ab_sighting_ref(autobus_sighting *sighting)
{
    atomic_fetch_add_explicit(&sighting->references, 1, memory_order_relaxed);
    return sighting;
}

void ab_sighting_unref(autobus_sighting *sighting)
{
    if (sighting == NULL ||
        atomic_fetch_sub_explicit(&sighting->references, 1, memory_order_acq_rel) != 1)
        return;
    ab_text_unref(sighting->id);
    ab_text_unref(sighting->info);
    free(atomic_load_explicit(&sighting->hosts, memory_order_relaxed));
    free(sighting);
}

static ab_value info_of(const autobus_sighting *sighting)
{
    return (ab_value){AB_KIND_MAP, {sighting->info->bytes, sighting->info->length}};
}

void ab_sighting_subject(const autobus_sighting *sighting, ab_subject *subject,
                         char host[AB_ADDRESS_TEXT])
{
    *subject = (ab_subject){
        .info = info_of(sighting),
        .service = {sighting->id->bytes, sighting->id->length},
        .port = sighting->locations[0].port,
    };
    if (host != NULL)
        subject->host = ab_slice_of(ab_address_host(&sighting->locations[0], host));
}

AB_API autobus_sighting *autobus_sighting_keep(const autobus_sighting *sighting)
{
    /* Whoever holds a sighting may hold another reference: only what is seen of it is constant. */
    autobus_sighting *kept;
    memcpy(&kept, &sighting, sizeof(autobus_sighting *));
    return ab_sighting_ref(kept);
}

AB_API void autobus_sighting_free(autobus_sighting **sighting)
{
    if (sighting == NULL)
        return;
    ab_sighting_unref(*sighting);
    *sighting = NULL;
}

AB_API const char *autobus_sighting_id(const autobus_sighting *sighting)
{
    return sighting->id->bytes;
}

/* Made by whoever asks first; of two at the same time one throws its own away. */
static const char *hosts_of(const autobus_sighting *sighting)
{
    autobus_sighting *keeper;
    memcpy(&keeper, &sighting, sizeof(autobus_sighting *));
    char *hosts = atomic_load_explicit(&keeper->hosts, memory_order_acquire);
    if (hosts != NULL)
        return hosts;
    char *made = ab_alloc(sighting->count, AB_ADDRESS_TEXT);
    for (size_t i = 0; i < sighting->count; i++)
        ab_address_host(&sighting->locations[i], made + i * AB_ADDRESS_TEXT);
    if (atomic_compare_exchange_strong(&keeper->hosts, &hosts, made))
        return made;
    free(made);
    return hosts;
}

AB_API const char *autobus_sighting_host(const autobus_sighting *sighting)
{
    return hosts_of(sighting);
}

AB_API uint16_t autobus_sighting_port(const autobus_sighting *sighting)
{
    return sighting->locations[0].port;
}

AB_API size_t autobus_sighting_locations(const autobus_sighting *sighting)
{
    return sighting->count;
}

AB_API const char *autobus_sighting_location_host(const autobus_sighting *sighting, size_t index)
{
    return index < sighting->count ? hosts_of(sighting) + index * AB_ADDRESS_TEXT : NULL;
}

AB_API uint16_t autobus_sighting_location_port(const autobus_sighting *sighting, size_t index)
{
    return index < sighting->count ? sighting->locations[index].port : 0;
}

AB_API const char *autobus_sighting_info_text(const autobus_sighting *sighting)
{
    return sighting->info->bytes;
}

AB_API json_object *autobus_sighting_info(const autobus_sighting *sighting)
{
    json_object *info;
    if (!ab_json_parse(info_of(sighting).text, false, &info))
        return NULL;
    char host[AB_ADDRESS_TEXT];
    ab_address_host(&sighting->locations[0], host);
    json_object_object_add(info, "host", json_object_new_string(host));
    json_object_object_add(info, "port", json_object_new_int(sighting->locations[0].port));
    json_object_object_add(
        info, "service",
        json_object_new_string_len(sighting->id->bytes, (int)sighting->id->length));
    return info;
}
