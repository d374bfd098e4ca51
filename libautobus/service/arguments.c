/* SPDX-License-Identifier: MIT
 * Checking and completing arguments in one walk over their text. */
#include "service/arguments.h"

#include <stdio.h>

#include "base/error.h"

#define SHOWN 60

static autobus_result refuse_count(const ab_description *description, const char *function,
                                   size_t given)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer right;
    size_t least = description->required, most = description->count;

    ab_buffer_init(&right);
    if (description->has_rest)
        ab_buffer_appendf(&right, "at least %zu argument%s", least, least == 1 ? "" : "s");
    else if (most == 0)
        ab_buffer_append_text(&right, "no arguments");
    else if (least == most)
        ab_buffer_appendf(&right, "%zu argument%s", most, most == 1 ? "" : "s");
    else
        ab_buffer_appendf(&right, "%zu to %zu arguments", least, most);
    for (size_t i = 0; i < most; i++)
        ab_buffer_appendf(&right, "%s%s%s", i == 0 ? " (" : ", ",
                          description->parameters[i].name->bytes, i + 1 == most ? ")" : "");
    ab_buffer_append(&right, "", 1);
    return ab_fail(AUTOBUS_INVALID, "%s takes %.400s, not %zu", function, ab_buffer_bytes(&right),
                   given);
}

/* Where a text is cut so that no character is. */
static int cut(ab_slice text)
{
    size_t length = AB_MIN(text.length, (size_t)SHOWN);

    while (length < text.length && length > 0 && ((unsigned char)text.bytes[length] & 0xc0) == 0x80)
        length--;
    return (int)length;
}

static autobus_result refuse_value(const char *function, const ab_parameter *parameter,
                                   size_t index, ab_value value)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer right;
    char number[40];

    ab_buffer_init(&right);
    ab_parameter_say(parameter, &right);
    snprintf(number, sizeof number, "argument %zu", index + 1);
    return ab_fail(AUTOBUS_INVALID, "%s: %s%s%s cannot be %.*s%s; %.*s would be right", function,
                   parameter->name != NULL ? "\"" : "",
                   parameter->name != NULL ? parameter->name->bytes : number,
                   parameter->name != NULL ? "\"" : "", cut(value.text), value.text.bytes,
                   value.text.length > SHOWN ? "..." : "", (int)ab_buffer_length(&right),
                   ab_buffer_bytes(&right));
}

/* Everything up to the last missing parameter that has a default. */
static ab_slice complete(const ab_description *description, ab_value list, size_t given,
                         ab_buffer *out)
{
    size_t end = description->count;

    while (end > given && description->parameters[end - 1].fallback == NULL)
        end--;
    if (end <= given)
        return list.text;
    ab_buffer_append(out, list.text.bytes, list.text.length - 1);
    for (size_t i = given; i < end; i++) {
        const ab_text *fallback = description->parameters[i].fallback;
        ab_buffer_append_text(out, i > 0 ? "," : "");
        ab_buffer_append_text(out, fallback != NULL ? fallback->bytes : "null");
    }
    ab_buffer_append_text(out, "]");
    return (ab_slice){ab_buffer_bytes(out), ab_buffer_length(out)};
}

autobus_result ab_arguments_fit(const ab_description *description, const char *function,
                                ab_value list, ab_buffer *room, ab_slice *ret)
{
    ab_members members;
    ab_slice key;
    ab_value value;
    size_t given = 0;
    ab_parameter rest = {.type = description->rest};

    *ret = list.text;
    if (!description->has_parameters)
        return AUTOBUS_OK;
    ab_members_begin(&members, list);
    while (ab_members_next(&members, &key, &value))
        given++;
    if (given < description->required || (given > description->count && !description->has_rest))
        return refuse_count(description, function, given);
    ab_members_begin(&members, list);
    for (size_t i = 0; ab_members_next(&members, &key, &value); i++) {
        const ab_parameter *parameter =
            i < description->count ? &description->parameters[i] : &rest;
        if (!ab_parameter_takes(parameter, value))
            return refuse_value(function, parameter, i, value);
    }
    *ret = complete(description, list, given, room);
    return AUTOBUS_OK;
}
