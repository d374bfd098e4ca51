/* SPDX-License-Identifier: MIT
 * Memory that is there or ends the program; its contract stands in error.h. Knows no limits: what is asked
 * for from outside is bounded before it comes here. */
#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Out of line, so that compilers do not see that what is set to zero has just come from malloc(), and call calloc(). */
static AB_NOINLINE void *insist_on(void *memory, size_t count, size_t size)
{
    if (memory != NULL)
        return memory;
    fprintf(stderr, "autobus: no memory for %zu times %zu bytes\n", count, size);
    abort();
}

/* glibc's calloc passes its cache of small pieces by, which are most of ours. */
#define SMALL 1024

void *ab_alloc(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    if (count > SMALL || size > SMALL || count * size > SMALL)
        return insist_on(calloc(count, size), count, size);
    return memset(insist_on(malloc(count * size), count, size), 0, count * size);
}

void *ab_realloc(void *old, size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    return insist_on(reallocarray(old, count, size), count, size);
}

char *ab_strdup(const char *text)
{
    return ab_strndup(text, strlen(text));
}

char *ab_strndup(const char *text, size_t length)
{
    length = strnlen(text, length);
    char *copy = ab_alloc(length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

char *ab_format(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return insist_on(length < 0 ? NULL : text, 1, strlen(format));
}

void ab_free_ptr(void *pointer_to_pointer)
{
    void *memory;
    memcpy(&memory, pointer_to_pointer, sizeof memory);
    free(memory);
}

void ab_close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
