/* SPDX-License-Identifier: MIT
 * Subjects from searches and places. */
#include "tool/subject.h"

#include <stdlib.h>
#include <string.h>

#include "tool/clock.h"
#include "tool/summary.h"
#include "tool/text.h"

static void add(tool_subjects *self, tool_subject fresh)
{
    self->list = tool_text_checked(reallocarray(self->list, self->count + 1, sizeof *self->list));
    self->list[self->count++] = fresh;
}

static int64_t end_of_search(const tool_session *session, int patience_ms)
{
    const tool_request *request = session->request;
    int64_t limit = request->limit_ms > 0 ? tool_clock_ms() + request->limit_ms : TOOL_NEVER;
    int64_t end = tool_session_patience(session, patience_ms);
    return request->target.waits || limit < end ? limit : end;
}

tool_exit tool_subjects_init(tool_subjects *self, tool_session *session, int patience_ms)
{
    const tool_request *request = session->request;
    *self = (tool_subjects){0};
    if (tool_target_is_place(&request->target)) {
        const tool_place *place = &request->target.place;
        add(self, (tool_subject){.id = place->id, .place = place});
        return TOOL_DONE;
    }
    tool_exit code = tool_search_run(&self->search, session, end_of_search(session, patience_ms));
    size_t most = request->target.takes_any ? 1 : self->search.count;
    size_t count = code == TOOL_DONE && self->search.count > 0 ? most : 0;
    for (size_t i = 0; i < count; i++) {
        const autobus_sighting *sighting = self->search.found[i];
        add(self, (tool_subject){.id = autobus_sighting_id(sighting), .sighting = sighting});
    }
    return code;
}

void tool_subjects_fini(tool_subjects *self)
{
    free(self->list);
    tool_search_fini(&self->search);
    *self = (tool_subjects){0};
}

autobus_result tool_subject_connect(const tool_subject *self, tool_session *session,
                                    autobus_remote **ret_remote)
{
    return self->sighting != NULL ? autobus_connect(session->bus, self->sighting, 0, ret_remote)
                                  : autobus_connect_to(session->bus, self->place->host,
                                                       self->place->port, self->id, 0, ret_remote);
}

const char *tool_subject_location(const tool_subject *self, size_t index, uint16_t *ret_port)
{
    if (self->sighting == NULL) {
        *ret_port = self->place->port;
        return index == 0 ? self->place->host : NULL;
    }
    if (index >= autobus_sighting_locations(self->sighting)) {
        return NULL;
    }
    *ret_port = autobus_sighting_location_port(self->sighting, index);
    return autobus_sighting_location_host(self->sighting, index);
}

char *tool_subject_name(const tool_subject *self)
{
    if (self->id != NULL) {
        return tool_text_clean(self->id);
    }
    return tool_address_text(self->place->host, self->place->port);
}
