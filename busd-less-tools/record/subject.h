/* SPDX-License-Identifier: MIT
 * A subject: one service that is recorded, its objects and events. It is in the book from when it is known what it has
 * until it is lost or has left; whatever was gathered by then is written first, all with the same time. */
#ifndef RECORD_SUBJECT_H
#define RECORD_SUBJECT_H

#include <stdint.h>

#include <json-c/json_types.h>

#include "record/book.h"
#include "tool/place.h"
#include "tool/session.h"

typedef struct record_subject record_subject;

/** A service of this id and info (as text), wherever discovery finds it; or that of the bus at a place, if that is not
 *  NULL. The session, the book and the place outlive it. */
record_subject *record_subject_new(tool_session *session, record_book *book, const char *id,
                                   const char *info, const tool_place *bus);
/** Frees and clears it, and writes nothing. */
void record_subject_free(record_subject **subject);

/** Whether this is the service of that id and info. */
bool record_subject_is(const record_subject *self, const char *id, const char *info);
/** Whether its connection to a place has ended: nothing comes of it any more. */
bool record_subject_is_dead(const record_subject *self);
const char *record_subject_id(const record_subject *self);

/** What its bus tells of it, borrowed: from now on it has these objects and events, and no others. */
void record_subject_learn(record_subject *self, json_object *entry);

/** It has left: that is written, unless it is known to be lost. */
void record_subject_leave(record_subject *self);

/** To be called after every turn. When it wants to be called again at the latest. */
int64_t record_subject_tend(record_subject *self);

#endif
