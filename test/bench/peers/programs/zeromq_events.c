/* SPDX-License-Identifier: MIT
 * ZeroMQ, one publisher and its subscribers; it waits instead of dropping.
 *   zeromq_events fire ADDRESS COUNT LISTENERS */
#include <zmq.h>

#include "crowd.h"

static void hear(crowd *self)
{
    char bytes[PAYLOAD];
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, ZMQ_SUB);
    zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    rounds_hold(zmq_connect(socket, self->place) == 0, "zmq_connect");
    for (long i = 0; i < self->count; i++) {
        rounds_hold(zmq_recv(socket, bytes, PAYLOAD, 0) == PAYLOAD, "zmq_recv");
    }
}

int main(int count, char **words)
{
    char bytes[PAYLOAD + 1];
    int one = 1;
    crowd listeners;
    crowd_gather(&listeners, count, words, hear);
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, ZMQ_XPUB);
    zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &one, sizeof one);
    zmq_setsockopt(socket, ZMQ_XPUB_VERBOSE, &one, sizeof one);
    rounds_hold(zmq_bind(socket, listeners.place) == 0, "zmq_bind");
    for (long i = 0; i < listeners.size; i++) { /* each subscription arrives as a message */
        rounds_hold(zmq_recv(socket, bytes, PAYLOAD, 0) == 1, "zmq_recv");
    }
    rounds_fill(bytes);
    double begun = rounds_now_us();
    for (long i = 0; i < listeners.count; i++) {
        rounds_hold(zmq_send(socket, bytes, PAYLOAD, 0) == PAYLOAD, "zmq_send");
    }
    crowd_await(&listeners, 'h');
    crowd_print(&listeners, begun);
    zmq_close(socket);
    zmq_ctx_term(context);
    return 0;
}
