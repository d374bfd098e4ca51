/* SPDX-License-Identifier: MIT
 * Bytes of a stream on a connection that pours: from where the program has them, within credit, and what the
 * connection does not take as a message that it queues. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/error.h"
#include "unit/peer/pair.h"

#define MEGABYTE (1U << 20)

static pair *at;
static ab_channels *channels;
static ear anna;
static char bytes[MEGABYTE];
static ab_buffer come;        /* what the connection got */
static unsigned pours, takes; /* how often it was asked to pour; messages that it takes each time */
static size_t poured, sent;   /* bytes that came so, and by a message */
static size_t room;

static void take_message(void *owner, const ab_buffer *messages, bool is_weighed)
{
    (void)owner, (void)is_weighed;
    ab_buffer_append(&come, ab_buffer_bytes(messages), ab_buffer_length(messages));
    sent += ab_buffer_length(messages);
}

static unsigned take_poured(void *owner, struct iovec *halves, unsigned messages)
{
    (void)owner;
    unsigned taken = AB_MIN(messages, takes);
    for (unsigned i = 0; i < 2 * taken; i++)
        ab_buffer_append(&come, halves[i].iov_base, halves[i].iov_len);
    for (unsigned i = 0; i < taken; i++) {
        const char *body = halves[2 * i + 1].iov_base;
        cr_expect(body >= bytes && body < bytes + sizeof bytes, "not a copy");
        poured += halves[2 * i + 1].iov_len;
    }
    room = taken < messages ? 0 : SIZE_MAX;
    pours++;
    return taken;
}

static size_t tell_room(void *owner)
{
    (void)owner;
    return room;
}

static void hear_opened(uint64_t credit) AB_UNCHECKED
{
    const ab_frame opened = {.kind = AB_FRAME_OPENED, .id = 1, .number = credit};
    cr_assert(ab_channels_hear_frame(channels, &opened));
}

static void set_up(void) AB_UNCHECKED
{
    static const ab_channels_ops ops = {
        .send = take_message, .room = tell_room, .pour = take_poured};
    memset(&anna, 0, sizeof anna);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * i >> 5);
    at = pair_open(false);
    room = SIZE_MAX;
    takes = 1000;
    pours = 0;
    pair_lock(at);
    channels = ab_channels_new(&ab_codec_frames, &ops, NULL, 1, 65536, 4 * MEGABYTE);
    ab_hearer *hearer = ab_hearer_new(&at->seat, ear_hear, &anna, NULL);
    cr_assert_eq(ab_channel_open(&at->seat, channels, NULL, AB_SLICE("sink"), true,
                                 AB_SLICE("null"), hearer, &anna.channel),
                 AUTOBUS_OK);
    hear_opened(300000);
    pair_unlock(at);
    ab_buffer_consume(&come, ab_buffer_length(&come));
    poured = sent = 0;
}

static void tear_down(void) AB_UNCHECKED
{
    ab_channel_free(anna.channel);
    pair_lock(at);
    ab_channels_free(channels, AUTOBUS_CLOSED, "");
    pair_unlock(at);
    pair_run(at);
    pair_close(at);
    ab_buffer_fini(&come);
}

TestSuite(channel_pour, .init = set_up, .fini = tear_down);

static autobus_result write_bytes(size_t length, size_t *ret_written)
{
    return ab_channel_write(anna.channel, bytes, length, ret_written);
}

/* They came as frames of this channel, in order. */
static void expect_came(size_t length)
{
    size_t whole = 0, taken;
    while (ab_buffer_length(&come) > 0) {
        ab_frame frame;
        const char *mistake;
        cr_assert_eq(ab_frame_next(ab_buffer_bytes(&come), ab_buffer_length(&come),
                                   AB_FRAME_PAYLOAD, &frame, &taken, &mistake),
                     AB_FRAME_READY);
        cr_assert_eq(frame.kind, AB_FRAME_BLOB);
        cr_assert_eq(frame.id, 1);
        cr_assert_leq(whole + frame.bytes.length, length);
        cr_assert_eq(memcmp(frame.bytes.bytes, bytes + whole, frame.bytes.length), 0);
        whole += frame.bytes.length;
        ab_buffer_consume(&come, taken);
    }
    cr_expect_eq(whole, length);
}

Test(channel_pour, gives_many_pieces_at_once_from_where_they_lie)
{
    size_t written;
    cr_assert_eq(write_bytes(200000, &written), AUTOBUS_OK);
    cr_expect_eq(written, 200000);
    cr_expect_eq(pours, 1);
    cr_expect_eq(poured, 200000);
    expect_came(200000);
}

Test(channel_pour, ends_with_the_credit)
{
    size_t written;
    cr_assert_eq(write_bytes(sizeof bytes, &written), AUTOBUS_OK);
    cr_expect_eq(written, 300000);
    cr_expect_eq(write_bytes(1, &written), AUTOBUS_BUSY);
    expect_came(300000);
}

Test(channel_pour, ends_where_the_connection_does_and_goes_on_when_it_is_told)
{
    size_t written;
    takes = 2;
    cr_assert_eq(write_bytes(250000, &written), AUTOBUS_OK);
    cr_expect_eq(written, 2 * AB_CHANNEL_PIECE);
    cr_expect_eq(pours, 1, "%u", pours);
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened");
    room = SIZE_MAX;
    pair_lock(at);
    ab_channels_ease(channels);
    pair_unlock(at);
    pair_run(at);
    cr_expect_str_eq(anna.heard, "opened, writable");
    expect_came(written);
}

/* It hears at the moment, say. */
Test(channel_pour, says_one_message_where_nothing_can_be_poured)
{
    size_t written;
    takes = 0;
    cr_assert_eq(write_bytes(250000, &written), AUTOBUS_OK);
    cr_expect_eq(written, AB_CHANNEL_PIECE);
    cr_expect_eq(sent, AB_FRAME_HEADER + AB_CHANNEL_PIECE);
    expect_came(written);
}

Test(channel_pour, says_a_few_bytes_as_a_message)
{
    size_t written;
    cr_assert_eq(write_bytes(1000, &written), AUTOBUS_OK);
    cr_expect_eq(written, 1000);
    cr_expect_eq(pours, 0);
    expect_came(1000);
}
