/* SPDX-License-Identifier: MIT
 * The seventh program, one half: a chat room. What one guest says, all others hear.
 *
 *     cc 07-chat-room.c $(pkg-config --cflags --libs autobus) -o chat-room && ./chat-room */
#include <json-c/json.h>
#include <stdio.h>

#include <autobus/autobus.h>

#define SEATS 16

static autobus_channel *guests[SEATS]; /* callbacks alone touch it, and they come one by one */

/* A guest has said something; or has left, with a goodbye or without: the last that is heard of anybody. */
static void pass_on(void *guest, const autobus_message *said)
{
    for (autobus_channel **to = guests; to < guests + SEATS; to++)
        if (to != guest && *to != NULL && autobus_message_kind(said) == AUTOBUS_DATA)
            autobus_channel_send(*to, autobus_message_take(said));
    if (autobus_message_kind(said) == AUTOBUS_CLOSED_NOW)
        autobus_channel_free(guest);
}

/* Somebody opens the channel. Who is not accepted in here is refused. */
static void let_in(void *userdata, autobus_channel *offered)
{
    (void)userdata;
    autobus_channel **seat = guests;
    while (seat < guests + SEATS - 1 && *seat != NULL)
        seat++;
    if (*seat == NULL && autobus_channel_accept(offered, pass_on, seat, NULL) == AUTOBUS_OK)
        *seat = offered;
}

int main(void)
{
    autobus_bus *bus = NULL;
    if (autobus_bus_new(NULL, &bus) != AUTOBUS_OK) {
        fprintf(stderr, "there is no bus: %s\n", autobus_last_error());
        return 1;
    }
    autobus_service *room = autobus_service_parse(bus, "{'type': 'chat'}");
    autobus_service_add_channel(room, "talk", NULL, false, let_in, NULL, NULL);
    int failed = autobus_service_publish(room) != AUTOBUS_OK;
    if (failed)
        fprintf(stderr, "the room stays closed: %s\n", autobus_last_error());
    else if (puts("The room is open. Press Enter to close it.") >= 0 && fflush(stdout) == 0)
        getchar();
    autobus_service_free(&room);
    autobus_bus_free(&bus);
    for (size_t seat = 0; seat < SEATS; seat++) /* nobody calls back any more */
        autobus_channel_free(&guests[seat]);
    return failed;
}
