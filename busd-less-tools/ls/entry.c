/* SPDX-License-Identifier: MIT
 * The list of services that are shown. */
#include "ls/entry.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/text.h"

/* An id may be claimed by two services; they differ in their info. */
static bool is_same(const autobus_sighting *a, const autobus_sighting *b)
{
    return strcmp(autobus_sighting_id(a), autobus_sighting_id(b)) == 0 &&
           strcmp(autobus_sighting_info_text(a), autobus_sighting_info_text(b)) == 0;
}

static void look(ls_entry *entry, const autobus_sighting *sighting)
{
    json_object *info = tool_text_checked(autobus_sighting_info(sighting));
    entry->sighting = tool_text_checked(autobus_sighting_keep(sighting));
    entry->id = tool_text_checked(strdup(autobus_sighting_id(sighting)));
    tool_summary_init(&entry->summary, info, autobus_sighting_host(sighting),
                      autobus_sighting_port(sighting));
    json_object_put(info);
}

static void unlook(ls_entry *entry)
{
    tool_summary_fini(&entry->summary);
    json_object_put(entry->members);
    entry->members = NULL;
    free(entry->id);
    autobus_sighting_free(&entry->sighting);
}

static void entry_free(ls_entry *entry)
{
    unlook(entry);
    free(entry);
}

void ls_entries_fini(ls_entries *self)
{
    for (size_t i = 0; i < self->count; i++) {
        entry_free(self->list[i]);
    }
    free(self->list);
    *self = (ls_entries){0};
}

static ls_entry *find(const ls_entries *self, const autobus_sighting *sighting)
{
    for (size_t i = 0; i < self->count; i++) {
        if (is_same(self->list[i]->sighting, sighting)) {
            return self->list[i];
        }
    }
    return NULL;
}

static ls_entry *add(ls_entries *self)
{
    if (self->count == self->room) {
        self->room = self->room == 0 ? 16 : self->room * 2;
        self->list = tool_text_checked(reallocarray(self->list, self->room, sizeof(ls_entry *)));
    }
    ls_entry *entry = tool_text_checked(calloc(1, sizeof *entry));
    entry->mark = LS_KNOWN;
    self->list[self->count++] = entry;
    return entry;
}

ls_entry *ls_entries_add(ls_entries *self, const autobus_sighting *sighting)
{
    ls_entry *entry = add(self);
    look(entry, sighting);
    return entry;
}

void ls_entries_add_told(ls_entries *self, const char *id, const tool_place *place,
                         json_object *told)
{
    ls_entry *entry = add(self);
    entry->place = place;
    entry->id = tool_text_checked(strdup(id));
    entry->members = json_object_get(told);
    entry->is_asked = true;
    tool_summary_init(&entry->summary, json_object_object_get(told, "info"), place->host,
                      place->port);
}

void ls_entries_shorten(ls_entries *self, size_t most)
{
    while (self->count > most) {
        entry_free(self->list[--self->count]);
    }
}

ls_entry *ls_entries_put(ls_entries *self, const autobus_sighting *sighting)
{
    ls_entry *entry = find(self, sighting);
    if (entry == NULL) {
        return ls_entries_add(self, sighting);
    }
    unlook(entry);
    look(entry, sighting);
    return entry;
}

size_t ls_entries_age(ls_entries *self, int64_t now_ms)
{
    size_t changed = 0;
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++) {
        ls_entry *entry = self->list[i];
        bool is_over = entry->mark != LS_KNOWN && entry->mark_until_ms <= now_ms;
        changed += is_over;
        if (is_over && entry->mark == LS_GONE) {
            entry_free(entry);
            continue;
        }
        if (is_over) {
            entry->mark = LS_KNOWN;
        }
        self->list[kept++] = entry;
    }
    self->count = kept;
    return changed;
}

int64_t ls_entries_deadline(const ls_entries *self)
{
    int64_t next = -1;
    for (size_t i = 0; i < self->count; i++) {
        const ls_entry *entry = self->list[i];
        if (entry->mark != LS_KNOWN && (next < 0 || entry->mark_until_ms < next)) {
            next = entry->mark_until_ms;
        }
    }
    return next;
}

static int by_words(const void *left, const void *right)
{
    const ls_entry *a = *(ls_entry *const *)left;
    const ls_entry *b = *(ls_entry *const *)right;
    int order = strcmp(a->summary.type, b->summary.type);
    order = order != 0 ? order : strcmp(a->summary.name, b->summary.name);
    order = order != 0 ? order : strcmp(a->summary.host, b->summary.host);
    order = order != 0 ? order : strcmp(a->id, b->id);
    return order != 0 || a->sighting == NULL || b->sighting == NULL
               ? order
               : strcmp(autobus_sighting_info_text(a->sighting),
                        autobus_sighting_info_text(b->sighting));
}

void ls_entries_sort(ls_entries *self)
{
    if (self->count > 1) {
        qsort(self->list, self->count, sizeof *self->list, by_words);
    }
}

size_t ls_entries_present(const ls_entries *self)
{
    size_t present = 0;
    for (size_t i = 0; i < self->count; i++) {
        present += self->list[i]->mark != LS_GONE;
    }
    return present;
}
