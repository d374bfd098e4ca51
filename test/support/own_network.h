/* SPDX-License-Identifier: MIT
 * A network namespace of the test's own: only a loopback that is down, and nobody else in it. */
#ifndef TEST_SUPPORT_OWN_NETWORK_H
#define TEST_SUPPORT_OWN_NETWORK_H

/** Moves this thread, and those it will start, into a fresh network. Skips the test, with the reason, where
 *  the kernel refuses; with AUTOBUS_REQUIRE_NETNS=1 that fails instead. */
void own_network_enter(void);
/** Back to where the process came from. Does nothing outside. */
void own_network_leave(void);
/** Runs `ip` with these arguments; fails the test if it fails. */
void own_network_ip(const char *arguments);
/** Adds a device (one end of a veth pair; the other is "far-" and the name) that has a carrier when it is up. */
void own_network_device(const char *name);
/** Brings it up, and waits until the kernel lets packets through. */
void own_network_up(const char *name);
void own_network_without_ipv6(void);
/** Writes a value below /proc/sys/net. */
void own_network_set(const char *name, const char *value);

#endif
