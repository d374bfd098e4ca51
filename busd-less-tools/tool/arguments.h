/* SPDX-License-Identifier: MIT
 * The arguments of a call, from what people type or pipe to the JSON list that travels. Names become positions by the
 * function's description. It calls nothing. */
#ifndef TOOL_ARGUMENTS_H
#define TOOL_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json_types.h>

/** True if `word` reads NAME=VALUE. */
bool tool_argument_is_named(const char *word);

/** The list as JSON text, yours. A word is the JSON value that it reads, else text. `description` (borrowed) is the
 *  function's, or NULL; if it has parameters, a NAME=VALUE goes to where NAME stands, and what is left out before it
 *  takes its default. NULL: *ret_mistake is a sentence, yours. */
char *tool_arguments_of_words(const char *const *words, size_t count, json_object *description,
                              char **ret_mistake);

/** The same from one value (borrowed): a list is all of them, a map those of a function with parameters by name, and
 *  anything else the only one. */
char *tool_arguments_of_value(json_object *value, json_object *description, char **ret_mistake);

#endif
