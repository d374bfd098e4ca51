/* SPDX-License-Identifier: MIT
 * What autobus-doctor was asked for. It starts nothing. */
#ifndef DOCTOR_REQUEST_H
#define DOCTOR_REQUEST_H

#include "tool/request.h"

typedef struct doctor_request {
    tool_request asked;
} doctor_request;

extern const tool_command doctor_command;

/** As tool_request_init(). */
bool doctor_request_init(doctor_request *self, int argc, char **argv, tool_exit *ret_exit);
void doctor_request_fini(doctor_request *self);

/** True if a service was named, in whatever way. */
bool doctor_request_names_service(const doctor_request *self);

/** How to look, and whom to ask by name: as given, else the environment's, else NULL or the default. */
const char *doctor_request_discovery(const doctor_request *self);
const char *doctor_request_peers(const doctor_request *self);

#endif
