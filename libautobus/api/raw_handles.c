/* SPDX-License-Identifier: MIT
 * The table of handles. A free handle's place goes to the end of the row, so that numbers return late; a place
 * whose count of uses is full is never used again. What is freed while a function works on it ends with that
 * function. */
#include "api/raw_handles.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"

#define USES_BITS 24
#define USES_MAX  ((1u << USES_BITS) - 1)
#define NOWHERE   UINT32_MAX

typedef struct place {
    ab_handle *handle; /* NULL: free */
    uint32_t uses;     /* the generation */
    uint32_t next;     /* the next free place */
} place;

/* Guards what is below. It must be a lock of its own: a number says only by this table to which bus it belongs. Nothing
 * is called while it is held. The table is one of the users of what is in it: so whoever finds it there may begin to
 * use it, and ends that without the lock. */
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static place *places;
static uint32_t capacity, first_free = NOWHERE, last_free = NOWHERE;
static size_t in_use;

static void lock_table(void)
{
    pthread_mutex_lock(&table_lock);
}

static void unlock_table(void)
{
    pthread_mutex_unlock(&table_lock);
}

/* A thread that uses a handle while another forks must not leave the lock taken in the child. */
static void keep_free_in_children(void)
{
    pthread_atfork(lock_table, unlock_table, unlock_table);
}

static void append_free(uint32_t index)
{
    places[index].next = NOWHERE;
    if (last_free == NOWHERE)
        first_free = index;
    else
        places[last_free].next = index;
    last_free = index;
}

static void grow(void)
{
    uint32_t more = capacity > 0 ? capacity * 2 : 64;
    places = ab_realloc(places, more, sizeof *places);
    for (uint32_t index = capacity; index < more; index++) {
        places[index] = (place){.uses = 1};
        append_free(index);
    }
    capacity = more;
}

static autobus_handle number_of(ab_handle_kind kind, uint32_t uses, uint32_t index)
{
    return (autobus_handle)kind << 56 | (autobus_handle)uses << 32 | index;
}

static void put(ab_handle *handle, ab_handle_kind kind)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, keep_free_in_children);
    lock_table();
    if (first_free == NOWHERE)
        grow();
    uint32_t index = first_free;
    first_free = places[index].next;
    if (first_free == NOWHERE)
        last_free = NOWHERE;
    places[index].handle = handle;
    handle->number = number_of(kind, places[index].uses, index);
    in_use++;
    unlock_table();
}

static ab_handle *find(autobus_handle number)
{
    uint32_t index = (uint32_t)number;
    ab_handle *handle = index < capacity ? places[index].handle : NULL;
    return handle != NULL && handle->number == number ? handle : NULL;
}

/* Makes the number stale. The table's share of it is the caller's now. */
static void take_out(const ab_handle *handle)
{
    uint32_t index = (uint32_t)handle->number;
    places[index].handle = NULL;
    in_use--;
    if (places[index].uses++ < USES_MAX)
        append_free(index);
}

static ab_handle_kind kind_of(autobus_handle number)
{
    return (ab_handle_kind)(number >> 56);
}

static void free_thing(ab_handle *handle)
{
    switch (kind_of(handle->number)) {
    case AB_HANDLE_BUS: autobus_bus_free(&handle->bus); break;
    case AB_HANDLE_LISTENER: autobus_listener_free(&handle->listener); break;
    case AB_HANDLE_SERVICE: autobus_service_free(&handle->service); break;
    case AB_HANDLE_REQUEST: autobus_request_free(&handle->request); break;
    case AB_HANDLE_REMOTE: autobus_remote_free(&handle->remote); break;
    case AB_HANDLE_SUBSCRIPTION: autobus_subscription_free(&handle->subscription); break;
    case AB_HANDLE_CHANNEL:
        if (handle->is_lent)
            (void)autobus_channel_close(handle->channel, NULL);
        else
            autobus_channel_free(&handle->channel);
        break;
    }
}

ab_handle *ab_handle_make(ab_handle_kind kind, autobus_handle *ret)
{
    ab_handle *handle = ab_alloc(1, sizeof *handle);
    atomic_init(&handle->references, 2);
    atomic_init(&handle->users, 1);
    put(handle, kind);
    *ret = handle->number;
    return handle;
}

static void drop_reference(ab_handle *handle)
{
    if (atomic_fetch_sub(&handle->references, 1) == 1)
        free(handle);
}

autobus_result ab_handle_made(ab_handle *handle, autobus_result result, autobus_handle *ret)
{
    if (result != AUTOBUS_OK) {
        *ret = 0;
        ab_handle_return(handle->number);
    }
    drop_reference(handle);
    return result;
}

autobus_handle ab_handle_of(ab_handle_kind kind, void *thing, bool is_lent)
{
    autobus_handle number;
    ab_handle *handle = ab_handle_make(kind, &number);
    handle->thing = thing;
    handle->is_lent = is_lent;
    (void)ab_handle_made(handle, AUTOBUS_OK, &number);
    return number;
}

static const char *kind_text(ab_handle_kind kind)
{
    static const char *const texts[] = {
        [AB_HANDLE_BUS] = "bus",         [AB_HANDLE_LISTENER] = "listener",
        [AB_HANDLE_SERVICE] = "service", [AB_HANDLE_REQUEST] = "request",
        [AB_HANDLE_REMOTE] = "remote",   [AB_HANDLE_SUBSCRIPTION] = "subscription",
        [AB_HANDLE_CHANNEL] = "channel",
    };
    return (unsigned)kind < AB_COUNT(texts) && texts[kind] != NULL ? texts[kind] : "thing";
}

ab_handle *ab_handle_enter(autobus_handle number, ab_handle_kind kind)
{
    lock_table();
    ab_handle *handle = find(number);
    bool is_right = handle != NULL && kind_of(number) == kind;
    if (is_right)
        atomic_fetch_add_explicit(&handle->users, 1, memory_order_relaxed);
    unlock_table();
    if (is_right)
        return handle;
    if (handle == NULL)
        ab_fail(AUTOBUS_INVALID, "%llx is the handle of no %s: it was freed, or never was one",
                (unsigned long long)number, kind_text(kind));
    else
        ab_fail(AUTOBUS_INVALID, "%llx is the handle of a %s, where that of a %s is needed",
                (unsigned long long)number, kind_text(kind_of(number)), kind_text(kind));
    return NULL;
}

void ab_handle_leave(ab_handle **handle)
{
    if (*handle != NULL && atomic_fetch_sub(&(*handle)->users, 1) == 1) {
        free_thing(*handle);
        drop_reference(*handle);
    }
    *handle = NULL;
}

void ab_handle_return(autobus_handle number)
{
    lock_table();
    ab_handle *handle = find(number);
    bool is_ours = handle != NULL && (handle->is_lent || handle->thing == NULL);
    if (is_ours)
        take_out(handle);
    unlock_table();
    if (is_ours && atomic_fetch_sub(&handle->users, 1) == 1)
        drop_reference(handle);
}

/* Whoever leaves last frees the thing, and that may be this very function. */
AB_API void autobus_raw_free(autobus_handle handle)
{
    lock_table();
    ab_handle *at = find(handle);
    bool is_used = at != NULL && atomic_load(&at->users) > 1;
    if (at != NULL)
        take_out(at);
    unlock_table();
    if (at == NULL)
        return;
    /* A thread that waits in a call on it returns now, not at its timeout. */
    if (is_used && kind_of(handle) == AB_HANDLE_REMOTE)
        autobus_remote_close(at->remote);
    ab_handle_leave(&at);
}

AB_API size_t autobus_raw_handles(void)
{
    lock_table();
    size_t count = in_use;
    unlock_table();
    return count;
}
