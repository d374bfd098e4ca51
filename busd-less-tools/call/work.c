/* SPDX-License-Identifier: MIT
 * One call for each service that is meant, all at once; results in the order in which the services were found. */
#include "call/work.h"

#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "tool/answer.h"
#include "tool/arguments.h"
#include "tool/clock.h"
#include "tool/details.h"
#include "tool/json.h"
#include "tool/start.h"
#include "tool/subject.h"
#include "tool/text.h"

enum {
    PATIENCE_MS = 2000, /* for a service to be found */
    LIMIT_MS = 10000,
    DETAILS_MS = 1000 /* for what would only make a sentence better */
};

/* One of the services that are called. */
typedef struct callee {
    const tool_subject *subject;
    autobus_remote *remote;
    char *arguments;
    tool_answer *answer;
    bool is_bound, is_lost;
} callee;

typedef struct work {
    const call_request *request;
    json_object *input;
    tool_session session;
    callee *list;
    size_t count;
    int64_t end_ms;
} work;

/* Names need the function's description. */
static bool needs_details(const call_request *request, json_object *input)
{
    if (request->reads_input) {
        return json_object_is_type(input, json_type_object);
    }
    for (size_t i = 0; i < request->word_count; i++) {
        if (tool_argument_is_named(request->words[i])) {
            return true;
        }
    }
    return false;
}

static char *arguments_for(const work *self, json_object *entry, char **ret_mistake)
{
    const call_request *request = self->request;
    json_object *description =
        json_object_object_get(tool_details_members(entry, "functions"), request->function);
    return request->reads_input ? tool_arguments_of_value(self->input, description, ret_mistake)
                                : tool_arguments_of_words(request->words, request->word_count,
                                                          description, ret_mistake);
}

/* Finds out what is called with; a mistake is one of the command line. */
static bool prepare(work *self, callee *one)
{
    json_object *details = NULL;
    if (needs_details(self->request, self->input)) {
        details = tool_details_fetch(&self->session, one->subject, self->end_ms, NULL);
    }
    char *mistake = NULL;
    one->arguments = arguments_for(self, tool_details_entry(details, one->subject->id), &mistake);
    json_object_put(details);
    if (one->arguments == NULL && !self->session.is_over) {
        tool_complain("%s: %s", self->request->function, mistake);
        tool_session_end(&self->session, TOOL_USAGE);
    }
    free(mistake);
    return !self->session.is_over;
}

static int left_ms(const work *self)
{
    int64_t left = self->end_ms - tool_clock_ms();
    return left > 0 ? (int)left : 0;
}

static void heard_state(void *userdata, const autobus_message *message)
{
    callee *one = userdata;
    one->is_bound = one->is_bound || autobus_message_kind(message) == AUTOBUS_BOUND;
    one->is_lost = one->is_lost || autobus_message_kind(message) == AUTOBUS_LOST;
}

/* It leaves before the bus is freed. */
static void send_away(work *self, callee *one)
{
    autobus_result result =
        autobus_remote_on_state(one->remote, true, heard_state, one, NULL, NULL);
    while (result == AUTOBUS_OK && !one->is_bound && !one->is_lost && left_ms(self) > 0 &&
           tool_session_turn(&self->session, self->end_ms)) {
    }
    if (result == AUTOBUS_OK && !one->is_bound && !one->is_lost) {
        one->answer = tool_answer_of(AUTOBUS_TIMEOUT, "it could not be reached in time");
        return;
    }
    if (result == AUTOBUS_OK) {
        result = autobus_send_text(one->remote, self->request->function, one->arguments,
                                   AUTOBUS_UNBOUND_FAIL, NULL);
    }
    one->answer = tool_answer_of(result, NULL);
}

static void begin(work *self, callee *one)
{
    autobus_result result = tool_subject_connect(one->subject, &self->session, &one->remote);
    if (result != AUTOBUS_OK) {
        tool_session_end(&self->session, tool_complain_of(result));
    } else if (self->request->wants_no_reply) {
        send_away(self, one);
    } else {
        one->answer =
            tool_answer_ask(one->remote, self->request->function, one->arguments, left_ms(self));
    }
}

static void await_all(work *self)
{
    enum {
        GRACE_MS = 500 /* the library says itself when the time is over */
    };
    int64_t end = self->end_ms + GRACE_MS;
    for (size_t i = 0; i < self->count && !self->session.is_over; i++) {
        tool_answer *answer = self->list[i].answer;
        if (answer != NULL) {
            (void)tool_session_await(&self->session, &answer->is_there, end);
        }
    }
}

static void hint_at_functions(work *self, const callee *one)
{
    int64_t until = tool_clock_ms() + DETAILS_MS;
    json_object *details = tool_details_fetch(&self->session, one->subject, until, NULL);
    json_object *entry = tool_details_entry(details, one->subject->id);
    char *instead = tool_details_instead(entry, "functions", self->request->function);
    if (instead != NULL) {
        tool_family_hint(&self->request->asked.family, "%s", instead);
    }
    free(instead);
    json_object_put(details);
}

static void show_failure(work *self, const callee *one, const tool_answer *answer)
{
    char *name = self->count > 1 ? tool_subject_name(one->subject) : NULL;
    tool_complain("%s%s%s", name != NULL ? name : "", name != NULL ? ": " : "", answer->error);
    if (answer->result == AUTOBUS_NOT_FOUND && self->count == 1) {
        hint_at_functions(self, one);
    }
    free(name);
}

/* With --each, and -j: what failed is an answer too. */
static void show_tagged(const callee *one, const tool_answer *answer)
{
    json_object *line = tool_text_checked(json_object_new_object());
    char *id = tool_subject_name(one->subject);
    json_object_object_add(
        line, "service", json_object_new_string(one->subject->id != NULL ? one->subject->id : id));
    if (answer->result == AUTOBUS_OK) {
        json_object_object_add(line, "result", json_object_get(answer->value));
    } else {
        json_object_object_add(line, "error", json_object_new_string(answer->error));
    }
    tool_json_print(line, stdout);
    json_object_put(line);
    free(id);
}

static void show_result(const work *self, const callee *one, json_object *value)
{
    const tool_request *asked = &self->request->asked;
    if (asked->target.takes_each) {
        char *name = tool_subject_name(one->subject);
        printf("%s%s%s  ", tool_paper_begin(&asked->paper, TOOL_FAINT), name,
               tool_paper_end(&asked->paper, TOOL_FAINT));
        free(name);
    }
    if (asked->paper.is_terminal && !asked->wants_json && !asked->target.takes_each) {
        tool_json_print_pretty(value, "", stdout);
    } else {
        tool_json_print(value, stdout);
    }
}

/* The code of the first that failed. */
static void show(work *self)
{
    const tool_request *asked = &self->request->asked;
    tool_exit code = TOOL_DONE;
    for (size_t i = 0; i < self->count && !self->session.is_over; i++) {
        const callee *one = &self->list[i];
        const tool_answer *answer = one->answer;
        bool is_done = answer->result == AUTOBUS_OK;
        if (asked->wants_json && asked->target.takes_each && !self->request->wants_no_reply) {
            show_tagged(one, answer);
        } else if (!is_done) {
            show_failure(self, one, answer);
        } else if (!self->request->wants_no_reply) {
            show_result(self, one, answer->value);
        }
        code = code == TOOL_DONE && !is_done ? tool_answer_exit(answer) : code;
    }
    tool_session_end(&self->session, code);
}

static void call_all(work *self, const tool_subjects *subjects)
{
    self->count = subjects->count;
    self->list = tool_text_checked(calloc(self->count, sizeof *self->list));
    for (size_t i = 0; i < self->count; i++) {
        self->list[i].subject = &subjects->list[i];
        if (!prepare(self, &self->list[i])) {
            return;
        }
    }
    for (size_t i = 0; i < self->count && !self->session.is_over; i++) {
        begin(self, &self->list[i]);
    }
    await_all(self);
    show(self);
}

static void work_fini(work *self)
{
    for (size_t i = 0; i < self->count; i++) {
        autobus_remote_free(&self->list[i].remote);
        tool_answer_drop(&self->list[i].answer);
        free(self->list[i].arguments);
    }
    free(self->list);
}

/* The time that -t gives is for all of it; after --wait without -t it begins when there is something to call. */
static int64_t end_of_all(const tool_request *asked, int64_t began_ms)
{
    if (asked->limit_ms > 0) {
        return began_ms + asked->limit_ms;
    }
    return (asked->target.waits ? tool_clock_ms() : began_ms) + LIMIT_MS;
}

tool_exit call_work(const call_request *request, json_object *input)
{
    work self = {.request = request, .input = input};
    int64_t began = tool_clock_ms();
    if (tool_session_open(&self.session, &request->asked)) {
        self.session.is_mute = true; /* it is called for what it does, whoever reads the result */
        tool_subjects subjects;
        tool_exit code = tool_subjects_init(&subjects, &self.session, PATIENCE_MS);
        self.end_ms = end_of_all(&request->asked, began);
        if (code == TOOL_DONE) {
            call_all(&self, &subjects);
        }
        tool_session_end(&self.session, code);
        work_fini(&self);
        tool_subjects_fini(&subjects);
    }
    return tool_session_close(&self.session);
}
