/* SPDX-License-Identifier: MIT
 * JSON as everybody reads it: old peers write NaN, Infinity and -Infinity, which are no JSON. */
#ifndef AB_PEER_FINITE_H
#define AB_PEER_FINITE_H

#include "base/buffer.h"
#include "base/text.h"

/** The checked text with null in the place of such tokens: itself where there are none, else written at the end of
 *  `room` (and valid until that changes). */
ab_slice ab_finite(ab_slice text, ab_buffer *room);

#endif
