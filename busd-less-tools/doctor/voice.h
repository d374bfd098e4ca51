/* SPDX-License-Identifier: MIT
 * The voice: what the ear's sockets say, and what the system makes of that. */
#ifndef DOCTOR_VOICE_H
#define DOCTOR_VOICE_H

#include <sys/socket.h>

#include "doctor/ear.h"

/** A question to `asked` failed on its way: errno `error`. */
void doctor_voice_failed(doctor_ear *self, const struct sockaddr *asked, int error);

#endif
