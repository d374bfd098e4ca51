/* SPDX-License-Identifier: MIT
 * Closing a connection without losing what was said last. A socket closed with unread input resets the
 * connection, and the reset overtakes what is still on its way. So: send what is queued, say that it was
 * all, and read until the other side has closed too, or patience ends. */
#ifndef AB_NET_LINGER_H
#define AB_NET_LINGER_H

#include <stddef.h>

#include "base/buffer.h"
#include "loop/loop.h"

/** Takes the connected (or connecting) fd and what is queued for it; `queued` is empty after. Nobody hears
 *  of it again. With the lock, on the bus thread or while it does not run. */
void ab_linger_start(ab_loop *loop, int fd, ab_buffer *queued, ab_time patience) AB_LOCKED;
/** How many there are on this loop now. With the lock. */
size_t ab_linger_count(ab_loop *loop);
/** From now on `news` is posted whenever one of those that there are now has nothing more on its way to the other side,
 *  or is over; their patience begins anew. Once, on the bus thread. */
void ab_linger_follow(ab_loop *loop, ab_time patience, ab_task *news) AB_LOCKED;
/** How many of those that are followed have still something on its way. With the lock. */
size_t ab_linger_followed(ab_loop *loop);
/** Closes those of this loop at once. Whoever frees a loop calls it before, when the thread has ended. */
void ab_linger_abandon(ab_loop *loop) AB_LOCKED;

#endif
