/* SPDX-License-Identifier: MIT
 * A stream from the inside, for the files that make it: stream.c moves its bytes, gathering.c makes one piece of
 * many, lending.c is for who borrows it, and stream_kernel.c asks its kernel and tells it what to do. With the lock. */
#ifndef AB_NET_STREAM_STATE_H
#define AB_NET_STREAM_STATE_H

#include "loop/patience.h"
#include "net/stream.h"

/* The first piece asked for. */
#define AB_STREAM_PIECE 4096

struct ab_stream {
    ab_loop *loop;
    const ab_stream_ops *ops;
    void *owner;
    int fd;      /* -1: there is none any more, or it could not be made */
    int left_fd; /* closed while it is lent: the borrower may be polling it. Else -1 */
    ab_watch watch;
    ab_task task;    /* brings the bus thread here: for a new interest, or news */
    ab_task last;    /* sends what was gathered, at the end of the turn */
    ab_timer soon;   /* the same, for another thread */
    ab_time said_at, /* by another thread, the latest of what may wait */
        gathered_at; /* and the first that was gathered */
    ab_buffer in, out;
    unsigned calls; /* on the stack above us; the last one frees a closed stream */
    uint64_t sent;  /* bytes given to the kernel */
    int error;      /* why it ended */
    bool is_tcp;    /* the kernel knows whether the other side is there */
    bool is_connecting;
    bool is_gathering; /* the kernel was not asked yet to take what is in `out` */
    bool is_paused;
    bool is_broken; /* nothing can be sent any more */
    bool is_over;   /* nothing will be read any more */
    bool is_told;   /* `ended` was called */
    bool is_closed;
    bool has_heard; /* since said_at: what is said next may be an answer */
    bool is_flood;  /* the last turn of reading was full */
    bool has_news;  /* `in` holds something that `received` has not seen */
    bool has_rest;  /* the owner paused with something left in `in` */
    bool is_lent;
    bool is_wanted;       /* somebody wants to borrow it, and it is not shared yet */
    ab_patience patience; /* of who borrows it, and spins */
    bool is_deferred;     /* what `received` left waits for the task */
    bool has_more;     /* the borrower's last wait filled its piece: there may be more behind it */
    bool is_left_open; /* closed gently: what waits to be sent still leaves */
};

/* stream.c */
/** Watches what it is now to hear of. On the bus thread, or once it is shared. */
void ab_stream_watch(ab_stream *stream) AB_LOCKED;
/** Reads what is there, at most a turn's worth. True: that much was there, and there may be more. */
bool ab_stream_take_input(ab_stream *stream) AB_LOCKED;
/** Nothing more will be read. 0: a plain end. */
void ab_stream_note_end(ab_stream *stream, int error) AB_LOCKED;
void ab_stream_tell_received(ab_stream *stream) AB_LOCKED;
/** It is closed, and nobody above us uses it. */
void ab_stream_destroy(ab_stream *stream) AB_LOCKED;

/** The interests may have changed; any thread. */
void ab_stream_update_watch(ab_stream *stream) AB_LOCKED;
/** Gives it to the kernel. How much of it went; the connection may be broken after. */
size_t ab_stream_send(ab_stream *stream, const char *bytes, size_t length) AB_LOCKED;

/* gathering.c */
void ab_stream_gathering_init(ab_stream *stream);
void ab_stream_gathering_fini(ab_stream *stream) AB_LOCKED;
/** True: it is kept for the end of the turn. Else it is to be sent now, and all before it was. */
bool ab_stream_gather(ab_stream *stream, const void *bytes, size_t length) AB_LOCKED;
/** The same on other threads, for one of many that come one after the other. */
bool ab_stream_gather_rush(ab_stream *stream, const void *bytes, size_t length, ab_time *said)
    AB_LOCKED;
/** Any thread. */
void ab_stream_send_gathered(ab_stream *stream) AB_LOCKED;

/* lending.c */
/** On the bus thread, when somebody wants to borrow it. False: that cannot be had. */
bool ab_stream_make_lendable(ab_stream *stream) AB_LOCKED;

#endif
