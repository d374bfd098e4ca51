/* SPDX-License-Identifier: MIT
 * Services and who offers them. Knows neither packets nor time. */
#include "directory/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/bounds.h"

#define MOST_LOCATIONS 32 /**< that a sighting tells */
#define FEW_HOLDINGS   8  /**< up to that many are found without an index */

void ab_catalogue_init(ab_directory *directory)
{
    ab_list_init(&directory->entries);
    ab_map_init(&directory->catalogue);
}

static void free_entry(ab_entry *entry)
{
    ab_list_remove(&entry->place);
    ab_sighting_unref(entry->sighting);
    ab_text_unref(entry->id);
    ab_text_unref(entry->info);
    free(entry);
}

void ab_catalogue_fini(ab_directory *directory)
{
    AB_LIST_FOR_SAFE (at, &directory->entries) {
        ab_entry *entry = AB_CONTAINER(at, ab_entry, place);
        AB_LIST_FOR_SAFE (in, &entry->holdings)
            free(AB_CONTAINER(in, ab_holding, in_entry));
        free_entry(entry);
    }
    ab_map_fini(&directory->catalogue);
}

/* Where. */

unsigned ab_catalogue_rank(const ab_address *address)
{
    if (ab_address_is_loopback(address))
        return 0;
    return address->family == 4 ? 1 : 2;
}

static bool is_among(const ab_address *address, const ab_address *found, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ab_address_equal(address, &found[i]))
            return true;
    }
    return false;
}

static bool is_at(const ab_entry *entry, const ab_address *tcp)
{
    AB_LIST_FOR (at, &entry->holdings) {
        const ab_neighbour *by = AB_CONTAINER(at, ab_holding, in_entry)->neighbour;
        AB_LIST_FOR (in, &by->locations) {
            if (ab_address_equal(&AB_CONTAINER(in, ab_location, in_neighbour)->tcp, tcp))
                return true;
        }
    }
    return false;
}

/* Loopback first; then the one that was told last, so that the best changes only when it goes, whichever copy of
 * a packet comes first; then IPv4, then IPv6, each in order of discovery. */
static size_t find_locations(const ab_entry *entry, ab_address *found, size_t most)
{
    size_t count = 0;
    for (unsigned rank = 0; rank <= 2; rank++) {
        if (rank == 1 && is_at(entry, &entry->best) && !is_among(&entry->best, found, count))
            found[count++] = entry->best;
        if (count == most)
            return count;
        AB_LIST_FOR (at, &entry->holdings) {
            const ab_neighbour *by = AB_CONTAINER(at, ab_holding, in_entry)->neighbour;
            AB_LIST_FOR (in, &by->locations) {
                const ab_address *tcp = &AB_CONTAINER(in, ab_location, in_neighbour)->tcp;
                if (ab_catalogue_rank(tcp) != rank || is_among(tcp, found, count))
                    continue;
                found[count++] = *tcp;
                if (count == most)
                    return count;
            }
        }
    }
    return count;
}

autobus_sighting *ab_catalogue_sighting(ab_entry *entry)
{
    if (entry->sighting == NULL) {
        ab_address found[MOST_LOCATIONS];
        size_t count = find_locations(entry, found, MOST_LOCATIONS);
        entry->sighting = ab_sighting_new(entry->serial, entry->id, entry->info, found, count);
    }
    return entry->sighting;
}

static void forget_sighting(ab_entry *entry)
{
    ab_sighting_unref(entry->sighting);
    entry->sighting = NULL;
}

static void tell(ab_directory *directory, autobus_change change, ab_entry *entry)
{
    if (directory->ops->changed != NULL)
        directory->ops->changed(directory->owner, change, ab_catalogue_sighting(entry));
}

/* Its holders or their addresses changed, and at least one is left. */
static void review(ab_directory *directory, ab_entry *entry)
{
    ab_address best;
    forget_sighting(entry);
    if (find_locations(entry, &best, 1) == 0)
        return;
    if (ab_address_equal(&best, &entry->best)) {
        if (directory->ops->widened != NULL)
            directory->ops->widened(directory->owner, ab_catalogue_sighting(entry));
        return;
    }
    entry->best = best;
    tell(directory, AUTOBUS_CHANGED, entry);
}

void ab_catalogue_moved(ab_neighbour *neighbour)
{
    AB_LIST_FOR (at, &neighbour->holdings)
        review(neighbour->directory, AB_CONTAINER(at, ab_holding, in_neighbour)->entry);
}

/* Services. */

ab_entry *ab_catalogue_first(const ab_directory *directory, ab_slice id)
{
    return ab_map_get(&directory->catalogue, id.bytes, id.length);
}

static ab_entry *find_entry(const ab_directory *directory, ab_slice id, ab_slice info,
                            uint64_t digest)
{
    ab_entry *entry = ab_catalogue_first(directory, id);
    while (entry != NULL && (entry->digest != digest || !ab_text_is(entry->info, info)))
        entry = entry->next;
    return entry;
}

static ab_entry *add_entry(ab_directory *directory, ab_text *id, ab_text *info, uint64_t digest)
{
    ab_entry *entry = ab_alloc(1, sizeof *entry);
    entry->id = id;
    entry->info = info;
    entry->digest = digest;
    entry->serial = ++directory->serials;
    ab_list_init(&entry->holdings);
    ab_list_append(&directory->entries, &entry->place);
    directory->entry_count++;
    ab_entry *first = ab_catalogue_first(directory, ab_text_slice(id));
    if (first == NULL) {
        ab_map_put(&directory->catalogue, id->bytes, id->length, entry);
        return entry;
    }
    ab_count(directory, AUTOBUS_STAT_CONFLICTS);
    while (first->next != NULL)
        first = first->next;
    first->next = entry;
    return entry;
}

static void remove_entry(ab_directory *directory, ab_entry *entry)
{
    ab_entry *first = ab_catalogue_first(directory, ab_text_slice(entry->id));
    if (first != entry) {
        while (first->next != entry)
            first = first->next;
        first->next = entry->next;
    } else {
        /* The key lives in its value: the next one brings its own. */
        ab_map_take(&directory->catalogue, entry->id->bytes, entry->id->length);
        if (entry->next != NULL)
            ab_map_put(&directory->catalogue, entry->next->id->bytes, entry->next->id->length,
                       entry->next);
    }
    directory->entry_count--;
    free_entry(entry);
}

/* Holdings. */

ab_holding *ab_catalogue_held(const ab_neighbour *neighbour, ab_slice id)
{
    if (neighbour->index.count > 0)
        return ab_map_get(&neighbour->index, id.bytes, id.length);
    AB_LIST_FOR (at, &neighbour->holdings) {
        ab_holding *holding = AB_CONTAINER(at, ab_holding, in_neighbour);
        if (ab_text_is(holding->entry->id, id))
            return holding;
    }
    return NULL;
}

static void put_in_index(ab_neighbour *neighbour, ab_holding *holding)
{
    const ab_text *id = holding->entry->id;
    ab_map_put(&neighbour->index, id->bytes, id->length, holding);
}

static void index_holding(ab_neighbour *neighbour, ab_holding *holding)
{
    if (neighbour->index.count > 0)
        put_in_index(neighbour, holding);
    else if (neighbour->held > FEW_HOLDINGS)
        AB_LIST_FOR (at, &neighbour->holdings)
            put_in_index(neighbour, AB_CONTAINER(at, ab_holding, in_neighbour));
}

static ab_holding *add_holding(ab_neighbour *neighbour, ab_entry *entry)
{
    ab_directory *directory = neighbour->directory;
    ab_holding *holding = ab_alloc(1, sizeof *holding);
    bool is_new = ab_list_is_empty(&entry->holdings);
    holding->entry = entry;
    holding->neighbour = neighbour;
    holding->heard = directory->now;
    ab_list_append(&entry->holdings, &holding->in_entry);
    ab_list_append(&neighbour->holdings, &holding->in_neighbour);
    neighbour->held++;
    neighbour->digest += entry->digest;
    index_holding(neighbour, holding);
    if (is_new) {
        find_locations(entry, &entry->best, 1);
        directory->news_at = directory->now;
        tell(directory, AUTOBUS_APPEARED, entry);
    } else {
        review(directory, entry);
    }
    return holding;
}

static size_t text_bytes(const ab_entry *entry)
{
    return (size_t)entry->id->length + entry->info->length;
}

void ab_catalogue_drop(ab_holding *holding)
{
    ab_entry *entry = holding->entry;
    ab_neighbour *neighbour = holding->neighbour;
    ab_directory *directory = neighbour->directory;
    bool is_last = holding->in_entry.next == holding->in_entry.prev;
    /* Who left is told as it was seen last, with its location. */
    if (is_last)
        ab_catalogue_sighting(entry);
    ab_list_remove(&holding->in_entry);
    ab_list_remove(&holding->in_neighbour);
    if (neighbour->index.count > 0)
        ab_map_take(&neighbour->index, entry->id->bytes, entry->id->length);
    neighbour->held--;
    neighbour->digest -= entry->digest;
    ab_bounds_give(neighbour, text_bytes(entry));
    free(holding);
    if (!is_last) {
        review(directory, entry);
        return;
    }
    tell(directory, AUTOBUS_LEFT, entry);
    remove_entry(directory, entry);
}

void ab_catalogue_drop_all(ab_neighbour *neighbour)
{
    while (!ab_list_is_empty(&neighbour->holdings))
        ab_catalogue_drop(AB_CONTAINER(neighbour->holdings.next, ab_holding, in_neighbour));
    ab_map_fini(&neighbour->index);
}

ab_holding *ab_catalogue_put(ab_neighbour *neighbour, ab_slice id, ab_slice info)
{
    ab_directory *directory = neighbour->directory;
    ab_holding *held = ab_catalogue_held(neighbour, id);
    if (held != NULL && ab_text_is(held->entry->info, info))
        return held;
    if (held != NULL)
        ab_catalogue_drop(held);
    if (!ab_bounds_take(neighbour, id.length + info.length))
        return NULL;
    uint64_t digest = ab_service_digest(id, info);
    ab_entry *entry = find_entry(directory, id, info, digest);
    if (entry == NULL)
        entry = add_entry(directory, ab_text_new(id.bytes, id.length),
                          ab_text_new(info.bytes, info.length), digest);
    return add_holding(neighbour, entry);
}

ab_holding *ab_catalogue_put_own(ab_directory *directory, ab_text *id, ab_text *info,
                                 uint64_t digest)
{
    ab_entry *entry = find_entry(directory, ab_text_slice(id), ab_text_slice(info), digest);
    if (entry == NULL)
        entry = add_entry(directory, ab_text_ref(id), ab_text_ref(info), digest);
    return add_holding(directory->self, entry);
}
