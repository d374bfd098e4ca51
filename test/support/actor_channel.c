/* SPDX-License-Identifier: MIT
 * Channels that the actor opens, by name. Knows the public API. Used by the main thread only; callbacks touch
 * nothing but the name that they speak for. */
#include "support/actor.h"

#include <stdlib.h>
#include <string.h>

typedef struct line line;
struct line {
    autobus_channel *channel;
    char *name;
    line *next;
};

static line *lines;

static const char *verdict(autobus_result result)
{
    return result == AUTOBUS_OK ? NULL : autobus_last_error();
}

static line *find_line(json_object *command)
{
    const char *name = actor_text(command, "channel");
    for (line *one = lines; one != NULL && name != NULL; one = one->next)
        if (strcmp(one->name, name) == 0)
            return one;
    return NULL;
}

static void hear(void *userdata, const autobus_message *message)
{
    actor_say_message(userdata, message);
}

/* Its name is that of the listener too. */
const char *actor_open_channel(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_remote *remote = actor_remote_of(command);
    const char *name = actor_text(command, "channel");
    autobus_channel *channel = NULL;
    if (remote == NULL || name == NULL)
        return "no such remote";
    json_object *argument = json_object_get(json_object_object_get(command, "argument"));
    if (autobus_channel_open(remote, actor_text(command, "name"),
                             actor_number(command, "stream", 0) != 0, argument, hear, strdup(name),
                             free, &channel) != AUTOBUS_OK)
        return autobus_last_error();
    line *new = calloc(1, sizeof *new);
    *new = (line){.channel = channel, .name = strdup(name), .next = lines};
    lines = new;
    return NULL;
}

/* One value, "times" over; answers how many went. */
const char *actor_say_on(json_object *command, json_object *answer)
{
    line *here = find_line(command);
    int times = actor_number(command, "times", 1), sent = 0;
    autobus_result result = here != NULL ? AUTOBUS_OK : AUTOBUS_NOT_FOUND;
    while (sent < times && result == AUTOBUS_OK) {
        result = autobus_channel_send_text(here->channel, actor_json(command, "value", "null"));
        sent += result == AUTOBUS_OK;
    }
    json_object_object_add(answer, "sent", json_object_new_int(sent));
    json_object_object_add(answer, "result", json_object_new_string(autobus_result_text(result)));
    return here == NULL ? "no such channel" : NULL;
}

/* "length" bytes, as a blob or into the stream; answers how many went. */
const char *actor_write(json_object *command, json_object *answer)
{
    line *here = find_line(command);
    size_t length = (size_t)actor_number(command, "length", 1), sent = 0;
    if (here == NULL)
        return "no such channel";
    char *bytes = malloc(length);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)i;
    autobus_result result = autobus_channel_write(here->channel, bytes, length, &sent);
    free(bytes);
    json_object_object_add(answer, "sent", json_object_new_int64((int64_t)sent));
    json_object_object_add(answer, "result", json_object_new_string(autobus_result_text(result)));
    return NULL;
}

const char *actor_end(json_object *command, json_object *answer)
{
    (void)answer;
    line *here = find_line(command);
    return here == NULL ? "no such channel" : verdict(autobus_channel_end(here->channel));
}

const char *actor_pause(json_object *command, json_object *answer)
{
    (void)answer;
    line *here = find_line(command);
    bool is_paused = actor_number(command, "is_paused", 1) != 0;
    return here == NULL ? "no such channel"
                        : verdict(autobus_channel_pause(here->channel, is_paused));
}

const char *actor_hang_up(json_object *command, json_object *answer)
{
    (void)answer;
    line *here = find_line(command);
    return here == NULL
               ? "no such channel"
               : verdict(autobus_channel_close(here->channel, actor_text(command, "reason")));
}

void actor_drop_channels(void)
{
    while (lines != NULL) {
        line *first = lines;
        lines = first->next;
        autobus_channel_free(&first->channel);
        free(first->name);
        free(first);
    }
}
