/* SPDX-License-Identifier: MIT
 * The holder of a UDP port: which program has it, as far as the system lets us see. */
#ifndef DOCTOR_HOLDER_H
#define DOCTOR_HOLDER_H

#include <stdint.h>

/** In words: "dnsmasq (process 812)", "a program of user 33", or "another program". free() it. */
char *doctor_holder_name(uint16_t port);

#endif
