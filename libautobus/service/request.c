/* SPDX-License-Identifier: MIT
 * One reference is the handler's, one the program's if it keeps the request. The client knows those that are not
 * yet answered; a request whose client is gone is answered into nothing. */
#include "service/request.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/copy.h"
#include "base/error.h"
#include "service/payload.h"
#include "value/json.h"

/* What a response needs beside its result. */
#define ENVELOPE 512U
/* Ids of our own clients are not longer. */
#define ID_SHORT 24

/* Arguments that a request has room for that may be used again. */
#define ROOM 160

struct autobus_request {
    atomic_uint references;
    ab_offers *spares; /**< where its memory goes; NULL: it is longer */
    ab_delivery delivery;
    ab_job job;
    ab_seat *seat;
    ab_function *function; /**< until the handler has returned */
    ab_text *name;
    ab_kind id_kind; /**< NONE: no answer is wanted */
    size_t id_length;
    char *long_id; /**< NULL: `id` it is */
    size_t answer_most;
    _Atomic(json_object *) tree; /**< of the arguments, once somebody has looked */
    atomic_bool is_kept;
    ab_list place AB_UNDER_LOCK;     /**< in the client's requests */
    ab_client *client AB_UNDER_LOCK; /**< NULL: answered, or gone */
    bool is_answered AB_UNDER_LOCK;
    size_t length; /**< of the arguments */

    /* Not cleared. */
    char id[ID_SHORT]; /**< as it came */
    char caller[AB_ADDRESS_TEXT];
    char arguments[]; /**< their text, with a '\0' behind */
};

static void run_inline(ab_delivery *delivery);
static void end_inline(ab_delivery *delivery) AB_LOCKED;
static void run_in_pool(ab_job *job);
static void drop_inline(ab_delivery *delivery) AB_LOCKED;
static void drop_in_pool(ab_job *job) AB_LOCKED;

/* Calls over the bound are refused. Notifications cannot be: their sender is not read for a while. */
static void count(const autobus_request *request, ab_client *client) AB_LOCKED
{
    if (request->id_kind != AB_KIND_NONE) {
        client->under_way++;
    } else if (++client->unheard >= ab_session_limits(client->session)->max_calls) {
        client->is_held = true;
        ab_session_hold(client->session, true);
    }
}

static void uncount(const autobus_request *request, ab_client *client) AB_LOCKED
{
    if (request->id_kind != AB_KIND_NONE)
        client->under_way--;
    else if (--client->unheard == 0 && client->is_held) {
        client->is_held = false;
        ab_session_hold(client->session, false);
    }
}

static void keep_id(autobus_request *request, ab_value id)
{
    request->id_kind = id.kind;
    request->id_length = id.text.length;
    if (id.text.length > ID_SHORT)
        request->long_id = ab_alloc(1, id.text.length);
    if (id.text.length > 0)
        memcpy(request->long_id != NULL ? request->long_id : request->id, id.text.bytes,
               id.text.length);
}

static ab_value id_of(const autobus_request *request)
{
    const char *id = request->long_id != NULL ? request->long_id : request->id;
    return (ab_value){request->id_kind, {id, request->id_length}};
}

autobus_request *ab_request_new(ab_client *client, ab_function *function, ab_value id,
                                ab_slice arguments)
{
    ab_offers *offers = client->service->offers;
    bool is_short = arguments.length < ROOM;
    autobus_request *request = is_short ? ab_spares_take(&offers->requests, sizeof *request + ROOM,
                                                         offsetof(autobus_request, id))
                                        : ab_alloc(1, sizeof *request + arguments.length + 1);

    request->spares = is_short ? offers : NULL;
    atomic_init(&request->references, 1);
    request->delivery.run = run_inline;
    request->delivery.end = end_inline;
    request->delivery.drop = drop_inline;
    /* A delivery holds its target, and so the name that the log may say. */
    request->delivery.name = function->name->bytes;
    request->job = (ab_job){.group = function, .run = run_in_pool, .drop = drop_in_pool};
    request->seat = ab_seat_ref(function->seat);
    request->function = function;
    request->name = ab_text_ref(function->name);
    request->length = arguments.length;
    ab_copy(request->arguments, arguments.bytes, arguments.length);
    request->arguments[arguments.length] = '\0';
    keep_id(request, id);
    memcpy(request->caller, client->host, sizeof request->caller);
    size_t most = ab_session_limits(client->session)->max_message;
    request->answer_most = most - AB_MIN(most, ENVELOPE);
    request->client = client;
    ab_list_append(&client->requests, &request->place);
    count(request, client);
    return request;
}

ab_delivery *ab_request_delivery(autobus_request *request)
{
    return &request->delivery;
}

ab_job *ab_request_job(autobus_request *request)
{
    return &request->job;
}

autobus_request *ab_request_at(ab_list *place)
{
    return AB_CONTAINER(place, autobus_request, place);
}

/* True if nobody else holds it: then dispose. */
static bool give_up(autobus_request *request)
{
    return atomic_fetch_sub(&request->references, 1) == 1;
}

static void give_up_contents(autobus_request *request)
{
    json_object_put(atomic_load(&request->tree));
    ab_text_unref(request->name);
    free(request->long_id);
}

/* Not the seat: it may be the last reference to a lock that is held. */
static ab_seat *dispose(autobus_request *request)
{
    ab_seat *seat = request->seat;

    give_up_contents(request);
    free(request);
    return seat;
}

/* By who works for the bus, so the seat's is not the last. */
static void dispose_locked(autobus_request *request) AB_LOCKED
{
    ab_seat *seat = request->seat;
    ab_offers *spares = request->spares;

    give_up_contents(request);
    if (spares != NULL)
        ab_spares_give(&spares->requests, request);
    else
        free(request);
    ab_seat_unref(seat);
}

void ab_request_abandon(autobus_request *request)
{
    ab_client *client = request->client;

    if (client == NULL)
        return;
    request->client = NULL;
    ab_list_remove(&request->place);
    uncount(request, client);
}

/* Exactly one of them is said; false: there was an answer before. Values are JSON text. */
static bool settle(autobus_request *request, const ab_slice *value, autobus_result code,
                   const char *sentence) AB_LOCKED
{
    ab_client *client = request->client;

    if (request->is_answered)
        return false;
    request->is_answered = true;
    ab_request_abandon(request);
    if (client == NULL || request->id_kind == AB_KIND_NONE)
        return true;
    ab_value id = id_of(request);
    if (value != NULL)
        ab_session_answer(client->session, id, "result", *value);
    else
        ab_session_answer_error(client->session, id, code, sentence);
    return true;
}

/* The handler's reference. */
static void give_up_locked(autobus_request *request) AB_LOCKED
{
    ab_request_abandon(request);
    if (give_up(request))
        dispose_locked(request);
}

void ab_request_refuse(autobus_request *request, autobus_result code, const char *sentence)
{
    (void)settle(request, NULL, code, sentence);
    give_up_locked(request);
}

static void drop_inline(ab_delivery *delivery)
{
    ab_request_refuse(AB_CONTAINER(delivery, autobus_request, delivery), AUTOBUS_CLOSED,
                      "The function was removed before its turn came.");
}

static void drop_in_pool(ab_job *job)
{
    autobus_request *request = AB_CONTAINER(job, autobus_request, job);
    ab_function *function = request->function;

    ab_request_refuse(request, AUTOBUS_CLOSED, "The function was removed before its turn came.");
    ab_function_leave(function);
}

/* A tree that nobody else has: not under the lock, for it may be large. */
static void run_handler(autobus_request *request)
{
    const ab_function *function = request->function;

    function->handler(function->userdata, request);
    if (!atomic_load(&request->is_kept))
        json_object_put(atomic_exchange(&request->tree, NULL));
}

/* Returned without an answer and without having kept it: null. */
static void settle_handled(autobus_request *request) AB_LOCKED
{
    if (!request->is_answered && !atomic_load(&request->is_kept))
        (void)settle(request, &AB_SLICE("null"), AUTOBUS_OK, NULL);
    if (request->id_kind == AB_KIND_NONE)
        ab_request_abandon(request);
}

static void run_inline(ab_delivery *delivery)
{
    run_handler(AB_CONTAINER(delivery, autobus_request, delivery));
}

static void end_inline(ab_delivery *delivery)
{
    autobus_request *request = AB_CONTAINER(delivery, autobus_request, delivery);

    settle_handled(request);
    if (give_up(request))
        dispose_locked(request);
}

static void run_in_pool(ab_job *job)
{
    autobus_request *request = AB_CONTAINER(job, autobus_request, job);
    ab_function *function = request->function;
    ab_seat *seat = ab_seat_ref(request->seat);

    run_handler(request);
    ab_lock_take(seat->lock);
    settle_handled(request);
    if (give_up(request))
        dispose_locked(request);
    ab_function_leave(function);
    ab_lock_drop(seat->lock);
    ab_seat_unref(seat);
}

const char *ab_request_function(const autobus_request *request)
{
    return request->name->bytes;
}

const char *ab_request_text(const autobus_request *request)
{
    return request->arguments;
}

/* Whichever thread looks first; should two do so at once, one tree is made for nothing. */
json_object *ab_request_arguments(const autobus_request *request)
{
    autobus_request *own = (autobus_request *)(uintptr_t)request;
    json_object *tree = atomic_load(&own->tree), *fresh = NULL;

    if (tree != NULL ||
        !ab_json_parse((ab_slice){request->arguments, request->length}, false, &fresh))
        return tree;
    if (atomic_compare_exchange_strong(&own->tree, &tree, fresh))
        return fresh;
    json_object_put(fresh);
    return tree;
}

const char *ab_request_caller(const autobus_request *request)
{
    return request->caller;
}

bool ab_request_is_wanted(const autobus_request *request)
{
    if (request->id_kind == AB_KIND_NONE || ab_seat_is_foreign(request->seat))
        return false;
    ab_lock_take(request->seat->lock);
    bool is_wanted = request->client != NULL && !request->is_answered;
    ab_lock_drop(request->seat->lock);
    return is_wanted;
}

static autobus_result say(autobus_request *request, const ab_slice *value, autobus_result code,
                          const char *sentence)
{
    if (ab_seat_is_foreign(request->seat))
        return ab_fail(AUTOBUS_FORKED,
                       "this request belongs to the parent process; it cannot be answered here");
    ab_lock_take(request->seat->lock);
    bool is_first = settle(request, value, code, sentence);
    ab_lock_drop(request->seat->lock);
    return is_first ? AUTOBUS_OK
                    : ab_fail(AUTOBUS_INVALID, "this call of \"%s\" has been answered already",
                              request->name->bytes);
}

/* What could not be made into an answer is the caller's error too. */
static autobus_result say_payload(autobus_request *request, autobus_result made,
                                  ab_payload *payload)
{
    if (made == AUTOBUS_OK) {
        made = say(request, &payload->text, AUTOBUS_OK, NULL);
        ab_payload_fini(payload);
        return made;
    }
    if (made != AUTOBUS_TOO_LARGE)
        return made;
    char *sentence AB_SCOPED(ab_free_ptr) = ab_strdup(autobus_last_error());
    autobus_result said = say(request, NULL, made, sentence);
    return said != AUTOBUS_OK ? said : ab_fail(made, "%s", sentence);
}

autobus_result ab_request_answer(autobus_request *request, json_object *value)
{
    ab_payload payload;
    autobus_result made = ab_payload_of_tree(value, "an answer", request->answer_most, &payload);
    return say_payload(request, made, &payload);
}

autobus_result ab_request_answer_text(autobus_request *request, const char *value)
{
    ab_payload payload;
    autobus_result made = ab_payload_of_text(value, "an answer", request->answer_most, &payload);
    return say_payload(request, made, &payload);
}

autobus_result ab_request_fail(autobus_request *request, const char *sentence)
{
    return say(request, NULL, AUTOBUS_REMOTE, sentence);
}

autobus_request *ab_request_keep(autobus_request *request)
{
    if (atomic_exchange(&request->is_kept, true)) {
        (void)ab_fail(AUTOBUS_INVALID, "this call of \"%s\" has been kept already",
                      request->name->bytes);
        return NULL;
    }
    atomic_fetch_add(&request->references, 1);
    return request;
}

void ab_request_free(autobus_request *request)
{
    ab_seat *seat = request->seat;

    if (ab_seat_is_foreign(seat))
        return;
    ab_lock_take(seat->lock);
    ab_request_abandon(request);
    ab_lock_drop(seat->lock);
    if (give_up(request))
        ab_seat_unref(dispose(request));
}
