/* SPDX-License-Identifier: MIT
 * One client with many sessions. */
#include "unit/peer/many.h"

#include <criterion/criterion.h>
#include <sys/socket.h>

void many_begin(many *with, door *at)
{
    int little = 65536;
    with->at = at;
    with->client = client_connect(at);
    setsockopt(with->client, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    ab_buffer_init(&with->one);
    ab_buffer_init(&with->out);
    client_send(with->client, FRAMED_BIND);
    client_expect(with->client, FRAMED_BOUND);
}

void many_end(many *with)
{
    client_close(with->client);
    ab_buffer_fini(&with->one);
    ab_buffer_fini(&with->out);
}

void many_add(many *with, unsigned session)
{
    size_t length = ab_buffer_length(&with->one);
    ab_frames_name_session(ab_buffer_bytes(&with->one), length, (uint16_t)session);
    ab_buffer_append(&with->out, ab_buffer_bytes(&with->one), length);
    ab_buffer_truncate(&with->one, 0);
}

void many_send(many *with)
{
    framed_send(with->client, &with->out);
}

void many_bind(many *with, unsigned session, const char *service, uint64_t credit)
{
    ab_frames_write_bind(&with->out, (uint16_t)session, ab_slice_of(service), credit);
    many_send(with);
    (void)many_expect(with, session, AB_FRAME_BOUND, "");
}

void many_call(many *with, unsigned session, uint64_t id, const char *name, const char *arguments)
{
    ab_codec_frames.call(&with->one, id, ab_slice_of(name), ab_slice_of(arguments));
    many_add(with, session);
}

void many_subscribe(many *with, unsigned session, ab_verb verb, const char *name)
{
    ab_codec_frames.subscribe(&with->one, verb, ab_slice_of(name));
    many_add(with, session);
}

ab_frame many_expect(many *with, unsigned session, ab_frame_kind kind, const char *text)
{
    ab_frame frame = framed_expect(with->client, kind, text);
    cr_assert_eq(frame.session, session, "of session %u, not %u", frame.session, session);
    return frame;
}

void many_expect_alive(many *with)
{
    ab_codec_frames.ping(&with->out, 77);
    many_send(with);
    cr_assert_eq(many_expect(with, 0, AB_FRAME_PONG, "").id, 77);
}

void many_expect_refusal(many *with, const char *mistake)
{
    many_send(with);
    framed_expect_refusal(with->client, mistake);
}
