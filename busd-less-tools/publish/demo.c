/* SPDX-License-Identifier: MIT
 * One lamp: a function, two objects, an event. */
#include "publish/demo.h"

#include <json-c/json.h>

#include <autobus/function.h>

#include "tool/text.h"

static bool is_on;
static int64_t presses;

static json_object *state(int64_t level)
{
    json_object *map = tool_text_checked(json_object_new_object());
    json_object_object_add(map, "on", json_object_new_boolean(is_on));
    json_object_object_add(map, "level", json_object_new_int64(is_on ? level : 0));
    return map;
}

static void show(publish_stage *stage, int64_t level)
{
    (void)autobus_service_set(stage->service, "state", state(level));
    (void)autobus_service_set(stage->service, "level", json_object_new_int64(is_on ? level : 0));
}

static void set(void *userdata, autobus_request *request)
{
    is_on = json_object_get_boolean(autobus_request_argument(request, 0));
    show(userdata, json_object_get_int64(autobus_request_argument(request, 1)));
    (void)autobus_request_answer(request, json_object_new_boolean(true));
}

void publish_demo_press(publish_stage *stage, const char *line)
{
    (void)line;
    json_object *arguments = tool_text_checked(json_object_new_array());
    json_object_array_add(arguments, json_object_new_int64(++presses));
    is_on = !is_on;
    show(stage, 100);
    (void)autobus_service_fire(stage->service, "pressed", arguments);
}

autobus_result publish_demo_add(publish_stage *stage)
{
    autobus_service *lamp = stage->service;
    (void)autobus_service_set_doc(lamp, "A lamp that is not there, for trying the tools.");
    (void)autobus_service_add_object(
        lamp, "state", "{'doc': 'Whether it shines, and how bright.', 'type': 'map'}", state(0));
    (void)autobus_service_add_object(
        lamp, "level", "{'doc': 'How bright it shines.', 'type': 'integer', 'unit': '%'}",
        json_object_new_int(0));
    (void)autobus_service_add_event(
        lamp, "pressed",
        "{'doc': 'Its switch: Enter, where it was published.',"
        " 'parameters': [{'name': 'times', 'type': 'integer', 'doc': 'So far.'}]}");
    return autobus_service_add_function(
        lamp, "set",
        "{'doc': 'Switches it.', 'parameters': [{'name': 'on', 'type': 'boolean'},"
        " {'name': 'level', 'type': 'integer', 'range': [0, 100], 'unit': '%', 'default': 100}],"
        " 'returns': 'boolean'}",
        AUTOBUS_INLINE, set, stage, NULL);
}
