/* SPDX-License-Identifier: MIT
 * Connects and closes, and says nothing in between. */
#include "peer/knock.h"

#include <errno.h>

/* What was lost on a cut road the kernel says again after a second, then after two, and four. */
#define PATIENCE AB_MS(200)

static void knock_connected(void *owner) AB_LOCKED
{
    ab_knock_end(owner);
}

static void knock_received(void *owner, ab_buffer *in) AB_LOCKED
{
    (void)in;
    ab_knock_end(owner);
}

static void knock_ended(void *owner, int error) AB_LOCKED
{
    ab_knock *knock = owner;
    ab_knock_end(knock);
    if (error == ECONNREFUSED)
        knock->refused(knock);
}

static const ab_stream_ops stream_ops = {
    .connected = knock_connected,
    .received = knock_received,
    .ended = knock_ended,
};

void ab_knock_begin(ab_knock *knock, ab_loop *loop, const ab_address *at)
{
    ab_time now = ab_loop_now(loop);
    if (knock->stream != NULL && now - knock->begun < PATIENCE)
        return;
    ab_knock_end(knock);
    knock->begun = now;
    knock->stream = ab_stream_dial(loop, at, &stream_ops, knock);
}

void ab_knock_end(ab_knock *knock)
{
    if (knock->stream != NULL)
        ab_stream_close(knock->stream);
    knock->stream = NULL;
}
