/* SPDX-License-Identifier: MIT
 * A message: what one datagram, line or frame says, as far as a glance tells. docs/protocol.md has them all. */
#ifndef MONITOR_MESSAGE_H
#define MONITOR_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/members.h"

/** The longest name of a kind, with its end; what came from the network is cut there. */
#define MONITOR_KIND 24

typedef enum monitor_form {
    MONITOR_DATAGRAM,
    MONITOR_LINE,
    MONITOR_FRAME
} monitor_form;

typedef struct monitor_message {
    monitor_form form;
    char
        kind[MONITOR_KIND]; /**< "add", "call", "result", ...; "strange" for what is none of ours */
    size_t size;            /**< all its bytes, headers of frames included */
    char *name; /**< of a function, event, object or channel, or the id of a service; NULL: none */
    monitor_slice carried; /**< its value, arguments or sentence, as far as it is here; borrowed */
    size_t carried_size;   /**< of all of it, where that is more than is here; else 0 */
    char bus[17];          /**< datagrams: who sends it; empty: an old peer */
    uint16_t port;         /**< datagrams: the sender's TCP port; 0: not told */
    bool has_count;
    uint64_t count;     /**< datagrams: how many services the sender has */
    bool offers_frames; /**< a line: the answer to a bind, behind which there are only frames */
} monitor_message;

/** The message in these bytes, of which the first are there: a datagram's. */
void monitor_message_of_datagram(monitor_message *self, monitor_slice head, size_t size);
/** The same for a line; `head` without its end, which counts. */
void monitor_message_of_line(monitor_message *self, monitor_slice head, size_t size);
/** The same for a frame, or several that make one message: what its header says, and the payload. */
void monitor_message_of_frame(monitor_message *self, unsigned kind, monitor_slice head,
                              size_t payload_size, size_t size);
void monitor_message_fini(monitor_message *self);

/** Whether there is such a kind of frames. */
bool monitor_message_has_frame(unsigned kind);

#endif
