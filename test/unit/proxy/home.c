/* SPDX-License-Identifier: MIT
 * The lamps of the tests, and the record of what was heard. */
#include "home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>
#include <json-c/json.h>

#include "support/small_town.h"

static void add(void *userdata, autobus_request *request)
{
    int64_t sum = 0;
    (void)userdata;
    for (size_t i = 0; i < json_object_array_length(autobus_request_arguments(request)); i++)
        sum += json_object_get_int64(autobus_request_argument(request, i));
    autobus_request_answer(request, json_object_new_int64(sum));
}

static void fail(void *userdata, autobus_request *request)
{
    (void)userdata;
    autobus_request_fail(request, "the bulb is broken");
}

static void slow_until_late(void *userdata, autobus_request *request)
{
    (void)userdata;
    nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    autobus_request_answer_text(request, "'late'");
}

/* Keeps the request, and gives it up unanswered. */
static void never(void *userdata, autobus_request *request)
{
    (void)userdata;
    autobus_request *kept = autobus_request_keep(request);
    autobus_request_free(&kept);
}

static void count(void *userdata, autobus_request *request)
{
    lamp *here = userdata;
    autobus_request_answer(request, json_object_new_int(atomic_fetch_add(&here->counted, 1) + 1));
}

static void add_functions(lamp *here)
{
    autobus_service *service = here->service;
    autobus_service_add_function(service, "add", NULL, AUTOBUS_INLINE, add, NULL, NULL);
    autobus_service_add_function(service, "fail", NULL, AUTOBUS_INLINE, fail, NULL, NULL);
    autobus_service_add_function(service, "slow", NULL, AUTOBUS_POOL, slow_until_late, NULL, NULL);
    autobus_service_add_function(service, "never", NULL, AUTOBUS_INLINE, never, NULL, NULL);
    autobus_service_add_function(service, "count", NULL, AUTOBUS_INLINE, count, here, NULL);
    autobus_service_add_event(service, "pressed", NULL);
}

void lamp_switch_on(lamp *here, uint16_t town, const char *id, int level)
{
    here->bus = town_bus(town);
    here->service = autobus_service_parse(here->bus, "{'type': 'lamp'}");
    if (id != NULL)
        cr_assert_eq(autobus_service_set_id(here->service, id), AUTOBUS_OK);
    add_functions(here);
    cr_assert_eq(
        autobus_service_add_object(here->service, "level", NULL, json_object_new_int(level)),
        AUTOBUS_OK);
    cr_assert_eq(autobus_service_publish(here->service), AUTOBUS_OK, "%s", autobus_last_error());
}

void lamp_switch_off(lamp *here)
{
    autobus_service_free(&here->service);
    autobus_bus_free(&here->bus);
}

void record_init(record *here)
{
    memset(here, 0, sizeof *here);
    pthread_mutex_init(&here->mutex, NULL);
}

void record_fini(record *here)
{
    pthread_mutex_destroy(&here->mutex);
}

static const char *word_for(const autobus_message *message)
{
    switch (autobus_message_kind(message)) {
    case AUTOBUS_ANSWER: return "answer";
    case AUTOBUS_FIRED: return "fired";
    case AUTOBUS_VALUE: return "value";
    case AUTOBUS_GONE: return "gone";
    case AUTOBUS_BOUND: return "bound";
    case AUTOBUS_LOST: return "lost";
    default: return "else";
    }
}

void record_heard(void *userdata, const autobus_message *message)
{
    record *here = userdata;
    char line[300];
    autobus_kind kind = autobus_message_kind(message);
    bool has_text = kind == AUTOBUS_ANSWER || kind == AUTOBUS_FIRED || kind == AUTOBUS_VALUE;
    snprintf(line, sizeof line, "%s %s%s;", word_for(message),
             has_text ? autobus_message_text(message, NULL) : autobus_message_service(message),
             autobus_message_result(message) == AUTOBUS_OK ? "" : " failed");
    pthread_mutex_lock(&here->mutex);
    here->count++;
    if (strlen(here->text) + strlen(line) < sizeof here->text)
        strcat(here->text, line);
    pthread_mutex_unlock(&here->mutex);
}

void record_freed(void *userdata)
{
    record *here = userdata;
    pthread_mutex_lock(&here->mutex);
    here->freed++;
    pthread_mutex_unlock(&here->mutex);
}

bool record_has(record *here, const char *text)
{
    pthread_mutex_lock(&here->mutex);
    bool has = strstr(here->text, text) != NULL;
    pthread_mutex_unlock(&here->mutex);
    return has;
}

int record_count(record *here)
{
    pthread_mutex_lock(&here->mutex);
    int heard = here->count;
    pthread_mutex_unlock(&here->mutex);
    return heard;
}

int record_frees(record *here)
{
    pthread_mutex_lock(&here->mutex);
    int freed = here->freed;
    pthread_mutex_unlock(&here->mutex);
    return freed;
}

autobus_remote *home_proxy(autobus_bus *bus)
{
    autobus_remote *proxy = NULL;
    cr_assert_eq(autobus_proxy_new(bus, autobus_filter_parse("{'type': 'lamp'}"), &proxy),
                 AUTOBUS_OK, "%s", autobus_last_error());
    return proxy;
}

double home_scale(void)
{
    const char *text = getenv("AUTOBUS_TEST_SCALE");
    return text != NULL && atof(text) > 0 ? atof(text) : 0.1;
}
