/* SPDX-License-Identifier: MIT
 * NATS through its server, one publisher and its subscribers.
 *   nats_events fire URL COUNT LISTENERS */
#include <nats/nats.h>

#include "crowd.h"

static natsConnection *connect_to(const char *url)
{
    natsConnection *connection;
    rounds_hold(natsConnection_ConnectTo(&connection, url) == NATS_OK, "natsConnection_ConnectTo");
    return connection;
}

static void hear(crowd *self)
{
    natsConnection *connection = connect_to(self->place);
    natsSubscription *subscription;
    rounds_hold(natsConnection_SubscribeSync(&subscription, connection, "tick") == NATS_OK,
                "natsConnection_SubscribeSync");
    natsSubscription_SetPendingLimits(subscription, -1, -1); /* nothing is dropped */
    natsConnection_Flush(connection);
    crowd_tell(self, 'l');
    for (long i = 0; i < self->count; i++) {
        natsMsg *message;
        rounds_hold(natsSubscription_NextMsg(&message, subscription, 20000) == NATS_OK,
                    "natsSubscription_NextMsg");
        natsMsg_Destroy(message);
    }
}

int main(int count, char **words)
{
    char bytes[PAYLOAD + 1];
    crowd listeners;
    crowd_gather(&listeners, count, words, hear);
    natsConnection *connection = connect_to(listeners.place);
    crowd_await(&listeners, 'l');
    rounds_fill(bytes);
    double begun = rounds_now_us();
    for (long i = 0; i < listeners.count; i++) {
        rounds_hold(natsConnection_Publish(connection, "tick", bytes, PAYLOAD) == NATS_OK,
                    "natsConnection_Publish");
    }
    natsConnection_Flush(connection);
    crowd_await(&listeners, 'h');
    crowd_print(&listeners, begun);
    natsConnection_Destroy(connection);
    return 0;
}
