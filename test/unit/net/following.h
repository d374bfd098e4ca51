/* SPDX-License-Identifier: MIT
 * The interfaces of a network of the test's own, followed on a bus thread. */
#ifndef TEST_UNIT_NET_FOLLOWING_H
#define TEST_UNIT_NET_FOLLOWING_H

#include <stdbool.h>

#include "net/interfaces.h"

/** The loop, what is followed on it (NULL: nothing yet), and how often a change was told; with the lock. */
extern ab_loop *following_loop;
extern ab_interfaces *following;
extern int following_changes;

/** For a suite: enters the network, and leaves it after freeing what is followed. */
void following_enter(void);
void following_leave(void);
/** Starts the loop, and follows; which must succeed. */
void following_start(const char *globs);
/** For ab_interfaces_new: counts a change. */
void following_count(void *owner);

/** The interface, or NULL. With the lock. */
const ab_interface *following_find(const char *name);
const ab_interface_address *following_find_address(const char *name, const char *host);

/* Conditions to wait for: the argument is a name, or a place. */
typedef struct place {
    const char *name, *host;
} place;
bool is_there(const void *name);
bool is_gone(const void *name);
bool is_up(const void *name);
bool is_down(const void *name);
bool has_address(const void *place);
bool has_no_address(const void *place);

#define EVENTUALLY(condition, argument)                                                      \
    cr_assert(running_until(following_loop, condition, argument), "%s does not become true", \
              #condition)
#define EVENTUALLY_ADDRESS(name, host) EVENTUALLY(has_address, (&(place){name, host}))

/** The host as text, until the next call. */
const char *following_host(const ab_address *address);

#endif
