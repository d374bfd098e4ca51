/* SPDX-License-Identifier: MIT
 * The avahi daemon of this machine: whether there is one. */
#ifndef DOCTOR_AVAHI_H
#define DOCTOR_AVAHI_H

#include <stdbool.h>

/** True if it accepts connections at its own socket. */
bool doctor_avahi_is_there(void);

#endif
