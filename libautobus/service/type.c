/* SPDX-License-Identifier: MIT
 * Types by name, and which values are of them. */
#include "service/type.h"

#include <string.h>

#include "base/compiler.h"

static const struct {
    const char *name, *text;
} types[] = {
    [AB_TYPE_ANY] = {"any", "any value"},          [AB_TYPE_NULL] = {"null", "null"},
    [AB_TYPE_BOOLEAN] = {"boolean", "a boolean"},  [AB_TYPE_NUMBER] = {"number", "a number"},
    [AB_TYPE_INTEGER] = {"integer", "an integer"}, [AB_TYPE_STRING] = {"string", "a string"},
    [AB_TYPE_LIST] = {"list", "a list"},           [AB_TYPE_MAP] = {"map", "a map"},
};

bool ab_type_read(const char *name, ab_type *type)
{
    for (size_t i = 0; i < AB_COUNT(types); i++) {
        if (strcmp(types[i].name, name) != 0)
            continue;
        *type = (ab_type)i;
        return true;
    }
    return false;
}

const char *ab_type_text(ab_type type)
{
    return types[type].text;
}

/* The bare tokens that old peers emit begin with a capital letter. */
static bool is_finite(ab_slice number)
{
    return memchr(number.bytes, 'N', number.length) == NULL &&
           memchr(number.bytes, 'I', number.length) == NULL;
}

bool ab_type_fits(ab_type type, ab_value value)
{
    int64_t whole;

    switch (type) {
    case AB_TYPE_ANY: return value.kind != AB_KIND_NONE;
    case AB_TYPE_NULL: return value.kind == AB_KIND_NULL;
    case AB_TYPE_BOOLEAN: return value.kind == AB_KIND_TRUE || value.kind == AB_KIND_FALSE;
    case AB_TYPE_NUMBER: return value.kind == AB_KIND_NUMBER && is_finite(value.text);
    case AB_TYPE_INTEGER: return ab_scan_integer(value, &whole);
    case AB_TYPE_STRING: return value.kind == AB_KIND_STRING;
    case AB_TYPE_LIST: return value.kind == AB_KIND_LIST;
    case AB_TYPE_MAP: return value.kind == AB_KIND_MAP;
    }
    return false;
}
