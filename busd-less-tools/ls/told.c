/* SPDX-License-Identifier: MIT
 * One question to one bus. */
#include "ls/told.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/details.h"
#include "tool/start.h"

/* One of the library's own, which nobody has asked for. */
static bool is_hidden(const ls_request *request, json_object *info)
{
    const char *type = json_object_get_string(json_object_object_get(info, "type"));
    return request->asked.target.place.id == NULL && !request->asked.target.choice.with_library &&
           type != NULL && strncmp(type, "autobus.", strlen("autobus.")) == 0;
}

static void take(const ls_request *request, json_object *details, ls_entries *entries)
{
    const tool_place *place = &request->asked.target.place;
    size_t count;
    const char **ids = tool_details_names(details, &count);
    for (size_t i = 0; i < count; i++) {
        json_object *told = tool_details_entry(details, ids[i]);
        json_object *info = tool_details_members(told, "info");
        bool is_meant = place->id == NULL || strcmp(place->id, ids[i]) == 0;
        if (is_meant && info != NULL && !is_hidden(request, info)) {
            ls_entries_add_told(entries, ids[i], place, told);
        }
    }
    free(ids);
}

tool_exit ls_told_ask(const ls_request *request, tool_session *session, int64_t until_ms,
                      ls_entries *entries)
{
    const tool_place *place = &request->asked.target.place;
    tool_subject bus = {.place = place};
    tool_answer *why = NULL;
    json_object *details = tool_details_fetch(session, &bus, until_ms, &why);
    tool_exit code = TOOL_DONE;
    if (why != NULL && session->is_over) {
        code = session->code;
    } else if (why != NULL) {
        tool_complain("%s", why->error);
        code = tool_answer_exit(why);
    } else {
        take(request, details, entries);
    }
    tool_answer_drop(&why);
    json_object_put(details);
    return code;
}
