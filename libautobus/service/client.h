/* SPDX-License-Identifier: MIT
 * Who is bound to one of our services: the context of one session. Knows what it asked for and has not yet got. With
 * the lock. */
#ifndef AB_SERVICE_CLIENT_H
#define AB_SERVICE_CLIENT_H

#include "base/list.h"
#include "base/map.h"
#include "peer/peer.h"
#include "service/name.h"
#include "service/service.h"

#define AB_CLIENT_NAMES 16384 /**< objects that one may watch, and events that it may listen for */

typedef struct ab_client ab_client;
struct ab_client {
    ab_list place; /**< in the service's clients */
    autobus_service *service;
    ab_session *session; /**< NULL: it is over, and so is the client after the command at hand */
    char host[AB_ADDRESS_TEXT];
    bool is_by_name;  /**< bound by the id, not as "the introspection service" */
    bool is_busy;     /**< with a command */
    bool is_held;     /**< not read before handlers have returned */
    size_t under_way; /**< calls not yet answered */
    size_t unheard;   /**< notifications whose handlers have not returned */
    ab_list requests; /**< all of these */
    ab_map watches,
        listens; /**< by the names of objects and events; object.c and event.c know of what */
};

ab_client *ab_client_new(autobus_service *service, ab_session *session, bool is_by_name) AB_LOCKED;
/** Its session is over. */
void ab_client_leave(ab_client *client) AB_LOCKED;
/** A command of it. False: there is no such command. */
bool ab_client_hear(ab_client *client, const ab_ask *ask) AB_LOCKED;
/** Ends the sessions of a service with this sentence; with `by_name` only those that bound it by its id. */
void ab_clients_dismiss(autobus_service *service, bool by_name, const char *sentence) AB_LOCKED;

/** Fails what it asked, if it wants an answer. */
void ab_client_refuse(ab_client *client, const ab_ask *ask, autobus_result code,
                      const char *sentence) AB_LOCKED;
/** Answers with the name that was asked about and, unless NULL, a value. */
void ab_client_answer_name(ab_client *client, const ab_ask *ask, const ab_slice *value) AB_LOCKED;

#endif
