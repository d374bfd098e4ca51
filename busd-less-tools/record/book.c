/* SPDX-License-Identifier: MIT
 * Lines of a recording. */
#include "record/book.h"

#include <stdlib.h>
#include <time.h>

#include <json-c/json.h>

#include "tool/clock.h"
#include "tool/json.h"
#include "tool/text.h"

enum {
    VERSION = 1
};

static void add_string(json_object *line, const char *key, const char *text)
{
    json_object_object_add(line, key, tool_text_checked(json_object_new_string(text)));
}

/* Old peers describe everything, and mostly as {"doc": null}. */
static bool says_something(json_object *description)
{
    bool does = false;
    if (json_object_is_type(description, json_type_object)) {
        json_object_object_foreach (description, key, value) {
            (void)key;
            does = does || value != NULL;
        }
    }
    return does;
}

static void add_description(json_object *line, json_object *description)
{
    if (says_something(description)) {
        json_object_object_add(line, "description", json_object_get(description));
    }
}

/* Takes the line. */
static void write_line(record_book *self, json_object *line)
{
    char *text = tool_json_line(line);
    record_sink_add(&self->sink, text);
    free(text);
    json_object_put(line);
}

static json_object *line_of(const record_book *self, const char *kind, const char *service)
{
    json_object *line = tool_text_checked(json_object_new_object());
    json_object_object_add(line, "ms", json_object_new_int64(tool_clock_ms() - self->began_ms));
    add_string(line, "kind", kind);
    if (service != NULL) {
        add_string(line, "service", service);
    }
    return line;
}

void record_book_begin(record_book *self)
{
    char began[sizeof "2026-11-21T17:30:00Z"];
    time_t now = time(NULL);
    struct tm parts;
    self->began_ms = tool_clock_ms();
    record_sink_begin(&self->sink);
    strftime(began, sizeof began, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
    json_object *line = tool_text_checked(json_object_new_object());
    add_string(line, "autobus", "recording");
    json_object_object_add(line, "version", json_object_new_int(VERSION));
    add_string(line, "began", began);
    write_line(self, line);
}

void record_book_appeared(record_book *self, const char *service, json_object *info,
                          json_object *doc)
{
    json_object *line = line_of(self, "appeared", service);
    json_object_object_add(line, "info", json_object_get(info));
    if (json_object_is_type(doc, json_type_string)) {
        json_object_object_add(line, "doc", json_object_get(doc));
    }
    write_line(self, line);
    self->services++;
}

void record_book_left(record_book *self, const char *service)
{
    write_line(self, line_of(self, "left", service));
}

void record_book_value(record_book *self, const char *service, const char *object,
                       json_object *value, json_object *description)
{
    json_object *line = line_of(self, "value", service);
    add_string(line, "object", object);
    json_object_object_add(line, "value", json_object_get(value));
    add_description(line, description);
    write_line(self, line);
    self->heard++;
}

void record_book_event(record_book *self, const char *service, const char *event,
                       json_object *description)
{
    json_object *line = line_of(self, "event", service);
    add_string(line, "event", event);
    add_description(line, description);
    write_line(self, line);
}

void record_book_fired(record_book *self, const char *service, const char *event,
                       json_object *arguments)
{
    json_object *line = line_of(self, "fired", service);
    add_string(line, "event", event);
    json_object_object_add(line, "args", json_object_get(arguments));
    write_line(self, line);
    self->heard++;
}

void record_book_gone(record_book *self, const char *service, const char *what, const char *name)
{
    json_object *line = line_of(self, "gone", service);
    add_string(line, what, name);
    write_line(self, line);
}

bool record_book_close(record_book *self)
{
    write_line(self, line_of(self, "end", NULL));
    return record_sink_close(&self->sink);
}
