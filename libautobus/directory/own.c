/* SPDX-License-Identifier: MIT
 * What we offer. Knows nobody else. */
#include "directory/own.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define FEW_PER_MILLE  400 /**< of the interval, however few there are */
#define EACH_PER_MILLE 80  /**< and for each bus heard */

struct ab_own_list {
    ab_own **sorted; /**< by id, bytewise */
    size_t count, capacity;
    uint64_t digest, sequence;
    uint64_t exposed; /**< the highest sequence that was said to anybody */
    ab_time interval;
};

void ab_own_init(ab_directory *directory)
{
    directory->own = ab_alloc(1, sizeof *directory->own);
    ab_own_draw_interval(directory);
}

static void free_own(ab_own *own)
{
    ab_text_unref(own->id);
    ab_text_unref(own->info);
    free(own);
}

void ab_own_fini(ab_directory *directory)
{
    for (size_t i = 0; i < directory->own->count; i++)
        free_own(directory->own->sorted[i]);
    free(directory->own->sorted);
    free(directory->own);
}

size_t ab_own_count(const ab_directory *directory)
{
    return directory->own->count;
}

const ab_own *ab_own_at(const ab_directory *directory, size_t index)
{
    return directory->own->sorted[index];
}

static int compare_ids(ab_slice a, ab_slice b)
{
    size_t common = AB_MIN(a.length, b.length);
    int order = common == 0 ? 0 : memcmp(a.bytes, b.bytes, common);
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

/* The first whose id is not below, or, if `is_after`, above that one. */
static size_t find_index(const struct ab_own_list *list, ab_slice id, bool is_after)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_ids(ab_text_slice(list->sorted[middle]->id), id);
        if (order < 0 || (is_after && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const ab_own *ab_own_find(const ab_directory *directory, ab_slice id)
{
    const struct ab_own_list *list = directory->own;
    size_t index = find_index(list, id, false);
    return index < list->count && ab_text_is(list->sorted[index]->id, id) ? list->sorted[index]
                                                                          : NULL;
}

size_t ab_own_after(const ab_directory *directory, ab_slice id)
{
    return find_index(directory->own, id, true);
}

void ab_own_add(ab_directory *directory, ab_text *id, ab_text *info)
{
    struct ab_own_list *list = directory->own;
    ab_own *own = ab_alloc(1, sizeof *own);
    own->id = ab_text_ref(id);
    own->info = ab_text_ref(info);
    own->digest = ab_service_digest(ab_text_slice(id), ab_text_slice(info));
    own->born = ++list->sequence;
    list->digest += own->digest;
    if (list->count == list->capacity) {
        list->capacity = AB_MAX(list->capacity * 2, 4);
        list->sorted = ab_realloc(list->sorted, list->capacity, sizeof(ab_own *));
    }
    size_t index = find_index(list, ab_text_slice(id), false);
    memmove(&list->sorted[index + 1], &list->sorted[index],
            (list->count - index) * sizeof(ab_own *));
    list->sorted[index] = own;
    list->count++;
}

ab_text *ab_own_remove(ab_directory *directory, const ab_own *own, bool *was_exposed)
{
    struct ab_own_list *list = directory->own;
    size_t index = find_index(list, ab_text_slice(own->id), false);
    ab_own *gone = list->sorted[index];
    list->count--;
    memmove(&list->sorted[index], &list->sorted[index + 1],
            (list->count - index) * sizeof(ab_own *));
    list->digest -= gone->digest;
    list->sequence++;
    *was_exposed = gone->born <= list->exposed;
    ab_text *id = ab_text_ref(gone->id);
    free_own(gone);
    return id;
}

void ab_own_expose(ab_directory *directory)
{
    directory->own->exposed = directory->own->sequence;
}

bool ab_own_is_exposed(const ab_directory *directory)
{
    return directory->own->exposed == directory->own->sequence;
}

/* Few buses speak more often: then a silence can outlast a cut of ten seconds at whatever moment it comes, and
 * still be believed within fifteen. The more there are, the less, so that nobody wakes more often for it. */
static ab_time longest_interval(const ab_directory *directory)
{
    const ab_directory_config *config = &directory->config;
    ab_time crowd = ab_crowd(directory);
    ab_time among_few = config->presence / 1000 * AB_MAX(FEW_PER_MILLE, EACH_PER_MILLE * crowd);
    return AB_MAX(AB_MIN(config->presence, among_few), config->presence_per_bus * crowd);
}

ab_time ab_own_draw_interval(ab_directory *directory)
{
    ab_time longest = longest_interval(directory);
    ab_time drawn = longest - ab_jitter(directory, longest / 10);
    /* In whole milliseconds, as it is promised. */
    directory->own->interval = AB_MAX(drawn / AB_MS(1), 1) * AB_MS(1);
    return directory->own->interval;
}

void ab_directory_presence(const ab_directory *directory, ab_presence *presence)
{
    const struct ab_own_list *list = directory->own;
    *presence = (ab_presence){
        .bus = directory->config.bus,
        .sequence = list->sequence,
        .digest = list->digest,
        .count = (uint32_t)list->count,
        .interval = (uint32_t)(list->interval / AB_MS(1)),
        .port = directory->config.port,
    };
}

bool ab_directory_offers(const ab_directory *directory, ab_slice id)
{
    return ab_own_find(directory, id) != NULL;
}

bool ab_directory_offers_after(const ab_directory *directory, const ab_slice *after,
                               ab_directory_offer_fn *visit, void *userdata)
{
    const struct ab_own_list *list = directory->own;
    size_t index = after == NULL ? 0 : ab_own_after(directory, *after);
    for (; index < list->count; index++) {
        const ab_own *own = list->sorted[index];
        if (!visit(userdata, ab_text_slice(own->id), ab_text_slice(own->info)))
            return false;
    }
    return true;
}
