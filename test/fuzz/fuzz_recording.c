/* SPDX-License-Identifier: MIT
 * Any bytes as a recording, packed or not, in pieces of a size that they choose: whether it can be read to its end,
 * and what comes out then, does not depend on the pieces; no line is longer than it may be, and a line that is taken
 * has all that its kind needs. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "replay/line.h"
#include "replay/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum {
    LINES_MOST = 10000 /* little that is packed can be much */
};

/* What came of it, to be compared. */
typedef struct outcome {
    long lines;
    size_t length;
    replay_step end;
    bool is_taken;
} outcome;

static bool is_fine(const outcome *self)
{
    return self->is_taken && self->end == REPLAY_END;
}

static void check(const replay_line *line)
{
    assert(line->ms >= 0);
    if (line->kind != REPLAY_OTHER)
        assert(line->service != NULL && *line->service != '\0');
    if (line->kind > REPLAY_LEFT)
        assert(line->name != NULL && *line->name != '\0');
    if (line->kind == REPLAY_APPEARED)
        assert(json_object_is_type(line->content, json_type_object));
    if (line->kind == REPLAY_FIRED)
        assert(json_object_is_type(line->content, json_type_array));
}

/* Whether it may go on behind this line. */
static bool take(const char *text, size_t length, bool is_first)
{
    char *mistake = NULL;
    replay_line line = {.kind = REPLAY_OTHER};
    bool is_taken = is_first ? replay_line_is_first(text, length, &mistake)
                             : replay_line_init(&line, text, length, &mistake);
    assert(is_taken == (mistake == NULL));
    if (is_taken && !is_first)
        check(&line);
    replay_line_fini(&line);
    free(mistake);
    return is_taken;
}

static outcome read_all(const char *bytes, size_t length, size_t piece)
{
    replay_source source = {0};
    outcome all = {.is_taken = true};
    const char *line;
    size_t line_length;
    while (all.is_taken && all.lines < LINES_MOST &&
           (all.end = replay_source_next(&source, &line, &line_length)) <= REPLAY_MORE) {
        if (all.end == REPLAY_LINE) {
            assert(line_length <= REPLAY_LONGEST_LINE && line[line_length] == '\0');
            all.length += line_length;
            all.is_taken = take(line, line_length, all.lines++ == 0);
        } else {
            size_t some = length < piece ? length : piece;
            replay_source_feed(&source, bytes, some);
            bytes += some;
            length -= some;
        }
    }
    assert(source.line == all.lines);
    replay_source_fini(&source);
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return 0;
    size_t piece = (size_t)bytes[0] + 1;
    char *copy = malloc(length);
    memcpy(copy, bytes + 1, length - 1);
    outcome whole = read_all(copy, length - 1, length);
    outcome parts = read_all(copy, length - 1, piece);
    assert(is_fine(&whole) == is_fine(&parts));
    if (is_fine(&whole))
        assert(whole.lines == parts.lines && whole.length == parts.length);
    free(copy);
    return 0;
}
