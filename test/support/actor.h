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

/* actor_seat.c: the buses of this process, by name, with their services and listeners. */

/** Each answers an error sentence (borrowed), or NULL when it is done; results are added to `answer`. */
typedef const char *actor_command_fn(json_object *command, json_object *answer);
actor_command_fn actor_open, actor_close, actor_publish, actor_withdraw, actor_listen,
    actor_unlisten, actor_enumerate, actor_find, actor_stats, actor_about, actor_settle, actor_sync;

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
