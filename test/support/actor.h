/* SPDX-License-Identifier: MIT
 * What the parts of autobus-actor share. The actor is a program on the public API alone: it does
 * what JSON lines on its standard input say, and writes a JSON line for every event it hears. */
#ifndef TEST_SUPPORT_ACTOR_H
#define TEST_SUPPORT_ACTOR_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include <autobus/autobus.h>

/* actor_line.c: lines out, from any thread. */

/** Microseconds of CLOCK_MONOTONIC. */
int64_t actor_now(void);
/** Writes `line` (taken) as one line. */
void actor_say(json_object *line);
/** Writes what was heard of a service, at the time given. */
void actor_say_event(const char *listener, autobus_change change, const autobus_sighting *sighting,
                     int64_t at);
/** A sighting as JSON, added to `object`. */
void actor_describe(json_object *object, const autobus_sighting *sighting);

/** Writes a message that a callback was shown, as an event of `listener`. */
void actor_say_message(const char *listener, const autobus_message *message);

/* actor_seat.c: the buses of this process, by name, with their services and listeners. */

/** Each answers an error sentence (borrowed), or NULL when it is done; results are added to `answer`. */
typedef const char *actor_command_fn(json_object *command, json_object *answer);
actor_command_fn actor_open, actor_close, actor_publish, actor_withdraw, actor_listen,
    actor_unlisten, actor_enumerate, actor_find, actor_stats, actor_about, actor_settle, actor_sync;

/** The bus of a command, and its service; NULL: there is none. */
autobus_bus *actor_bus_of(json_object *command);
autobus_service *actor_service_of(json_object *command);
/** JSON text of a member of a command, or `otherwise`; valid as long as the command. */
const char *actor_json(json_object *command, const char *key, const char *otherwise);
int actor_number(json_object *command, const char *key, int otherwise);

/* actor_offer.c: what services consist of. */

actor_command_fn actor_add_function, actor_add_event, actor_add_object, actor_add_channel,
    actor_remove, actor_set, actor_fire;
/** Gives up the requests and channels that are still held. */
void actor_drop_offers(void);

/* actor_remote.c: remotes by name, and what is heard from them. */

actor_command_fn actor_proxy, actor_multi, actor_connect, actor_wait, actor_bound, actor_unbound,
    actor_disconnect, actor_forget, actor_call, actor_ask, actor_send, actor_watch, actor_hear,
    actor_state, actor_values;
autobus_remote *actor_remote_of(json_object *command);
/** Frees the remotes of this bus. */
void actor_drop_remotes(autobus_bus *bus);

/* actor_storm.c: calls from many threads. */

actor_command_fn actor_storm, actor_stop_storm;

/* actor_channel.c: channels that this program opens, by name. */

actor_command_fn actor_open_channel, actor_say_on, actor_write, actor_end, actor_pause,
    actor_hang_up;
void actor_drop_channels(void);

/** The descriptors of buses whose callbacks we run ourselves, from polls[used] on; how many entries
 *  are in use then. */
size_t actor_poll_fds(struct pollfd *polls, size_t used, size_t room);
/** Runs the callbacks that wait on them. */
void actor_dispatch(void);
/** Closes every bus, with goodbyes. */
void actor_close_all(void);

/** A string of a command; NULL if it is not there. */
const char *actor_text(json_object *command, const char *key);

#endif
