/* SPDX-License-Identifier: MIT
 * Which way the connections of a test program go, as AUTOBUS_TEST_TRANSPORT says. "tcp": by TCP. "unix": over unix
 * sockets, those that are held by hand as well. Else buses take the way they find, and hands come by TCP. The unix
 * sockets lie in a folder of the program's own. */
#ifndef TEST_SUPPORT_TRANSPORT_H
#define TEST_SUPPORT_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

/** True if hands come over unix sockets. */
bool transport_is_unix(void);
/** True if buses that leave it to the environment shall meet over unix sockets. */
bool transport_of_buses_is_unix(void);
/** A fresh folder for the unix sockets of one test, which goes with the program. */
#define TRANSPORT_PATH 64
bool transport_make_folder(char path[TRANSPORT_PATH]);
/** A blocking connection to the bus with this port and id, made the way that a hand comes; -1: nobody accepts. */
int transport_connect(uint16_t port, const char *bus);

#endif
