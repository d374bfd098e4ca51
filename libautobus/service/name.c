/* SPDX-License-Identifier: MIT
 * Which names there may be. */
#include "service/name.h"

#include <string.h>

#include "base/error.h"
#include "value/utf8.h"

static bool is_plain(const char *name, size_t length)
{
    const char *end = name + length;
    size_t step;

    for (const char *at = name; at < end; at += step) {
        uint32_t code;
        step = ab_utf8_decode(at, end, &code);
        if (step == 0 || code < 0x20 || code == 0x7f)
            return false;
    }
    return true;
}

autobus_result ab_name_check(const char *what, const char *name)
{
    if (name == NULL)
        return ab_fail(AUTOBUS_INVALID, "the name of the %s is NULL; it needs one", what);
    size_t length = strlen(name);
    if (length == 0 || length > AB_NAME_MOST)
        return ab_fail(AUTOBUS_INVALID,
                       "the %s name \"%.40s\" has %zu bytes; 1 to %d would be right", what, name,
                       length, AB_NAME_MOST);
    if (!is_plain(name, length))
        return ab_fail(AUTOBUS_INVALID,
                       "the %s name of %zu bytes is not UTF-8 without control characters", what,
                       length);
    if (name[0] == '_' && strcmp(what, "function") == 0)
        return ab_fail(AUTOBUS_INVALID,
                       "the function name \"%s\" begins with an underscore; such cannot be called",
                       name);
    return AUTOBUS_OK;
}
