/* SPDX-License-Identifier: MIT
 * Places, typed or looked for. */
#include "bench/place.h"

#include <stdlib.h>

#include <autobus/listener.h>

#include "tool/clock.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    SLICE_MS = 200
};

bool bench_place_parse(tool_place *self, const char *text)
{
    bool is_place = tool_place_parse(self, text);
    if (is_place && self->id == NULL) {
        tool_place_fini(self);
        return false;
    }
    return is_place;
}

static autobus_result count_matches(autobus_bus *bus, const char *type, size_t *ret_count,
                                    char **ret_text)
{
    autobus_filter *filter = tool_text_checked(autobus_filter_new());
    autobus_sighting **found = NULL;
    char *condition = tool_text_format("type=%s", type);
    (void)autobus_filter_add_text(filter, condition); /* a mistake is said by who takes it */
    free(condition);
    *ret_count = 0;
    autobus_result result = autobus_bus_enumerate(bus, filter, &found, ret_count);
    if (result == AUTOBUS_OK && *ret_count == 1) {
        *ret_text = tool_place_text(autobus_sighting_host(*found), autobus_sighting_port(*found),
                                    autobus_sighting_id(*found));
    }
    autobus_sightings_free(&found, *ret_count);
    return result;
}

tool_exit bench_place_find(tool_place *self, const bench_request *request, bench_run *run)
{
    autobus_bus *bus;
    autobus_result result = tool_family_bus(&request->family, false, &bus);
    if (result != AUTOBUS_OK) {
        return tool_complain_of(result);
    }
    size_t count = 0;
    char *text = NULL;
    int64_t end = tool_clock_ms() + request->limit_ms;
    while (result == AUTOBUS_OK && count == 0 && tool_clock_ms() < end && bench_run_goes_on(run)) {
        (void)autobus_bus_settle(bus, SLICE_MS); /* then it looks at what there is */
        result = count_matches(bus, request->place, &count, &text);
    }
    tool_exit code = run->is_interrupted ? TOOL_INTERRUPTED : TOOL_DONE;
    if (result != AUTOBUS_OK) {
        code = tool_complain_of(result);
    } else if (count == 0 && code == TOOL_DONE) {
        tool_complain("no service of type '%s' answered; autobus-bench serve '%s' would be one",
                      request->place, request->place);
        code = TOOL_NOTHING;
    } else if (count > 1) {
        tool_complain("%zu services of type '%s' are there: choose one, as HOST:PORT/ID", count,
                      request->place);
        code = TOOL_AMBIGUOUS;
    } else if (code == TOOL_DONE && !bench_place_parse(self, text)) {
        code = TOOL_FAILED;
    }
    free(text);
    autobus_bus_free(&bus);
    return code;
}
