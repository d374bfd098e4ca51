/* SPDX-License-Identifier: MIT
 * Absence: nothing matches, and what a person can do about it. */
#ifndef TOOL_ABSENCE_H
#define TOOL_ABSENCE_H

#include <autobus/bus.h>

#include "tool/choice.h"
#include "tool/family.h"

/** Says on standard error that nothing matches `choice`: who was asked, which names come near, what to look at. */
void tool_absence_explain(const tool_family *family, const tool_choice *choice, autobus_bus *bus);

#endif
