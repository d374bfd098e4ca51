/* SPDX-License-Identifier: MIT
 * The same bytes get the same answers, wherever the stream is cut. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/compiler.h"
#include "unit/peer/door.h"

/* A question and what is answered to it, "" for nothing. */
typedef struct exchange {
    const char *said, *heard;
} exchange;

#define ERROR(id, text) "{\"_type\":2,\"_id\":" id ",\"_error\":{\"text\":\"" text "\"}}\r\n"
#define ECHO(id, value)                                                 \
    {                                                                   \
        "{\"_id\":" id ",\"_command\":\"echo\",\"value\":" value "}\n", \
            "{\"_type\":2,\"_id\":" id ",\"value\":" value "}\r\n"      \
    }
#define CHANGED \
    "{\"_type\":3,\"_id\":\"0\",\"_command\":\"changed\",\"name\":\"object\",\"value\":null}\r\n"

/* Blank lines, both line ends, an early command, a key written with an escape. */
static const exchange first[] = {
    {"\r\n \n{\"_id\":0,\"_command\":\"ping\"}\n", ERROR("0", "Bind to a service first.")},
    {"{\"_type\": 1, \"_id\": \"c-1\", \"_command\": \"b\\u0069nd\", \"service\": \"other\"}\r\n",
     "{\"_type\":2,\"_id\":\"c-1\",\"service\":\"other\"}\r\n"},
    {"{\"_type\":3,\"_command\":\"open\",\"channel\":1,\"name\":\"c\",\"credit\":1}\n",
     "{\"_type\":3,\"_id\":\"0\",\"_command\":\"close\",\"channel\":1,\"code\":\"not found\","
     "\"text\":\"There is no such channel.\"}\r\n"},
};

/* Said ten times over. Ids and values come back as they were written, whatever one may think of them. */
static const exchange middle[] = {
    {"  {\"_id\":[1,{\"x\":\"}\\\"\"}],\"_command\":\"ping\"}  \r\n\r\n",
     "{\"_type\":2,\"_id\":[1,{\"x\":\"}\\\"\"}]}\r\n"},
    {"{\"_command\":\"ping\"}\n", ""},
    {"{\"_type\":3,\"_id\":\"w\",\"_command\":\"watch\",\"name\":\"object\"}\n", CHANGED},
    {"{\"_id\":3,\"_command\":\"frobnicate\"}\n", ERROR("3", "That command does not exist.")},
    {"{\"_type\":3,\"_id\":\"l\",\"_command\":\"listen\",\"name\":\"event\"}\n", ""},
    {"{\"_type\":3,\"_id\":\"o\",\"_command\":\"data\",\"channel\":1,\"value\":1}\n", ""},
    {"{\"_id\":4,\"_command\":\"credit\",\"channel\":1,\"credit\":1}\n",
     "{\"_type\":2,\"_id\":4}\r\n"},
    {"{\"_id\":6,\"_command\":\"echo\"}\n",
     "{\"_type\":2,\"_id\":6,\"_error\":{\"text\":\"no value\",\"code\":\"invalid\"}}\r\n"},
    ECHO("9007199254740993", "9007199254740993"),
    ECHO("-0.0", "-0.0"),
    ECHO("1e400", "[1e400, -1e400, 1e-400]"),
    ECHO("123456789012345678901234567890", "123456789012345678901234567890"),
    ECHO("\"\\u0000\"", "\"a\\u0000b\""),
    ECHO("\"\xc3\xa9\"", "\"\xf0\x9f\x92\xa1 \\ud83d\\udca1 \\ud83d\""),
    ECHO("{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}"),
    ECHO("NaN", "[NaN, Infinity, -Infinity]"),
    ECHO("[[[[[[[[[[]]]]]]]]]]", "{\"\":{\"\":{\"\":[]}}}"),
    {"{\"_id\":7,\"_command\":\"echo\",\"value\":1,\"value\":2}\n",
     "{\"_type\":2,\"_id\":7,\"value\":2}\r\n"},
    {"{\"_id\":8,\"_command\":\"echo\",\"_command\":\"ping\"}\n", "{\"_type\":2,\"_id\":8}\r\n"},
    {"\n\n\r\n \t {\"_id\":9,\"_command\":\"ping\"}\n", "{\"_type\":2,\"_id\":9}\r\n"},
};

/* What is no object ends it; nothing behind that is heard. */
static const exchange last[] = {{"[1]\n", ""}, {"{\"_id\":5,\"_command\":\"ping\"}\n", ""}};

static char said[32768], heard[32768];
static size_t said_length;

static void write_down(const exchange *exchanges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cr_assert_lt(strlen(said) + strlen(exchanges[i].said), sizeof said);
        cr_assert_lt(strlen(heard) + strlen(exchanges[i].heard), sizeof heard);
        strcat(said, exchanges[i].said);
        /* Of nothing that comes after the end is anything heard. */
        if (exchanges != last)
            strcat(heard, exchanges[i].heard);
    }
    said_length = strlen(said);
}

static void write_all_down(void)
{
    said[0] = heard[0] = '\0';
    write_down(first, AB_COUNT(first));
    for (int i = 0; i < 10; i++)
        write_down(middle, AB_COUNT(middle));
    write_down(last, AB_COUNT(last));
}

TestSuite(cuts, .init = write_all_down);

/* How often the bus thread woke; its turn is over when we have the lock. */
static uint64_t wakes(door *at)
{
    door_lock(at);
    uint64_t count = ab_loop_wakes(at->loop);
    door_unlock(at);
    return count;
}

/* Sends a piece and waits until it has been read, so that the next one is a piece of its own. */
static void send_piece(door *at, int client, const char *bytes, size_t length)
{
    uint64_t before = wakes(at);
    (void)!send(client, bytes, length, MSG_NOSIGNAL);
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
        cr_assert_lt(now.tv_sec - start.tv_sec, 10, "nobody reads");
    } while (wakes(at) == before);
}

static void assert_heard(int client)
{
    static char got[sizeof heard + 65536];
    size_t length = 0;
    for (;;) {
        const char *line = client_line(client);
        if (line[0] == '\0')
            break;
        length += (size_t)snprintf(got + length, sizeof got - length, "%s", line);
        cr_assert_leq(length, strlen(heard), "more than was to be heard: %s", line);
    }
    got[length] = '\0';
    for (size_t i = 0; i <= length; i++)
        cr_assert_eq(got[i], heard[i], "%s instead of %s", got + i, heard + i);
    client_close(client);
}

static int come_in(door *at, unsigned visitor)
{
    int client = client_connect(at);
    door_wait_stat(at, AUTOBUS_STAT_ACCEPTED, visitor);
    return client;
}

Test(cuts, nowhere)
{
    door *at = door_open_in_real_time();
    int client = come_in(at, 1);
    client_send(client, said);
    assert_heard(client);
    door_close(at);
}

/* A long run cuts everywhere, a short one at a tenth of the places. */
static size_t stride(void)
{
    const char *scale = getenv("AUTOBUS_TEST_SCALE");
    return scale != NULL && strtod(scale, NULL) >= 1 ? 1 : 23;
}

Test(cuts, in_two_at_every_byte, .timeout = 240)
{
    door *at = door_open_in_real_time();
    unsigned visitors = 0;
    for (size_t cut = 1; cut < said_length; cut += stride()) {
        int client = come_in(at, ++visitors);
        send_piece(at, client, said, cut);
        (void)!send(client, said + cut, said_length - cut, MSG_NOSIGNAL);
        assert_heard(client);
    }
    door_close(at);
}

Test(cuts, at_every_byte_at_once, .timeout = 60)
{
    door *at = door_open_in_real_time();
    int client = come_in(at, 1);
    const char *end = strstr(said, "\n[1]") + 1;
    for (const char *byte = said; byte <= end; byte++)
        send_piece(at, client, byte, 1);
    assert_heard(client);
    door_close(at);
}

/* Says what can't be heard to its end, and whether that was bounded: no answer, and the connection is closed. */
static void assert_refused(const char *begin, const char *filling, size_t times)
{
    door *at = door_open_in_real_time();
    int client = come_in(at, 1);
    client_send(client, first[1].said);
    client_line(client);
    client_send(client, begin);
    for (size_t i = 0; i < times; i++) {
        if (send(client, filling, strlen(filling), MSG_NOSIGNAL) < 0)
            break;
    }
    (void)!send(client, "\n", 1, MSG_NOSIGNAL);
    client_expect_end(client);
    door_wait_count(at, &at->unbound, 1);
    door_close(at);
}

Test(cuts, of_what_has_no_end_and_no_bottom)
{
    char many[1001];
    memset(many, '[', 1000);
    many[1000] = '\0';
    assert_refused("", many, 1000);
    assert_refused("{\"_id\":1,\"_command\":\"echo\",\"value\":", many, 1000);
    for (size_t i = 0; i < 1000; i += 5)
        memcpy(many + i, "{\"\":[", 5);
    assert_refused("{\"_id\":1,\"_command\":\"echo\",\"value\":", many, 1000);
    assert_refused("{\"_id\":1,\"_command\":\"echo\",\"value\":\"\xc3\x28\"}", "", 0);
    assert_refused("{\"_id\":1,\"_command\":\"echo\",\"value\":\"\xed\xa0\x80\"}", "", 0);
    assert_refused("{\"_id\":1,\"_command\":\"echo\",\"value\":\"\x01\"}", "", 0);
    assert_refused("{\"_id\":1,\"_command\":\"echo\",\"value\":01}", "", 0);
}
