/* SPDX-License-Identifier: MIT
 * Reads a list of sources as people type it. */
#include "discovery/source_names.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"

#define BLANKS " \t\r\n"

static autobus_result parse_one(const char *name, unsigned *set, bool *is_none)
{
    if (strcmp(name, "none") == 0)
        *is_none = true;
    else if (strcmp(name, "broadcast") == 0)
        *set |= AB_SOURCE_BROADCAST;
    else if (strcmp(name, "avahi") == 0)
        *set |= AB_SOURCE_AVAHI;
    else
        return ab_fail(
            AUTOBUS_INVALID,
            "there is no source of discovery \"%s\"; there are broadcast, avahi (both: with a "
            "comma between) and none",
            name);
    return AUTOBUS_OK;
}

autobus_result ab_source_names_parse(const char *text, unsigned *ret)
{
    unsigned set = 0;
    bool is_none = false;
    AB_SCOPED(ab_free_ptr) char *copy = ab_strdup(text == NULL ? "" : text);
    char *rest = copy, *name;
    while ((name = strsep(&rest, "," BLANKS)) != NULL) {
        autobus_result result = *name == '\0' ? AUTOBUS_OK : parse_one(name, &set, &is_none);
        if (result != AUTOBUS_OK)
            return result;
    }
    if (is_none && set != 0)
        return ab_fail(
            AUTOBUS_INVALID,
            "the sources of discovery \"%s\" are none and some at once; one of them would be right",
            text);
    *ret = is_none ? 0 : set != 0 ? set : AB_SOURCE_BROADCAST;
    return AUTOBUS_OK;
}
