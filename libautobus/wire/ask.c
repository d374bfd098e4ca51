/* SPDX-License-Identifier: MIT
 * A request out of a line of JSON. */
#include "wire/ask.h"

#include <string.h>

#include "wire/fields.h"

/* As long as a name can get when every byte is written \u0000, with its quotes. */
#define WRITTEN_MOST (AB_NAME_MOST * 6 + 2)

static const char *const words[] = {
    [AB_VERB_OTHER] = "",          [AB_VERB_CALL] = "call",     [AB_VERB_WATCH] = "watch",
    [AB_VERB_UNWATCH] = "unwatch", [AB_VERB_LISTEN] = "listen", [AB_VERB_UNLISTEN] = "unlisten",
};

const char *ab_verb_text(ab_verb verb)
{
    return words[verb];
}

static ab_verb verb_of(const ab_message *message)
{
    for (unsigned verb = AB_VERB_CALL; verb < AB_COUNT(words); verb++)
        if (ab_message_is(message, words[verb]))
            return (ab_verb)verb;
    return AB_VERB_OTHER;
}

bool ab_read_short_name(ab_value value, ab_name *name)
{
    char text[WRITTEN_MOST];
    if (value.kind != AB_KIND_STRING || value.text.length > sizeof text)
        return false;
    name->length = ab_scan_string(value, text);
    if (name->length > AB_NAME_MOST)
        return false;
    memcpy(name->bytes, text, name->length);
    name->bytes[name->length] = '\0';
    return true;
}

void ab_read_ask(const ab_message *message, ab_ask *ask)
{
    enum {
        NAME,
        ARGS,
        KEYS
    };
    static const ab_slice names[KEYS] = {AB_FIELD("name"), AB_FIELD("args")};
    ab_value keys[KEYS] = {0};
    ask->verb = verb_of(message);
    ask->id = message->type == AB_MESSAGE_NOTIFICATION ? (ab_value){0} : message->id;
    ask->line = message;
    if (ask->verb != AB_VERB_OTHER)
        ab_message_find(message, names, KEYS, keys);
    ask->has_name = ab_read_short_name(keys[NAME], &ask->name);
    ask->arguments = keys[ARGS];
}
