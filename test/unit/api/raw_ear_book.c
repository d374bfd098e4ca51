/* SPDX-License-Identifier: MIT
 * Writes down what raw callbacks tell. */
#include "unit/api/raw_ear_book.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

void raw_book_init(raw_book *book)
{
    *book = (raw_book){.freed = 0};
    pthread_mutex_init(&book->mutex, NULL);
    pthread_cond_init(&book->news, NULL);
}

void raw_book_fini(raw_book *book)
{
    pthread_cond_destroy(&book->news);
    pthread_mutex_destroy(&book->mutex);
}

void raw_book_hear(void *userdata, const autobus_raw_news *news)
{
    raw_book *book = userdata;
    pthread_mutex_lock(&book->mutex);
    size_t length = strlen(book->text);
    snprintf(book->text + length, sizeof book->text - length, "%d:%s:%.*s%s%s ", (int)news->kind,
             news->name, (int)news->length, news->bytes, news->result ? "!" : "", news->error);
    if (news->handle != 0) {
        book->handle = news->handle;
        snprintf(book->caller, sizeof book->caller, "%s", news->service);
    }
    pthread_cond_broadcast(&book->news);
    pthread_mutex_unlock(&book->mutex);
}

void raw_book_freed(void *userdata)
{
    raw_book *book = userdata;
    pthread_mutex_lock(&book->mutex);
    book->freed++;
    pthread_cond_broadcast(&book->news);
    pthread_mutex_unlock(&book->mutex);
}

/* Waits until `part` (or, without one, so many ends) is there. */
static bool wait_for(raw_book *book, const char *part, int times)
{
    struct timespec end;
    bool is_there, has_time = true;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 5;
    pthread_mutex_lock(&book->mutex);
    while (!(is_there = part ? strstr(book->text, part) != NULL : book->freed == times) && has_time)
        has_time = pthread_cond_timedwait(&book->news, &book->mutex, &end) == 0;
    if (!is_there)
        fprintf(stderr, "heard only \"%s\", %d ended\n", book->text, book->freed);
    pthread_mutex_unlock(&book->mutex);
    return is_there;
}

bool raw_book_tells(raw_book *book, const char *part)
{
    return wait_for(book, part, 0);
}

bool raw_book_is_freed(raw_book *book, int times)
{
    return wait_for(book, NULL, times);
}

autobus_handle raw_hermit(const char *options)
{
    autobus_handle bus;
    char text[256];
    snprintf(text, sizeof text, "{'sources': 'none'%s}", options);
    cr_assert_eq(autobus_raw_bus_new(text, &bus), AUTOBUS_OK, "%s", autobus_last_error());
    return bus;
}

autobus_handle raw_lamp(autobus_handle bus)
{
    autobus_handle lamp;
    cr_assert_eq(autobus_raw_service_new(bus, "{'type': 'lamp'}", "lamp", &lamp), AUTOBUS_OK);
    cr_assert_eq(autobus_raw_service_publish(lamp), AUTOBUS_OK, "%s", autobus_last_error());
    return lamp;
}

autobus_handle raw_connected(autobus_handle bus, autobus_handle to)
{
    autobus_handle remote;
    autobus_result result =
        autobus_raw_connect(bus, "127.0.0.1", autobus_raw_bus_port(to), "lamp", 5000, &remote);
    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
    return remote;
}
