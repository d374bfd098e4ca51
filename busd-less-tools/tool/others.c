/* SPDX-License-Identifier: MIT
 * Naming what is there. */
#include "tool/others.h"

#include <stdlib.h>
#include <string.h>

#include <autobus/listener.h>
#include <json-c/json.h>

#include "tool/nearest.h"
#include "tool/text.h"

static char *name_of(const autobus_sighting *sighting, bool by_id)
{
    if (by_id) {
        return tool_text_checked(strdup(autobus_sighting_id(sighting)));
    }
    json_object *info = tool_text_checked(autobus_sighting_info(sighting));
    const char *type = json_object_get_string(json_object_object_get(info, "type"));
    char *name = tool_text_checked(strdup(type != NULL ? type : ""));
    json_object_put(info);
    return name;
}

void tool_others_init(tool_others *self, autobus_bus *bus, bool by_id)
{
    *self = (tool_others){0};
    if (autobus_bus_enumerate(bus, NULL, &self->list, &self->count) != AUTOBUS_OK) {
        self->count = 0;
        return;
    }
    self->names = tool_text_checked(calloc(self->count + 1, sizeof *self->names));
    for (size_t i = 0; i < self->count; i++) {
        self->names[i] = name_of(self->list[i], by_id);
    }
}

void tool_others_fini(tool_others *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->names[i]);
    }
    free(self->names);
    autobus_sightings_free(&self->list, self->count);
    *self = (tool_others){0};
}

char *tool_others_near(const tool_others *self, const tool_choice *choice)
{
    const char *meant = choice->id != NULL ? choice->id : choice->type;
    return meant == NULL ? NULL
                         : tool_nearest(meant, (const char *const *)self->names, self->count);
}
