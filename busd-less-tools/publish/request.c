/* SPDX-License-Identifier: MIT
 * The command line of autobus-publish. */
#include "publish/request.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

enum {
    OPTION_DOC = TOOL_LONG_ONLY,
    OPTION_DESCRIBE,
    OPTION_SHELL,
    OPTION_DEMO,
};

static const tool_option own_options[] = {
    {'f', "function", "NAME=COMMAND",
     "a function that runs a command: arguments behind\n"
     "it, and as JSON on its standard input; its output\n"
     "is the result, an exit code but 0 an error"},
    {'o', "object", "NAME=VALUE",
     "an object; NAME=@FILE follows a file, and\n"
     "NAME=!COMMAND@SECONDS runs a command so often"},
    {'e', "event", "NAME",
     "an event: each line of standard input fires it;\n"
     "of several, the one that the line begins with"},
    {OPTION_DOC, "doc", "TEXT", "says what the member before is, or else the service"},
    {OPTION_DESCRIBE, "describe", "JSON", "describes the member before: parameters, type, range"},
    {'s', "service", "ID", "the id that it gets [a new one]"},
    {'c', "config", "FILE", "a file that says all of this, as JSON"},
    TOOL_ROW_TCP_PORT,
    {OPTION_SHELL, "shell", NULL,
     "commands that follow are given to a shell:\n"
     "arguments are $1, $2 there"},
    {OPTION_DEMO, "demo", "lamp", "a lamp to try the tools on"},
    TOOL_ROW_TIMEOUT("a command may take so long [30]"),
    {0, NULL, NULL, NULL},
};

const tool_command publish_command = {
    .usage = "TYPE [KEY=VALUE]... [OPTION]...",
    .about = "Publishes a service made of commands, files and values, until interrupted. Each\n"
             "KEY=VALUE goes into its info.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-publish --demo lamp\n"
             "  autobus-publish thermometer room=attic -o 'celsius=!cat /run/temp@10'\n"
             "  autobus-publish radio -f 'play=mpc play --' -f 'stop=mpc stop'\n"
             "  tail -f /var/log/syslog | autobus-publish log -e line\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 130 interrupted.\n",
};

static int reject_owned(tool_options *options, char *mistake)
{
    int result = tool_options_reject(options, "%s", mistake);
    free(mistake);
    return result;
}

static int take_member(publish_request *self, tool_options *options, publish_kind kind)
{
    publish_member member;
    char *mistake = NULL;
    if (!publish_member_typed(&member, kind, options->value, self->plan.is_shell, &mistake)) {
        return reject_owned(options, mistake);
    }
    publish_plan_add(&self->plan, member);
    return 0;
}

static int take_doc(publish_request *self, tool_options *options)
{
    publish_plan *plan = &self->plan;
    if (plan->count > 0) {
        json_object *doc = tool_text_checked(json_object_new_string(options->value));
        publish_member_describe(&plan->members[plan->count - 1], "doc", doc);
        return 0;
    }
    free(plan->doc);
    plan->doc = tool_text_checked(strdup(options->value));
    return 0;
}

static int take_description(publish_request *self, tool_options *options)
{
    publish_plan *plan = &self->plan;
    json_object *map = NULL;
    if (plan->count == 0) {
        return tool_options_reject(options,
                                   "--describe stands behind the member that it describes");
    }
    if (!tool_json_parse(options->value, &map) || !json_object_is_type(map, json_type_object)) {
        json_object_put(map);
        return tool_options_reject(options,
                                   "--describe is a map such as \"{'type': 'number'}\", not "
                                   "'%s'",
                                   options->value);
    }
    struct json_object_iterator end = json_object_iter_end(map);
    struct json_object_iterator at = json_object_iter_begin(map);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        publish_member_describe(&plan->members[plan->count - 1], json_object_iter_peek_name(&at),
                                json_object_get(json_object_iter_peek_value(&at)));
    }
    json_object_put(map);
    return 0;
}

static int take_config(publish_request *self, tool_options *options)
{
    char *mistake = NULL;
    if (!publish_plan_read(&self->plan, options->value, &mistake)) {
        return reject_owned(options, mistake);
    }
    if (self->plan.tcp_port >= 0) {
        self->asked.family.tcp_port = self->plan.tcp_port;
    }
    return 0;
}

static int take_id(publish_request *self, tool_options *options)
{
    free(self->plan.id);
    self->plan.id = tool_text_checked(strdup(options->value));
    return 0;
}

static int take_demo(publish_request *self, tool_options *options)
{
    if (strcmp(options->value, "lamp") != 0) {
        return tool_options_reject(options, "--demo is lamp, not '%s'", options->value);
    }
    self->is_demo = true;
    return 0;
}

static int take(void *verb, tool_options *options, int key)
{
    publish_request *self = verb;
    switch (key) {
    case 'f': return take_member(self, options, PUBLISH_FUNCTION);
    case 'o': return take_member(self, options, PUBLISH_OBJECT);
    case 'e': return take_member(self, options, PUBLISH_EVENT);
    case 's': return take_id(self, options);
    case 'c': return take_config(self, options);
    case OPTION_DOC: return take_doc(self, options);
    case OPTION_DESCRIBE: return take_description(self, options);
    case OPTION_SHELL: self->plan.is_shell = true; return 0;
    case OPTION_DEMO: return take_demo(self, options);
    default: return key;
    }
}

static int take_info(publish_request *self, tool_options *options, const char *word)
{
    size_t length = strcspn(word, "=");
    if (length == 0 || word[length] == '\0') {
        return tool_options_reject(options, "'%s' is no KEY=VALUE for the info", word);
    }
    char *key = tool_text_format("%.*s", (int)length, word);
    json_object_object_add(self->plan.info, key, publish_value_of(word + length + 1));
    free(key);
    return 0;
}

static int words(void *verb, tool_options *options)
{
    publish_request *self = verb;
    const char *type = tool_options_word(options);
    if (type != NULL && (*type == '\0' || strchr(type, '=') != NULL)) {
        return tool_options_reject(options, "TYPE comes first, and is not '%s'", type);
    }
    if (type != NULL) {
        json_object_object_add(self->plan.info, "type",
                               tool_text_checked(json_object_new_string(type)));
    }
    for (const char *word; (word = tool_options_word(options)) != NULL;) {
        if (take_info(self, options, word) != 0) {
            return TOOL_OPTION_MISTAKE;
        }
    }
    if (self->is_demo && (type != NULL || self->plan.count > 0)) {
        return tool_options_reject(options,
                                   "--demo brings all that it has: it takes no TYPE and no "
                                   "members");
    }
    if (!self->is_demo && !json_object_object_get_ex(self->plan.info, "type", NULL)) {
        return tool_options_reject(options,
                                   "say of which TYPE the service is; --demo lamp is one to "
                                   "try");
    }
    return 0;
}

bool publish_request_init(publish_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    static const tool_reader reader = {.command = &publish_command, .take = take, .words = words};
    *self = (publish_request){0};
    publish_plan_init(&self->plan);
    return tool_request_init(&self->asked, &reader, self, argc, argv, ret_exit);
}

void publish_request_fini(publish_request *self)
{
    publish_plan_fini(&self->plan);
    tool_request_fini(&self->asked);
}
