/* SPDX-License-Identifier: MIT
 * The JSON-lines protocol of connections: one message a line. Pure; what is read points into the line. */
#ifndef AB_WIRE_LINES_H
#define AB_WIRE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"
#include "value/scan.h"
#include "wire/datagram.h"

typedef enum ab_message_type {
    AB_MESSAGE_COMMAND = 1,
    AB_MESSAGE_RESPONSE = 2,
    AB_MESSAGE_NOTIFICATION = 3
} ab_message_type;

#define AB_MESSAGE_MEMBERS 12 /**< of which it knows where they are; more are looked for */

typedef struct ab_message {
    ab_message_type type; /**< as a server sees it: 3 only if exactly 3, 2 if exactly 2, else 1 */
    ab_value whole;
    ab_value id;      /**< any JSON value, repeated verbatim in a response; NONE: absent */
    ab_value command; /**< NONE, or whatever was there: check for STRING */
    ab_value error;   /**< NONE: absent (null is absent too) */
    size_t count;     /**< of all its members; lines.c's */
    ab_member members[AB_MESSAGE_MEMBERS]; /**< lines.c's */
} ab_message;

typedef enum ab_line_state {
    AB_LINE_MORE,  /**< no complete line yet */
    AB_LINE_READY, /**< *line is one, without its end; *taken bytes belong to it */
    AB_LINE_LONG   /**< longer than the limit without an end */
} ab_line_state;

/** Finds the next line that is not blank in `bytes`. *taken includes blank lines skipped before it.
 *  `searched` remembers, between calls on a growing buffer, how far there is no LF: set it to 0 after taking
 *  bytes; so a long line costs linear time however it is cut. With MORE, *taken bytes of blank lines may be
 *  dropped already. The answers depend on the bytes alone, never on how they were cut. */
ab_line_state ab_line_next(ab_slice bytes, size_t limit, size_t *searched, ab_slice *line,
                           size_t *taken);

/** False: not a JSON object; close without an answer. */
bool ab_message_read(ab_message *message, ab_slice line);
/** found[i] becomes its member names[i], kind NONE if it is not there; see ab_fields_find(). */
void ab_message_find(const ab_message *message, const ab_slice names[], size_t count,
                     ab_value found[]);
/** The member with this name. */
ab_value ab_message_member(const ab_message *message, ab_slice name);
/** True if the command is exactly this. */
bool ab_message_is(const ab_message *message, const char *command);
/** What a bind asks for: *service is a STRING or NULL (introspection), else false. */
bool ab_read_bind(const ab_message *message, ab_value *service, bool *is_autobus);
/** True if a bind, or the response to it, offers to go on in frames. */
bool ab_read_frames(const ab_message *message);
/** How many services a connection in frames may be bound to at once, by the response to a bind; 0: to the one. */
uint64_t ab_read_sessions(const ab_message *message);

/* Writers append one whole line with CRLF. `id` values are copied verbatim. */

/** {"_type":1,"_id":"ID","_command":"bind","service":SERVICE or null} and ,"autobus":1 (we are libautobus), with an
 *  offer of frames ,"frames":1. */
void ab_write_bind(ab_buffer *out, const char *id, const char *service, bool has_frames);
#define AB_SESSIONS_MOST 1024 /**< services that one connection may be bound to at once */
/** {"_type":2,"_id":…,"service":…} and, to a peer that said it is libautobus, "bus":"…" and, if frames
 *  follow, "frames":1 and "sessions":AB_SESSIONS_MOST. `service` NULL is null, `bus` NULL is not there. */
void ab_write_bound(ab_buffer *out, ab_value id, const ab_slice *service, const uint64_t *bus,
                    bool has_frames);
/** An answer to what had no id (kind NONE) has the id null.
 *  {"_type":2,"_id":…} with one more member `key`:`value` (JSON text) unless key is NULL. */
void ab_write_response(ab_buffer *out, ab_value id, const char *key, ab_slice value);
void ab_write_error(ab_buffer *out, ab_value id, const char *text);
/** A page of the services of a bus: command {"_command":"services","after":ID or null}. */
void ab_write_services_command(ab_buffer *out, const char *id, const char *after);
/** Response {"_type":2,"_id":…,"presence":{…},"services":[[id,info],…],"more":bool}: begin, services, end. */
void ab_write_services_begin(ab_buffer *out, ab_value id, const ab_presence *presence);
void ab_write_services_one(ab_buffer *out, ab_slice id, ab_slice info, bool is_first);
void ab_write_services_end(ab_buffer *out, bool has_more);
/** Reads such a response. False: it is none. */
bool ab_read_services(const ab_message *message, ab_presence *presence, ab_value *services,
                      bool *has_more);

#endif
