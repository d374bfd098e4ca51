/* SPDX-License-Identifier: MIT
 * Any bytes as a stream of frames. The first two bytes say how it is cut; cut and whole give the same messages and
 * the same end, and every message that is read is written again as the same. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "pieces.h"
#include "wire/codec.h"
#include "wire/fields.h"
#include "wire/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define LIMIT (3 * AB_FRAME_PAYLOAD)

static void write_again(const ab_frame *frame, ab_buffer *out)
{
    const ab_codec *codec = &ab_codec_frames;
    ab_value id = {AB_KIND_NUMBER, frame->id_bytes};
    char *text AB_SCOPED(ab_free_ptr) =
        ab_format("%.*s", (int)frame->text.length, frame->text.length > 0 ? frame->text.bytes : "");
    switch (frame->kind) {
    case AB_FRAME_CALL: codec->call(out, frame->id, frame->name, frame->value.text); break;
    case AB_FRAME_RESULT: codec->response(out, id, "result", frame->value.text); break;
    case AB_FRAME_ERROR: codec->error(out, id, frame->code, text); break;
    case AB_FRAME_WATCH: codec->subscribe(out, AB_VERB_WATCH, frame->name); break;
    case AB_FRAME_UNWATCH: codec->subscribe(out, AB_VERB_UNWATCH, frame->name); break;
    case AB_FRAME_LISTEN: codec->subscribe(out, AB_VERB_LISTEN, frame->name); break;
    case AB_FRAME_UNLISTEN: codec->subscribe(out, AB_VERB_UNLISTEN, frame->name); break;
    case AB_FRAME_CHANGED: codec->changed(out, frame->name, &frame->value.text); break;
    case AB_FRAME_GONE: codec->changed(out, frame->name, NULL); break;
    case AB_FRAME_FIRED: codec->fired(out, frame->name, frame->value.text); break;
    case AB_FRAME_PING: codec->ping(out, frame->id); break;
    case AB_FRAME_PONG: codec->response(out, id, NULL, (ab_slice){0}); break;
    case AB_FRAME_UNBOUND: codec->unbound(out, text); break;
    case AB_FRAME_OPEN:
        codec->open(out, frame->id, frame->name, frame->is_stream, frame->number,
                    frame->value.text);
        break;
    case AB_FRAME_OPENED: codec->opened(out, frame->id, frame->number); break;
    case AB_FRAME_DATA: codec->data(out, frame->id, frame->value.text); break;
    case AB_FRAME_BLOB: codec->blob(out, frame->id, frame->bytes.bytes, frame->bytes.length); break;
    case AB_FRAME_CREDIT: codec->credit(out, frame->id, frame->number); break;
    case AB_FRAME_END: codec->end(out, frame->id); break;
    case AB_FRAME_CLOSE: codec->close(out, frame->id, frame->code, text); break;
    case AB_FRAME_BIND:
        ab_frames_write_bind(out, frame->session, frame->name, frame->number);
        break;
    case AB_FRAME_BOUND: ab_frames_write_bound(out, frame->session); break;
    case AB_FRAME_UNBIND: ab_frames_write_unbind(out, frame->session); break;
    case AB_FRAME_GRANT: ab_frames_write_grant(out, frame->session, frame->number); break;
    default: abort();
    }
    ab_frames_name_session(ab_buffer_bytes(out), ab_buffer_length(out), frame->session);
}

static bool is_within(ab_slice part, const char *begin, size_t length)
{
    return part.length == 0 || (part.bytes >= begin && part.bytes + part.length <= begin + length);
}

/* A sentence ends at its first zero byte, for it is a C string above. */
static void check_again(const ab_frame *frame, const ab_frame *again)
{
    assert(again->kind == frame->kind && again->is_stream == frame->is_stream);
    assert(again->session == frame->session);
    assert(again->id == frame->id && again->number == frame->number && again->code == frame->code);
    assert(ab_slice_equal(again->name, frame->name));
    assert(ab_slice_equal(again->bytes, frame->bytes));
    assert(again->value.kind == frame->value.kind);
    assert(again->text.length ==
           (frame->text.length > 0 ? strnlen(frame->text.bytes, frame->text.length) : 0));
}

static void check_frame(const ab_frame *frame, const char *bytes, size_t length)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_frame again;
    size_t taken;
    const char *mistake = NULL;
    ab_buffer_init(&out);
    assert(is_within(frame->name, bytes, length) && is_within(frame->value.text, bytes, length));
    assert(is_within(frame->text, bytes, length) && is_within(frame->bytes, bytes, length));
    assert(frame->number <= (uint64_t)AB_FIELD_EXACT && frame->code < AUTOBUS_WRONG_THREAD);
    write_again(frame, &out);
    ab_frame_state state = ab_frame_next(ab_buffer_bytes(&out), ab_buffer_length(&out), LIMIT,
                                         &again, &taken, &mistake);
    assert(state == AB_FRAME_READY && taken == ab_buffer_length(&out));
    check_again(frame, &again);
}

static void note(ab_buffer *got, const ab_frame *frame)
{
    ab_buffer_appendf(got, "%d %llu %zu %zu %zu|", (int)frame->kind, (unsigned long long)frame->id,
                      frame->name.length, frame->value.text.length, frame->bytes.length);
    ab_buffer_append(got, frame->bytes.bytes, frame->bytes.length);
    ab_buffer_append(got, frame->value.text.bytes, frame->value.text.length);
}

/* Appends what was read, and how it ended. */
static void read_in_pieces(const char *bytes, size_t length, size_t cut, ab_buffer *got)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer in;
    ab_buffer_init(&in);
    for (size_t at = 0; at < length; at += cut) {
        ab_buffer_append(&in, bytes + at, AB_MIN(cut, length - at));
        ab_frame_state state = AB_FRAME_READY;
        while (state == AB_FRAME_READY) {
            ab_frame frame;
            size_t taken;
            const char *mistake = NULL;
            state = ab_frame_next(ab_buffer_bytes(&in), ab_buffer_length(&in), LIMIT, &frame,
                                  &taken, &mistake);
            if (state == AB_FRAME_WRONG) {
                ab_buffer_append_text(got, mistake);
                return;
            }
            if (state == AB_FRAME_READY) {
                assert(taken >= AB_FRAME_HEADER && taken <= ab_buffer_length(&in));
                note(got, &frame);
                check_frame(&frame, ab_buffer_bytes(&in), taken);
                ab_buffer_consume(&in, taken);
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    pieces_judge(bytes, length, read_in_pieces);
    return 0;
}
