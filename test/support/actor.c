/* SPDX-License-Identifier: MIT
 * autobus-actor: a program that uses the library as a story tells it to.
 *
 *     autobus-actor [--bus NAME [--options JSON]] [--do JSON]...
 *
 * Opens a bus, does the commands given, says {"ready":true}, then does what each line of its
 * standard input says: {"do":"publish","number":7,"bus":"bus","info":{…}} and answers
 * {"done":7,"ok":true,…} or {"done":7,"ok":false,"error":sentence}. "quit", or the end of input,
 * closes every bus and ends; "abort" ends without goodbyes. */
#include "support/actor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    actor_command_fn *act;
} commands[] = {
    {"open", actor_open},
    {"close", actor_close},
    {"publish", actor_publish},
    {"withdraw", actor_withdraw},
    {"listen", actor_listen},
    {"unlisten", actor_unlisten},
    {"enumerate", actor_enumerate},
    {"find", actor_find},
    {"stats", actor_stats},
    {"about", actor_about},
    {"settle", actor_settle},
    {"sync", actor_sync},
    {"add_function", actor_add_function},
    {"add_event", actor_add_event},
    {"add_object", actor_add_object},
    {"add_channel", actor_add_channel},
    {"remove", actor_remove},
    {"set", actor_set},
    {"fire", actor_fire},
    {"proxy", actor_proxy},
    {"multi", actor_multi},
    {"connect", actor_connect},
    {"wait", actor_wait},
    {"bound", actor_bound},
    {"unbound", actor_unbound},
    {"disconnect", actor_disconnect},
    {"forget", actor_forget},
    {"call", actor_call},
    {"ask", actor_ask},
    {"send", actor_send},
    {"watch", actor_watch},
    {"hear", actor_hear},
    {"state", actor_state},
    {"values", actor_values},
    {"storm", actor_storm},
    {"stop_storm", actor_stop_storm},
    {"open_channel", actor_open_channel},
    {"say", actor_say_on},
    {"write", actor_write},
    {"end", actor_end},
    {"pause", actor_pause},
    {"hang_up", actor_hang_up},
};

static const char *act(json_object *command, json_object *answer)
{
    const char *what = actor_text(command, "do");
    for (size_t i = 0; what != NULL && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(what, commands[i].name) == 0)
            return commands[i].act(command, answer);
    return "no such command";
}

/* Does one command and answers it; whether it went well. */
static bool obey(json_object *command)
{
    json_object *answer = json_object_new_object();
    json_object_object_add(answer, "done",
                           json_object_get(json_object_object_get(command, "number")));
    const char *error = act(command, answer);
    json_object_object_add(answer, "ok", json_object_new_boolean(error == NULL));
    if (error != NULL)
        json_object_object_add(answer, "error", json_object_new_string(error));
    json_object_object_add(answer, "t", json_object_new_int64(actor_now()));
    actor_say(answer);
    return error == NULL;
}

/* Whether the actor goes on after this line. */
static bool take_line(const char *line)
{
    json_object *command = json_tokener_parse(line);
    const char *what = command != NULL ? actor_text(command, "do") : NULL;
    if (what != NULL && strcmp(what, "abort") == 0)
        _exit(0);
    bool goes_on = what == NULL || strcmp(what, "quit") != 0;
    if (goes_on)
        obey(command);
    json_object_put(command);
    return goes_on;
}

/* Reads what is there, and takes every complete line of it. */
static bool take_input(void)
{
    static char *text;
    static size_t length, room;
    if (room - length < 65536)
        text = realloc(text, room += 131072);
    ssize_t got = read(STDIN_FILENO, text + length, room - length - 1);
    if (got <= 0)
        return false;
    length += (size_t)got;
    bool goes_on = true;
    char *line = text;
    char *end;
    while (goes_on && (end = memchr(line, '\n', length - (size_t)(line - text))) != NULL) {
        *end = '\0';
        goes_on = take_line(line);
        line = end + 1;
    }
    length -= (size_t)(line - text);
    memmove(text, line, length);
    return goes_on;
}

static void live(void)
{
    struct pollfd polls[64];
    do {
        polls[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
        size_t used = actor_poll_fds(polls, 1, sizeof polls / sizeof *polls);
        if (poll(polls, used, -1) < 0)
            continue;
        if (used > 1)
            actor_dispatch();
    } while (polls[0].revents == 0 || take_input());
}

static json_object *open_command(const char *bus, const char *options)
{
    json_object *command = json_object_new_object();
    json_object_object_add(command, "do", json_object_new_string("open"));
    json_object_object_add(command, "bus", json_object_new_string(bus));
    json_object_object_add(command, "options", json_tokener_parse(options));
    return command;
}

static bool obey_once(json_object *command)
{
    bool went_well = command != NULL && obey(command);
    json_object_put(command);
    return went_well;
}

int main(int argc, char **argv)
{
    const char *bus = NULL, *options = "{}";
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--bus") == 0)
            bus = argv[i + 1];
        if (strcmp(argv[i], "--options") == 0)
            options = argv[i + 1];
    }
    if (bus != NULL && !obey_once(open_command(bus, options)))
        return 1;
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--do") == 0 && !obey_once(json_tokener_parse(argv[i + 1])))
            return 1;
    json_object *ready = json_object_new_object();
    json_object_object_add(ready, "ready", json_object_new_boolean(true));
    json_object_object_add(ready, "t", json_object_new_int64(actor_now()));
    actor_say(ready);
    live();
    actor_close_all();
    return 0;
}
