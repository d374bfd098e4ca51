/* SPDX-License-Identifier: MIT
 * The recorded clients of Autobus 2 talk to us instead of to the server they were recorded with, and get what
 * they got then; where we do better, the difference is listed here. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "support/recording.h"
#include "unit/peer/door.h"
#include "value/json.h"

#define NOTHING ""
#define END     "the end"

/* Instead of what was recorded at this place (from 0) comes this, and then this; NULL: no more. */
typedef struct difference {
    size_t at;
    const char *instead, *then;
} difference;

static bool says_the_same(const char *a, const char *b)
{
    AB_SCOPED(ab_json_put) json_object *one = NULL;
    AB_SCOPED(ab_json_put) json_object *other = NULL;
    return ab_json_parse(ab_slice_of(a), false, &one) &&
           ab_json_parse(ab_slice_of(b), false, &other) && json_object_equal(one, other);
}

static void expect(int client, const char *wanted)
{
    if (strcmp(wanted, NOTHING) == 0)
        return;
    const char *got = client_line(client);
    if (strcmp(wanted, END) == 0)
        cr_assert_str_eq(got, "", "got %s instead of the end", got);
    else
        cr_assert(says_the_same(got, wanted), "got %s instead of %s", got, wanted);
}

static void replay(const char *name, const difference *differences, size_t count)
{
    door *at = door_open();
    int client = client_connect(at);
    recording *then = recording_read(name);
    for (size_t i = 0; i < then->count; i++) {
        const recorded *unit = &then->units[i];
        if (strcmp(unit->from, "client") == 0) {
            if (strcmp(unit->event, "data") == 0)
                client_send(client, unit->bytes);
            else
                shutdown(client, SHUT_WR);
            continue;
        }
        const difference *other = NULL;
        for (size_t k = 0; k < count; k++)
            other = differences[k].at == i ? &differences[k] : other;
        expect(client, other == NULL ? strcmp(unit->event, "data") == 0 ? unit->bytes : END
                                     : other->instead);
        if (other != NULL && other->then != NULL)
            expect(client, other->then);
    }
    client_expect_end(client);
    client_close(client);
    recording_free(then);
    door_wait_count(at, &at->unbound, at->bound);
    door_close(at);
}

#define REPLAY(name, ...)                                  \
    static const difference differences[] = {__VA_ARGS__}; \
    replay(name, differences, sizeof differences / sizeof differences[0])

Test(transcripts, of_a_bind)
{
    replay("bind_ok", NULL, 0);
}

Test(transcripts, of_a_bind_that_fails)
{
    replay("bind_fail", NULL, 0);
}

Test(transcripts, of_a_bind_whose_refusal_was_lost_get_it_now)
{
    REPLAY(
        "bind_fail_reply_lost",
        {1,
         "{\"_type\":2,\"_id\":\"c-1\",\"_error\":{\"text\":\"The service you attempted to bind to does not exist.\"}}",
         END});
}

Test(transcripts, of_a_bind_to_null_reach_introspection)
{
    REPLAY("bind_null", {1, "{\"_type\":2,\"_id\":\"c-1\",\"service\":null}", NULL});
}

Test(transcripts, of_a_bind_with_keys_of_the_future)
{
    replay("bind_extra_keys", NULL, 0);
}

Test(transcripts, of_a_command_before_bind_get_another_sentence)
{
    REPLAY("not_bound",
           {1, "{\"_type\":2,\"_id\":\"c-1\",\"_error\":{\"text\":\"Bind to a service first.\"}}",
            NULL});
}

Test(transcripts, of_a_ping)
{
    replay("ping", NULL, 0);
}

Test(transcripts, of_unknown_commands_get_one_error_instead_of_two)
{
    REPLAY("unknown_command", {4, NOTHING, NULL}, {7, NOTHING, NULL});
}

Test(transcripts, of_a_malformed_line)
{
    replay("malformed_line", NULL, 0);
}
