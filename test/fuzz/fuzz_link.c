/* SPDX-License-Identifier: MIT
 * Any bytes, cut anywhere, from a server to a link with calls, watches and channels outstanding. The loop and the
 * stream are ours here: no socket, no thread, a clock that the input moves. Each stream is played whole and cut:
 * the link tells the same, every call completes exactly once, the end is told once and last, each channel closes
 * once, and nothing is left over. Of what is cut, some pieces are read by a thread that waits for an answer.
 *
 * Input: a byte of switches, a byte that seeds the cuts, then the stream. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "peer/channel.h"
#include "peer/link_state.h"
#include "still_loop.h"
#include "wire/frames.h"
#include "written.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum {
    IS_STUCK = 1,     /* the server does not read */
    BREAKS = 2,       /* the connection ends with an error */
    PAUSES = 4,       /* each op pauses the link */
    PASSES_TIME = 8,  /* a minute and more of silence */
    HANGS_UP = 16,    /* the link is closed in its third op */
    FORGETS = 32,     /* one call is given up */
    IS_VANISHED = 64, /* the kernel tells so */
    MEDDLES = 128     /* the program does things in the callbacks of its channels */
};

/* The world: one loop, one connection. */

struct ab_stream {
    const ab_stream_ops *ops;
    void *owner;
    ab_buffer in;
    size_t pending;
    bool is_paused, is_closed, is_deferred;
};

enum {
    CALLS = 4,
    CHANNELS = 2
};

static struct {
    ab_stream stream;
    ab_seat seat;
    ab_link *link;
    int switches;
    unsigned told, ended; /* ops */
    ab_call calls[CALLS];
    unsigned completed[CALLS];
    bool is_called[CALLS];
    autobus_channel *channels[CHANNELS];
    unsigned opened, closed, hooks; /* channels */
    ab_buffer log;                  /* what the link told */
} world;

ab_stream *ab_stream_dial(ab_loop *loop, const ab_address *to, const ab_stream_ops *ops,
                          void *owner)
{
    (void)loop;
    (void)to;
    world.stream = (ab_stream){.ops = ops, .owner = owner};
    return &world.stream;
}

ab_stream *ab_stream_adopt(ab_loop *loop, int fd, const ab_stream_ops *ops, void *owner)
{
    (void)fd;
    return ab_stream_dial(loop, NULL, ops, owner);
}

void ab_stream_write(ab_stream *stream, const void *bytes, size_t length)
{
    (void)bytes;
    assert(!stream->is_closed);
    if (world.switches & IS_STUCK)
        stream->pending += length;
}

size_t ab_stream_pending(const ab_stream *stream)
{
    return stream->pending;
}

void ab_stream_pause(ab_stream *stream, bool is_paused)
{
    stream->is_paused = is_paused;
}

bool ab_stream_ask_kernel(const ab_stream *stream, ab_stream_acks *acks)
{
    *acks = (ab_stream_acks){
        .is_owing = (world.switches & IS_VANISHED) != 0,
        .ago = AB_MS(60000),
        .in_flight = stream->pending,
    };
    return true;
}

void ab_stream_guard(ab_stream *stream, bool is_guarded)
{
    (void)is_guarded;
    assert(!stream->is_closed);
}

void ab_stream_defer(ab_stream *stream)
{
    assert(!stream->is_closed);
    stream->is_deferred = true;
}

/* Nobody waits here: who reads is server_says()'s to choose. */
bool ab_stream_lend(ab_stream *stream)
{
    (void)stream;
    return false;
}

void ab_stream_wait(ab_stream *stream, ab_time most, bool is_exact)
{
    (void)stream, (void)most, (void)is_exact;
}

bool ab_stream_read(ab_stream *stream)
{
    (void)stream;
    return false;
}

void ab_stream_give_back(ab_stream *stream)
{
    (void)stream;
}

void ab_stream_close(ab_stream *stream)
{
    assert(!stream->is_closed && !still_loop.is_elsewhere);
    stream->is_closed = true;
}

void ab_stream_close_gently(ab_stream *stream, ab_time patience)
{
    (void)patience;
    ab_stream_close(stream);
}

/* What is above. */

static void note(const char *what, ab_slice name, ab_slice text)
{
    assert(world.ended == 0);
    ab_buffer_appendf(&world.log, "%s ", what);
    ab_buffer_append(&world.log, name.bytes, name.length);
    ab_buffer_append(&world.log, " ", 1);
    ab_buffer_append(&world.log, text.bytes, text.length);
    ab_buffer_append(&world.log, "\n", 1);
}

/* At the end of each op. */
static void act(void) AB_LOCKED
{
    world.told++;
    if ((world.switches & PAUSES) && world.link != NULL)
        ab_link_pause(world.link, true);
    if ((world.switches & HANGS_UP) && world.told == 3 && world.link != NULL) {
        ab_link *link = world.link;
        world.link = NULL;
        ab_link_close(link, "enough");
    }
}

static void call_done(ab_call *call, autobus_result result, ab_slice value, ab_slice error)
{
    size_t which = (size_t)(call - world.calls);
    ab_value checked;
    assert(which < CALLS && world.is_called[which] && world.completed[which] == 0);
    assert(result == AUTOBUS_OK ? ab_scan(value, &checked) : error.length > 0);
    world.completed[which]++;
    note(autobus_result_text(result), (ab_slice){0}, result == AUTOBUS_OK ? value : error);
    act();
}

/* In a callback of the program: without the lock. */
static void channel_heard(void *userdata, const autobus_message *message) AB_UNCHECKED
{
    autobus_channel **channel = userdata;
    size_t sent;
    if (autobus_message_kind(message) == AUTOBUS_CLOSED_NOW)
        world.closed++;
    if (!(world.switches & MEDDLES) || *channel == NULL)
        return;
    switch (world.opened++ % 5) {
    case 0: (void)ab_channel_send(*channel, AB_SLICE("[1,2]")); break;
    case 1: (void)ab_channel_write(*channel, "abc", 3, &sent); break;
    case 2: (void)ab_channel_end(*channel); break;
    case 3: (void)ab_channel_close(*channel, "enough"); break;
    default: {
        autobus_channel *own = *channel;
        *channel = NULL;
        ab_channel_free(own);
    }
    }
}

static void channel_hook(void *userdata)
{
    (void)userdata;
    world.hooks++;
}

static void op_bound(void *owner) AB_LOCKED
{
    (void)owner;
    note("bound", (ab_slice){0}, (ab_slice){0});
    for (size_t i = 0; i < CALLS; i++) {
        world.calls[i].done = call_done;
        world.is_called[i] =
            ab_link_call(world.link, &world.calls[i], AB_SLICE("f"), AB_SLICE("[]")) == AUTOBUS_OK;
    }
    ab_link_watch(world.link, AB_SLICE("x"), true);
    ab_link_listen(world.link, AB_SLICE("x"), true);
    for (size_t i = 0; i < CHANNELS; i++) {
        ab_hearer *hearer =
            ab_hearer_new(&world.seat, channel_heard, &world.channels[i], channel_hook);
        (void)ab_channel_open(&world.seat, ab_link_channels(world.link), NULL, AB_SLICE("c"), i > 0,
                              AB_SLICE("null"), hearer, &world.channels[i]);
    }
    if ((world.switches & FORGETS) && world.is_called[1]) {
        ab_link_forget(world.link, &world.calls[1]);
        world.is_called[1] = false;
    }
    act();
}

static void op_ended(void *owner, autobus_result why, const char *sentence) AB_LOCKED
{
    (void)owner;
    assert(why != AUTOBUS_OK && sentence[0] != '\0');
    note("ended", (ab_slice){0}, ab_slice_of(sentence));
    world.ended++;
}

static void op_changed(void *owner, ab_slice name, ab_value value) AB_LOCKED
{
    ab_value checked;
    (void)owner;
    assert(value.kind == AB_KIND_NONE ||
           (ab_scan(value.text, &checked) && checked.kind == value.kind));
    note("changed", name, value.text);
    act();
}

static void op_fired(void *owner, ab_slice name, ab_slice arguments) AB_LOCKED
{
    ab_value checked;
    (void)owner;
    assert(ab_scan(arguments, &checked) && checked.kind == AB_KIND_LIST);
    note("fired", name, arguments);
    act();
}

static void op_responsive(void *owner, bool is_responsive) AB_LOCKED
{
    (void)owner;
    note(is_responsive ? "responsive" : "unresponsive", (ab_slice){0}, (ab_slice){0});
    act();
}

static const ab_link_ops ops = {op_bound, op_ended, op_changed, op_fired, op_responsive};

/* The server. */

/* A caller's turn: what it may not do itself it leaves for the bus thread. */
static void read_as_borrower(ab_stream *stream) AB_LOCKED
{
    still_loop.is_elsewhere = true;
    stream->is_deferred = false;
    stream->ops->received(stream->owner, &stream->in);
    still_loop.is_elsewhere = false;
    assert(!stream->is_closed && (!stream->is_deferred || ab_buffer_length(&stream->in) > 0));
}

static void server_says(const char *bytes, size_t length, bool is_borrowed) AB_LOCKED
{
    ab_stream *stream = &world.stream;
    ab_buffer_append(&stream->in, bytes, length);
    if (is_borrowed && ab_link_is_bound(world.link) && !(world.switches & HANGS_UP)) {
        read_as_borrower(stream);
        if (stream->is_paused)
            ab_link_pause(world.link, false);
    }
    for (bool is_more = true; is_more && !stream->is_closed; run_tasks()) {
        stream->is_deferred = false;
        stream->ops->received(stream->owner, &stream->in);
        is_more = (stream->is_paused || stream->is_deferred) && !stream->is_closed;
        if (stream->is_paused && !stream->is_closed && world.link != NULL)
            ab_link_pause(world.link, false);
    }
}

static void pass_time(void)
{
    for (int i = 0; i < 160; i++) {
        still_loop.now += AB_MS(500);
        ab_timers_run(&still_loop.timers, still_loop.now);
        run_tasks();
    }
}

static void open_world(int switches, ab_deliveries **deliveries) AB_UNCHECKED
{
    memset(&world, 0, sizeof world);
    still_loop_open();
    world.switches = switches;
    *deliveries = ab_deliveries_new(NULL, false);
    ab_seat_init(&world.seat, NULL);
    world.seat.lock = &still_loop.lock;
    world.seat.deliveries = *deliveries;
    ab_lock_take(&still_loop.lock);
}

static void close_world(ab_deliveries *deliveries) AB_UNCHECKED
{
    ab_lock_drop(&still_loop.lock);
    for (size_t i = 0; i < CHANNELS; i++) {
        autobus_channel *own = world.channels[i];
        world.channels[i] = NULL;
        if (own != NULL)
            ab_channel_free(own);
    }
    ab_lock_take(&still_loop.lock);
    run_tasks();
    ab_lock_drop(&still_loop.lock);
    ab_deliveries_finish(deliveries);
    ab_lock_take(&still_loop.lock);
    ab_deliveries_free(deliveries);
    ab_lock_drop(&still_loop.lock);
    assert(world.seat.references == 1);
    ab_buffer_fini(&world.stream.in);
    still_loop_close();
}

static void check_end(void)
{
    assert(world.stream.is_closed);
    for (size_t i = 0; i < CALLS; i++)
        assert(world.completed[i] == world.is_called[i]);
    assert(world.ended <= 1 && world.closed <= CHANNELS);
}

/* Plays a stream, and appends all that the link told. */
static void play(const char *bytes, size_t length, bool is_cut, int switches, unsigned seed,
                 ab_buffer *log) AB_UNCHECKED
{
    static const ab_link_limits limits = {
        AB_MS(10000), AB_MS(10000), AB_MS(60000), 65536, 4096, CALLS, 8, 1024, true,
    };
    static const ab_address at = {.family = 4, .bytes = {127, 0, 0, 1}, .port = 1};
    ab_deliveries *deliveries;
    ab_dice dice;
    ab_dice_seed(&dice, seed);
    open_world(switches, &deliveries);
    world.link = ab_link_dial(NULL, &at, "a", &limits, &ops, NULL);
    world.stream.ops->connected(world.stream.owner);
    size_t most = 1 + ab_dice_below(&dice, 200);
    for (size_t from = 0; from < length && !world.stream.is_closed;) {
        size_t piece = is_cut ? 1 + ab_dice_below(&dice, most) : length;
        piece = AB_MIN(piece, length - from);
        server_says(bytes + from, piece, is_cut && ab_dice_below(&dice, 2) == 0);
        from += piece;
        assert(ab_buffer_length(&world.stream.in) <= limits.max_message + 2 * AB_FRAME_HEADER);
    }
    if (switches & PASSES_TIME)
        pass_time();
    if (!world.stream.is_closed)
        world.stream.ops->ended(world.stream.owner, switches & BREAKS ? ECONNRESET : 0);
    run_tasks();
    ab_link_close(world.link, "the end");
    world.link = NULL;
    check_end();
    close_world(deliveries);
    ab_buffer_append(log, ab_buffer_bytes(&world.log), ab_buffer_length(&world.log));
    ab_buffer_fini(&world.log);
}

/* Whether there is credit depends on how soon the program hears what came before; and in frames a mistake about that
 * is the end. */
static bool is_certain(const ab_buffer *log)
{
    static const char mistake[] = "its channel cannot have";
    size_t length = ab_buffer_length(log);
    return length == 0 || memmem(ab_buffer_bytes(log), length, mistake, sizeof mistake - 1) == NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length < 2)
        return 0;
    AB_SCOPED(ab_buffer_fini) ab_buffer whole;
    AB_SCOPED(ab_buffer_fini) ab_buffer cut;
    ab_buffer_init(&whole);
    ab_buffer_init(&cut);
    int switches = bytes[0];
    const char *stream = (const char *)bytes + 2;
    play(stream, length - 2, false, switches, bytes[1], &whole);
    play(stream, length - 2, true, switches, bytes[1], &cut);
    /* When somebody who does not read is given up, depends on how much was heard at once. */
    if ((switches & IS_STUCK) || !is_certain(&whole) || !is_certain(&cut))
        return 0;
    assert(ab_buffer_length(&whole) == ab_buffer_length(&cut));
    assert(ab_buffer_length(&whole) == 0 ||
           memcmp(ab_buffer_bytes(&whole), ab_buffer_bytes(&cut), ab_buffer_length(&whole)) == 0);
    return 0;
}
