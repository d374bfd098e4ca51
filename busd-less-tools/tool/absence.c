/* SPDX-License-Identifier: MIT
 * From what is there to what may have been meant. */
#include "tool/absence.h"

#include <stdlib.h>
#include <string.h>

#include <autobus/listener.h>
#include <json-c/json.h>

#include "tool/nearest.h"
#include "tool/start.h"
#include "tool/text.h"

/* The services that are there, and the names among which the one that was meant may be. */
typedef struct others {
    autobus_sighting **list;
    char **names;
    size_t count;
} others;

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

static void look_at_others(others *self, autobus_bus *bus, bool by_id)
{
    *self = (others){0};
    if (autobus_bus_enumerate(bus, NULL, &self->list, &self->count) != AUTOBUS_OK) {
        self->count = 0;
        return;
    }
    self->names = tool_text_checked(calloc(self->count + 1, sizeof *self->names));
    for (size_t i = 0; i < self->count; i++) {
        self->names[i] = name_of(self->list[i], by_id);
    }
}

static void forget_others(others *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->names[i]);
    }
    free(self->names);
    autobus_sightings_free(&self->list, self->count);
}

static void hint_at_others(const tool_family *family, const tool_choice *choice, const others *all)
{
    const char *meant = choice->id != NULL ? choice->id : choice->type;
    char *near =
        meant == NULL ? NULL : tool_nearest(meant, (const char *const *)all->names, all->count);
    if (near != NULL) {
        tool_family_hint(family, "Did you mean %s?", near);
    }
    tool_family_hint(family, "%zu other service%s there: autobus-ls without conditions shows %s.",
                     all->count, all->count == 1 ? " is" : "s are",
                     all->count == 1 ? "it" : "them");
    free(near);
}

static void hint_at_network(const tool_family *family)
{
    tool_family_hint(family,
                     "Does the program run that offers it, on the same network as this machine?");
    tool_family_hint(family, "Does a firewall, here or there, keep UDP port %ld closed?",
                     tool_family_port(family));
    tool_family_hint(family, "--peers HOST asks a machine on another network; -t 5 waits longer.");
}

void tool_absence_explain(const tool_family *family, const tool_choice *choice, autobus_bus *bus)
{
    char *words = tool_choice_words(choice);
    char *asked = tool_text_checked(autobus_bus_interfaces(bus));
    others all = {0};
    if (!tool_choice_is_open(choice)) {
        look_at_others(&all, bus, choice->id != NULL);
    }
    if (strncmp(asked, "none (", strlen("none (")) == 0) {
        tool_complain("no %s: nobody was asked, discovery is off", words);
    } else if (strcmp(asked, "none") == 0) {
        tool_complain("no %s: nobody was asked, no network interface is up", words);
    } else {
        tool_complain("no %s answered on %s", words, asked);
        if (all.count > 0) {
            hint_at_others(family, choice, &all);
        } else {
            hint_at_network(family);
        }
    }
    forget_others(&all);
    free(asked);
    free(words);
}
