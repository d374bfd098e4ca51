/* SPDX-License-Identifier: MIT
 * A connection, TCP or unix: bytes in, bytes out, dialling, closing after what is queued has gone. Plain read and
 * write on our own buffers; no protocol. */
#ifndef AB_NET_STREAM_H
#define AB_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <autobus/result.h>

#include "base/address.h"
#include "base/buffer.h"
#include "loop/loop.h"

typedef struct ab_stream ab_stream;

/** All with the lock, on the bus thread; but `received` on the thread that has borrowed the stream, and there the
 *  stream may not be closed. In all others it may be. */
typedef struct ab_stream_ops {
    /** A dialled one is connected. May be NULL. */
    void (*connected)(void *owner);
    /** There is more in `in`; consume what is complete. At most 64 KiB is read a turn. Called again after a
     *  pause in it that left something. */
    void (*received)(void *owner, ab_buffer *in);
    /** The other side has closed or broke: error is 0 for a plain end, else an errno (ECONNREFUSED, ETIMEDOUT...).
     *  The last call, after everything received; ab_stream_close() is still the owner's to make. After a plain
     *  end one may go on writing: the other side may have closed its own direction only. */
    void (*ended)(void *owner, int error);
    /** All that was queued has gone. May be NULL. */
    void (*drained)(void *owner);
} ab_stream_ops;

/* Made and closed with the lock, on the bus thread or while it does not run; write, pending and pause from
 * any thread with the lock. */

/** Takes a connected, non-blocking fd of either kind (TCP_NODELAY is set). */
ab_stream *ab_stream_adopt(ab_loop *loop, int fd, const ab_stream_ops *ops, void *owner) AB_LOCKED;
/** Starts to connect by TCP; success or failure comes by ops, never from inside this call. */
ab_stream *ab_stream_dial(ab_loop *loop, const ab_address *to, const ab_stream_ops *ops,
                          void *owner) AB_LOCKED;
/** Tries to send now, queues the rest; on the bus thread a little later, in one piece with all that is written in this
 *  turn. Nothing happens when the connection is broken: `ended` tells. */
void ab_stream_write(ab_stream *stream, const void *bytes, size_t length) AB_LOCKED;
/** The same for what nobody waits for: when many come one after the other, they leave together a little later. What is
 *  said to many at once has one `now` for all, 0 before the first; else NULL. */
void ab_stream_write_soon(ab_stream *stream, const void *bytes, size_t length, ab_time *now)
    AB_LOCKED;
/** Sends what the kernel takes at once of so many messages of two halves each, from where they lie. The rest of one of
 *  which it took a part is queued; those behind it are not taken. How many were; 0 also if something waits before. */
unsigned ab_stream_pour(ab_stream *stream, struct iovec *halves, unsigned messages) AB_LOCKED;
/** Bytes queued. */
size_t ab_stream_pending(const ab_stream *stream);
/** Stops or goes on reading. While it is stopped `ended` comes only if a write finds the connection broken. */
void ab_stream_pause(ab_stream *stream, bool is_paused) AB_LOCKED;

/** What the other side's kernel has acknowledged of what we sent. On a unix socket nothing is ever owed, and what the
 *  other process has read is taken. */
typedef struct ab_stream_acks {
    bool
        is_owing; /**< it owes us an acknowledgement now: of bytes, or of a probe of its closed window */
    ab_time ago;      /**< since it acknowledged anything */
    uint64_t taken;   /**< bytes that it has acknowledged, since the beginning */
    size_t in_flight; /**< bytes that our kernel holds for it */
    bool is_gone; /**< it was reset, or closed from there altogether: nobody is there any more */
} ab_stream_acks;
/** False if the kernel does not tell. One or two system calls; any thread with the lock. */
bool ab_stream_ask_kernel(const ab_stream *stream, ab_stream_acks *acks) AB_LOCKED;
/** With it the kernel ends the connection when the other host, idle or not, is deaf for 30 s. It takes somebody who
 *  stopped reading for deaf, too. For those who cannot be asked for a sign of life. On a unix socket there is no
 *  other host, and nothing happens. */
void ab_stream_guard(ab_stream *stream, bool is_guarded) AB_LOCKED;

/* Lent: a thread that waits for an answer reads the stream itself, and the bus thread does not. All on any thread, with
 * the lock; one borrower at a time, who may be another thread from turn to turn. */

/** The bus thread reads no more until it is given back; what `received` has put off is for the borrower then. False:
 *  not now. It connects, is over, is paused, or the bus thread has still something to do with it; the first time it is
 *  made ready to be lent, by the bus thread. */
bool ab_stream_lend(ab_stream *stream) AB_LOCKED;
/** Waits until something has come, at most so long, with the lock dropped meanwhile. The kernel's ticks may make it
 *  some milliseconds more, unless `is_exact`, which costs a system call. */
void ab_stream_wait(ab_stream *stream, ab_time most, bool is_exact) AB_LOCKED;
/** Its number stays taken until it is given back, even if it is closed. -1: it is closed. */
int ab_stream_fd(const ab_stream *stream);
/** The turn after it: reads what more is there, and calls `received`. False: it is to be given back now, for the bus
 *  thread goes on: it is over, closed, paused or deferred. */
bool ab_stream_read(ab_stream *stream) AB_LOCKED;
/** In `received`: what it leaves in `in` is for the bus thread, which calls `received` with it again, after what waits
 *  to be done there now. */
void ab_stream_defer(ab_stream *stream) AB_LOCKED;
/** The bus thread reads it again; what came meanwhile it hears of at once. If it was closed meanwhile it is freed. */
void ab_stream_give_back(ab_stream *stream) AB_LOCKED;

/** Closes at once and frees; nothing is called any more. NULL is fine. */
void ab_stream_close(ab_stream *stream) AB_LOCKED;
/** Gives it up: sends what is queued for at most `patience`, then closes so that the other side gets every
 *  byte (FIN, unread input drained), and frees by itself. The owner hears nothing more. NULL is fine. Who frees
 *  the loop ends what is still open with ab_linger_abandon() of net/linger.h. */
void ab_stream_close_gently(ab_stream *stream, ab_time patience) AB_LOCKED;

#endif
