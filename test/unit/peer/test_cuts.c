/* SPDX-License-Identifier: MIT
 * The same bytes get the same answers, wherever the stream is cut. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/compiler.h"
#include "unit/peer/door.h"

/* Blank lines, both line ends, escapes, a line without an id, an early command, and noise at the end. */
static const char said[] =
    "\r\n \n{\"_id\":0,\"_command\":\"ping\"}\n"
    "{\"_type\": 1, \"_id\": \"c-1\", \"_command\": \"b\\u0069nd\", \"service\": \"other\"}\r\n"
    "  {\"_id\":[1,{\"x\":\"}\\\"\"}],\"_command\":\"ping\"}  \r\n\r\n"
    "{\"_command\":\"ping\"}\n"
    "{\"_id\":2,\"_command\":\"echo\",\"value\":\"\xc3\xa9\"}\n"
    "{\"_id\":3,\"_command\":\"frobnicate\"}\n"
    "[1]\n"
    "{\"_id\":4,\"_command\":\"ping\"}\n";

static const char heard[] =
    "{\"_type\":2,\"_id\":0,\"_error\":{\"text\":\"Bind to a service first.\"}}\r\n"
    "{\"_type\":2,\"_id\":\"c-1\",\"service\":\"other\"}\r\n"
    "{\"_type\":2,\"_id\":[1,{\"x\":\"}\\\"\"}]}\r\n"
    "{\"_type\":2,\"_id\":2,\"value\":\"\xc3\xa9\"}\r\n"
    "{\"_type\":2,\"_id\":3,\"_error\":{\"text\":\"That command does not exist.\"}}\r\n";

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
    char got[sizeof heard + 64];
    size_t length = 0;
    for (;;) {
        const char *line = client_line(client);
        if (line[0] == '\0')
            break;
        length += (size_t)snprintf(got + length, sizeof got - length, "%s", line);
        cr_assert_lt(length, sizeof got);
    }
    got[length] = '\0';
    cr_assert_str_eq(got, heard, "%s", got);
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

Test(cuts, in_two_at_every_byte, .timeout = 120)
{
    door *at = door_open_in_real_time();
    for (unsigned cut = 1; cut < sizeof said - 1; cut++) {
        int client = come_in(at, cut);
        send_piece(at, client, said, cut);
        (void)!send(client, said + cut, sizeof said - 1 - cut, MSG_NOSIGNAL);
        assert_heard(client);
    }
    door_close(at);
}

Test(cuts, at_every_byte_at_once)
{
    door *at = door_open_in_real_time();
    int client = come_in(at, 1);
    const char *end = strstr(said, "[1]");
    for (const char *byte = said; byte <= end; byte++)
        send_piece(at, client, byte, 1);
    assert_heard(client);
    door_close(at);
}
