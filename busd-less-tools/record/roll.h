/* SPDX-License-Identifier: MIT
 * The roll: all services that match now, each with its subject, and the buses that tell what they have. */
#ifndef RECORD_ROLL_H
#define RECORD_ROLL_H

#include <stddef.h>
#include <stdint.h>

#include <autobus/listener.h>
#include <autobus/remote.h>

#include "record/subject.h"

typedef struct record_entry record_entry;
typedef struct record_teller record_teller;

typedef struct record_roll {
    tool_session *session;
    record_book *book;
    autobus_listener *listener;
    record_entry *entries;
    size_t count, room;
    record_teller **tellers;
    size_t teller_count;
    bool has_matched; /**< anything, ever */
} record_roll;

/** Begins to record what the session's request chooses. The session ends if that fails. */
void record_roll_open(record_roll *self, tool_session *session, record_book *book);
void record_roll_close(record_roll *self);

/** To be called after every turn. When it wants to be called again at the latest. */
int64_t record_roll_tend(record_roll *self);

#endif
