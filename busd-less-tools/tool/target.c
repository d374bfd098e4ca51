/* SPDX-License-Identifier: MIT
 * From options and the first word to a target. */
#include "tool/target.h"

#include <stdlib.h>
#include <string.h>

#include "tool/quote.h"
#include "tool/text.h"

static int take_condition(tool_target *self, tool_options *options)
{
    autobus_filter *trial = tool_text_checked(autobus_filter_new());
    autobus_result result = autobus_filter_add_text(trial, options->value);
    autobus_filter_free(&trial);
    if (result != AUTOBUS_OK) {
        return tool_options_reject(options, "-k %s: %s", options->value, autobus_last_error());
    }
    tool_choice_add(&self->choice, options->value);
    return 0;
}

static int take_id(tool_target *self, tool_options *options)
{
    if (*options->value == '\0') {
        return tool_options_reject(options, "-s is empty; it takes the id of a service, as "
                                            "autobus-ls --long shows it");
    }
    self->choice.id = options->value;
    return 0;
}

int tool_target_take(tool_target *self, tool_options *options, int key)
{
    switch (key) {
    case 'k': return take_condition(self, options);
    case 's': return take_id(self, options);
    case 'a': self->choice.with_library = true; return 0;
    case TOOL_OPTION_ANY: self->takes_any = true; return 0;
    case TOOL_OPTION_EACH: self->takes_each = true; return 0;
    case TOOL_OPTION_WAIT: self->waits = true; return 0;
    default: return key;
    }
}

static int take_place(tool_target *self, tool_options *options)
{
    if (self->choice.count > 0) {
        return tool_options_reject(options, "'%s' is a place: conditions say nothing about it",
                                   options->value);
    }
    return 0;
}

static int take_type(tool_target *self, tool_options *options, const char *word)
{
    if (*word == '\0') {
        return tool_options_reject(options, "TYPE is empty; '*' stands for any type");
    }
    if (tool_place_parse(&self->place, word)) {
        options->value = word;
        return take_place(self, options);
    }
    if (strchr(word, '=') != NULL) {
        return tool_options_reject(options, "'%s' is no type; a condition is given as -k '%s'",
                                   word, word);
    }
    self->choice.type = word;
    return 0;
}

int tool_target_word(tool_target *self, tool_options *options, bool is_needed)
{
    if (self->takes_any && self->takes_each) {
        return tool_options_reject(options,
                                   "--any is one service and --each all of them: take one");
    }
    if (self->choice.id != NULL) {
        return 0;
    }
    const char *word = tool_options_word(options);
    if (word != NULL) {
        return take_type(self, options, word);
    }
    return is_needed ? tool_options_reject(options, "say which service: its TYPE, -s ID or "
                                                    "HOST:PORT/ID; autobus-ls lists what is there")
                     : 0;
}

void tool_target_fini(tool_target *self)
{
    tool_choice_fini(&self->choice);
    tool_place_fini(&self->place);
}

bool tool_target_is_place(const tool_target *self)
{
    return self->place.text != NULL;
}

char *tool_target_typed(const tool_target *self)
{
    if (!tool_target_is_place(self)) {
        return tool_choice_typed(&self->choice);
    }
    char *text = tool_place_words(&self->place);
    char *quoted = tool_quote(text);
    free(text);
    return quoted;
}

char *tool_target_words(const tool_target *self)
{
    return tool_target_is_place(self) ? tool_place_words(&self->place)
                                      : tool_choice_words(&self->choice);
}
