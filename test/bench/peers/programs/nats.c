/* SPDX-License-Identifier: MIT
 * NATS through its server, a request and its reply.
 *   nats serve URL    nats call URL COUNT */
#include <nats/nats.h>
#include <unistd.h>

#include "rounds.h"

static void echo(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                 void *userdata)
{
    (void)subscription;
    (void)userdata;
    natsConnection_Publish(connection, natsMsg_GetReply(message), natsMsg_GetData(message),
                           natsMsg_GetDataLength(message));
    natsMsg_Destroy(message);
}

int main(int count, char **words)
{
    char bytes[PAYLOAD + 1];
    natsConnection *connection;
    natsOptions *options;
    rounds_hold(count >= 3, "nats serve URL | call URL COUNT:");
    rounds_hold(natsOptions_Create(&options) == NATS_OK, "natsOptions_Create");
    natsOptions_SetURL(options, words[2]);
    natsOptions_SetSendAsap(options, true); /* does not wait for more to send */
    rounds_hold(natsConnection_Connect(&connection, options) == NATS_OK, "natsConnection_Connect");
    if (count == 3) {
        natsSubscription *subscription;
        rounds_hold(natsConnection_Subscribe(&subscription, connection, "echo", echo, NULL) ==
                        NATS_OK,
                    "natsConnection_Subscribe");
        natsConnection_Flush(connection);
        rounds_ready();
        for (;;) {
            pause();
        }
    }
    rounds run;
    rounds_fill(bytes);
    rounds_init(&run, words[3]);
    while (rounds_begin(&run)) {
        natsMsg *reply = NULL;
        rounds_hold(natsConnection_Request(&reply, connection, "echo", bytes, PAYLOAD, 5000) ==
                        NATS_OK,
                    "natsConnection_Request");
        natsMsg_Destroy(reply);
        rounds_end(&run);
    }
    rounds_print(&run);
    natsConnection_Destroy(connection);
    natsOptions_Destroy(options);
    return 0;
}
