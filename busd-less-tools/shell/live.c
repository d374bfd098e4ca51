/* SPDX-License-Identifier: MIT
 * From sightings, infos and descriptions to candidates. */
#include "shell/live.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include <autobus/listener.h>
#include <json-c/json.h>

#include "shell/files.h"
#include "tool/clock.h"
#include "tool/details.h"
#include "tool/json.h"
#include "tool/session.h"
#include "tool/subject.h"
#include "tool/text.h"

enum {
    SETTLE_MS = 300, /* the first answers of a network that has only just been asked */
    DETAILS_MS = 500
};

/* One question. */
typedef struct live {
    shell_candidates *candidates;
    const shell_cursor *cursor;
    tool_session session;
} live;

/* What begins like an option could be taken for one. */
static void add(live *self, const char *text)
{
    if (*text != '\0' && *text != '-') {
        shell_candidates_add(self->candidates, self->cursor->before, text);
    }
}

static void add_verbs(live *self)
{
    for (const shell_verb *verb = shell_verbs; verb->name != NULL; verb++) {
        add(self, verb->name);
    }
}

static void add_options(live *self, const tool_option *options)
{
    for (; options->key != 0; options++) {
        char *text = tool_text_format("--%s%s", options->name, options->value != NULL ? "=" : "");
        shell_candidates_add(self->candidates, "", text);
        free(text);
    }
}

static void add_type(live *self, const autobus_sighting *sighting, json_object *info)
{
    const char *type = json_object_get_string(json_object_object_get(info, "type"));
    (void)sighting;
    add(self, type != NULL ? type : "");
}

static void add_id(live *self, const autobus_sighting *sighting, json_object *info)
{
    (void)info;
    add(self, autobus_sighting_id(sighting));
}

/* A key, and once that is typed the values that it has. */
static void add_condition(live *self, const char *key, json_object *value)
{
    const char *part = self->cursor->part + strlen(self->cursor->before);
    char *condition = tool_text_format("%s=", key);
    if (strncmp(part, condition, strlen(condition)) == 0) {
        char *plain = json_object_is_type(value, json_type_string)
                          ? tool_text_format("%s", json_object_get_string(value))
                          : tool_json_line(value);
        char *whole = tool_text_format("%s%s", condition, plain);
        add(self, whole);
        free(whole);
        free(plain);
    } else {
        add(self, condition);
    }
    free(condition);
}

static void add_conditions(live *self, const autobus_sighting *sighting, json_object *info)
{
    (void)sighting;
    struct json_object_iterator end = json_object_iter_end(info);
    struct json_object_iterator at = json_object_iter_begin(info);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        json_object *value = json_object_iter_peek_value(&at);
        if (!json_object_is_type(value, json_type_object) &&
            !json_object_is_type(value, json_type_array)) {
            add_condition(self, json_object_iter_peek_name(&at), value);
        }
    }
}

/* Those that pass, sorted by id; a bus that has only just asked has a moment for the answers. */
static size_t enumerate(live *self, const tool_choice *choice, autobus_sighting ***ret_found)
{
    autobus_filter *filter = NULL;
    size_t count = 0;
    *ret_found = NULL;
    (void)autobus_bus_settle(self->session.bus, SETTLE_MS);
    if (tool_choice_filter(choice, &filter) != AUTOBUS_OK ||
        autobus_bus_enumerate(self->session.bus, filter, ret_found, &count) != AUTOBUS_OK) {
        return 0;
    }
    return count;
}

static void add_of_services(live *self, void (*add_of)(live *self, const autobus_sighting *sighting,
                                                       json_object *info))
{
    static const char own[] = "autobus";
    const char *part = self->cursor->part;
    autobus_sighting **found;
    tool_choice all = {.with_library = self->cursor->target.choice.with_library ||
                                       strncmp(part, own, sizeof own - 1) == 0};
    size_t count = enumerate(self, &all, &found);
    for (size_t i = 0; i < count; i++) {
        json_object *info = tool_text_checked(autobus_sighting_info(found[i]));
        add_of(self, found[i], info);
        json_object_put(info);
    }
    autobus_sightings_free(&found, count);
}

/* Words that are always the same: the values of an option, or an operand of that name. */
static const char *const choices[][8] = {
    {"color", "auto", "always", "never"},
    {"names", "functions", "events", "objects", "channels"},
    {"discovery", "broadcast", "avahi", "none"},
    {"demo", "lamp"},
    {"speed", "max"},
    {"face", "c", "raw"},
    {"transport", "tcp", "unix"},
    {"wire", "frames", "lines"},
    {"WHAT", "rtt", "calls", "events", "stream", "discovery", "idle", "serve"},
};

static void add_choices(live *self)
{
    const shell_cursor *cursor = self->cursor;
    const char *name = cursor->option != NULL ? cursor->option->name : cursor->called;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        for (size_t at = 1; strcmp(choices[i][0], name) == 0 && at < 8; at++) {
            add(self, choices[i][at] != NULL ? choices[i][at] : "");
        }
    }
}

static void add_interfaces(live *self)
{
    struct if_nameindex *list = if_nameindex();
    for (const struct if_nameindex *at = list; at != NULL && at->if_name != NULL; at++) {
        add(self, at->if_name);
    }
    if_freenameindex(list);
}

static void add_values(live *self)
{
    const shell_cursor *cursor = self->cursor;
    const char *called = cursor->called;
    if (strcmp(called, "ID") == 0) {
        add_of_services(self, add_id);
    } else if (strcmp(called, "CONDITION") == 0) {
        add_of_services(self, add_conditions);
    } else if (strcmp(called, "TYPE") == 0 || strcmp(called, "PLACE") == 0) {
        add_of_services(self, add_type);
    } else if (strcmp(called, "FILE") == 0) {
        shell_files_find(self->candidates, cursor->before);
    } else if (cursor->option != NULL && strcmp(cursor->option->name, "interfaces") == 0) {
        add_interfaces(self);
    } else {
        add_choices(self);
    }
}

/* What the service tells of itself, or the first of those that are meant; yours. */
static json_object *ask(live *self)
{
    const tool_target *target = &self->cursor->target;
    tool_subject subject = {.id = target->place.id, .place = &target->place};
    autobus_sighting **found = NULL;
    size_t count = 0;
    if (!tool_target_is_place(target)) {
        count = enumerate(self, &target->choice, &found);
        if (count == 0) {
            return NULL;
        }
        subject = (tool_subject){.id = autobus_sighting_id(found[0]), .sighting = found[0]};
    }
    int64_t until = tool_clock_ms() + DETAILS_MS;
    json_object *details = tool_details_fetch(&self->session, &subject, until, NULL);
    json_object *entry = json_object_get(tool_details_entry(details, subject.id));
    json_object_put(details);
    autobus_sightings_free(&found, count);
    return entry;
}

static void add_members(live *self)
{
    json_object *entry = ask(self);
    size_t count;
    const char **names =
        tool_details_names(tool_details_members(entry, self->cursor->verb->tool->members), &count);
    for (size_t i = 0; i < count; i++) {
        add(self, names[i]);
    }
    free(names);
    json_object_put(entry);
}

static bool is_given(const shell_cursor *cursor, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = cursor->arguments; i < cursor->words.count; i++) {
        const char *word = cursor->words.list[i];
        if (strncmp(word, name, length) == 0 && word[length] == '=') {
            return true;
        }
    }
    return false;
}

/* A parameter that is still free; once it is typed, what a truth may be. */
static void add_parameter(live *self, json_object *parameter)
{
    const char *name = json_object_get_string(json_object_object_get(parameter, "name"));
    const char *type = json_object_get_string(json_object_object_get(parameter, "type"));
    if (name == NULL || *name == '\0' || is_given(self->cursor, name)) {
        return;
    }
    char *named = tool_text_format("%s=", name);
    bool is_typed = strncmp(self->cursor->part, named, strlen(named)) == 0;
    if (!is_typed) {
        add(self, named);
    } else if (type != NULL && strcmp(type, "boolean") == 0) {
        shell_candidates_add(self->candidates, named, "true");
        shell_candidates_add(self->candidates, named, "false");
    }
    free(named);
}

static void add_parameters(live *self)
{
    json_object *entry = ask(self);
    json_object *function =
        json_object_object_get(tool_details_members(entry, "functions"), self->cursor->member);
    json_object *list = json_object_object_get(function, "parameters");
    size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count; i++) {
        add_parameter(self, json_object_array_get_idx(list, i));
    }
    json_object_put(entry);
}

static void find(live *self)
{
    switch (self->cursor->wanted) {
    case SHELL_ANYTHING: break;
    case SHELL_VERB: add_verbs(self); break;
    case SHELL_OPTION:
        add_options(self, self->cursor->verb->tool->command->options);
        add_options(self, tool_family_options);
        break;
    case SHELL_VALUE: add_values(self); break;
    case SHELL_TYPE: add_of_services(self, add_type); break;
    case SHELL_MEMBER: add_members(self); break;
    case SHELL_PARAMETER: add_parameters(self); break;
    }
}

void shell_live_find(shell_candidates *candidates, const shell_cursor *cursor, tool_desk *desk)
{
    tool_request request = {.desk = desk};
    live self = {.candidates = candidates, .cursor = cursor};
    if (tool_session_open(&self.session, &request)) {
        find(&self);
    }
    (void)tool_session_close(&self.session);
    shell_candidates_sort(candidates);
}
