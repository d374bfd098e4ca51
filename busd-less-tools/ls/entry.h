/* SPDX-License-Identifier: MIT
 * An entry: one service on the list, and what is new about it. A list: all of them in the order shown, by
 * type, name, machine and id. It knows no output. */
#ifndef LS_ENTRY_H
#define LS_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <autobus/listener.h>
#include <autobus/sighting.h>

#include "tool/place.h"
#include "tool/summary.h"

/** How an entry stands out for a while, as the sign it is shown with. */
typedef enum ls_mark {
    LS_KNOWN = ' ',
    LS_NEW = '+',
    LS_GONE = '-',
    LS_MOVED = '~'
} ls_mark;

typedef struct ls_entry {
    autobus_sighting *sighting; /**< NULL: its bus told of it, at `place` */
    const tool_place *place;    /**< borrowed; NULL: it was seen */
    char *id;
    tool_summary summary;
    json_object
        *members; /**< what its bus tells of it, owned; NULL: nothing, or it was not asked */
    bool is_asked;
    ls_mark mark;
    int64_t mark_until_ms; /**< by the caller's clock; 0: it has no mark */
} ls_entry;

typedef struct ls_entries {
    ls_entry **list;
    size_t count, room;
} ls_entries;

void ls_entries_fini(ls_entries *self);

/** Adds a service that is not there yet. The sighting is borrowed (it is kept anew), the entry is the list's,
 *  and its place is right only after ls_entries_sort(). */
ls_entry *ls_entries_add(ls_entries *self, const autobus_sighting *sighting);

/** The same, in place of the entry of that service if there is one. */
ls_entry *ls_entries_put(ls_entries *self, const autobus_sighting *sighting);

/** Adds a service that its bus tells of at a place, which is borrowed until the list's end: `told` is what it
 *  tells, borrowed. */
void ls_entries_add_told(ls_entries *self, const char *id, const tool_place *place,
                         json_object *told);

/** Forgets all but the first `most` of the list. */
void ls_entries_shorten(ls_entries *self, size_t most);

/** Forgets the entries that are gone, and the marks that are over, at `now_ms`. Returns how many changed. */
size_t ls_entries_age(ls_entries *self, int64_t now_ms);

/** When the next mark is over; -1 if there is none. */
int64_t ls_entries_deadline(const ls_entries *self);

void ls_entries_sort(ls_entries *self);

/** How many are there, the gone ones not counted. */
size_t ls_entries_present(const ls_entries *self);

#endif
