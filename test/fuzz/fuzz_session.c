/* SPDX-License-Identifier: MIT
 * Any bytes, cut anywhere, from a client to the side that accepts. The loop, the acceptor and the stream are
 * ours here: no socket, no thread, a clock that the input moves. Each stream is played whole and cut: the
 * answers are the same, no answer is without a question, memory stays within its bounds, and each bind that
 * succeeded ends exactly once.
 *
 * Input: a byte of switches, a byte that seeds the cuts, then the stream. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/random.h"
#include "net/acceptor.h"
#include "peer/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum {
    IS_STUCK = 1,
    LATE_END = 2,
    IS_WITHDRAWN = 4,
    PASSES_TIME = 8
};

/* The world: one listener, one connection. */

struct ab_stream {
    const ab_stream_ops *ops;
    void *owner;
    ab_buffer in, out; /**< out: all that was ever written */
    size_t taken;      /**< of out, by the client */
    bool is_paused, is_closed;
};

static struct {
    ab_lock lock;
    ab_timers timers;
    ab_time now;
    ab_list tasks;
    ab_acceptor_fn *accepted;
    void *owner;
    ab_stream stream;
    int bound, unbound;
} world;

ab_lock *ab_loop_lock(ab_loop *loop)
{
    (void)loop;
    return &world.lock;
}

ab_time ab_loop_now(ab_loop *loop)
{
    (void)loop;
    return world.now;
}

void ab_loop_timer_start(ab_loop *loop, ab_timer *timer, ab_time due)
{
    (void)loop;
    ab_timer_start(&world.timers, timer, due);
}

void ab_loop_timer_stop(ab_loop *loop, ab_timer *timer)
{
    (void)loop;
    ab_timer_stop(&world.timers, timer);
}

void ab_task_init(ab_task *task, void (*run)(ab_task *task))
{
    ab_list_init(&task->place);
    task->run = run;
}

void ab_loop_post(ab_loop *loop, ab_task *task)
{
    (void)loop;
    if (ab_list_is_empty(&task->place))
        ab_list_append(&world.tasks, &task->place);
}

void ab_task_cancel(ab_task *task)
{
    ab_list_remove(&task->place);
}

autobus_result ab_acceptor_open(ab_loop *loop, uint16_t port, ab_acceptor_fn *accepted, void *owner,
                                ab_acceptor **ret)
{
    (void)loop;
    (void)port;
    world.accepted = accepted;
    world.owner = owner;
    *ret = NULL;
    return AUTOBUS_OK;
}

void ab_acceptor_close(ab_acceptor *acceptor)
{
    (void)acceptor;
}

uint16_t ab_acceptor_port(const ab_acceptor *acceptor)
{
    (void)acceptor;
    return 1;
}

ab_stream *ab_stream_adopt(ab_loop *loop, int fd, const ab_stream_ops *ops, void *owner)
{
    (void)loop;
    (void)fd;
    world.stream = (ab_stream){.ops = ops, .owner = owner};
    return &world.stream;
}

void ab_stream_write(ab_stream *stream, const void *bytes, size_t length)
{
    assert(!stream->is_closed);
    ab_buffer_append(&stream->out, bytes, length);
}

size_t ab_stream_pending(const ab_stream *stream)
{
    return ab_buffer_length(&stream->out) - stream->taken;
}

void ab_stream_pause(ab_stream *stream, bool is_paused)
{
    stream->is_paused = is_paused;
}

void ab_stream_close(ab_stream *stream)
{
    assert(!stream->is_closed);
    stream->is_closed = true;
}

void ab_stream_close_gently(ab_stream *stream, ab_time patience)
{
    (void)patience;
    ab_stream_close(stream);
}

/* What is above. */

static void *op_bind(void *owner, ab_session *session, const ab_slice *service)
{
    (void)owner;
    (void)session;
    if (service != NULL && !ab_slice_is(*service, "a"))
        return NULL;
    world.bound++;
    return &world;
}

static bool op_command(void *owner, ab_session *session, void *context, const ab_message *message)
{
    ab_peers *peers = *(ab_peers **)owner;
    assert(context == &world);
    if (ab_message_is(message, "quit")) {
        ab_peers_close_context(peers, context);
        return true;
    }
    if (!ab_message_is(message, "echo"))
        return false;
    ab_session_answer(session, message->id, "value", message->whole.text);
    return true;
}

static void op_unbound(void *owner, ab_session *session, void *context)
{
    (void)owner;
    (void)session;
    assert(context == &world);
    world.unbound++;
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

static const ab_peer_ops ops = {op_bind, op_command, op_unbound, op_services, op_legacy_seen};

/* The client. */

static void run_tasks(void)
{
    for (ab_list *first; (first = ab_list_take_first(&world.tasks)) != NULL;) {
        ab_task *task = AB_CONTAINER(first, ab_task, place);
        task->run(task);
    }
}

static void client_reads(void)
{
    world.stream.taken = ab_buffer_length(&world.stream.out);
    world.stream.ops->drained(world.stream.owner);
}

static void hear(void)
{
    ab_stream *stream = &world.stream;
    if (ab_buffer_length(&stream->in) > 0 && !stream->is_paused && !stream->is_closed)
        stream->ops->received(stream->owner, &stream->in);
    run_tasks();
}

static void client_sends(const char *bytes, size_t length, bool is_stuck)
{
    ab_buffer_append(&world.stream.in, bytes, length);
    hear();
    /* Paused input is heard again once its answers are read. */
    for (int turn = 0;
         !is_stuck && world.stream.is_paused && !world.stream.is_closed && turn < 100000; turn++) {
        client_reads();
        hear();
    }
    if (!world.stream.is_closed && !is_stuck)
        client_reads();
}

static size_t count(const char *bytes, size_t length, char wanted)
{
    size_t found = 0;
    for (size_t i = 0; i < length; i++)
        found += bytes[i] == wanted;
    return found;
}

static void check(ab_peers *peers, size_t sent)
{
    const ab_buffer *out = &world.stream.out;
    size_t answers =
        ab_buffer_length(out) == 0 ? 0 : count(ab_buffer_bytes(out), ab_buffer_length(out), '\n');
    assert(answers <= sent + 1);
    assert(peers->count <= 1 && peers->hosts.count <= 1);
    assert(ab_buffer_length(&peers->answers) == 0);
    assert(world.bound - world.unbound <= 1);
    if (!world.stream.is_closed && peers->count == 1) {
        ab_session *session = AB_CONTAINER(peers->sessions.next, ab_session, place);
        assert(session->host == NULL || ab_buffer_length(&world.stream.in) <= 16384);
    }
}

/* Plays a stream, and appends all that was answered. */
static void play(const char *bytes, size_t length, bool is_cut, int switches, unsigned seed,
                 ab_buffer *answers)
{
    static const ab_peer_limits limits = {8, 4, 65536, AB_MS(30000)};
    static const ab_address peer = {.family = 4, .bytes = {127, 0, 0, 1}, .port = 1};
    ab_peers *peers = NULL;
    ab_dice dice;
    ab_dice_seed(&dice, seed);
    world.bound = world.unbound = 0;
    world.now = AB_MS(1000);
    ab_timers_init(&world.timers);
    ab_list_init(&world.tasks);
    (void)ab_peers_new(NULL, 1, 0xb5, &limits, &ops, &peers, &peers);
    world.accepted(world.owner, -1, &peer);
    size_t most = 1 + ab_dice_below(&dice, 200);
    for (size_t at = 0; at < length && !world.stream.is_closed;) {
        size_t piece = is_cut ? 1 + ab_dice_below(&dice, most) : length;
        piece = AB_MIN(piece, length - at);
        client_sends(bytes + at, piece, switches & IS_STUCK);
        at += piece;
        check(peers, count(bytes, at, '\n'));
    }
    if (switches & IS_WITHDRAWN)
        ab_peers_close_context(peers, &world);
    run_tasks();
    if (switches & PASSES_TIME)
        ab_timers_run(&world.timers, world.now += AB_MS(30001));
    if (!world.stream.is_closed && (switches & LATE_END))
        world.stream.ops->ended(world.stream.owner, 0);
    check(peers, count(bytes, length, '\n') + 1);
    ab_peers_free(peers);
    assert(world.bound == world.unbound && world.stream.is_closed);
    assert(ab_timers_next(&world.timers) == AB_NEVER && ab_list_is_empty(&world.tasks));
    ab_buffer_append(answers, ab_buffer_bytes(&world.stream.out),
                     ab_buffer_length(&world.stream.out));
    ab_buffer_fini(&world.stream.in);
    ab_buffer_fini(&world.stream.out);
    ab_timers_fini(&world.timers);
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
    /* Where answers pile up, it depends on when the client reads how far it is heard. */
    if ((switches & IS_STUCK) || ab_buffer_length(&whole) > 65536 || ab_buffer_length(&cut) > 65536)
        return 0;
    assert(ab_buffer_length(&whole) == ab_buffer_length(&cut));
    assert(ab_buffer_length(&whole) == 0 ||
           memcmp(ab_buffer_bytes(&whole), ab_buffer_bytes(&cut), ab_buffer_length(&whole)) == 0);
    return 0;
}
