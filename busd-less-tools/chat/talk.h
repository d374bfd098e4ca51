/* SPDX-License-Identifier: MIT
 * The talk: a channel between standard input and standard output. */
#ifndef CHAT_TALK_H
#define CHAT_TALK_H

#include "chat/request.h"

tool_exit chat_talk(const chat_request *request);

#endif
