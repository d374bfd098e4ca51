/* SPDX-License-Identifier: MIT
 * The table of the lines. */
#include "wire/codec.h"

#include "wire/usage.h"

static void write_subscribe(ab_buffer *out, ab_verb verb, ab_slice name)
{
    ab_write_subscribe(out, ab_verb_text(verb), name);
}

const ab_codec ab_codec_lines = {
    .place = AB_CODEC_LINES,
    .around = sizeof "\r\n" - 1,
    .call = ab_write_call,
    .subscribe = write_subscribe,
    .ping = ab_write_ping,
    .response = ab_write_response,
    .error = ab_write_error_code,
    .changed = ab_write_changed,
    .fired = ab_write_fired,
    .unbound = ab_write_unbound,
    .open = ab_write_open,
    .opened = ab_write_opened,
    .data = ab_write_data,
    .blob = ab_write_blob,
    .credit = ab_write_credit,
    .end = ab_write_end,
    .close = ab_write_close,
};
