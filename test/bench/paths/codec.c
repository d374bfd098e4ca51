/* SPDX-License-Identifier: MIT
 * The path of one call and its answer through the codec: written and read on both sides. No bus, no socket. */
#include <string.h>

#include "base/buffer.h"
#include "bench/census.h"
#include "bench/paths/paths.h"
#include "wire/ask.h"
#include "wire/codec.h"
#include "wire/frames.h"
#include "wire/usage.h"

#define MESSAGES  1000
#define LIMIT     65536
#define ARGUMENTS "[\"0123456789012345678901234567890123456789012345678901234567890123\"]"

static void hold(bool is_right)
{
    bench_insist(is_right ? AUTOBUS_OK : AUTOBUS_INCOMPATIBLE, "a message reads otherwise");
}

static ab_frame read_frame(ab_buffer *in)
{
    ab_frame frame;
    size_t taken;
    const char *mistake;
    hold(ab_frame_next(ab_buffer_bytes(in), ab_buffer_length(in), LIMIT, &frame, &taken,
                       &mistake) == AB_FRAME_READY);
    ab_buffer_consume(in, taken);
    return frame;
}

static void take_frames(ab_buffer *wire, uint64_t id)
{
    ab_codec_frames.call(wire, id, AB_SLICE("echo"), AB_SLICE(ARGUMENTS));
    ab_frame call = read_frame(wire);
    hold(call.id == id && call.name.length == 4);
    ab_codec_frames.response(wire, (ab_value){AB_KIND_NUMBER, call.id_bytes}, "result",
                             call.value.text);
    ab_frame answer = read_frame(wire);
    hold(answer.id == id && answer.value.text.length == strlen(ARGUMENTS));
}

static ab_message read_line(ab_buffer *in)
{
    ab_message message;
    ab_slice line;
    size_t taken, searched = 0;
    hold(ab_line_next((ab_slice){ab_buffer_bytes(in), ab_buffer_length(in)}, LIMIT, &searched,
                      &line, &taken) == AB_LINE_READY);
    hold(ab_message_read(&message, line));
    ab_buffer_consume(in, taken);
    return message;
}

static void take_lines(ab_buffer *wire, uint64_t id)
{
    ab_ask ask;
    uint64_t answered;
    ab_codec_lines.call(wire, id, AB_SLICE("echo"), AB_SLICE(ARGUMENTS));
    ab_message call = read_line(wire);
    ab_read_ask(&call, &ask);
    hold(ask.verb == AB_VERB_CALL && ask.name.length == 4);
    ab_codec_lines.response(wire, ask.id, "result", ask.arguments.text);
    ab_message answer = read_line(wire);
    hold(ab_read_answer_id(&answer, &answered) && answered == id);
    ab_value result = ab_message_member(&answer, AB_SLICE("result"));
    hold(result.text.length == strlen(ARGUMENTS));
}

size_t paths_read_and_write(const char *wire)
{
    bool is_frames = strcmp(wire, "frames") == 0;
    ab_buffer room;
    ab_buffer_init(&room);
    paths_begin();
    for (uint64_t id = 1; id <= MESSAGES; id++) {
        if (is_frames)
            take_frames(&room, id);
        else
            take_lines(&room, id);
    }
    paths_end();
    ab_buffer_fini(&room);
    return MESSAGES;
}
