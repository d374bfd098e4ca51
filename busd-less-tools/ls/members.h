/* SPDX-License-Identifier: MIT
 * The members of the services on the list: what each bus tells when it is asked. */
#ifndef LS_MEMBERS_H
#define LS_MEMBERS_H

#include "ls/entry.h"
#include "tool/session.h"

/** Asks every bus on the list once, one after the other, and each for a moment at most. Whoever does not tell keeps its
 *  members unknown. */
void ls_members_ask(ls_entries *entries, tool_session *session);

#endif
