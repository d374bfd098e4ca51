/* SPDX-License-Identifier: MIT
 * Any lines to both sides of a connection with channels, and a program that accepts, sends, pauses, closes and frees
 * meanwhile. Each line begins with one byte: which side hears it, and what the program does first. All that the
 * sides say can be read by the other; nothing is left over in the end. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/channel.h"
#include "wire/usage.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define MOST   4
#define WINDOW 300

typedef struct end {
    autobus_channel *channel; /* NULL: freed, or never there */
    bool is_over;
    unsigned hooks;
} end;

typedef struct side {
    ab_channels *channels;
    end ends[2 * MOST];
    unsigned count;
    autobus_channel *offered[MOST + 1];
    unsigned offers;
    ab_buffer out;
} side;

static ab_seat seat;
static unsigned seats_freed;
static side sides[2]; /* the client, the server */

static AB_UNCHECKED void lock(void)
{
    ab_lock_take(seat.lock);
}

static AB_UNCHECKED void unlock(void)
{
    ab_lock_drop(seat.lock);
}

static void hear(void *userdata, const autobus_message *message)
{
    end *at = userdata;
    size_t length;
    assert(!at->is_over && at->hooks == 0);
    assert(autobus_message_text(message, &length) != NULL);
    (void)autobus_message_bytes(message, &length);
    at->is_over = autobus_message_kind(message) == AUTOBUS_CLOSED_NOW;
}

static void hook(void *userdata)
{
    ((end *)userdata)->hooks++;
}

/* What is said is whole lines that can be read. */
static void check_lines(const ab_buffer *lines)
{
    ab_slice line, all = {ab_buffer_bytes(lines), ab_buffer_length(lines)};
    size_t searched = 0, taken;
    while (all.length > 0) {
        ab_message message;
        ab_channel_line read;
        assert(ab_line_next(all, SIZE_MAX / 2, &searched, &line, &taken) == AB_LINE_READY);
        assert(ab_message_read(&message, line) && ab_read_channel(&message, &read));
        all = (ab_slice){all.bytes + taken, all.length - taken};
        searched = 0;
    }
}

static void send_lines(void *owner, const ab_buffer *lines, bool is_weighed)
{
    side *from = owner;
    (void)is_weighed;
    check_lines(lines);
    if (ab_buffer_length(&from->out) < 65536)
        ab_buffer_append(&from->out, ab_buffer_bytes(lines), ab_buffer_length(lines));
}

static size_t room(void *owner)
{
    const side *from = owner;
    size_t waiting = ab_buffer_length(&from->out);
    return waiting == 0 ? SIZE_MAX : 4096 - AB_MIN(waiting, 4096U);
}

static bool offered(void *owner, autobus_channel *channel, ab_slice name, bool is_stream)
{
    side *to = owner;
    (void)is_stream;
    if ((name.length > 0 && name.bytes[0] == 'x') || to->offers > MOST)
        return false;
    to->offered[to->offers++] = channel;
    return true;
}

static end *fresh_end(side *of)
{
    end *fresh = &of->ends[of->count % AB_COUNT(of->ends)];
    return of->count < AB_COUNT(of->ends) ? (of->count++, fresh) : NULL;
}

static void answer_offers(side *of, bool accepts)
{
    while (of->offers > 0) {
        autobus_channel *channel = of->offered[--of->offers];
        end *fresh = accepts ? fresh_end(of) : NULL;
        if (fresh != NULL && ab_channel_accept(channel, hear, fresh, hook) == AUTOBUS_OK)
            fresh->channel = channel;
        lock();
        ab_channel_settle(channel, "No.");
        unlock();
    }
}

static void open_one(bool is_stream)
{
    end *fresh = fresh_end(&sides[0]);
    if (fresh == NULL)
        return;
    ab_hearer *hearer = ab_hearer_new(&seat, hear, fresh, hook);
    lock();
    (void)ab_channel_open(&seat, sides[0].channels, NULL, AB_SLICE("chat"), is_stream,
                          AB_SLICE("1"), hearer, &fresh->channel);
    unlock();
}

/* What the other side said, as it said it. */
static void carry(side *from, side *to)
{
    ab_buffer lines = from->out;
    ab_buffer_init(&from->out);
    ab_slice line, all = {ab_buffer_bytes(&lines), ab_buffer_length(&lines)};
    size_t searched = 0, taken;
    while (ab_line_next(all, SIZE_MAX / 2, &searched, &line, &taken) == AB_LINE_READY) {
        ab_message message;
        all = (ab_slice){all.bytes + taken, all.length - taken};
        searched = 0;
        if (ab_message_read(&message, line))
            (void)ab_channels_hear(to->channels, &message);
    }
    ab_buffer_fini(&lines);
}

static void use(side *of, uint8_t what)
{
    end *at = &of->ends[what % 4];
    if (at->channel == NULL)
        return;
    switch (what / 4 % 8) {
    case 0: (void)ab_channel_send(at->channel, AB_SLICE("[1]")); break;
    case 1: (void)ab_channel_write(at->channel, "abcdefghij", what % 11, NULL); break;
    case 2: (void)ab_channel_end(at->channel); break;
    case 3: (void)ab_channel_pause(at->channel, true); break;
    case 4: (void)ab_channel_pause(at->channel, false); break;
    case 5: (void)ab_channel_close(at->channel, "bye"); break;
    case 6:
        ab_channel_free(at->channel);
        at->channel = NULL;
        break;
    default: break;
    }
}

static void act(side *of, uint8_t what)
{
    if (what >= 64)
        use(of, what);
    else if (what < 8)
        open_one(what % 2 != 0);
    else if (what < 16)
        answer_offers(&sides[1], what % 2 != 0);
    else if (what < 24)
        (void)ab_deliveries_dispatch(seat.deliveries);
    else if (what < 32) {
        lock();
        carry(of, of == sides ? &sides[1] : sides);
        unlock();
    }
}

static void hear_line(side *to, ab_slice line)
{
    ab_message message;
    if (!ab_message_read(&message, line))
        return;
    lock();
    (void)ab_channels_hear(to->channels, &message);
    unlock();
}

static void seat_free(ab_seat *gone)
{
    (void)gone;
    seats_freed++;
}

static void begin(void)
{
    static const ab_channels_ops client = {.send = send_lines, .room = room},
                                 server = {.send = send_lines, .offered = offered, .room = room};
    memset(sides, 0, sizeof sides);
    ab_seat_init(&seat, seat_free);
    if (seat.loop == NULL) {
        seat.loop = ab_loop_new(NULL, NULL, NULL);
        seat.lock = ab_loop_lock(seat.loop);
    }
    seat.deliveries = ab_deliveries_new(seat.loop, true);
    sides[0].channels = ab_channels_new(&ab_codec_lines, &client, &sides[0], MOST, WINDOW, 4096);
    sides[1].channels = ab_channels_new(&ab_codec_lines, &server, &sides[1], MOST, WINDOW, 4096);
    lock();
    ab_channels_offer(sides[1].channels, &seat);
    unlock();
}

static void finish(void)
{
    unsigned before = seats_freed;
    for (unsigned i = 0; i < 2; i++) {
        lock();
        ab_channels_free(sides[i].channels, AUTOBUS_CLOSED, "over");
        unlock();
        answer_offers(&sides[i], false);
        for (unsigned k = 0; k < sides[i].count; k++) {
            if (sides[i].ends[k].channel != NULL)
                ab_channel_free(sides[i].ends[k].channel);
        }
        ab_buffer_fini(&sides[i].out);
    }
    ab_deliveries_finish(seat.deliveries);
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < sides[i].count; k++)
            assert(sides[i].ends[k].hooks == 1);
    }
    lock();
    ab_deliveries_free(seat.deliveries);
    unlock();
    ab_seat_unref(&seat);
    assert(seats_freed == before + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *at = (const char *)bytes, *last = at + length;
    begin();
    while (at < last) {
        const char *stop = memchr(at, '\n', (size_t)(last - at));
        const char *next = stop != NULL ? stop : last;
        uint8_t what = (uint8_t)*at;
        side *to = &sides[what / 32 % 2];
        act(to, what);
        if (next - at > 1)
            hear_line(to, (ab_slice){at + 1, (size_t)(next - at) - 1});
        at = next + 1;
    }
    finish();
    return 0;
}
