/* SPDX-License-Identifier: MIT
 * The play: one recording from its first line to its last, or again and again. */
#ifndef REPLAY_PLAY_H
#define REPLAY_PLAY_H

#include "replay/request.h"

/** Does it; returns the exit code. */
tool_exit replay_play(const replay_request *request);

#endif
