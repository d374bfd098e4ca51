/* SPDX-License-Identifier: MIT
 * autobus-publish: a service without programming. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "publish/child.h"
#include "publish/demo.h"
#include "publish/function.h"
#include "publish/lines.h"
#include "publish/source.h"
#include "publish/stage.h"
#include "tool/clock.h"
#include "tool/ready.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    LIMIT_MS = 30000,
    FIRST_MS = 1000 /* so long a service waits for what its commands tell first */
};

int publish_stage_limit(const publish_stage *self)
{
    int limit_ms = self->request->asked.limit_ms;
    return limit_ms > 0 ? limit_ms : LIMIT_MS;
}

static json_object *info_of(const publish_request *request)
{
    json_object *info = json_object_get(request->plan.info);
    if (request->is_demo && !json_object_object_get_ex(info, "type", NULL)) {
        json_object_object_add(info, "type", json_object_new_string("demo.lamp"));
        json_object_object_add(info, "name", json_object_new_string("Demo lamp"));
    }
    return info;
}

static autobus_result add_members(publish_stage *self, publish_sources **ret_sources)
{
    const publish_plan *plan = &self->request->plan;
    autobus_result result = AUTOBUS_OK;
    for (size_t i = 0; i < plan->count && result == AUTOBUS_OK; i++) {
        const publish_member *member = &plan->members[i];
        if (member->kind == PUBLISH_FUNCTION) {
            result = publish_function_add(self, member);
        } else if (member->kind == PUBLISH_EVENT) {
            const char *description = member->description != NULL
                                          ? json_object_to_json_string(member->description)
                                          : NULL;
            result = autobus_service_add_event(self->service, member->name, description);
        }
    }
    if (result == AUTOBUS_OK && plan->doc != NULL) {
        result = autobus_service_set_doc(self->service, plan->doc);
    }
    return result == AUTOBUS_OK ? publish_sources_start(self, ret_sources) : result;
}

static int64_t earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

static void turn(publish_stage *self, publish_sources *sources, int64_t until_ms)
{
    int64_t due = earlier(publish_sources_tend(sources), publish_children_tend());
    (void)tool_session_turn(&self->session, earlier(due, until_ms));
    if (!self->session.is_over && self->session.input_is_ready) {
        publish_poll_run(self->poll);
    }
}

static void await_values(publish_stage *self, publish_sources *sources)
{
    int64_t end = tool_clock_ms() + FIRST_MS;
    while (!self->session.is_over && !publish_sources_are_told(sources) && tool_clock_ms() < end) {
        turn(self, sources, end);
    }
}

/* Everything is there before anybody can see it, unless a command takes its time. */
static autobus_result publish(publish_stage *self, publish_sources **ret_sources)
{
    const publish_request *request = self->request;
    self->service = tool_text_checked(autobus_service_new(self->session.bus, info_of(request)));
    autobus_result result = AUTOBUS_OK;
    if (request->plan.id != NULL) {
        result = autobus_service_set_id(self->service, request->plan.id);
    }
    if (result == AUTOBUS_OK && request->is_demo) {
        result = publish_demo_add(self);
    }
    if (result == AUTOBUS_OK) {
        result = add_members(self, ret_sources);
    }
    if (result == AUTOBUS_OK) {
        await_values(self, *ret_sources);
        result = autobus_service_publish(self->service);
    }
    return result;
}

static bool listen_to_input(publish_stage *self, publish_lines *lines)
{
    const publish_request *request = self->request;
    if (request->is_demo) {
        return publish_lines_start(lines, self, publish_demo_press);
    }
    return publish_plan_of_kind(&request->plan, PUBLISH_EVENT) == 0 ||
           publish_lines_start(lines, self, publish_lines_fire);
}

static void go_on(publish_stage *self, publish_sources *sources, publish_lines *lines)
{
    while (!self->session.is_over) {
        turn(self, sources, publish_lines_tend(lines));
    }
}

static void serve(publish_stage *self)
{
    publish_sources *sources = NULL;
    publish_lines lines = {.look_ms = TOOL_NEVER};
    autobus_result result = publish(self, &sources);
    if (result != AUTOBUS_OK) {
        tool_session_end(&self->session, tool_complain_of(result));
    } else {
        tool_family_note(&self->request->asked.family, "%s is on the network, at port %u",
                         autobus_service_id(self->service), autobus_bus_port(self->session.bus));
        tool_ready_tell();
        if (!listen_to_input(self, &lines)) {
            tool_session_end(&self->session, TOOL_FAILED);
        }
        go_on(self, sources, &lines);
    }
    publish_children_end();
    autobus_service_free(&self->service);
    publish_lines_stop(&lines);
    publish_sources_free(&sources);
}

static tool_exit run(const publish_request *request)
{
    publish_stage self = {.request = request, .poll = publish_poll_open()};
    if (self.poll < 0) {
        tool_complain("it cannot wait for anything: %s", strerror(errno));
        return TOOL_FAILED;
    }
    if (tool_session_open(&self.session, &request->asked)) {
        self.session.goes_on_forever = self.session.is_mute = true;
        self.session.input = self.poll;
        serve(&self);
    }
    close(self.poll);
    return tool_session_close(&self.session);
}

int main(int argc, char **argv)
{
    tool_start();
    publish_request request;
    tool_exit code;
    if (publish_request_init(&request, argc, argv, &code)) {
        code = run(&request);
    }
    publish_request_fini(&request);
    return (int)tool_finish(code);
}
