/* SPDX-License-Identifier: MIT
 * Room to receive a few datagrams in one system call, lent by the process to whoever reads. Knows what the
 * kernel tells beside the bytes; no loop and no owner. */
#ifndef AB_NET_BATCH_H
#define AB_NET_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "net/datagram.h"

#define AB_BATCH_SLOTS 4

typedef struct ab_batch ab_batch;

/** One datagram of a batch; the bytes are the batch's. */
typedef struct ab_batch_packet {
    ab_arrival arrival;
    const char *bytes;
    size_t length;
    uint32_t drops; /**< the socket's count so far, modulo 2^32; 0: none, or not said */
} ab_batch_packet;

/** While somebody keeps the process's spare batch it is not freed between two readings. Any thread. */
void ab_batch_keep(void);
void ab_batch_unkeep(void);

/** Lends a batch; bring it back before the turn ends. Any thread. */
ab_batch *ab_batch_borrow(void);
void ab_batch_return(ab_batch *batch);

/** Receives at most `slots` datagrams that are there. How many, or -errno. */
int ab_batch_receive(ab_batch *batch, int fd, unsigned slots);
ab_batch_packet ab_batch_get(ab_batch *batch, int index);

#endif
