/* SPDX-License-Identifier: MIT
 * The library's own log: to standard error, at the level of AUTOBUS_LOG (error, warning [default], info,
 * debug, none). Nothing from the network is ever logged in a loop: one call site says at most 5 lines in
 * 10 s and then how many it swallowed. */
#ifndef AB_BASE_LOG_H
#define AB_BASE_LOG_H

#include <stdbool.h>

#include "base/compiler.h"

typedef enum ab_log_level {
    AB_LOG_ERROR,
    AB_LOG_WARNING,
    AB_LOG_INFO,
    AB_LOG_DEBUG
} ab_log_level;

typedef struct ab_log_site {
    long long window;
    unsigned said, swallowed;
} ab_log_site;

/** As AUTOBUS_LOG would set it; a word that is no level means warning. */
void ab_log_set_level(const char *name);
bool ab_log_wants(ab_log_level level);
void ab_log_at(ab_log_site *site, ab_log_level level, const char *format, ...) AB_PRINTF(3, 4);

#define ab_log(level, ...)                         \
    do {                                           \
        static ab_log_site site_;                  \
        if (ab_log_wants(level))                   \
            ab_log_at(&site_, level, __VA_ARGS__); \
    } while (0)

#endif
