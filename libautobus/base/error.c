/* SPDX-License-Identifier: MIT
 * Keeps each thread's last sentence. Knows the result codes, and nothing of what failed. */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#define SENTENCE 512

static _Thread_local char last_sentence[SENTENCE];

/* Formats aside first: an argument may be the last sentence itself. */
static void AB_PRINTF(2, 0)
    remember_sentence(const char *tail, const char *format, va_list arguments)
{
    char sentence[SENTENCE];
    int length = vsnprintf(sentence, sizeof sentence, format, arguments);
    if (length < 0)
        sentence[length = 0] = '\0';
    if (tail != NULL && (size_t)length < sizeof sentence)
        snprintf(sentence + length, sizeof sentence - (size_t)length, ": %s", tail);
    memcpy(last_sentence, sentence, sizeof sentence);
}

autobus_result ab_fail(autobus_result result, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    remember_sentence(NULL, format, arguments);
    va_end(arguments);
    return result;
}

autobus_result ab_fail_errno(int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    remember_sentence(strerror(error), format, arguments);
    va_end(arguments);
    return AUTOBUS_FAILED;
}

AB_API const char *autobus_last_error(void)
{
    return last_sentence;
}

AB_API const char *autobus_result_text(autobus_result result)
{
    switch (result) {
    case AUTOBUS_OK: return "ok";
    case AUTOBUS_FAILED: return "failed";
    case AUTOBUS_INVALID: return "invalid";
    case AUTOBUS_NOT_FOUND: return "not found";
    case AUTOBUS_TIMEOUT: return "timeout";
    case AUTOBUS_REMOTE: return "remote error";
    case AUTOBUS_DENIED: return "denied";
    case AUTOBUS_INCOMPATIBLE: return "incompatible";
    case AUTOBUS_AMBIGUOUS: return "ambiguous";
    case AUTOBUS_IN_USE: return "in use";
    case AUTOBUS_TOO_LARGE: return "too large";
    case AUTOBUS_CLOSED: return "closed";
    case AUTOBUS_BUSY: return "busy";
    case AUTOBUS_WRONG_THREAD: return "wrong thread";
    case AUTOBUS_FORKED: return "forked";
    }
    return "unknown result";
}
