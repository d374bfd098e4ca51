/* SPDX-License-Identifier: MIT
 * Plans, and the file that has one. */
#include "publish/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

void publish_plan_init(publish_plan *self)
{
    *self = (publish_plan){.info = tool_text_checked(json_object_new_object()), .tcp_port = -1};
}

void publish_plan_fini(publish_plan *self)
{
    for (size_t i = 0; i < self->count; i++) {
        publish_member_fini(&self->members[i]);
    }
    free(self->members);
    free(self->id);
    free(self->doc);
    json_object_put(self->info);
    *self = (publish_plan){0};
}

void publish_plan_add(publish_plan *self, publish_member member)
{
    self->members =
        tool_text_checked(reallocarray(self->members, self->count + 1, sizeof *self->members));
    self->members[self->count++] = member;
}

size_t publish_plan_of_kind(const publish_plan *self, publish_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < self->count; i++) {
        count += self->members[i].kind == kind;
    }
    return count;
}

static bool add_members(publish_plan *self, publish_kind kind, json_object *map, char **ret_mistake)
{
    if (!json_object_is_type(map, json_type_object)) {
        *ret_mistake =
            tool_text_checked(strdup("functions, objects and events are maps of members by name"));
        return false;
    }
    struct json_object_iterator end = json_object_iter_end(map);
    struct json_object_iterator at = json_object_iter_begin(map);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *name = json_object_iter_peek_name(&at);
        json_object *value = json_object_iter_peek_value(&at);
        publish_member member;
        if (!json_object_is_type(value, json_type_object)) {
            *ret_mistake = tool_text_format("'%s' is no map; {} is the least", name);
            return false;
        }
        if (!publish_member_written(&member, kind, name, value, self->is_shell, ret_mistake)) {
            return false;
        }
        publish_plan_add(self, member);
    }
    return true;
}

static void add_info(publish_plan *self, json_object *info)
{
    struct json_object_iterator end = json_object_iter_end(info);
    struct json_object_iterator at = json_object_iter_begin(info);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        json_object_object_add(self->info, json_object_iter_peek_name(&at),
                               json_object_get(json_object_iter_peek_value(&at)));
    }
}

static void replace(char **text, json_object *value)
{
    const char *fresh = json_object_get_string(value);
    free(*text);
    *text = fresh != NULL ? tool_text_checked(strdup(fresh)) : NULL;
}

static bool take_tcp_port(publish_plan *self, json_object *value, char **ret_mistake)
{
    int64_t port = json_object_get_int64(value);
    if (!json_object_is_type(value, json_type_int) || port < 0 || port > 65535) {
        *ret_mistake = tool_text_format("tcp_port is a number from 0 to 65535, not %s",
                                        json_object_to_json_string(value));
        return false;
    }
    self->tcp_port = (long)port;
    return true;
}

/* What is not of these keys is a mistake: a slip would be silent otherwise. */
static bool take_key(publish_plan *self, const char *key, json_object *value, char **ret_mistake)
{
    static const char *const kinds[] = {"functions", "objects", "events"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(key, kinds[i]) == 0) {
            return add_members(self, (publish_kind)i, value, ret_mistake);
        }
    }
    if (strcmp(key, "info") == 0 && json_object_is_type(value, json_type_object)) {
        add_info(self, value);
    } else if (strcmp(key, "type") == 0) {
        json_object_object_add(self->info, "type", json_object_get(value));
    } else if (strcmp(key, "id") == 0) {
        replace(&self->id, value);
    } else if (strcmp(key, "doc") == 0) {
        replace(&self->doc, value);
    } else if (strcmp(key, "tcp_port") == 0) {
        return take_tcp_port(self, value, ret_mistake);
    } else if (strcmp(key, "shell") != 0) {
        *ret_mistake = tool_text_format("there is no '%s'; there are type, info, id, doc, "
                                        "tcp_port, shell, functions, objects and events",
                                        key);
        return false;
    }
    return true;
}

static bool take_map(publish_plan *self, json_object *map, char **ret_mistake)
{
    bool was_shell = self->is_shell;
    json_object *shell = json_object_object_get(map, "shell");
    self->is_shell = was_shell || json_object_get_boolean(shell);
    bool is_fine = true;
    struct json_object_iterator end = json_object_iter_end(map);
    struct json_object_iterator at = json_object_iter_begin(map);
    for (; is_fine && !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        is_fine = take_key(self, json_object_iter_peek_name(&at), json_object_iter_peek_value(&at),
                           ret_mistake);
    }
    self->is_shell = was_shell;
    return is_fine;
}

bool publish_plan_read(publish_plan *self, const char *path, char **ret_mistake)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t room = 0;
    json_object *map = NULL;
    char *mistake = NULL;
    errno = 0;
    if (file == NULL || (getdelim(&text, &room, '\0', file) < 0 && errno != 0)) {
        mistake = tool_text_checked(strdup(strerror(errno)));
    } else if (!tool_json_parse(text != NULL ? text : "", &map) ||
               !json_object_is_type(map, json_type_object)) {
        mistake = tool_text_checked(strdup("it is no JSON map"));
    } else {
        (void)take_map(self, map, &mistake);
    }
    if (file != NULL) {
        fclose(file);
    }
    free(text);
    json_object_put(map);
    *ret_mistake = mistake != NULL ? tool_text_format("%s: %s", path, mistake) : NULL;
    free(mistake);
    return *ret_mistake == NULL;
}
