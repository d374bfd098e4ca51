/* SPDX-License-Identifier: MIT
 * Dials, binds, and cuts what comes into messages. The bind is queued before we are connected, so a visit
 * costs one round trip after the connection's own. */
#include "peer/visit.h"

static void fail(ab_visit *visit) AB_LOCKED
{
    ab_loop_timer_stop(visit->loop, &visit->deadline);
    visit->ops->failed(visit);
}

static void visit_received(void *owner, ab_buffer *in) AB_LOCKED
{
    ab_visit *visit = owner;
    for (;;) {
        ab_slice line, bytes = {ab_buffer_bytes(in), ab_buffer_length(in)};
        size_t taken;
        ab_line_state state =
            ab_line_next(bytes, visit->line_most, &visit->searched, &line, &taken);
        ab_message message;
        if (state == AB_LINE_LONG || bytes.length > visit->rest ||
            (state == AB_LINE_READY && !ab_message_read(&message, line))) {
            fail(visit);
            return;
        }
        if (state == AB_LINE_READY && !visit->ops->heard(visit, &message))
            return;
        if (taken > 0) {
            ab_buffer_consume(in, taken);
            visit->rest -= taken;
            visit->searched = 0;
        }
        if (state == AB_LINE_MORE)
            return;
    }
}

static void visit_ended(void *owner, int error) AB_LOCKED
{
    (void)error;
    fail(owner);
}

static void lose_patience(ab_timer *timer) AB_LOCKED
{
    fail(AB_CONTAINER(timer, ab_visit, deadline));
}

static const ab_stream_ops stream_ops = {.received = visit_received, .ended = visit_ended};

void ab_visit_begin(ab_visit *visit, ab_loop *loop, const ab_address *at, const char *service,
                    ab_time timeout, size_t line_most, size_t all_most, const ab_visit_ops *ops)
{
    *visit = (ab_visit){
        .loop = loop,
        .ops = ops,
        .timeout = timeout,
        .line_most = line_most,
        .rest = all_most,
    };
    ab_timer_init(&visit->deadline, lose_patience);
    visit->stream = ab_stream_dial(loop, at, &stream_ops, visit);
    AB_SCOPED(ab_buffer_fini) ab_buffer bind;
    ab_buffer_init(&bind);
    ab_write_bind(&bind, AB_VISIT_BIND_ID, service, false);
    ab_visit_ask(visit, &bind);
}

void ab_visit_ask(ab_visit *visit, const ab_buffer *command)
{
    ab_loop_timer_start_in(visit->loop, &visit->deadline, visit->timeout);
    ab_stream_write(visit->stream, ab_buffer_bytes(command), ab_buffer_length(command));
}

void ab_visit_end(ab_visit *visit)
{
    ab_loop_timer_stop(visit->loop, &visit->deadline);
    ab_stream_close(visit->stream);
    visit->stream = NULL;
}
