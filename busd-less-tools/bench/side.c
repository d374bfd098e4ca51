/* SPDX-License-Identifier: MIT
 * Finding, starting and asking the other side. */
#include "bench/side.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "bench/way.h"
#include "tool/text.h"

static tool_exit start_own(bench_side *self)
{
    if (!bench_second_start(&self->second, bench_way_words(self->request), false) ||
        !bench_second_is_ready(&self->second, self->run, self->request->limit_ms)) {
        return self->run->is_interrupted ? TOOL_INTERRUPTED : TOOL_FAILED;
    }
    return bench_place_parse(&self->place, self->second.line) ? TOOL_DONE : TOOL_FAILED;
}

tool_exit bench_side_open(bench_side *self, const bench_request *request, bench_run *run)
{
    *self = (bench_side){.request = request, .run = run};
    if (request->place == NULL) {
        return start_own(self);
    }
    if (bench_place_parse(&self->place, request->place)) {
        return TOOL_DONE;
    }
    return bench_place_find(&self->place, request, run);
}

tool_exit bench_side_connect(bench_side *self, const bench_request *request, bench_run *run)
{
    tool_exit code = bench_side_open(self, request, run);
    return code == TOOL_DONE ? bench_line_open(request, &self->place, &self->line) : code;
}

void bench_side_close(bench_side *self)
{
    bench_line_close(&self->line);
    bench_second_end(&self->second);
    tool_place_fini(&self->place);
}

bool bench_side_counts(bench_side *self, long *ret_sleeps)
{
    char *answer = NULL;
    if (bench_line_call(self->line, "counts", "[]", &answer) != AUTOBUS_OK) {
        return false;
    }
    json_object *counts = json_tokener_parse(answer);
    json_object *sleeps;
    bool is_told = json_object_object_get_ex(counts, "sleeps", &sleeps);
    *ret_sleeps = is_told ? (long)json_object_get_int64(sleeps) : 0;
    json_object_put(counts);
    free(answer);
    return is_told;
}

char *bench_side_arguments(const bench_request *request)
{
    size_t length = (size_t)request->payload;
    char *text = tool_text_checked(malloc(length + 5));
    text[0] = '[';
    text[1] = '"';
    memset(text + 2, 'x', length);
    memcpy(text + 2 + length, "\"]", 3);
    return text;
}
