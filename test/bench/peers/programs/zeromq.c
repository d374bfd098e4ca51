/* SPDX-License-Identifier: MIT
 * ZeroMQ, a request and its reply.
 *   zeromq serve ADDRESS    zeromq call ADDRESS COUNT */
#include <zmq.h>

#include "rounds.h"

int main(int count, char **words)
{
    char bytes[PAYLOAD + 1];
    void *context = zmq_ctx_new();
    rounds_hold(count >= 3, "zeromq serve ADDRESS | call ADDRESS COUNT:");
    if (count == 3) {
        void *server = zmq_socket(context, ZMQ_REP);
        rounds_hold(zmq_bind(server, words[2]) == 0, "zmq_bind");
        rounds_ready();
        while (zmq_recv(server, bytes, PAYLOAD, 0) == PAYLOAD) {
            zmq_send(server, bytes, PAYLOAD, 0);
        }
        return 1;
    }
    rounds run;
    void *client = zmq_socket(context, ZMQ_REQ);
    rounds_hold(zmq_connect(client, words[2]) == 0, "zmq_connect");
    rounds_fill(bytes);
    rounds_init(&run, words[3]);
    while (rounds_begin(&run)) {
        rounds_hold(zmq_send(client, bytes, PAYLOAD, 0) == PAYLOAD, "zmq_send");
        rounds_hold(zmq_recv(client, bytes, PAYLOAD, 0) == PAYLOAD, "zmq_recv");
        rounds_end(&run);
    }
    rounds_print(&run);
    zmq_close(client);
    zmq_ctx_term(context);
    return 0;
}
