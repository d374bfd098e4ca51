/* SPDX-License-Identifier: MIT
 * A knock: does anybody still accept where our connection goes to? After a road was cut, the kernel may take long to
 * find out that the other end of a connection is gone; a host that is there again refuses a new one at once. */
#ifndef AB_PEER_KNOCK_H
#define AB_PEER_KNOCK_H

#include "base/address.h"
#include "loop/loop.h"
#include "net/stream.h"

typedef struct ab_knock ab_knock;
struct ab_knock {
    ab_stream *stream; /**< NULL: nobody knocks */
    ab_time begun;
    /** Nobody accepts there. Not from inside ab_knock_begin(); the knock is over. */
    void (*refused)(ab_knock *knock);
};

/** Knocks, or knocks again if nobody has answered for a while. Any other outcome than a refusal is not told. On the bus
 *  thread. */
void ab_knock_begin(ab_knock *knock, ab_loop *loop, const ab_address *at) AB_LOCKED;
/** Gives up. */
void ab_knock_end(ab_knock *knock) AB_LOCKED;

#endif
