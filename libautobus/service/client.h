/* SPDX-License-Identifier: MIT
 * Who is bound to one of our services: the context of one session. With the lock. */
#ifndef AB_SERVICE_CLIENT_H
#define AB_SERVICE_CLIENT_H

#include "base/list.h"
#include "peer/peer.h"
#include "service/service.h"

typedef struct ab_client ab_client;
struct ab_client {
    ab_list place; /**< in the service's clients */
    autobus_service *service;
    ab_session *session;
};

ab_client *ab_client_new(autobus_service *service, ab_session *session) AB_LOCKED;
/** Its session is over. */
void ab_client_free(ab_client *client) AB_LOCKED;
/** A command of it. False: there is no such command. */
bool ab_client_hear(ab_client *client, const ab_message *message) AB_LOCKED;
/** Ends every session of a service with this sentence. */
void ab_clients_dismiss(autobus_service *service, const char *sentence) AB_LOCKED;

#endif
