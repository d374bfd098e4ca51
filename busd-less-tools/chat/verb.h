/* SPDX-License-Identifier: MIT
 * autobus-chat as a verb. */
#ifndef CHAT_VERB_H
#define CHAT_VERB_H

#include "tool/verb.h"

extern const tool_verb chat_verb;

#endif
