/* SPDX-License-Identifier: MIT
 * The lines with which a bound service is used: calls, events, objects, channels. Pure: writers append whole lines
 * with CRLF, readers point into the message. Values are JSON text, names are as they read. */
#ifndef AB_WIRE_USAGE_H
#define AB_WIRE_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <autobus/result.h>

#include "wire/lines.h"

/* Commands of a client. `id` 0: a notification (type 3) with an id of its own, for old servers want one. */

/** {"_type":1,"_id":"17","_command":"call","name":…,"args":[…]} */
void ab_write_call(ab_buffer *out, uint64_t id, ab_slice name, ab_slice arguments);
/** {"_type":3,"_id":"0","_command":COMMAND,"name":…}: watch, unwatch, listen, unlisten. */
void ab_write_subscribe(ab_buffer *out, const char *command, ab_slice name);
void ab_write_ping(ab_buffer *out, uint64_t id);

/* What a server says unasked: notifications. */

/** {"_type":3,"_id":"0","_command":"changed","name":…,"value":…}; NULL is null with "gone":true. */
void ab_write_changed(ab_buffer *out, ab_slice name, const ab_slice *value);
/** {"_type":3,"_id":"0","_command":"fired","name":…,"args":[…]} */
void ab_write_fired(ab_buffer *out, ab_slice name, ab_slice arguments);
/** {"_type":3,"_id":"0","_command":"unbound","text":…}: the reason why the server closes now. */
void ab_write_unbound(ab_buffer *out, const char *text);
/** An error with its code: {"_type":2,"_id":…,"_error":{"text":…,"code":"not found"}}: autobus_result_text(). */
void ab_write_error_code(ab_buffer *out, ab_value id, autobus_result code, const char *text);

/** The code and the sentence of a message's error: REMOTE where there is no code. A sentence that is no string, or
 *  not there, is "". The slice lies in `scratch`, at least as long as the error's text. */
autobus_result ab_read_error(const ab_message *message, char *scratch, ab_slice *text);
/** The code with this name; REMOTE if there is none. */
autobus_result ab_read_code(ab_value value);
/** The id of a response as we write ids: false if it is not such a number. */
bool ab_read_answer_id(const ab_message *message, uint64_t *id);
/** The name of a command, as it reads, in `scratch` (as long as the message). False: none, or no string. */
bool ab_read_name(const ab_message *message, char *scratch, ab_slice *name);

/* Channels: docs/protocol.md tells the commands open, opened, data, blob, credit, end, close. */

typedef enum ab_channel_command {
    AB_CHANNEL_NONE, /**< it is not about channels */
    AB_CHANNEL_OPEN,
    AB_CHANNEL_OPENED,
    AB_CHANNEL_DATA,
    AB_CHANNEL_BLOB,
    AB_CHANNEL_CREDIT,
    AB_CHANNEL_END,
    AB_CHANNEL_CLOSE
} ab_channel_command;

typedef struct ab_channel_line {
    ab_channel_command command;
    uint64_t channel; /**< chosen by the opener, from 1, not used twice on a connection */
    uint64_t credit;  /**< open, opened: the window of who says it; credit: bytes more */
    bool is_stream;
    bool
        is_plain; /**< name, text and blob are the bytes themselves, without quotes, escapes, base64 */
    autobus_result code; /**< close */
    ab_value name;       /**< open */
    ab_value value;      /**< open: the argument; data: the message */
    ab_value blob;       /**< base64 in a string */
    ab_value text;       /**< close: the reason */
} ab_channel_line;

/** False: malformed, though about channels; command NONE with true: not about channels. */
bool ab_read_channel(const ab_message *message, ab_channel_line *line);
/** All as notifications (type 3). Members that a command does not have are not looked at; name and text as they
 *  read. */
void ab_write_open(ab_buffer *out, uint64_t channel, ab_slice name, bool is_stream, uint64_t window,
                   ab_slice argument);
void ab_write_opened(ab_buffer *out, uint64_t channel, uint64_t window);
void ab_write_data(ab_buffer *out, uint64_t channel, ab_slice value);
void ab_write_blob(ab_buffer *out, uint64_t channel, const void *bytes, size_t length);
void ab_write_credit(ab_buffer *out, uint64_t channel, uint64_t bytes);
void ab_write_end(ab_buffer *out, uint64_t channel);
void ab_write_close(ab_buffer *out, uint64_t channel, autobus_result code, const char *text);
/** Decodes into `out`, of at least blob.text.length bytes. False: not base64. */
bool ab_read_base64(ab_value blob, char *out, size_t *length);

#endif
