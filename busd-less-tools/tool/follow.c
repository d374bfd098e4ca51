/* SPDX-License-Identifier: MIT
 * The following: subscriptions to a tie, lines on paper, and when it ends. */
#include "tool/follow.h"

#include <stdlib.h>
#include <string.h>

#include <autobus/listener.h>
#include <autobus/watch.h>
#include <json-c/json.h>

#include "tool/clock.h"
#include "tool/details.h"
#include "tool/news.h"
#include "tool/start.h"
#include "tool/text.h"
#include "tool/tie.h"

enum {
    DETAILS_MS = 1000
};

/* The tie comes first: it is what its callbacks are given. */
struct tool_following {
    tool_tie tie;
    const tool_follow *request;
    tool_session session;
    tool_news news;
    bool *has_value; /* of each name: the object had one when it was last heard of */
    long heard;
    int64_t end_ms;
    bool is_checked; /* whether there are such names */
};

static int words(void *verb, tool_options *options)
{
    tool_follow *self = verb;
    const char *what = self->is_events ? "event" : "object";
    if (tool_target_word(&self->asked.target, options, true) != 0) {
        return TOOL_OPTION_MISTAKE;
    }
    self->names = tool_text_checked(calloc((size_t)options->argc, sizeof *self->names));
    for (const char *word; (word = tool_options_word(options)) != NULL;) {
        if (*word == '\0') {
            return tool_options_reject(options, "the name of an %s is empty", what);
        }
        self->names[self->count++] = word;
    }
    return self->count > 0 ? 0
                           : tool_options_reject(
                                 options, "say which %s; autobus-show tells what there is", what);
}

bool tool_follow_init(tool_follow *self, const tool_verb *verb, int argc, char **argv,
                      tool_exit *ret_exit)
{
    const tool_reader reader = {.command = verb->command, .words = words};
    *self = (tool_follow){.is_events = strcmp(verb->members, "events") == 0};
    return tool_request_init(&self->asked, &reader, self, argc, argv, ret_exit);
}

void tool_follow_fini(tool_follow *self)
{
    free(self->names);
    tool_request_fini(&self->asked);
}

/* The slot of a name, in which it is remembered whether that object has a value. */
static bool *value_of(const tool_following *self, const char *name)
{
    size_t at = 0;
    while (strcmp(self->request->names[at], name) != 0) {
        at++;
    }
    return &self->has_value[at];
}

/* With a service that is lost its objects go too, and of that loss there is a line already. */
static void note_gone(const tool_following *self, const autobus_message *message)
{
    const tool_request *asked = &self->request->asked;
    if (!asked->target.takes_each && autobus_remote_bound(self->tie.remote) > 0) {
        tool_family_note(&asked->family, "%s has no '%s' now", autobus_message_service(message),
                         autobus_message_name(message));
    }
}

static void heard(void *userdata, const autobus_message *message)
{
    tool_following *self = userdata;
    bool is_gone = autobus_message_kind(message) == AUTOBUS_GONE;
    bool *has_value = value_of(self, autobus_message_name(message));
    if (self->session.is_over || (is_gone && !*has_value)) {
        return; /* what has not been there cannot go */
    }
    if (is_gone) {
        note_gone(self, message);
    } else {
        self->heard++;
    }
    *has_value = !is_gone || self->request->asked.target.takes_each;
    tool_news_print(&self->news, message, stdout);
    if (self->heard == self->request->asked.count && !is_gone) {
        tool_session_end(&self->session, TOOL_DONE);
    }
}

static void attach(tool_tie *tie)
{
    tool_following *self = (tool_following *)(void *)tie;
    const tool_follow *request = self->request;
    autobus_result result = AUTOBUS_OK;
    for (size_t i = 0; i < request->count && result == AUTOBUS_OK; i++) {
        result = request->is_events
                     ? autobus_listen(tie->remote, request->names[i], heard, self, NULL, NULL)
                     : autobus_watch(tie->remote, request->names[i], heard, self, NULL, NULL);
    }
    if (result != AUTOBUS_OK) {
        tool_session_end(&self->session, tool_complain_of(result));
    }
}

static void check_names(tool_following *self, json_object *entry)
{
    const tool_follow *request = self->request;
    const char *kind = request->is_events ? "events" : "objects";
    json_object *members = tool_details_members(entry, kind);
    for (size_t i = 0; members != NULL && i < request->count; i++) {
        if (json_object_object_get_ex(members, request->names[i], NULL)) {
            continue;
        }
        char *instead = tool_details_instead(entry, kind, request->names[i]);
        tool_family_note(&request->asked.family, "%s has no %s '%s'; waiting for it",
                         self->tie.bound, request->is_events ? "event" : "object",
                         request->names[i]);
        if (instead != NULL) {
            tool_family_hint(&request->asked.family, "%s", instead);
        }
        free(instead);
    }
}

/* Once, when a service is there for the first time: a name that it does not have is likely a slip. */
static void check(tool_following *self)
{
    const tool_target *target = &self->request->asked.target;
    int64_t until = tool_clock_ms() + DETAILS_MS;
    autobus_sighting *sighting = NULL;
    bool is_place = tool_target_is_place(target);
    self->is_checked = true;
    if (!target->takes_each && self->request->asked.family.verbosity > 0 &&
        tool_answer_of_arrival(&self->session, self->tie.remote, until)) {
        tool_family_note(&self->request->asked.family, "%s has us on its list", self->tie.bound);
    }
    if (target->takes_each || (!is_place && autobus_bus_find(self->session.bus, self->tie.bound,
                                                             &sighting) != AUTOBUS_OK)) {
        return;
    }
    tool_subject subject = {.id = is_place ? target->place.id : self->tie.bound,
                            .sighting = sighting,
                            .place = is_place ? &target->place : NULL};
    json_object *details = tool_details_fetch(&self->session, &subject, until, NULL);
    check_names(self, tool_details_entry(details, subject.id));
    json_object_put(details);
    autobus_sighting_free(&sighting);
}

/* The time that was given is over. */
static void run_out(tool_following *self)
{
    const tool_request *asked = &self->request->asked;
    if (self->heard > 0 && asked->count == 0) {
        tool_session_end(&self->session, TOOL_DONE);
        return;
    }
    if (self->heard > 0) {
        tool_complain("only %ld of %ld came within %g s", self->heard, asked->count,
                      asked->limit_ms / 1000.0);
    } else {
        tool_complain("nothing came within %g s", asked->limit_ms / 1000.0);
    }
    tool_session_end(&self->session, TOOL_TIMEOUT);
}

static void turn(tool_following *self, int64_t until_ms)
{
    int64_t next = tool_following_tend(self);
    (void)tool_session_turn(&self->session, next < until_ms ? next : until_ms);
    tool_session_flush(&self->session);
    if (!self->session.is_over && self->tie.is_bound && !self->is_checked) {
        check(self);
        tool_session_flush(&self->session);
    }
}

tool_following *tool_following_new(const tool_follow *request)
{
    const tool_request *asked = &request->asked;
    tool_following *self = tool_text_checked(calloc(1, sizeof *self));
    *self = (tool_following){
        .request = request,
        .has_value = tool_text_checked(calloc(request->count, sizeof(bool))),
        .news = {.paper = &asked->paper,
                 .is_json = asked->wants_json,
                 .with_service = asked->target.takes_each || request->is_beside,
                 .with_name = request->count > 1 || request->is_beside},
        .end_ms = asked->limit_ms > 0 ? tool_clock_ms() + asked->limit_ms : TOOL_NEVER,
    };
    if (tool_session_open(&self->session, asked)) {
        self->session.goes_on_forever = true;
        tool_tie_init(&self->tie, &self->session, attach, self->end_ms);
    }
    return self;
}

tool_exit tool_following_free(tool_following **following)
{
    tool_following *self = *following;
    tool_tie_fini(&self->tie);
    tool_exit code = tool_session_close(&self->session);
    free(self->has_value);
    free(self);
    *following = NULL;
    return code;
}

bool tool_following_is_over(const tool_following *self)
{
    return self->session.is_over;
}

int64_t tool_following_tend(tool_following *self)
{
    int64_t next = self->session.is_over ? TOOL_NEVER : tool_tie_tend(&self->tie);
    if (!self->session.is_over && tool_clock_ms() >= self->end_ms) {
        run_out(self);
    }
    return next < self->end_ms ? next : self->end_ms;
}

void tool_following_meet(tool_following *self, int patience_ms)
{
    int64_t until = tool_clock_ms() + patience_ms;
    while (!self->session.is_over && !self->is_checked && !self->tie.has_told_loss &&
           tool_clock_ms() < until) {
        turn(self, until);
    }
}

tool_exit tool_follow_work(const tool_verb *verb, int argc, char **argv, tool_desk *desk)
{
    tool_follow request;
    tool_exit code;
    if (tool_follow_init(&request, verb, argc, argv, &code)) {
        request.asked.desk = desk;
        tool_following *self = tool_following_new(&request);
        while (!self->session.is_over) {
            turn(self, TOOL_NEVER);
        }
        code = tool_following_free(&self);
    }
    tool_follow_fini(&request);
    return code;
}
