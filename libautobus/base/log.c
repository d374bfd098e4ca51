/* SPDX-License-Identifier: MIT
 * Writes the library's log lines, few of each kind. Knows levels and call sites, not what happened. */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define WINDOW  (AB_MS(10000))
#define LINES   5
#define LONGEST 1024
#define SILENT  (-1)

static const char *const level_names[] = {"error", "warning", "info", "debug"};

/* Guards the counters of every call site: a site has no owner with a lock of its own. */
static pthread_mutex_t sites_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int loudest = AB_LOG_WARNING;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int level_called(const char *name)
{
    if (strcmp(name, "none") == 0)
        return SILENT;
    for (size_t i = 0; i < AB_COUNT(level_names); i++)
        if (strcmp(name, level_names[i]) == 0)
            return (int)i;
    return AB_LOG_WARNING;
}

static void lock_sites(void)
{
    pthread_mutex_lock(&sites_lock);
}

static void unlock_sites(void)
{
    pthread_mutex_unlock(&sites_lock);
}

/* A thread that logs while another forks must not leave the lock taken in the child, where it does not go on. */
static void begin(void)
{
    pthread_atfork(lock_sites, unlock_sites, unlock_sites);
    const char *name = getenv("AUTOBUS_LOG");
    if (name != NULL)
        loudest = level_called(name);
}

void ab_log_set_level(const char *name)
{
    pthread_once(&once, begin);
    loudest = level_called(name);
}

bool ab_log_wants(ab_log_level level)
{
    pthread_once(&once, begin);
    return (int)level <= loudest;
}

/* One write a line, so that lines of several threads and processes do not mix. */
static void write_line(ab_log_level level, const char *sentence)
{
    char line[LONGEST + 32];
    int length = snprintf(line, sizeof line, "autobus: %s: %s\n", level_names[level], sentence);
    /* Nobody is left to be told when standard error cannot be written. */
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)length);
    (void)ignored;
}

/* Counts this line; true if it is to be said. *swallowed: how many of the window before were not. */
static bool count_line(ab_log_site *site, unsigned *swallowed)
{
    pthread_once(&once, begin);
    ab_time now = ab_clock_now(&ab_clock_real);
    pthread_mutex_lock(&sites_lock);
    if (site->said == 0 || now - site->window >= WINDOW) {
        *swallowed = site->swallowed;
        *site = (ab_log_site){.window = now};
    }
    bool is_said = site->said < LINES;
    if (is_said)
        site->said++;
    else
        site->swallowed++;
    pthread_mutex_unlock(&sites_lock);
    return is_said;
}

void ab_log_at(ab_log_site *site, ab_log_level level, const char *format, ...)
{
    unsigned swallowed = 0;
    if (!count_line(site, &swallowed))
        return;
    char sentence[LONGEST];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (swallowed > 0) {
        char more[64];
        snprintf(more, sizeof more, "(%u lines like the next one were not written)", swallowed);
        write_line(level, more);
    }
    write_line(level, sentence);
}
