/* SPDX-License-Identifier: MIT
 * A connection held by hand: lines out and in, with a bound on every wait. Used by one thread. */
#ifndef TEST_SUPPORT_HAND_H
#define TEST_SUPPORT_HAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hand {
    int fd;
    size_t used, taken; /**< bytes read, and those of them that were handed out as lines */
    char bytes[1 << 18];
} hand;

/** Connects to the bus with this port and id, as transport.h has it; fails the test if nothing accepts. */
hand *hand_connect(uint16_t port, const char *bus);
/** The same; NULL if nothing accepts. */
hand *hand_try(uint16_t port, const char *bus);
/** A socket that listens on a free port of 127.0.0.1, and the next that comes there, within ten seconds. */
int hand_listen(uint16_t *ret_port);
hand *hand_accept(int listening);
void hand_free(hand *old);

/** Sends the text as it is. */
void hand_send(hand *out, const char *text);
/** The next line without its end, until the next call; NULL at the end of the stream. Fails after ten seconds. */
const char *hand_line(hand *in);
/** Sends no more. */
void hand_finish(hand *out);

/** True if two JSON texts are the same; "…" in `wanted` is anything. */
bool hand_is_like(const char *got, const char *wanted);

#endif
