/* SPDX-License-Identifier: MIT
 * Any bytes, cut anywhere, from a client to the side that accepts. The world is
 * still.h: no socket, no thread, a clock that the input moves. Each stream is played whole and cut: the
 * answers of each session are the same, memory stays within its bounds, each bind that succeeded ends exactly once, and
 * each channel closes once.
 *
 * Input: a byte of switches, a byte that seeds the cuts, then the stream. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "fuzz/said.h"
#include "fuzz/still.h"
#include "peer/caller.h"
#include "wire/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum {
    IS_STUCK = 1,      /* the client does not read */
    LATE_END = 2,      /* it closes */
    IS_WITHDRAWN = 4,  /* its service goes */
    PASSES_TIME = 8,   /* a minute and more of silence */
    IS_ACCEPTED = 16,  /* the channels that it opens, and streams */
    MEDDLES = 32,      /* the program does things in the callbacks of its channels */
    READS_AT_LAST = 64 /* the client that did not read does, in the end */
};

#define MOST_CHANNELS 4

#define MOST_SESSIONS 8
#define MOST_QUEUED   200000

/* A session that is bound. */
typedef struct client {
    ab_list place;
    ab_session *session;
    ab_slot object;
    ab_buffer deferred; /* the id of a question that is answered later */
} client;

static struct {
    ab_seat seat;
    int switches;
    int bound, unbound;
    ab_list clients; /* who is bound: of client.place */
    unsigned changes;
    bool has_later; /* something was said later than it was asked */
    autobus_channel *offered[MOST_CHANNELS], *channels[MOST_CHANNELS];
    unsigned heard, closed, hooks;
} world;

/* What is above. */

static void write_object(ab_slot *slot, ab_buffer *out)
{
    const client *at = AB_CONTAINER(slot, client, object);
    char number[16];
    ab_slice value = {number, (size_t)snprintf(number, sizeof number, "%u", world.changes)};
    ab_session_codec(at->session)->changed(out, AB_SLICE("o"), &value);
}

static void *op_bind(void *owner, ab_session *session, const ab_slice *service)
{
    (void)owner;
    if (service != NULL && !ab_slice_is(*service, "a") && !ab_slice_is(*service, "b"))
        return NULL;
    world.bound++;
    client *fresh = ab_alloc(1, sizeof *fresh);
    fresh->session = session;
    ab_slot_init(&fresh->object, write_object);
    ab_buffer_init(&fresh->deferred);
    ab_list_append(&world.clients, &fresh->place);
    return fresh;
}

static void fire(client *at, ab_slice whole) AB_LOCKED
{
    AB_SCOPED(ab_circular_fini) ab_circular circular;
    ab_circular_init(&circular);
    ab_session_codec(at->session)->fired(&circular.message, AB_SLICE("e"), whole);
    for (int i = 0; i < 3; i++)
        ab_session_send(at->session, &circular);
}

/* A command of lines, or a call in a frame. */
static bool is_asked(const ab_ask *ask, const char *word)
{
    return ask->line != NULL ? ab_message_is(ask->line, word)
                             : ask->has_name && strcmp(ask->name.bytes, word) == 0;
}

static ab_slice whole_of(const ab_ask *ask)
{
    ab_slice arguments = ask->arguments.kind == AB_KIND_LIST ? ask->arguments.text : AB_SLICE("[]");
    return ask->line != NULL ? ask->line->whole.text : arguments;
}

static void defer(client *at, ab_value id)
{
    world.has_later = true;
    if (ab_buffer_length(&at->deferred) == 0)
        ab_buffer_append(&at->deferred, id.text.bytes, id.text.length);
}

/* Where several share a stream, a value may be said later than it was touched, and what waits when a session ends is
 * not said at all. */
static void note_what_may_wait(const ab_session *session)
{
    world.has_later = world.has_later || session->caller->is_shared;
}

static bool op_command(void *owner, ab_session *session, void *context, const ab_ask *ask) AB_LOCKED
{
    (void)owner;
    client *at = context;
    assert(at->session == session);
    if (is_asked(ask, "quit")) {
        ab_session_dismiss(session, "It quit.");
    } else if (ask->verb == AB_VERB_WATCH || is_asked(ask, "set")) {
        world.changes++;
        note_what_may_wait(session);
        ab_session_touch(session, &at->object);
    } else if (ask->verb == AB_VERB_UNWATCH) {
        note_what_may_wait(session);
        ab_slot_forget(&at->object);
    } else if (is_asked(ask, "fire")) {
        fire(at, whole_of(ask));
    } else if (is_asked(ask, "fail")) {
        ab_session_answer_error(session, ask->id, AUTOBUS_DENIED, "No.");
    } else if (is_asked(ask, "defer")) {
        defer(at, ask->id);
    } else if (is_asked(ask, "hold")) {
        world.has_later = true;
        ab_session_hold(session, true);
    } else if (is_asked(ask, "echo")) {
        ab_session_answer(session, ask->id, "value", whole_of(ask));
    } else {
        return false;
    }
    return true;
}

static void op_unbound(void *owner, ab_session *session, void *context)
{
    (void)owner;
    client *at = context;
    assert(at->session == session);
    note_what_may_wait(session);
    ab_list_remove(&at->place);
    ab_slot_forget(&at->object);
    ab_buffer_fini(&at->deferred);
    free(at);
    world.unbound++;
}

static bool op_offered(void *owner, ab_session *session, void *context, autobus_channel *offered,
                       ab_slice name, bool is_stream)
{
    (void)owner;
    (void)is_stream;
    const client *at = context;
    assert(at->session == session);
    if (ab_slice_is(name, "no"))
        return false;
    for (int i = 0; i < MOST_CHANNELS; i++) {
        if (world.offered[i] == NULL && world.channels[i] == NULL) {
            world.offered[i] = offered;
            world.has_later = true;
            return true;
        }
    }
    return false;
}

static void op_services(void *owner, ab_buffer *out, ab_value id, const ab_slice *after)
{
    static const ab_presence presence = {.port = 1};
    (void)owner;
    assert(after == NULL || after->length > 0);
    ab_write_services_begin(out, id, &presence);
    ab_write_services_one(out, AB_SLICE("a"), AB_SLICE("{}"), true);
    ab_write_services_end(out, false);
}

static void op_legacy_seen(void *owner)
{
    (void)owner;
}

static const ab_peer_ops ops = {
    .bind = op_bind,
    .command = op_command,
    .unbound = op_unbound,
    .offered = op_offered,
    .services = op_services,
    .legacy_seen = op_legacy_seen,
};

/* The program, without the lock. */

static void channel_heard(void *userdata, const autobus_message *message) AB_UNCHECKED
{
    autobus_channel **channel = userdata;
    size_t sent;
    if (autobus_message_kind(message) == AUTOBUS_CLOSED_NOW)
        world.closed++;
    if (!(world.switches & MEDDLES) || *channel == NULL)
        return;
    switch (world.heard++ % 5) {
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

static void answer_deferred(client *at) AB_LOCKED
{
    ab_value id;
    ab_slice text = {ab_buffer_bytes(&at->deferred), ab_buffer_length(&at->deferred)};
    bool is_frame = ab_session_codec(at->session) == &ab_codec_frames;
    if (is_frame)
        id = (ab_value){text.length > 0 ? AB_KIND_NUMBER : AB_KIND_NONE, text};
    if (is_frame || (text.length > 0 && ab_scan(text, &id)))
        ab_session_answer(at->session, id, "result", AB_SLICE("1"));
    ab_buffer_truncate(&at->deferred, 0);
    ab_session_hold(at->session, false);
}

/* What the program does between two turns of the loop. */
static void program_acts(void) AB_UNCHECKED
{
    for (int i = 0; i < MOST_CHANNELS; i++) {
        autobus_channel *offered = world.offered[i];
        world.offered[i] = NULL;
        if (offered == NULL)
            continue;
        world.channels[i] = offered;
        bool is_ours = (world.switches & IS_ACCEPTED) &&
                       ab_channel_accept(offered, channel_heard, &world.channels[i],
                                         channel_hook) == AUTOBUS_OK;
        if (!is_ours)
            world.channels[i] = NULL;
        ab_lock_take(&still_loop.lock);
        ab_channel_settle(offered, "Not accepted.");
        ab_lock_drop(&still_loop.lock);
    }
    ab_lock_take(&still_loop.lock);
    AB_LIST_FOR (each, &world.clients)
        answer_deferred(AB_CONTAINER(each, client, place));
    ab_lock_drop(&still_loop.lock);
}

/* The client. */

static void client_reads(void)
{
    still.stream.taken = ab_buffer_length(&still.stream.out);
    still.stream.ops->drained(still.stream.owner);
    run_tasks();
}

static void hear(void) AB_UNCHECKED
{
    ab_stream *stream = &still.stream;
    if (ab_buffer_length(&stream->in) > 0 && !stream->is_paused && !stream->is_closed)
        stream->ops->received(stream->owner, &stream->in);
    run_tasks();
    ab_lock_drop(&still_loop.lock);
    program_acts();
    ab_lock_take(&still_loop.lock);
    run_tasks();
}

static void client_sends(const char *bytes, size_t length, bool is_stuck)
{
    ab_buffer_append(&still.stream.in, bytes, length);
    hear();
    /* Paused input is heard again once its answers are read. */
    for (int turn = 0;
         !is_stuck && still.stream.is_paused && !still.stream.is_closed && turn < 100000; turn++) {
        client_reads();
        hear();
    }
    if (!still.stream.is_closed && !is_stuck)
        client_reads();
}

static void client_reads_everything(void)
{
    for (int turn = 0; turn < 100000 && !still.stream.is_closed; turn++) {
        bool is_more = ab_stream_pending(&still.stream) > 0 || still.stream.is_paused;
        if (!is_more)
            return;
        client_reads();
        if (!still.stream.is_closed)
            hear();
    }
    assert(still.stream.is_closed);
}

static void check_outbox(const ab_caller *caller, const ab_outbox *outbox)
{
    bool is_waiting = !ab_list_is_empty(&outbox->turn);
    assert(!ab_list_is_empty(&outbox->queue) || outbox->queued == 0);
    assert(is_waiting || !ab_outbox_may_go(outbox) || caller->is_doomed);
}

static void check(ab_peers *peers)
{
    assert(peers->count <= MOST_SESSIONS && peers->hosts.count == (peers->count > 0));
    assert(ab_buffer_length(&peers->answers) == 0);
    assert(world.bound - world.unbound <= MOST_SESSIONS + 1);
    if (still.stream.is_closed || peers->count == 0)
        return;
    const ab_caller *caller = AB_CONTAINER(peers->callers.next, ab_caller, place);
    size_t most = 4UL * 65536 + (caller->is_shared ? MOST_SESSIONS * MOST_QUEUED : 0);
    assert(caller->is_bound || ab_buffer_length(&still.stream.in) <= 16384);
    assert(caller->is_doomed || ab_stream_pending(&still.stream) <= most);
    assert(peers->count == 1 + caller->by_number.count);
    check_outbox(caller, &caller->own);
    check_outbox(caller, &caller->first.outbox);
    AB_LIST_FOR (each, &caller->sessions) {
        const ab_session *session = AB_CONTAINER(each, ab_session, place);
        assert(!session->is_over && session->context != NULL && session->number <= caller->last);
        check_outbox(caller, &session->outbox);
    }
}

static void open_world(int switches) AB_UNCHECKED
{
    memset(&world, 0, sizeof world);
    memset(&still, 0, sizeof still);
    still_loop_open();
    ab_list_init(&world.clients);
    world.switches = switches;
    ab_seat_init(&world.seat, NULL);
    world.seat.lock = &still_loop.lock;
    world.seat.deliveries = ab_deliveries_new(NULL, false);
    ab_lock_take(&still_loop.lock);
}

static void close_world(void) AB_UNCHECKED
{
    ab_lock_drop(&still_loop.lock);
    program_acts();
    for (int i = 0; i < MOST_CHANNELS; i++) {
        autobus_channel *own = world.channels[i];
        world.channels[i] = NULL;
        if (own != NULL)
            ab_channel_free(own);
    }
    ab_lock_take(&still_loop.lock);
    run_tasks();
    ab_lock_drop(&still_loop.lock);
    ab_deliveries_finish(world.seat.deliveries);
    ab_lock_take(&still_loop.lock);
    ab_deliveries_free(world.seat.deliveries);
    ab_lock_drop(&still_loop.lock);
    assert(world.seat.references == 1 && world.closed <= world.hooks);
    ab_buffer_fini(&still.stream.in);
    ab_buffer_fini(&still.stream.out);
    still_loop_close();
}

static void pass_time(void)
{
    for (int i = 0; i < 130; i++) {
        still_loop.now += AB_MS(500);
        ab_timers_run(&still_loop.timers, still_loop.now);
        run_tasks();
    }
}

static void say_all(ab_peers *peers, const char *bytes, size_t length, bool is_cut, unsigned seed)
{
    ab_dice dice;
    ab_dice_seed(&dice, seed);
    size_t most = 1 + ab_dice_below(&dice, 200);
    for (size_t at = 0; at < length && !still.stream.is_closed;) {
        size_t piece = is_cut ? 1 + ab_dice_below(&dice, most) : length;
        piece = AB_MIN(piece, length - at);
        client_sends(bytes + at, piece, world.switches & IS_STUCK);
        at += piece;
        check(peers);
    }
}

static void finish(void) AB_LOCKED
{
    int switches = world.switches;
    AB_LIST_FOR_SAFE (each, &world.clients)
        if (switches & IS_WITHDRAWN)
            ab_session_dismiss(AB_CONTAINER(each, client, place)->session, "Withdrawn.");
    run_tasks();
    if (switches & PASSES_TIME)
        pass_time();
    if ((switches & READS_AT_LAST) && !still.stream.is_closed)
        client_reads_everything();
    if (!still.stream.is_closed && (switches & LATE_END))
        still.stream.ops->ended(still.stream.owner, 0);
}

/* Plays a stream, and appends all that was answered. True if the answers depend on the bytes alone. */
static bool play(const char *bytes, size_t length, bool is_cut, int switches, unsigned seed,
                 ab_buffer *answers) AB_UNCHECKED
{
    static const ab_peer_limits limits = {
        .max_inbound = MOST_SESSIONS,
        .max_unbound_per_source = 4,
        .max_message = 65536,
        .max_queued = MOST_QUEUED,
        .max_calls = 8,
        .max_channels = MOST_CHANNELS,
        .window = 1024,
        .unbound_life = AB_MS(30000),
        .unresponsive = AB_MS(10000),
        .silence = AB_MS(60000),
        .has_frames = true,
    };
    static const ab_address peer = {.family = 4, .bytes = {127, 0, 0, 1}, .port = 1};
    ab_peers *peers = NULL;
    open_world(switches);
    (void)ab_peers_new(&world.seat, 1, 0xb5, &limits, &ops, &peers, &peers);
    still.accepted(still.owner, -1, &peer);
    say_all(peers, bytes, length, is_cut, seed);
    finish();
    check(peers);
    ab_peers_free(peers);
    assert(world.bound == world.unbound && still.stream.is_closed);
    sort_said(&still.stream.out, answers);
    bool is_certain = !world.has_later;
    close_world();
    return is_certain;
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
    bool is_certain = play(stream, length - 2, false, switches, bytes[1], &whole);
    is_certain = play(stream, length - 2, true, switches, bytes[1], &cut) && is_certain;
    /* Where answers pile up, it depends on when the client reads how far it is heard; and when one of us is asked
     * for a sign of life, on chance. */
    if (!is_certain || (switches & (IS_STUCK | PASSES_TIME)) || ab_buffer_length(&whole) > 65536 ||
        ab_buffer_length(&cut) > 65536)
        return 0;
    assert(ab_buffer_length(&whole) == ab_buffer_length(&cut));
    assert(ab_buffer_length(&whole) == 0 ||
           memcmp(ab_buffer_bytes(&whole), ab_buffer_bytes(&cut), ab_buffer_length(&whole)) == 0);
    return 0;
}
