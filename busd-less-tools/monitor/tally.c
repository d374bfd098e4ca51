/* SPDX-License-Identifier: MIT
 * An open hash table of rows. */
#include "monitor/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/hash.h"
#include "tool/text.h"

enum {
    PLACES = 2 * MONITOR_ROWS
};

static bool is_row(const monitor_row *row, const char *peer, const char *kind)
{
    return strcmp(row->peer, peer) == 0 && strcmp(row->kind, kind) == 0;
}

void monitor_tally_count(monitor_tally *self, const char *peer, const char *kind, size_t bytes)
{
    size_t at = monitor_hash(monitor_hash(0, peer), kind) % PLACES;
    while (self->rows[at].packets > 0 && !is_row(&self->rows[at], peer, kind)) {
        at = (at + 1) % PLACES;
    }
    monitor_row *row = &self->rows[at];
    if (row->packets == 0 && self->count == MONITOR_ROWS) {
        row = &self->others;
        memcpy(row->peer, "others", sizeof "others");
    } else if (row->packets == 0) {
        snprintf(row->peer, sizeof row->peer, "%s", peer);
        snprintf(row->kind, sizeof row->kind, "%s", kind);
        self->count++;
    }
    row->packets++;
    row->bytes += bytes;
}

static int by_bytes(const void *left, const void *right)
{
    const monitor_row *a = *(const monitor_row *const *)left;
    const monitor_row *b = *(const monitor_row *const *)right;
    int order = (a->bytes < b->bytes) - (a->bytes > b->bytes);
    order = order != 0 ? order : strcmp(a->peer, b->peer);
    return order != 0 ? order : strcmp(a->kind, b->kind);
}

const monitor_row **monitor_tally_sorted(const monitor_tally *self, size_t *ret_count)
{
    const monitor_row **list = tool_text_checked(calloc(self->count + 2, sizeof *list));
    size_t count = 0;
    for (size_t i = 0; i < PLACES; i++) {
        if (self->rows[i].packets > 0) {
            list[count++] = &self->rows[i];
        }
    }
    qsort(list, count, sizeof *list, by_bytes);
    if (self->others.packets > 0) {
        list[count++] = &self->others;
    }
    *ret_count = count;
    return list;
}

monitor_row monitor_tally_total(const monitor_tally *self)
{
    monitor_row total = self->others;
    for (size_t i = 0; i < PLACES; i++) {
        total.packets += self->rows[i].packets;
        total.bytes += self->rows[i].bytes;
    }
    return total;
}
