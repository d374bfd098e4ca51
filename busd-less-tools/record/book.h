/* SPDX-License-Identifier: MIT
 * The book: a recording while it is written. It knows how each line looks; docs/recordings.md tells the same. */
#ifndef RECORD_BOOK_H
#define RECORD_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json_types.h>

#include "record/sink.h"

typedef struct record_book {
    record_sink sink;
    int64_t began_ms;
    long services; /**< how many have appeared in it */
    long heard;    /**< how many values and fired events are in it */
} record_book;

/** Writes its first line, into what is open. */
void record_book_begin(record_book *self);

/** Each of these writes a line, with the time of now. What is passed is borrowed; a `doc`, `description` or `value` may
 *  be NULL: nothing is said, or the value is null. */
void record_book_appeared(record_book *self, const char *service, json_object *info,
                          json_object *doc);
void record_book_left(record_book *self, const char *service);
void record_book_value(record_book *self, const char *service, const char *object,
                       json_object *value, json_object *description);
void record_book_event(record_book *self, const char *service, const char *event,
                       json_object *description);
void record_book_fired(record_book *self, const char *service, const char *event,
                       json_object *arguments);
/** `what` is "object" or "event". */
void record_book_gone(record_book *self, const char *service, const char *what, const char *name);

/** Writes the last line, and closes it as record_sink_close() does. */
bool record_book_close(record_book *self);

#endif
