/* SPDX-License-Identifier: MIT
 * A line of a recording: what happened, and when. docs/recordings.md tells how it is written. */
#ifndef REPLAY_LINE_H
#define REPLAY_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json_types.h>

typedef enum replay_kind {
    REPLAY_OTHER, /**< only its time means anything: the end, and what later versions may have */
    REPLAY_APPEARED,
    REPLAY_LEFT,
    REPLAY_VALUE,
    REPLAY_EVENT,
    REPLAY_FIRED,
    REPLAY_GONE
} replay_kind;

typedef struct replay_line {
    json_object *tree; /**< owned; the others are parts of it */
    int64_t ms;
    replay_kind kind;
    const char *service;      /**< of all kinds but REPLAY_OTHER */
    const char *name;         /**< of the object or event */
    bool is_event;            /**< so it is the latter */
    json_object *content;     /**< the info, the value, or the arguments */
    json_object *description; /**< a map; NULL: none */
    const char *doc;          /**< of the service; NULL: none */
} replay_line;

/** Reads one. False with a sentence on the line, "has no time", which is yours. */
bool replay_line_init(replay_line *self, const char *text, size_t length, char **ret_mistake);
void replay_line_fini(replay_line *self);

/** Whether this is the first line of a recording that can be read; else a sentence as above. */
bool replay_line_is_first(const char *text, size_t length, char **ret_mistake);

#endif
