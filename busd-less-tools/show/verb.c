/* SPDX-License-Identifier: MIT
 * Finding the service, asking its bus, and a portrait of what it told. */
#include "show/verb.h"

#include <stdlib.h>

#include <json-c/json.h>

#include "show/portrait.h"
#include "show/print.h"
#include "show/request.h"
#include "tool/clock.h"
#include "tool/details.h"
#include "tool/start.h"

enum {
    PATIENCE_MS = 2000, /* for a service to be found */
    LIMIT_MS = 5000
};

/* One run. */
typedef struct show {
    const show_request *request;
    tool_session session;
    int64_t end_ms;
    bool has_printed;
} show;

static void show_one(show *self, const tool_subject *subject, json_object *entry)
{
    show_portrait portrait;
    show_portrait_init(&portrait, subject, json_object_get(entry), &self->session, self->end_ms);
    if (!self->session.is_over) {
        bool wants_gap =
            self->has_printed && self->request->names == NULL && !self->request->asked.wants_json;
        fputs(wants_gap ? "\n" : "", stdout);
        show_print(self->request, &portrait, stdout);
        self->has_printed = true;
    }
    show_portrait_fini(&portrait);
}

static void complain_of_silence(show *self, const tool_subject *subject, const tool_answer *why)
{
    char *name = tool_subject_name(subject);
    tool_complain("%s does not tell what it has: %s", name, why->error);
    tool_session_end(&self->session, tool_answer_exit(why));
    free(name);
}

/* The bus tells, but not of this one. */
static void complain_of_absence(show *self, const tool_subject *subject, json_object *details)
{
    char *name = tool_subject_name(subject);
    char *instead = tool_details_instead_of_id(details, subject->id);
    tool_complain("the bus that is there tells of no service %s", name);
    if (instead != NULL) {
        tool_family_hint(&self->request->asked.family, "%s", instead);
    }
    tool_session_end(&self->session, TOOL_NOTHING);
    free(instead);
    free(name);
}

/* A place without an id is a bus: all that it has. */
static void show_bus(show *self, const tool_subject *bus, json_object *details)
{
    size_t count;
    const char **ids = tool_details_names(details, &count);
    for (size_t i = 0; i < count && !self->session.is_over; i++) {
        tool_subject one = {.id = ids[i], .place = bus->place};
        show_one(self, &one, tool_details_entry(details, ids[i]));
    }
    free(ids);
}

static void show_subject(show *self, const tool_subject *subject)
{
    tool_answer *why = NULL;
    json_object *details = tool_details_fetch(&self->session, subject, self->end_ms, &why);
    json_object *entry = tool_details_entry(details, subject->id);
    if (details != NULL && subject->id == NULL) {
        show_bus(self, subject, details);
    } else if (entry != NULL || subject->sighting != NULL) {
        show_one(self, subject, entry); /* at least what is known without asking */
    }
    if (why != NULL && !self->session.is_over) {
        complain_of_silence(self, subject, why);
    } else if (subject->id != NULL && entry == NULL && !self->session.is_over) {
        complain_of_absence(self, subject, details);
    }
    tool_answer_drop(&why);
    json_object_put(details);
}

static tool_exit work(const show_request *request)
{
    show self = {.request = request};
    int64_t began = tool_clock_ms();
    if (tool_session_open(&self.session, &request->asked)) {
        tool_subjects subjects;
        tool_exit code = tool_subjects_init(&subjects, &self.session, PATIENCE_MS);
        int limit_ms = request->asked.limit_ms > 0 ? request->asked.limit_ms : LIMIT_MS;
        self.end_ms = (request->asked.target.waits ? tool_clock_ms() : began) + limit_ms;
        for (size_t i = 0; i < subjects.count; i++) {
            show_subject(&self, &subjects.list[i]);
        }
        tool_session_end(&self.session, code);
        tool_subjects_fini(&subjects);
    }
    return tool_session_close(&self.session);
}

static tool_exit run(int argc, char **argv, tool_desk *desk)
{
    show_request request;
    tool_exit code;
    if (show_request_init(&request, argc, argv, &code)) {
        request.asked.desk = desk;
        code = work(&request);
    }
    show_request_fini(&request);
    return code;
}

const tool_verb show_verb = {.name = "show", .command = &show_command, .run = run};
