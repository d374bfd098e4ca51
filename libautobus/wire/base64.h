/* SPDX-License-Identifier: MIT
 * Base64 as RFC 4648 has it, with padding and nothing else in between. */
#ifndef AB_WIRE_BASE64_H
#define AB_WIRE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/text.h"

void ab_base64_write(ab_buffer *out, const void *bytes, size_t length);
/** `out` has room for three quarters of the text, and may be where the text itself begins. False: it is none; what
 *  is in `out` then means nothing. */
bool ab_base64_read(ab_slice text, char *out, size_t *length);

#endif
