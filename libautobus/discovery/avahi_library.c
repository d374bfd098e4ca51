/* SPDX-License-Identifier: MIT
 * Loads avahi's libraries. Knows their names, not what they do. */
#include "base/error.h"

#if AUTOBUS_AVAHI
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "discovery/avahi_library.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static ab_avahi_library library;
static bool is_loaded;
static char why_not[256];

/* POSIX keeps functions and objects alike; ISO C only lets the bytes be copied. */
static bool find(void *handle, const char *name, void *function)
{
    void *symbol = dlsym(handle, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

/* Never closed again: libdbus behind it leaves hooks that run when the process ends. One handle finds the
 * functions of both libraries, since the client's depends on the common one. */
static void load(void)
{
    void *handle = dlopen("libavahi-client.so.3", RTLD_NOW | RTLD_LOCAL);
    is_loaded = handle != NULL;
#define FIND(name) is_loaded = is_loaded && find(handle, "avahi_" #name, &library.name);
    AB_AVAHI_FUNCTIONS(FIND)
#undef FIND
    if (!is_loaded)
        snprintf(why_not, sizeof why_not, "%s", dlerror());
}

const ab_avahi_library *ab_avahi_library_open(void)
{
    pthread_once(&once, load);
    if (is_loaded)
        return &library;
    ab_fail(
        AUTOBUS_FAILED,
        "discovery through avahi was asked for, but its library can't be loaded: %s; install libavahi-client3, "
        "or leave avahi out of the sources",
        why_not);
    return NULL;
}
#endif
