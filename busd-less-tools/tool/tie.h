/* SPDX-License-Identifier: MIT
 * A tie: the lasting bond of a verb to what its request means: a proxy, a multi proxy, or a connection to a place that
 * is made anew whenever it is lost. It tells on standard error when the other side goes and comes. */
#ifndef TOOL_TIE_H
#define TOOL_TIE_H

#include <autobus/remote.h>

#include "tool/session.h"

typedef struct tool_tie tool_tie;

struct tool_tie {
    tool_session *session;
    autobus_remote *remote;
    /** Subscribes to what the verb wants of a remote that is new. */
    void (*attach)(tool_tie *self);
    const tool_place *place; /**< NULL: a choice */
    char *words;             /**< what it stands for, in a sentence; owned */
    char *bound;             /**< the id it was bound to last, owned; NULL: never yet */
    bool is_bound;           /**< not of a multi proxy */
    bool has_told_loss;      /**< and that it is tried again */
    bool is_dead;            /**< a connection to a place that is to be made anew */
    int64_t again_ms;        /**< when */
    int pause_ms;
};

/** Ties, with `attach` set. Of a choice, where one service is meant, several are refused: TOOL_AMBIGUOUS; nothing there
 *  is explained and waited for. The session ends if it fails. */
void tool_tie_init(tool_tie *self, tool_session *session, void (*attach)(tool_tie *self),
                   int64_t until_ms);
/** Ties to a place, whatever the request means; it outlives the tie. */
void tool_tie_init_to_place(tool_tie *self, tool_session *session, void (*attach)(tool_tie *self),
                            const tool_place *place);
void tool_tie_fini(tool_tie *self);

/** To be called after every turn. When it wants to be called again at the latest. */
int64_t tool_tie_tend(tool_tie *self);

#endif
