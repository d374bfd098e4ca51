/* SPDX-License-Identifier: MIT
 * nng, a request and its reply.
 *   nng serve ADDRESS    nng call ADDRESS COUNT */
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

#include "rounds.h"

int main(int count, char **words)
{
    char bytes[PAYLOAD + 1];
    nng_socket socket;
    rounds_hold(count >= 3, "nng serve ADDRESS | call ADDRESS COUNT:");
    if (count == 3) {
        rounds_hold(nng_rep0_open(&socket) == 0, "nng_rep0_open");
        rounds_hold(nng_listen(socket, words[2], NULL, 0) == 0, "nng_listen");
        rounds_ready();
        for (size_t size = PAYLOAD; nng_recv(socket, bytes, &size, 0) == 0; size = PAYLOAD) {
            nng_send(socket, bytes, size, 0);
        }
        return 1;
    }
    rounds run;
    rounds_hold(nng_req0_open(&socket) == 0, "nng_req0_open");
    rounds_hold(nng_dial(socket, words[2], NULL, 0) == 0, "nng_dial");
    rounds_fill(bytes);
    rounds_init(&run, words[3]);
    while (rounds_begin(&run)) {
        size_t size = PAYLOAD;
        rounds_hold(nng_send(socket, bytes, PAYLOAD, 0) == 0, "nng_send");
        rounds_hold(nng_recv(socket, bytes, &size, 0) == 0 && size == PAYLOAD, "nng_recv");
        rounds_end(&run);
    }
    rounds_print(&run);
    nng_close(socket);
    return 0;
}
