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
    (void)ab_session_host(session, client->host);
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

void ab_client_refuse(ab_client *client, const ab_ask *ask, autobus_result code,
                      const char *sentence)
{
    if (ask->id.kind != AB_KIND_NONE && client->session != NULL)
        ab_session_answer_error(client->session, ask->id, code, sentence);
}

void ab_client_answer_name(ab_client *client, const ab_ask *ask, const ab_slice *value)
{
    if (ask->id.kind == AB_KIND_NONE)
        return;
    AB_SCOPED(ab_buffer_fini) ab_buffer written;
    ab_buffer_init(&written);
    ab_json_print_string(&written, (ab_slice){ask->name.bytes, ask->name.length});
    /* The second member follows the value of the first. */
    if (value != NULL) {
        ab_buffer_append_text(&written, ",\"value\":");
        ab_buffer_append(&written, value->bytes, value->length);
    }
    ab_session_answer(client->session, ask->id, "name",
                      (ab_slice){ab_buffer_bytes(&written), ab_buffer_length(&written)});
}

/* What is about one name, of which there has to be one. */
typedef void command(ab_client *client, const ab_ask *ask);

static command *const commands[] = {
    [AB_VERB_WATCH] = ab_object_watch,
    [AB_VERB_UNWATCH] = ab_object_unwatch,
    [AB_VERB_LISTEN] = ab_event_listen,
    [AB_VERB_UNLISTEN] = ab_event_unlisten,
};

static bool run_command(ab_client *client, const ab_ask *ask) AB_LOCKED
{
    if (ask->verb == AB_VERB_OTHER)
        return false;
    if (ask->verb == AB_VERB_CALL)
        ab_function_call(client, ask);
    else if (ask->has_name)
        commands[ask->verb](client, ask);
    else
        ab_client_refuse(client, ask, AUTOBUS_INVALID,
                         "That command needs \"name\": a string of at most 255 bytes.");
    return true;
}

bool ab_client_hear(ab_client *client, const ab_ask *ask)
{
    client->is_busy = true;
    bool is_known = run_command(client, ask);
    client->is_busy = false;
    if (client->session == NULL)
        free(client);
    return is_known;
}
