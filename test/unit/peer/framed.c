/* SPDX-License-Identifier: MIT
 * Reads no byte too many, so that what follows stays in the socket. */
#include "unit/peer/framed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "unit/peer/door.h"

void framed_send_bytes(int socket, const void *bytes, size_t length)
{
    for (size_t sent = 0; sent < length;) {
        ssize_t now = send(socket, (const char *)bytes + sent, length - sent, MSG_NOSIGNAL);
        cr_assert_gt(now, 0, "%s", strerror(errno));
        sent += (size_t)now;
    }
}

void framed_send(int socket, ab_buffer *out)
{
    framed_send_bytes(socket, ab_buffer_bytes(out), ab_buffer_length(out));
    ab_buffer_truncate(out, 0);
}

static void receive(int socket, char *bytes, size_t length)
{
    if (length == 0)
        return;
    ssize_t got = recv(socket, bytes, length, MSG_WAITALL);
    cr_assert_eq(got, (ssize_t)length, "no frame came: %s", got < 0 ? strerror(errno) : "the end");
}

static size_t payload_of(const char *header)
{
    const unsigned char *at = (const unsigned char *)header;
    return at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
}

ab_frame framed_next(int socket)
{
    static char bytes[1 << 20];
    ab_frame frame = {0};
    size_t length = 0, taken;
    const char *mistake = NULL;
    ab_frame_state state = AB_FRAME_PART;
    while (state == AB_FRAME_PART) {
        cr_assert_lt(length + AB_FRAME_HEADER + AB_FRAME_PAYLOAD, sizeof bytes);
        receive(socket, bytes + length, AB_FRAME_HEADER);
        size_t payload = payload_of(bytes + length);
        cr_assert_leq(payload, AB_FRAME_PAYLOAD);
        receive(socket, bytes + length + AB_FRAME_HEADER, payload);
        length += AB_FRAME_HEADER + payload;
        state = ab_frame_next(bytes, length, sizeof bytes, &frame, &taken, &mistake);
    }
    cr_assert_eq(state, AB_FRAME_READY, "%s", mistake);
    return frame;
}

ab_frame framed_expect(int socket, ab_frame_kind kind, const char *text)
{
    ab_frame frame = framed_next(socket);
    ab_slice got = frame.text.length > 0 ? frame.text : frame.value.text;
    cr_assert_eq(frame.kind, kind, "kind %d instead of %d", (int)frame.kind, (int)kind);
    cr_assert(ab_slice_is(got, text), "%.*s instead of %s", (int)got.length, got.bytes, text);
    return frame;
}

void framed_expect_refusal(int socket, const char *mistake)
{
    char *sentence AB_SCOPED(ab_free_ptr) = ab_format("You sent %s.", mistake);
    (void)framed_expect(socket, AB_FRAME_UNBOUND, sentence);
    client_expect_end(socket);
}
