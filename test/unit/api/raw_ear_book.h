/* SPDX-License-Identifier: MIT
 * Buses of the raw face in one process, and a book of everything that its callbacks told. */
#ifndef TEST_UNIT_API_RAW_EAR_BOOK_H
#define TEST_UNIT_API_RAW_EAR_BOOK_H

#include <pthread.h>
#include <stdbool.h>

#include <autobus/raw.h>

typedef struct raw_book {
    pthread_mutex_t mutex;
    pthread_cond_t news;
    char text[4096];       /**< "kind:name:bytes " of each, and " !sentence" of failures */
    int freed;             /**< how often the free hook ran */
    autobus_handle handle; /**< the latest that was told */
    char caller[64];
} raw_book;

void raw_book_init(raw_book *book);
void raw_book_fini(raw_book *book);
/** An autobus_raw_fn and its hook; userdata is the book. */
void raw_book_hear(void *userdata, const autobus_raw_news *news);
void raw_book_freed(void *userdata);
/** True once the text has `part` in it, within five seconds. */
bool raw_book_tells(raw_book *book, const char *part);
/** True once the hook has run that often, within five seconds. */
bool raw_book_is_freed(raw_book *book, int times);

/** A bus without discovery; `options` are more words of the JSON object, such as ",'dispatch':true". */
autobus_handle raw_hermit(const char *options);
/** A published service {'type': 'lamp'} with the id "lamp". */
autobus_handle raw_lamp(autobus_handle bus);
/** A connection to the lamp of that bus, bound. */
autobus_handle raw_connected(autobus_handle bus, autobus_handle to);

#endif
