/* SPDX-License-Identifier: MIT
 * What a bound session asks of its service. */
#include "service/client.h"

#include <stdlib.h>

#include "base/error.h"
#include "service/introspection.h"

ab_client *ab_client_new(autobus_service *service, ab_session *session)
{
    ab_client *client = ab_alloc(1, sizeof *client);
    client->service = service;
    client->session = session;
    ab_list_append(&service->clients, &client->place);
    return client;
}

void ab_client_free(ab_client *client)
{
    ab_list_remove(&client->place);
    free(client);
}

void ab_clients_dismiss(autobus_service *service, const char *sentence)
{
    while (!ab_list_is_empty(&service->clients)) {
        ab_client *client = AB_CONTAINER(service->clients.next, ab_client, place);
        ab_session_dismiss(client->session, sentence);
    }
}

static void answer_details(ab_client *client, ab_value id) AB_LOCKED
{
    ab_buffer out;

    ab_buffer_init(&out);
    ab_introspection_details(&out, client->service->offers);
    ab_session_answer(client->session, id, "result",
                      (ab_slice){ab_buffer_bytes(&out), ab_buffer_length(&out)});
    ab_buffer_fini(&out);
}

bool ab_client_hear(ab_client *client, const ab_message *message)
{
    if (!ab_message_is(message, "call"))
        return false;
    ab_value name = ab_scan_member(message->whole, AB_SLICE("name"));
    bool is_introspection = client->service == client->service->offers->introspection;
    if (is_introspection && ab_scan_is(name, AB_SLICE("get_details")))
        answer_details(client, message->id);
    else
        ab_session_answer_error(client->session, message->id, AUTOBUS_NOT_FOUND,
                                "No such function.");
    return true;
}
