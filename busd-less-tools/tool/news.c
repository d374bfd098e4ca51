/* SPDX-License-Identifier: MIT
 * Lines of news. */
#include "tool/news.h"

#include <stdlib.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

static void add_string(json_object *line, const char *key, const char *text)
{
    json_object_object_add(line, key, tool_text_checked(json_object_new_string(text)));
}

static void print_json(const autobus_message *message, FILE *out)
{
    bool is_event = autobus_message_kind(message) == AUTOBUS_FIRED;
    json_object *line = tool_text_checked(json_object_new_object());
    add_string(line, "service", autobus_message_service(message));
    add_string(line, is_event ? "event" : "object", autobus_message_name(message));
    if (autobus_message_kind(message) == AUTOBUS_GONE) {
        json_object_object_add(line, "gone", json_object_new_boolean(true));
    } else {
        json_object_object_add(line, is_event ? "args" : "value", autobus_message_take(message));
    }
    tool_json_print(line, out);
    json_object_put(line);
}

static void print_word(const tool_paper *paper, const char *word, FILE *out)
{
    char *clean = tool_text_clean(word);
    fprintf(out, "%s%s%s  ", tool_paper_begin(paper, TOOL_FAINT), clean,
            tool_paper_end(paper, TOOL_FAINT));
    free(clean);
}

void tool_news_print(const tool_news *self, const autobus_message *message, FILE *out)
{
    if (self->is_json) {
        print_json(message, out);
        return;
    }
    if (autobus_message_kind(message) == AUTOBUS_GONE) {
        return;
    }
    if (self->with_service) {
        print_word(self->paper, autobus_message_service(message), out);
    }
    if (self->with_name) {
        print_word(self->paper, autobus_message_name(message), out);
    }
    tool_json_print(autobus_message_value(message), out);
}
