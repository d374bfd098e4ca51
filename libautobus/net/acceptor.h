/* SPDX-License-Identifier: MIT
 * A listening socket: TCP for IPv4 and IPv6 at once (IPv4 alone where there is no IPv6), or a unix one. */
#ifndef AB_NET_ACCEPTOR_H
#define AB_NET_ACCEPTOR_H

#include <stdint.h>

#include <autobus/result.h>

#include "base/address.h"
#include "loop/loop.h"

typedef struct ab_acceptor ab_acceptor;

/** The fd is the callee's. Non-blocking, close-on-exec. With the lock, on the bus thread. The
 *  acceptor may be closed in it. `peer` is of family 0 on a unix socket. */
typedef void ab_acceptor_fn(void *owner, int fd, const ab_address *peer);

/** Port 0: any. AUTOBUS_IN_USE with a sentence that names the port. Without descriptors (EMFILE) it pauses
 *  for a while instead of spinning. At most 64 are accepted a turn. Opening and closing: with the lock, on the
 *  bus thread or while it does not run. */
autobus_result ab_acceptor_open(ab_loop *loop, uint16_t port, ab_acceptor_fn *accepted, void *owner,
                                ab_acceptor **ret) AB_LOCKED;
/** Accepts what comes to a listening, non-blocking socket that somebody else made; the fd is taken. */
ab_acceptor *ab_acceptor_adopt(ab_loop *loop, int fd, ab_acceptor_fn *accepted, void *owner)
    AB_LOCKED;
void ab_acceptor_close(ab_acceptor *acceptor) AB_LOCKED;
/** 0 of a unix socket. */
uint16_t ab_acceptor_port(const ab_acceptor *acceptor);

#endif
