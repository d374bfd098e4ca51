/* SPDX-License-Identifier: MIT
 * Any bytes, cut anywhere, from a server to a link with calls, watches and channels outstanding, and to a second one
 * that would like to share its connection. The loop and the streams are ours here: no socket, no thread, a clock that
 * the input moves. Each stream is played whole and cut: the links tell the same, every call completes exactly once, the
 * end is told once and last, each channel closes once, and nothing is left over. Of what is cut, some pieces are read
 * by a thread that waits for an answer.
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

/* The world: one loop, one connection on which something is said, and a few that are dialled in vain. */

struct ab_stream {
    const ab_stream_ops *ops;
    void *owner;
    ab_buffer in;
    size_t pending;
    bool is_paused, is_closed, is_deferred;
};

enum {
    CALLS = 4,
    CHANNELS = 2,
    GUESTS = 2,
    STREAMS = 4
};

/* Who has a link. */
typedef struct guest {
    ab_link *link;
    unsigned told, ended; /* ops */
    ab_call calls[CALLS];
    unsigned completed[CALLS];
    bool is_called[CALLS];
    autobus_channel *channels[CHANNELS];
} guest;

static struct {
    ab_stream streams[STREAMS];
    unsigned dialled;
    ab_list shared;
    ab_seat seat;
    guest guests[GUESTS];
    int switches;
    unsigned opened, closed, hooks; /* channels */
    ab_buffer log;                  /* what the links told */
} world;

ab_stream *ab_stream_dial(ab_loop *loop, const ab_address *to, const ab_stream_ops *ops,
                          void *owner)
{
    (void)loop;
    (void)to;
    assert(world.dialled < STREAMS);
    ab_stream *fresh = &world.streams[world.dialled++];
    *fresh = (ab_stream){.ops = ops, .owner = owner};
    return fresh;
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

static void note(const guest *of, const char *what, ab_slice name, ab_slice text)
{
    assert(of->ended == 0);
    ab_buffer_appendf(&world.log, "%d %s ", (int)(of - world.guests), what);
    ab_buffer_append(&world.log, name.bytes, name.length);
    ab_buffer_append(&world.log, " ", 1);
    ab_buffer_append(&world.log, text.bytes, text.length);
    ab_buffer_append(&world.log, "\n", 1);
}

/* At the end of each op. */
static void act(guest *of) AB_LOCKED
{
    of->told++;
    if ((world.switches & PAUSES) && of->link != NULL)
        ab_link_pause(of->link, true);
    if ((world.switches & HANGS_UP) && of->told == 3 && of->link != NULL) {
        ab_link *link = of->link;
        of->link = NULL;
        ab_link_close(link, "enough");
    }
}

static guest *owner_of(const ab_call *call)
{
    for (size_t i = 0; i < GUESTS; i++)
        if (call >= world.guests[i].calls && call < world.guests[i].calls + CALLS)
            return &world.guests[i];
    abort();
}

static void call_done(ab_call *call, autobus_result result, ab_slice value, ab_slice error)
{
    guest *of = owner_of(call);
    size_t which = (size_t)(call - of->calls);
    ab_value checked;
    assert(of->is_called[which] && of->completed[which] == 0);
    assert(result == AUTOBUS_OK ? ab_scan(value, &checked) : error.length > 0);
    of->completed[which]++;
    note(of, autobus_result_text(result), (ab_slice){0}, result == AUTOBUS_OK ? value : error);
    act(of);
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

static void dial(guest *fresh, const char *service) AB_LOCKED;

static void make_calls(guest *of) AB_LOCKED
{
    for (size_t i = 0; i < CALLS; i++) {
        of->calls[i].done = call_done;
        of->is_called[i] =
            ab_link_call(of->link, &of->calls[i], AB_SLICE("f"), AB_SLICE("[]")) == AUTOBUS_OK;
    }
    if ((world.switches & FORGETS) && of->is_called[1]) {
        ab_link_forget(of->link, &of->calls[1]);
        of->is_called[1] = false;
    }
}

static void op_bound(void *owner) AB_LOCKED
{
    guest *of = owner;
    note(of, "bound", (ab_slice){0}, (ab_slice){0});
    make_calls(of);
    ab_link_watch(of->link, AB_SLICE("x"), true);
    ab_link_listen(of->link, AB_SLICE("x"), true);
    for (size_t i = 0; i < CHANNELS; i++) {
        ab_hearer *hearer =
            ab_hearer_new(&world.seat, channel_heard, &of->channels[i], channel_hook);
        (void)ab_channel_open(&world.seat, ab_link_channels(of->link), NULL, AB_SLICE("c"), i > 0,
                              AB_SLICE("null"), hearer, &of->channels[i]);
    }
    if (of == world.guests)
        dial(&world.guests[1], "b");
    act(of);
}

static void op_ended(void *owner, autobus_result why, const char *sentence) AB_LOCKED
{
    guest *of = owner;
    assert(why != AUTOBUS_OK && sentence[0] != '\0');
    note(of, "ended", (ab_slice){0}, ab_slice_of(sentence));
    of->ended++;
}

static void op_changed(void *owner, ab_slice name, ab_value value) AB_LOCKED
{
    ab_value checked;
    assert(value.kind == AB_KIND_NONE ||
           (ab_scan(value.text, &checked) && checked.kind == value.kind));
    note(owner, "changed", name, value.text);
    act(owner);
}

static void op_fired(void *owner, ab_slice name, ab_slice arguments) AB_LOCKED
{
    ab_value checked;
    assert(ab_scan(arguments, &checked) && checked.kind == AB_KIND_LIST);
    note(owner, "fired", name, arguments);
    act(owner);
}

static void op_responsive(void *owner, bool is_responsive) AB_LOCKED
{
    note(owner, is_responsive ? "responsive" : "unresponsive", (ab_slice){0}, (ab_slice){0});
    act(owner);
}

static const ab_link_ops ops = {op_bound, op_ended, op_changed, op_fired, op_responsive};

static const ab_link_limits limits = {
    AB_MS(10000), AB_MS(10000), AB_MS(60000), 65536, 4096, CALLS, 8, 1024, true,
};

static void dial(guest *fresh, const char *service) AB_LOCKED
{
    static const ab_address at = {.family = 4, .bytes = {127, 0, 0, 1}, .port = 1};
    ab_link_road road = {.at = at, .shared = &world.shared};
    fresh->link = ab_link_dial_by(NULL, &road, service, &limits, &ops, fresh);
}

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

static bool is_anybody_bound(void)
{
    for (size_t i = 0; i < GUESTS; i++)
        if (world.guests[i].link != NULL && ab_link_is_bound(world.guests[i].link))
            return true;
    return false;
}

static void go_on(const ab_stream *stream) AB_LOCKED
{
    for (size_t i = 0; i < GUESTS && stream->is_paused && !stream->is_closed; i++)
        if (world.guests[i].link != NULL)
            ab_link_pause(world.guests[i].link, false);
}

static void server_says(const char *bytes, size_t length, bool is_borrowed) AB_LOCKED
{
    ab_stream *stream = &world.streams[0];
    ab_buffer_append(&stream->in, bytes, length);
    if (is_borrowed && is_anybody_bound() && !(world.switches & HANGS_UP)) {
        read_as_borrower(stream);
        go_on(stream);
    }
    for (bool is_more = true; is_more && !stream->is_closed; run_tasks()) {
        stream->is_deferred = false;
        stream->ops->received(stream->owner, &stream->in);
        is_more = (stream->is_paused || stream->is_deferred) && !stream->is_closed;
        go_on(stream);
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
    ab_list_init(&world.shared);
    *deliveries = ab_deliveries_new(NULL, false);
    ab_seat_init(&world.seat, NULL);
    world.seat.lock = &still_loop.lock;
    world.seat.deliveries = *deliveries;
    ab_lock_take(&still_loop.lock);
}

static void close_world(ab_deliveries *deliveries) AB_UNCHECKED
{
    ab_lock_drop(&still_loop.lock);
    for (size_t i = 0; i < CHANNELS * GUESTS; i++) {
        autobus_channel **channel = &world.guests[i / CHANNELS].channels[i % CHANNELS];
        autobus_channel *own = *channel;
        *channel = NULL;
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
    ab_buffer_fini(&world.streams[0].in);
    still_loop_close();
}

static void check_end(void)
{
    for (unsigned i = 0; i < world.dialled; i++)
        assert(world.streams[i].is_closed);
    assert(ab_list_is_empty(&world.shared));
    for (size_t i = 0; i < GUESTS; i++) {
        const guest *each = &world.guests[i];
        for (size_t call = 0; call < CALLS; call++)
            assert(each->completed[call] == each->is_called[call]);
        assert(each->ended <= 1);
    }
    assert(world.closed <= CHANNELS * GUESTS);
}

/* What is open breaks, or is closed by the other side; and then we close what is left. */
static void end_all(int switches) AB_LOCKED
{
    for (unsigned i = 0; i < world.dialled; i++)
        if (!world.streams[i].is_closed)
            world.streams[i].ops->ended(world.streams[i].owner, switches & BREAKS ? ECONNRESET : 0);
    run_tasks();
    for (size_t i = 0; i < GUESTS; i++) {
        ab_link_close(world.guests[i].link, "the end");
        world.guests[i].link = NULL;
    }
}

/* Plays a stream, and appends all that the link told. */
static void play(const char *bytes, size_t length, bool is_cut, int switches, unsigned seed,
                 ab_buffer *log) AB_UNCHECKED
{
    ab_deliveries *deliveries;
    ab_dice dice;
    ab_dice_seed(&dice, seed);
    open_world(switches, &deliveries);
    dial(&world.guests[0], "a");
    world.streams[0].ops->connected(world.streams[0].owner);
    size_t most = 1 + ab_dice_below(&dice, 200);
    for (size_t from = 0; from < length && !world.streams[0].is_closed;) {
        size_t piece = is_cut ? 1 + ab_dice_below(&dice, most) : length;
        piece = AB_MIN(piece, length - from);
        server_says(bytes + from, piece, is_cut && ab_dice_below(&dice, 2) == 0);
        from += piece;
        assert(ab_buffer_length(&world.streams[0].in) <= limits.max_message + 2 * AB_FRAME_HEADER);
    }
    if (switches & PASSES_TIME)
        pass_time();
    end_all(switches);
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
