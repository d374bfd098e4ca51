/* SPDX-License-Identifier: MIT
 * From a request to a command, and from its output to an answer. No argument becomes an option of the command by
 * chance, and no shell sees it. */
#include "publish/function.h"

#include <stdlib.h>
#include <string.h>

#include <autobus/function.h>
#include <json-c/json.h>

#include "publish/child.h"
#include "tool/clock.h"
#include "tool/text.h"

enum {
    RUNNING_MOST = 32
};

typedef struct function {
    publish_stage *stage;
    const publish_member *member;
} function;

/* Whether whatever stands behind the command is no option: a "--" ends them, and a shell has them as $1. */
static bool ends_options(const publish_member *member)
{
    const tool_words *words = &member->command;
    return member->is_shell || strcmp(words->list[words->count - 1], "--") == 0;
}

/* The argument as a word; NULL with a sentence if it cannot be one. */
static char *word_of(const publish_member *member, json_object *argument, char **ret_mistake)
{
    const char *text = argument == NULL ? "null"
                       : json_object_is_type(argument, json_type_string)
                           ? json_object_get_string(argument)
                           : json_object_to_json_string_ext(
                                 argument, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    bool is_whole = !json_object_is_type(argument, json_type_string) ||
                    strlen(text) == (size_t)json_object_get_string_len(argument);
    if (!is_whole) {
        *ret_mistake = tool_text_format("%s: no argument may have a zero character", member->name);
        return NULL;
    }
    if (*text == '-' && !ends_options(member)) {
        *ret_mistake =
            tool_text_format("%s: '%s' could be taken for an option; it is published with "
                             "a command that does not end in --",
                             member->name, text);
        return NULL;
    }
    return tool_text_checked(strdup(text));
}

static bool add_arguments(tool_words *words, const publish_member *member, autobus_request *request,
                          char **ret_mistake)
{
    json_object *list = autobus_request_arguments(request);
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        char *word = word_of(member, json_object_array_get_idx(list, i), ret_mistake);
        if (word == NULL) {
            return false;
        }
        tool_words_add(words, word);
    }
    return true;
}

static void answer(void *userdata, publish_outcome outcome)
{
    autobus_request *request = userdata;
    if (!outcome.is_fine) {
        (void)autobus_request_fail(
            request, outcome.text != NULL ? outcome.text : "the service left before it was done");
    } else if (autobus_request_answer(request, publish_value_of(outcome.text)) != AUTOBUS_OK) {
        char *sentence = tool_text_format("its output is no answer: %s", autobus_last_error());
        (void)autobus_request_fail(request, sentence);
        free(sentence);
    }
    autobus_request_free(&request);
}

static void run(const function *self, autobus_request *request, const tool_words *words)
{
    char *mistake = NULL;
    const char *input = autobus_request_text(request);
    autobus_request *kept = autobus_request_keep(request);
    int64_t deadline = tool_clock_ms() + publish_stage_limit(self->stage);
    if (publish_child_start(self->stage->poll, words, input, deadline, answer, kept, &mistake) ==
        NULL) {
        (void)autobus_request_fail(kept, mistake);
        autobus_request_free(&kept);
        free(mistake);
    }
}

static void called(void *userdata, autobus_request *request)
{
    const function *self = userdata;
    char *mistake = NULL;
    tool_words words;
    if (publish_children_count() >= RUNNING_MOST) {
        (void)autobus_request_fail(request, "too many commands are running; try again later");
        return;
    }
    tool_words_copy(&words, &self->member->command);
    if (add_arguments(&words, self->member, request, &mistake)) {
        run(self, request, &words);
    } else {
        (void)autobus_request_fail(request, mistake);
    }
    free(mistake);
    tool_words_fini(&words);
}

autobus_result publish_function_add(publish_stage *stage, const publish_member *member)
{
    function *self = tool_text_checked(calloc(1, sizeof *self));
    *self = (function){.stage = stage, .member = member};
    const char *description =
        member->description != NULL ? json_object_to_json_string(member->description) : NULL;
    return autobus_service_add_function(stage->service, member->name, description, AUTOBUS_INLINE,
                                        called, self, free);
}
