/* SPDX-License-Identifier: MIT
 * A member: one function, object or event of the service, and where it comes from. */
#ifndef PUBLISH_MEMBER_H
#define PUBLISH_MEMBER_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json_types.h>

#include "tool/words.h"

typedef enum publish_kind {
    PUBLISH_FUNCTION,
    PUBLISH_OBJECT,
    PUBLISH_EVENT
} publish_kind;

typedef struct publish_member {
    publish_kind kind;
    char *name;
    json_object *description; /**< NULL: none */
    tool_words command;       /**< of a function; of an object that a command tells; else empty */
    char *file;               /**< of an object that a file tells; else NULL */
    json_object *value;       /**< of any other object */
    int every_ms;             /**< how often the command tells it */
    bool is_shell;            /**< the command is one of a shell's */
} publish_member;

/** Takes "NAME=COMMAND" of a function, "NAME=VALUE", "NAME=@FILE" or "NAME=!COMMAND@SECONDS" of an object, or "NAME" of
 *  an event. False with a sentence, yours, and nothing to free. */
bool publish_member_typed(publish_member *self, publish_kind kind, const char *text, bool is_shell,
                          char **ret_mistake);

/** The same from a map (borrowed) that has "command" (a text or a list of words), "file", "value" and "every" beside
 *  what describes the member. */
bool publish_member_written(publish_member *self, publish_kind kind, const char *name,
                            json_object *map, bool is_shell, char **ret_mistake);

/** Adds to what describes it: `key` and its value (taken). */
void publish_member_describe(publish_member *self, const char *key, json_object *value);

void publish_member_fini(publish_member *self);

/** The value that a text is: JSON if it reads so, null if it is empty, else a string. Yours. */
json_object *publish_value_of(const char *text);

#endif
