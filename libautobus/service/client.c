/* SPDX-License-Identifier: MIT
 * What a bound session asks of its service, and what is left of it when it goes. */
#include "service/client.h"

#include <stdlib.h>

#include "base/error.h"
#include "service/event.h"
#include "service/function.h"
#include "service/object.h"
#include "service/request.h"
#include "value/json.h"

ab_client *ab_client_new(autobus_service *service, ab_session *session, bool is_by_name)
{
    ab_client *client = ab_alloc(1, sizeof *client);

    client->service = service;
    client->session = session;
    client->is_by_name = is_by_name;
    ab_list_init(&client->requests);
    ab_map_init(&client->watches);
    ab_map_init(&client->listens);
    ab_list_append(&service->clients, &client->place);
    return client;
}

void ab_client_leave(ab_client *client)
{
    ab_watches_fini(client);
    ab_listens_fini(client);
    while (!ab_list_is_empty(&client->requests))
        ab_request_abandon(ab_request_at(client->requests.next));
    ab_list_remove(&client->place);
    client->session = NULL;
    if (!client->is_busy)
        free(client);
}

void ab_clients_dismiss(autobus_service *service, bool by_name, const char *sentence)
{
    AB_LIST_FOR_SAFE (each, &service->clients) {
        ab_client *client = AB_CONTAINER(each, ab_client, place);
        if (client->is_by_name || !by_name)
            ab_session_dismiss(client->session, sentence);
    }
}

ab_value ab_client_answers(const ab_message *message)
{
    return message->type == AB_MESSAGE_NOTIFICATION ? (ab_value){0} : message->id;
}

void ab_client_refuse(ab_client *client, const ab_message *message, autobus_result code,
                      const char *sentence)
{
    ab_value id = ab_client_answers(message);

    if (id.kind != AB_KIND_NONE && client->session != NULL)
        ab_session_answer_error(client->session, id, code, sentence);
}

void ab_client_answer_name(ab_client *client, const ab_message *message, const ab_name *name,
                           const ab_slice *value)
{
    ab_value id = ab_client_answers(message);

    if (id.kind == AB_KIND_NONE)
        return;
    AB_SCOPED(ab_buffer_fini) ab_buffer written;
    ab_buffer_init(&written);
    ab_json_print_string(&written, (ab_slice){name->bytes, name->length});
    /* The second member follows the value of the first. */
    if (value != NULL) {
        ab_buffer_append_text(&written, ",\"value\":");
        ab_buffer_append(&written, value->bytes, value->length);
    }
    ab_session_answer(client->session, id, "name",
                      (ab_slice){ab_buffer_bytes(&written), ab_buffer_length(&written)});
}

/* The commands about one name. */
typedef struct command {
    const char *name;
    void (*run)(ab_client *client, const ab_message *message, const ab_name *name);
} command;

static const command commands[] = {
    {"watch", ab_object_watch},
    {"unwatch", ab_object_unwatch},
    {"listen", ab_event_listen},
    {"unlisten", ab_event_unlisten},
};

static bool run_command(ab_client *client, const ab_message *message) AB_LOCKED
{
    ab_name name;

    if (ab_message_is(message, "call")) {
        ab_function_call(client, message);
        return true;
    }
    for (size_t i = 0; i < AB_COUNT(commands); i++) {
        if (!ab_message_is(message, commands[i].name))
            continue;
        if (ab_name_read(ab_scan_member(message->whole, AB_SLICE("name")), &name))
            commands[i].run(client, message, &name);
        else
            ab_client_refuse(client, message, AUTOBUS_INVALID,
                             "That command needs \"name\": a string of at most 255 bytes.");
        return true;
    }
    return false;
}

bool ab_client_hear(ab_client *client, const ab_message *message)
{
    client->is_busy = true;
    bool is_known = run_command(client, message);
    client->is_busy = false;
    if (client->session == NULL)
        free(client);
    return is_known;
}
