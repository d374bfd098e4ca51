/* SPDX-License-Identifier: MIT
 * A routing netlink socket: tells that links or addresses changed, and reads them all. Knows the messages'
 * frame and their attributes, not what they mean.
 *
 * A notification is only a bell: what changed is found by reading everything again. So a lost notification
 * costs nothing as long as the bell rings, and there is one way to read instead of two. */
#ifndef AB_NET_NETLINK_H
#define AB_NET_NETLINK_H

#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>

#include <autobus/result.h>

/** Opens a non-blocking socket on which changes of links and addresses ring. Works unprivileged. */
autobus_result ab_netlink_open(int *ret_fd);

/** Empties the socket. True if anything was there, or was lost (ENOBUFS). */
bool ab_netlink_rang(int fd);

/** One RTM_NEWLINK or RTM_NEWADDR message, borrowed for the call. */
typedef void ab_netlink_fn(void *owner, struct nlmsghdr *message);

/** Reads all of `type` (RTM_GETLINK, RTM_GETADDR). Never waits: the kernel has the answer ready. 0 or an
 *  errno; EINTR: it changed on the way, read again. Notifications in between are dropped: set *has_rung. */
int ab_netlink_dump(int fd, int type, ab_netlink_fn *each, void *owner, bool *has_rung);

/** The payload of the attribute `type` among those behind a message's header of `header` bytes, if it is
 *  there and `length` bytes or more long, else NULL. */
const void *ab_netlink_attribute(struct nlmsghdr *message, size_t header, unsigned short type,
                                 size_t length);

#endif
