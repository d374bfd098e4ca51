/* SPDX-License-Identifier: MIT
 * The machine's network interfaces as they come, go and change address: rtnetlink, read on the bus thread.
 * Always by index. Which ones are used: globs of AUTOBUS_INTERFACES. Knows nothing of what is sent. */
#ifndef AB_NET_INTERFACES_H
#define AB_NET_INTERFACES_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include <autobus/result.h>

#include "base/address.h"
#include "loop/loop.h"

#define AB_INTERFACE_ADDRESSES 16

typedef struct ab_interface_address {
    ab_address address;   /**< port 0 */
    ab_address broadcast; /**< IPv4 directed broadcast; family 0 if none */
    ab_address
        peer; /**< the other end of a point-to-point link, whose network it is; family 0 if none */
    unsigned prefix; /**< bits */
} ab_interface_address;

typedef struct ab_interface {
    unsigned index;
    char name[IF_NAMESIZE];
    bool is_up, is_loopback, can_broadcast,
        can_multicast; /**< is_up: administratively and carrier */
    bool is_used;      /**< passes the globs, and is up */
    size_t count;
    ab_interface_address
        addresses[AB_INTERFACE_ADDRESSES]; /**< those usable now; more than fit are left out */
} ab_interface;

typedef struct ab_interfaces ab_interfaces;
/** Something changed; several changes of one moment are told once. With the lock, on the bus thread. */
typedef void ab_interfaces_fn(void *owner);

/** Reads them all once, before it returns. `globs` NULL or empty: all. A name without * ? [ that does not
 *  exist is AUTOBUS_INVALID, with a sentence that names those there are; to exclude one that does not exist
 *  is fine. An exclude wins over what stands beside it; a list of only excludes starts from all. With the
 *  lock, on the bus thread or before it runs, as ab_interfaces_free(), which may be called in `changed`. */
autobus_result ab_interfaces_new(ab_loop *loop, const char *globs, ab_interfaces_fn *changed,
                                 void *owner, ab_interfaces **ret) AB_LOCKED;
void ab_interfaces_free(ab_interfaces *interfaces) AB_LOCKED;
/** Walk: start with 0, NULL at the end. Used and unused ones, by rising index. What it shows is valid until
 *  the next change. */
const ab_interface *ab_interfaces_next(const ab_interfaces *interfaces, size_t *cursor);
const ab_interface *ab_interfaces_find(const ab_interfaces *interfaces, unsigned index);
/** True if `source` may be a neighbour on that interface: in a network of it, link-local, or, on loopback,
 *  any address of this machine. A packet from one's own address is on the link too. */
bool ab_interfaces_on_link(const ab_interfaces *interfaces, unsigned index,
                           const ab_address *source);
bool ab_interfaces_is_own(const ab_interfaces *interfaces, const ab_address *address);
/** The same asked of the kernel itself: true for an address so new that we have not read of it yet. */
bool ab_interfaces_has_kernel(const ab_address *address);
/** "lo (127.0.0.1), eth0 (10.0.0.2)": the used ones, or "none". free() it. */
char *ab_interfaces_text(const ab_interfaces *interfaces);

#endif
