/* SPDX-License-Identifier: MIT
 * Failing: a result code and one plain sentence a thread. Knows no subject.
 *
 * A sentence names what was wrong, with its value, and what would be right. Memory: small allocations that
 * fail end the program through ab_alloc (a house that cannot get 100 bytes is lost); anything whose size
 * comes from outside is bounded before. */
#ifndef AB_BASE_ERROR_H
#define AB_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

#include <autobus/result.h>

#include "base/compiler.h"

/** Remembers the sentence for this thread and returns `result`. Longer than 511 bytes is cut. */
autobus_result ab_fail(autobus_result result, const char *format, ...) AB_PRINTF(2, 3);
/** The same with ": " and strerror(error) behind. */
autobus_result ab_fail_errno(int error, const char *format, ...) AB_PRINTF(2, 3);

/** calloc that does not return NULL. */
void *ab_alloc(size_t count, size_t size) AB_MUST_USE;
void *ab_realloc(void *old, size_t count, size_t size) AB_MUST_USE;
char *ab_strdup(const char *text) AB_MUST_USE;
char *ab_strndup(const char *text, size_t length) AB_MUST_USE;
/** printf into fresh memory. */
char *ab_format(const char *format, ...) AB_PRINTF(1, 2) AB_MUST_USE;

/* Cleanup functions for AB_SCOPED. */
void ab_free_ptr(void *pointer_to_pointer);
void ab_close_fd(int *fd);

#endif
