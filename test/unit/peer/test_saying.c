/* SPDX-License-Identifier: MIT
 * What a session is told: in one order, latest states only, and at a bounded cost when the client does not read. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer/caller.h"
#include "peer/channel.h"
#include "support/sanitizer.h"
#include "unit/peer/door.h"

#define BIND       "{\"_type\":1,\"_id\":1,\"_command\":\"bind\",\"service\":\"other\"}\n"
#define BOUND      "{\"_type\":2,\"_id\":1,\"service\":\"other\"}"
#define OURS       "{\"_type\":1,\"_id\":1,\"_command\":\"bind\",\"service\":\"other\",\"autobus\":1}\n"
#define BOUND_OURS "{\"_type\":2,\"_id\":1,\"service\":\"other\",\"bus\":\"00000000000000b5\"}"
#define PING       "{\"_id\":2,\"_command\":\"ping\"}\n"
#define PONG       "{\"_type\":2,\"_id\":2}"
#define WATCH      "{\"_type\":3,\"_id\":3,\"_command\":\"watch\",\"name\":\"object\"}\n"
#define LISTEN     "{\"_type\":3,\"_id\":4,\"_command\":\"listen\",\"name\":\"event\"}\n"
#define BIG        65000

static door *at;

static void open_door(void)
{
    at = door_open();
}

static void close_door(void)
{
    door_close(at);
}

TestSuite(saying, .init = open_door, .fini = close_door);

/* Bound, and with this said; all of it has been heard. */
static int guest_who_says(const char *bind, const char *said)
{
    int client = client_connect(at);
    int little = 65536;
    setsockopt(client, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    client_send(client, bind);
    client_line(client);
    client_send(client, said);
    client_send(client, PING);
    for (const char *line = client_line(client); strncmp(line, PONG, strlen(PONG)) != 0;)
        line = client_line(client);
    return client;
}

static ab_session *session_of_last_guest(void)
{
    return &AB_CONTAINER(at->peers->callers.prev, ab_caller, place)->first;
}

/* Fires big events until one of them waits in our own queue. */
static unsigned block_the_way(unsigned from)
{
    unsigned number = from;
    door_lock(at);
    while (session_of_last_guest()->outbox.queued == 0) {
        door_fire(at, number++, BIG);
        cr_assert_lt(number - from, 1000, "the kernel takes everything");
    }
    door_unlock(at);
    return number;
}

/* The next line, however long: what it is and its number. */
static unsigned next_number(int client, char kind[8])
{
    static char line[100000];
    size_t length = 0;
    while (length == 0 || line[length - 1] != '\n') {
        ssize_t got = recv(client, line + length, 1, 0);
        cr_assert_eq(got, 1, "no line came");
        length += (size_t)got;
        if (length > 200 && line[length - 1] != '\n') { /* what a value is filled with */
            char rest[4096];
            ssize_t seen = recv(client, rest, sizeof rest, MSG_PEEK);
            cr_assert_gt(seen, 0);
            const char *end = memchr(rest, '\n', (size_t)seen);
            size_t taken = end != NULL ? (size_t)(end - rest) : (size_t)seen;
            if (taken > 0)
                cr_assert_eq(recv(client, rest, taken, 0), (ssize_t)taken);
        }
    }
    line[length] = '\0';
    const char *value = strchr(line, '[');
    kind[0] = '\0';
    if (strstr(line, "\"changed\"") != NULL)
        strcpy(kind, "changed");
    else if (strstr(line, "\"fired\"") != NULL)
        strcpy(kind, "fired");
    return value == NULL ? 0 : (unsigned)strtoul(value + 1, NULL, 10);
}

static void expect_number(int client, const char *kind, unsigned number)
{
    char got[8];
    unsigned it = next_number(client, got);
    cr_assert_str_eq(got, kind, "%s %u instead of %s %u", got, it, kind, number);
    cr_assert_eq(it, number, "%s %u instead of %u", kind, it, number);
}

Test(saying, goes_out_at_once_while_the_client_reads)
{
    int client = guest_who_says(BIND, WATCH LISTEN);
    door_lock(at);
    door_set(at, 1, 0);
    door_fire(at, 2, 0);
    door_answer(at, 7);
    door_set(at, 3, 0);
    cr_assert(ab_outbox_is_idle(&session_of_last_guest()->outbox));
    door_unlock(at);
    client_expect(client, "{\"_type\":3,\"_id\":\"0\",\"_command\":\"changed\",\"name\":\"object\","
                          "\"value\":[1,\"\"]}");
    client_expect(client, "{\"_type\":3,\"_id\":\"0\",\"_command\":\"fired\",\"name\":\"event\","
                          "\"args\":[2,\"\"]}");
    client_expect(client, "{\"_type\":2,\"_id\":7,\"result\":true}");
    expect_number(client, "changed", 3);
    client_close(client);
}

Test(saying, keeps_the_place_of_the_oldest_change_and_says_the_latest_value)
{
    int client = guest_who_says(BIND, WATCH LISTEN);
    unsigned next = block_the_way(0);
    door_lock(at);
    door_set(at, 5000, 10);
    door_fire(at, 5001, 10);
    door_set(at, 5002, 10);
    door_answer(at, 5003);
    door_set(at, 5004, 10);
    door_unlock(at);
    for (unsigned number = 0; number < next; number++)
        expect_number(client, "fired", number);
    expect_number(client, "changed", 5004);
    expect_number(client, "fired", 5001);
    client_expect(client, "{\"_type\":2,\"_id\":5003,\"result\":true}");
    client_send(client, PING);
    client_expect(client, PONG);
    client_close(client);
}

static size_t resident(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    cr_assert_not_null(file);
    cr_assert_eq(fscanf(file, "%*u %zu", &pages), 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

Test(saying, costs_little_when_a_watcher_does_not_read_and_delays_nobody, .timeout = 60)
{
    enum {
        CHANGES = 20000
    };
    int slow = guest_who_says(BIND, WATCH), other = guest_who_says(BIND, WATCH LISTEN);
    size_t before = resident();
    char kind[8];
    unsigned seen = 0;
    for (unsigned number = 1; number <= CHANGES; number++) {
        door_lock(at);
        door_set(at, number, number % 100 == 0 ? 65536 : 30000);
        door_unlock(at);
        /* Who reads keeps up. */
        if (number % 100 == 0) {
            while (seen < number) {
                seen = next_number(other, kind);
                cr_assert_leq(seen, number);
            }
        }
    }
    size_t grown = resident() - before;
    cr_assert(HAS_SANITIZER || grown <= 8U << 20, "%zu bytes", grown);
    door_lock(at);
    const ab_session *session = &AB_CONTAINER(at->peers->callers.next, ab_caller, place)->first;
    cr_assert_leq(ab_session_owed(session), 2 * 65536 + 200);
    door_unlock(at);

    unsigned last = 0, lines = 0;
    while (last < CHANGES) {
        unsigned now = next_number(slow, kind);
        cr_assert_geq(now, last, "%u after %u", now, last);
        last = now;
        lines++;
    }
    cr_assert_lt(lines, CHANGES);
    client_close(slow);
    client_close(other);
}

Test(saying, ends_with_a_reason_for_whoever_reads_no_events)
{
    int old = guest_who_says(BIND, LISTEN), other = guest_who_says(BIND, WATCH),
        slow = guest_who_says(OURS, LISTEN);
    client_close(old);
    door_wait_count(at, &at->unbound, 1);
    unsigned fired = 0;
    door_lock(at);
    for (; !session_of_last_guest()->is_over; fired++) {
        cr_assert_lt(fired, 1000, "nothing ends it");
        cr_assert_leq(ab_session_owed(session_of_last_guest()), at->limits.max_queued);
        door_fire(at, fired, BIG);
    }
    cr_assert_eq(session_of_last_guest()->outbox.queued, 0);
    /* It may still be told, and hears nothing of it. */
    door_fire(at, 99999, 10);
    door_set(at, 1, 10);
    door_answer(at, 5);
    door_unlock(at);
    door_wait_count(at, &at->unbound, 2);
    char kind[8];
    unsigned number = 0;
    for (unsigned i = next_number(slow, kind); kind[0] != '\0'; i = next_number(slow, kind))
        cr_assert_eq(i, number++);
    cr_assert_lt(number, fired);
    client_expect_end(slow);
    expect_number(other, "changed", 1);
    client_expect(other, "{\"_type\":2,\"_id\":5,\"result\":true}");
    client_send(other, PING);
    client_expect(other, PONG);
    client_close(other);
    client_close(slow);
}

Test(saying, never_drops_answers)
{
    int client = guest_who_says(OURS, LISTEN);
    unsigned next = block_the_way(0);
    door_lock(at);
    for (unsigned id = 1; id <= 100000; id++)
        door_answer(at, id);
    cr_assert_gt(ab_session_owed(session_of_last_guest()), at->limits.max_queued);
    cr_assert_not(session_of_last_guest()->is_over);
    door_unlock(at);
    for (unsigned number = 0; number < next; number++)
        expect_number(client, "fired", number);
    for (unsigned id = 1; id <= 100000; id++) {
        char line[64];
        snprintf(line, sizeof line, "{\"_type\":2,\"_id\":%u,\"result\":true}", id);
        client_expect(client, line);
    }
    client_close(client);
}

Test(saying, asks_no_more_questions_of_whoever_lets_answers_of_any_kind_pile_up)
{
    int client = guest_who_says(BIND, LISTEN);
    unsigned next = block_the_way(0);
    door_lock(at);
    for (unsigned id = 1; id <= 5000; id++)
        door_answer(at, id);
    unsigned asked = at->asked;
    door_unlock(at);
    client_send(client, "{\"_id\":9,\"_command\":\"echo\",\"value\":9}\n");
    ab_session *session = session_of_last_guest();
    for (bool is_paused = false; !is_paused;) {
        door_lock(at);
        is_paused = session->caller->is_paused;
        cr_assert_eq(at->asked, asked, "it was heard though it does not read");
        door_unlock(at);
    }
    for (unsigned number = 0; number < next; number++)
        expect_number(client, "fired", number);
    for (unsigned id = 1; id <= 5000; id++)
        client_line(client);
    client_expect(client, "{\"_type\":2,\"_id\":9,\"value\":9}");
    client_close(client);
}

Test(saying, goodbye_with_the_sentence_to_one_of_us_behind_all_that_was_said)
{
    int ours = guest_who_says(OURS, WATCH LISTEN), old = guest_who_says(BIND, WATCH LISTEN);
    door_lock(at);
    door_fire(at, 1, 10);
    door_set(at, 2, 10);
    door_withdraw(at, &at->other, "The lamp was \"sold\".");
    cr_assert_eq(at->unbound, 2);
    door_unlock(at);
    expect_number(ours, "fired", 1);
    expect_number(ours, "changed", 2);
    client_expect(ours, "{\"_type\":3,\"_id\":\"0\",\"_command\":\"unbound\","
                        "\"text\":\"The lamp was \\\"sold\\\".\"}");
    client_expect_end(ours);
    expect_number(old, "fired", 1);
    expect_number(old, "changed", 2);
    client_expect_end(old);
    client_close(ours);
    client_close(old);
}

Test(saying, goodbye_to_a_slow_reader_includes_the_latest_values)
{
    int client = guest_who_says(OURS, WATCH LISTEN);
    unsigned next = block_the_way(0);
    door_lock(at);
    door_set(at, 7000, 10);
    door_withdraw(at, &at->other, "Sold.");
    door_set(at, 7001, 10);
    door_unlock(at);
    for (unsigned number = 0; number < next; number++)
        expect_number(client, "fired", number);
    expect_number(client, "changed", 7000);
    client_expect(client,
                  "{\"_type\":3,\"_id\":\"0\",\"_command\":\"unbound\",\"text\":\"Sold.\"}");
    client_expect_end(client);
    client_close(client);
}

Test(saying, asks_one_of_us_for_a_sign_of_life_and_no_other)
{
    int ours = guest_who_says(OURS, ""), old = guest_who_says(BIND, "");
    door_pass(at, AB_MS(6000));
    const char *line = client_line(ours);
    unsigned id;
    cr_assert_eq(sscanf(line, "{\"_type\":1,\"_id\":\"%u\",\"_command\":\"ping\"}", &id), 1, "%s",
                 line);
    char answer[64];
    snprintf(answer, sizeof answer, "{\"_type\":2,\"_id\":\"%u\"}\n" PING, id);
    client_send(ours, answer);
    do
        line = client_line(ours);
    while (strstr(line, "\"ping\"") != NULL);
    cr_assert_str_eq(line, PONG "\r\n", "%s", line);
    client_expect_silence(old);
    client_close(ours);
    client_close(old);
}

Test(saying, goodbye_to_one_of_us_who_is_silent_for_a_minute)
{
    int ours = guest_who_says(OURS, ""), old = guest_who_says(BIND, "");
    door_pass(at, AB_MS(59000));
    door_wait_count(at, &at->unbound, 0);
    door_pass(at, AB_MS(3000));
    door_wait_count(at, &at->unbound, 1);
    const char *line;
    do
        line = client_line(ours);
    while (strstr(line, "\"ping\"") != NULL);
    cr_assert_str_eq(line, "{\"_type\":3,\"_id\":\"0\",\"_command\":\"unbound\","
                           "\"text\":\"You have been silent for too long.\"}\r\n");
    client_expect_end(ours);
    client_send(old, PING);
    client_expect(old, PONG);
    client_close(ours);
    client_close(old);
}

Test(saying, nothing_to_responses_of_one_of_us)
{
    int client = guest_who_says(OURS, "{\"_type\":2,\"_id\":77}\n"
                                      "{\"_type\":2,\"_id\":78,\"_command\":\"echo\",\"value\":1}\n"
                                      "{\"_type\":2,\"_id\":79,\"_error\":{\"text\":\"No.\"}}\n");
    client_expect_silence(client);
    door_wait_count(at, &at->asked, 0);
    client_close(client);
}

/* Credit is a promise to read, and no more than that. */
Test(saying, no_more_on_a_channel_than_may_wait_whatever_the_credit)
{
    static char value[BIG];
    memset(value, '1', sizeof value);
    at->offers_channels = true;
    int client = guest_who_says(BIND, "{\"_command\":\"open\",\"channel\":1,\"name\":\"chat\","
                                      "\"credit\":9007199254740992}\n");
    autobus_channel *channel = at->offered;
    cr_assert_eq(ab_channel_accept(channel, NULL, NULL, NULL), AUTOBUS_OK);
    autobus_result result = AUTOBUS_OK;
    for (int left = 10000; left > 0 && result == AUTOBUS_OK; left--)
        result = ab_channel_send(channel, (ab_slice){value, sizeof value});
    cr_assert_eq(result, AUTOBUS_BUSY);
    door_lock(at);
    size_t owed = ab_session_owed(session_of_last_guest());
    door_unlock(at);
    cr_assert(owed > 0 && owed <= at->limits.max_queued + BIG, "%zu bytes wait", owed);
    static char bytes[1 << 20];
    while (result == AUTOBUS_BUSY) {
        cr_assert_gt(recv(client, bytes, sizeof bytes, 0), 0);
        result = ab_channel_send(channel, AB_SLICE("1"));
    }
    cr_assert_eq(result, AUTOBUS_OK, "it goes on once all was read");
    client_close(client);
    door_wait_count(at, &at->unbound, 1);
    ab_channel_free(channel);
    door_lock(at);
    ab_channel_settle(channel, "");
    door_unlock(at);
    (void)ab_deliveries_dispatch(at->seat.deliveries);
}
