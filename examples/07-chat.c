/* SPDX-License-Identifier: MIT
 * The seventh program, the other half: a guest of the chat room. Each line that you type is said there.
 *
 *     cc 07-chat.c $(pkg-config --cflags --libs autobus) -o chat && ./chat Alice */
#include <json-c/json.h>
#include <stdio.h>

#include <autobus/autobus.h>

/* The room has let us in, somebody said something, or it is over. */
static void hear(void *userdata, const autobus_message *said)
{
    (void)userdata;
    if (autobus_message_kind(said) == AUTOBUS_OPENED)
        printf("You are in.\n");
    else if (autobus_message_kind(said) == AUTOBUS_DATA)
        printf("%s\n", json_object_get_string(autobus_message_value(said)));
    else if (autobus_message_kind(said) == AUTOBUS_CLOSED_NOW)
        printf("You are out: %s\n", autobus_message_error(said));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char line[256], words[300];
    autobus_bus *bus = NULL;
    autobus_remote *room = NULL;
    autobus_channel *talk = NULL;
    autobus_result result = autobus_bus_new(NULL, &bus);
    if (result == AUTOBUS_OK)
        result = autobus_proxy_new(bus, autobus_filter_parse("{'type': 'chat'}"), &room);
    /* A channel belongs to one service, so there has to be one. It dies with it, and nothing reopens it. */
    if (result == AUTOBUS_OK)
        result = autobus_remote_wait(room, 5000);
    if (result == AUTOBUS_OK)
        result = autobus_channel_open(room, "talk", false, NULL, hear, NULL, NULL, &talk);
    /* Any JSON value can be said. Who says more than the other side hears is told AUTOBUS_BUSY. */
    while (result == AUTOBUS_OK && scanf(" %255[^\n]", line) == 1) {
        snprintf(words, sizeof words, "%.40s: %s", argc > 1 ? argv[1] : "Somebody", line);
        result = autobus_channel_send(talk, json_object_new_string(words));
    }
    if (result != AUTOBUS_OK)
        fprintf(stderr, "%s\n", autobus_last_error());
    autobus_channel_free(&talk);
    autobus_remote_free(&room);
    autobus_bus_free(&bus);
    return result != AUTOBUS_OK;
}
