/* SPDX-License-Identifier: MIT
 * Any conditions, one a line up to an empty line, against any info behind it. A copy judges the same, and
 * a condition and its opposite never agree. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "value/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static autobus_filter *filter_of(const char *line)
{
    autobus_filter *filter = line[0] == '{' ? autobus_filter_parse(line) : autobus_filter_new();
    if (line[0] != '{' && autobus_filter_add_text(filter, line) != AUTOBUS_OK)
        assert(ab_filter_check(filter) != AUTOBUS_OK);
    if (ab_filter_check(filter) != AUTOBUS_OK)
        autobus_filter_free(&filter);
    return filter;
}

/* KEY=VALUE as KEY!=VALUE, and KEY as !KEY; NULL for what is negative already. */
static char *opposite_of(const char *line)
{
    const char *equals = strchr(line, '=');
    if (line[0] == '{' || line[0] == '!' || (equals != NULL && equals[-1] == '!'))
        return NULL;
    if (equals == NULL)
        return ab_format("!%s", line);
    return ab_format("%.*s!%s", (int)(equals - line), line, equals);
}

static bool judge(const char *line, const ab_subject *subject)
{
    autobus_filter *filter AB_SCOPED(autobus_filter_free) = filter_of(line);
    if (filter == NULL)
        return false;
    bool matches = ab_filter_matches(filter, subject);
    autobus_filter *copy AB_SCOPED(autobus_filter_free) = autobus_filter_copy(filter);
    assert(ab_filter_matches(copy, subject) == matches);
    char *opposite AB_SCOPED(ab_free_ptr) = opposite_of(line);
    if (opposite == NULL)
        return matches;
    autobus_filter *other AB_SCOPED(autobus_filter_free) = filter_of(opposite);
    assert(other != NULL && ab_filter_matches(other, subject) != matches);
    return matches;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text AB_SCOPED(ab_free_ptr) = malloc(length + 1);
    memcpy(text, bytes, length);
    text[length] = '\0';
    char *gap = strstr(text, "\n\n");
    if (gap == NULL)
        return 0;
    *gap = '\0';
    ab_subject subject = {.host = AB_SLICE("10.0.0.7"), .service = AB_SLICE("id-1"), .port = 4711};
    const char *info = gap + 2;
    if (!ab_scan((ab_slice){info, length - (size_t)(info - text)}, &subject.info))
        return 0;
    ab_filter_matches(NULL, &subject);
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;)
        judge(line, &subject);
    return 0;
}
