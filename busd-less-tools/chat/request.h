/* SPDX-License-Identifier: MIT
 * What autobus-chat was asked for. It starts nothing. */
#ifndef CHAT_REQUEST_H
#define CHAT_REQUEST_H

#include <stdbool.h>

#include "tool/request.h"

typedef struct chat_request {
    tool_request asked;
    const char *channel;
    const char *argument; /**< as typed, for the other side to look at; NULL: none */
    bool is_stream;
    bool stays; /**< after the end of standard input */
} chat_request;

extern const tool_command chat_command;

/** As tool_request_init(). */
bool chat_request_init(chat_request *self, int argc, char **argv, tool_exit *ret_exit);
void chat_request_fini(chat_request *self);

#endif
