/* SPDX-License-Identifier: MIT
 * A visit: we connect to a bus, bind, and hear its answers line by line, each within a time. What is asked
 * then, and what the answers mean, is the visitor's. With the lock, on the bus thread. */
#ifndef AB_PEER_VISIT_H
#define AB_PEER_VISIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "loop/loop.h"
#include "net/stream.h"
#include "wire/lines.h"

#define AB_VISIT_BIND_ID "1" /**< the id of the bind; the visitor's own commands have others */

typedef struct ab_visit ab_visit;

/** None is called from inside ab_visit_begin(). In both the visit may be ended. */
typedef struct ab_visit_ops {
    /** The next message; the first answers the bind. False: the visit was ended. */
    bool (*heard)(ab_visit *visit, const ab_message *message);
    /** Refused, broken, too late, or more than it may be. ab_visit_end() is still the visitor's to make. */
    void (*failed)(ab_visit *visit);
} ab_visit_ops;

struct ab_visit {
    ab_loop *loop;
    const ab_visit_ops *ops;
    ab_stream *stream;
    ab_timer deadline;
    ab_time timeout;        /**< for the bind, and for each answer asked for */
    size_t line_most, rest; /**< bytes of one line, and of all that may still come */
    size_t searched;
};

/** `service` NULL is introspection. */
void ab_visit_begin(ab_visit *visit, ab_loop *loop, const ab_address *at, const char *service,
                    ab_time timeout, size_t line_most, size_t all_most, const ab_visit_ops *ops)
    AB_LOCKED;
/** Sends a command; from here the timeout runs anew. */
void ab_visit_ask(ab_visit *visit, const ab_buffer *command) AB_LOCKED;
void ab_visit_end(ab_visit *visit) AB_LOCKED;

#endif
