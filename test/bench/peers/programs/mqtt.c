/* SPDX-License-Identifier: MIT
 * MQTT through mosquitto: a message there, and one back. One thread at either end.
 *   mqtt serve PORT    mqtt call PORT COUNT */
#include <mosquitto.h>

#include "rounds.h"

static rounds run;
static char bytes[PAYLOAD + 1];

static void answer(struct mosquitto *client, void *userdata,
                   const struct mosquitto_message *message)
{
    (void)userdata;
    mosquitto_publish(client, NULL, "answer", message->payloadlen, message->payload, 0, false);
}

static void ask(struct mosquitto *client)
{
    if (rounds_begin(&run)) {
        mosquitto_publish(client, NULL, "ask", PAYLOAD, bytes, 0, false);
    } else {
        mosquitto_disconnect(client);
    }
}

static void hear(struct mosquitto *client, void *userdata, const struct mosquitto_message *message)
{
    (void)userdata;
    (void)message;
    rounds_end(&run);
    ask(client);
}

static void served(struct mosquitto *client, void *userdata, int id, int count, const int *granted)
{
    (void)client;
    (void)userdata;
    (void)id;
    (void)count;
    (void)granted;
    rounds_ready();
}

static void subscribed(struct mosquitto *client, void *userdata, int id, int count,
                       const int *granted)
{
    (void)userdata;
    (void)id;
    (void)count;
    (void)granted;
    ask(client);
}

static void connected(struct mosquitto *client, void *userdata, int result)
{
    const char *topic = userdata;
    rounds_hold(result == 0, "the connection");
    mosquitto_subscribe(client, NULL, topic, 0);
}

int main(int count, char **words)
{
    static char requests[] = "ask";
    static char answers[] = "answer";
    rounds_hold(count >= 3, "mqtt serve PORT | call PORT COUNT:");
    mosquitto_lib_init();
    bool serves = count == 3;
    struct mosquitto *client = mosquitto_new(NULL, true, serves ? requests : answers);
    mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_connect_callback_set(client, connected);
    mosquitto_message_callback_set(client, serves ? answer : hear);
    mosquitto_subscribe_callback_set(client, serves ? served : subscribed);
    rounds_fill(bytes);
    if (!serves) {
        rounds_init(&run, words[3]);
    }
    rounds_hold(mosquitto_connect(client, "127.0.0.1", (int)strtol(words[2], NULL, 10), 60) == 0,
                "mosquitto_connect");
    while (mosquitto_loop(client, -1, 1) == MOSQ_ERR_SUCCESS) {
    }
    if (serves) {
        return 1;
    }
    rounds_print(&run);
    mosquitto_destroy(client);
    return 0;
}
