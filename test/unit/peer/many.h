/* SPDX-License-Identifier: MIT
 * Several sessions of one connection, by hand: frames are written by a codec, which knows one session, and then given
 * the number of theirs. */
#ifndef AUTOBUS_TEST_MANY_H
#define AUTOBUS_TEST_MANY_H

#include "unit/peer/door.h"
#include "unit/peer/framed.h"

#define MANY_CREDIT 1000000 /**< no test uses up so much */
#define MANY_NONE   "The service you attempted to bind to does not exist."

typedef struct many {
    door *at;
    int client;    /**< the connection */
    ab_buffer one; /**< what codecs write; many_add() takes it */
    ab_buffer out; /**< what many_send() sends */
} many;

/** A connection in frames with session 0 bound to DOOR_OTHER. Its socket takes little that is not read. */
void many_begin(many *with, door *at);
void many_end(many *with);
/** What `one` has is of this session. */
void many_add(many *with, unsigned session);
void many_send(many *with);

/** Binds a session, and hears that it is bound. */
void many_bind(many *with, unsigned session, const char *service, uint64_t credit);
/** Adds a question to what will be sent. */
void many_call(many *with, unsigned session, uint64_t id, const char *name, const char *arguments);
void many_subscribe(many *with, unsigned session, ab_verb verb, const char *name);
/** The next message is of this session and kind, and has this text or value; see framed_expect(). */
ab_frame many_expect(many *with, unsigned session, ab_frame_kind kind, const char *text);
/** The connection hears, and has said nothing that was not read. Sends first what was added. */
void many_expect_alive(many *with);
/** It says that we sent this, and closes. Sends first what was added. */
void many_expect_refusal(many *with, const char *mistake);

#endif
