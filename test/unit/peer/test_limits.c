/* SPDX-License-Identifier: MIT
 * What strangers can take from us: connections, time, memory. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "net/linger.h"
#include "peer/caller.h"
#include "support/own_network.h"
#include "unit/peer/door.h"

#define BIND      "{\"_type\":1,\"_id\":1,\"_command\":\"bind\",\"service\":\"other\"}\n"
#define BOUND     "{\"_type\":2,\"_id\":1,\"service\":\"other\"}"
#define PING      "{\"_id\":2,\"_command\":\"ping\"}\n"
#define PONG      "{\"_type\":2,\"_id\":2}"
#define AWAY(why) "{\"_type\":2,\"_id\":null,\"_error\":{\"text\":\"" why "\",\"code\":\"busy\"}}"
#define REFUSE    "{\"_id\":1,\"_command\":\"bind\",\"service\":\"none\"}\n"

static const ab_peer_limits small = {
    .max_inbound = 4,
    .max_unbound_per_source = 2,
    .max_message = 100000,
    .unbound_life = AB_MS(30000),
};

static void pass(door *at, ab_time time)
{
    ab_clock_fake_advance(&at->clock, time);
}

Test(limits, a_host_has_64_connections_that_are_not_bound)
{
    door *at = door_open();
    int clients[64];
    for (int i = 0; i < 64; i++)
        clients[i] = client_connect(at);
    door_wait_stat(at, AUTOBUS_STAT_ACCEPTED, 64);
    cr_assert_eq(door_unbound_sessions(at), 64);
    int one_more = client_connect(at);
    client_expect(one_more, AWAY("Too many connections of your host have not bound yet."));
    client_expect_end(one_more);
    cr_assert_eq(door_stat(at, AUTOBUS_STAT_REFUSED), 1);

    /* Others are not kept out, and who binds makes room. */
    int other = client_connect_from(at, 2);
    client_send(other, BIND);
    client_expect(other, BOUND);
    client_send(clients[0], BIND);
    client_expect(clients[0], BOUND);
    int next = client_connect(at);
    client_send(next, BIND);
    client_expect(next, BOUND);
    for (int i = 1; i < 64; i++) {
        client_send(clients[i], BIND);
        client_expect(clients[i], BOUND);
    }
    cr_assert_eq(door_unbound_sessions(at), 0);
    door_close(at);
}

Test(limits, all_hosts_together_have_so_many_connections)
{
    door *at = door_open_with(&small);
    int clients[4];
    for (unsigned i = 0; i < 4; i++) {
        clients[i] = client_connect_from(at, 10 + i);
        client_send(clients[i], BIND);
        client_expect(clients[i], BOUND);
    }
    int too_many = client_connect_from(at, 20);
    client_expect(too_many, AWAY("This bus has as many connections as it takes."));
    client_expect_end(too_many);
    client_close(clients[0]);
    door_wait_count(at, &at->unbound, 1);
    int next = client_connect_from(at, 21);
    client_send(next, BIND);
    client_expect(next, BOUND);
    door_close(at);
}

Test(limits, another_host_has_at_most_half_of_all_connections)
{
    own_network_enter();
    own_network_ip("addr add 10.77.0.1/32 dev lo");
    ab_peer_limits limits = small;
    limits.max_inbound = 6;
    door *at = door_open_with(&limits);
    for (int i = 0; i < 3; i++) {
        int client = client_connect_to(at, "10.77.0.1");
        client_send(client, BIND);
        client_expect(client, BOUND);
    }
    int fourth = client_connect_to(at, "10.77.0.1");
    client_expect(fourth, AWAY("This bus has as many connections as it takes from one host."));
    client_expect_end(fourth);
    for (int i = 0; i < 3; i++) {
        int client = client_connect(at);
        client_send(client, BIND);
        client_expect(client, BOUND);
    }
    door_close(at);
    own_network_leave();
}

Test(limits, half_of_the_descriptors_stay_the_programs)
{
    struct rlimit usual, low;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &usual), 0);
    low = (struct rlimit){.rlim_cur = 400, .rlim_max = usual.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
    door *at = door_open();
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &usual), 0);
    for (int i = 0; i < 200; i++) {
        int client = client_connect(at);
        client_send(client, BIND);
        client_expect(client, BOUND);
    }
    int too_many = client_connect(at);
    client_expect(too_many, AWAY("This bus has as many connections as it takes."));
    client_expect_end(too_many);
    cr_assert_eq(door_stat(at, AUTOBUS_STAT_REFUSED), 1);
    door_close(at);
}

Test(limits, who_does_not_bind_within_30_seconds_is_closed)
{
    door *at = door_open();
    int silent = client_connect(at), slow = client_connect(at), early = client_connect(at),
        bound = client_connect(at);
    client_send(slow, "{\"_id\":1,");
    client_send(early, PING);
    client_expect(early,
                  "{\"_type\":2,\"_id\":2,\"_error\":{\"text\":\"Bind to a service first.\"}}");
    client_send(bound, BIND);
    client_expect(bound, BOUND);

    pass(at, AB_MS(29900));
    client_send(bound, PING);
    client_expect(bound, PONG);
    client_expect_silence(silent);
    client_expect_silence(slow);
    pass(at, AB_MS(200));
    client_expect_end(silent);
    client_expect_end(slow);
    client_expect_end(early);
    client_send(bound, PING);
    client_expect(bound, PONG);
    cr_assert_eq(door_stat(at, AUTOBUS_STAT_REFUSED), 3);
    pass(at, AB_MS(86400000));
    client_send(bound, PING);
    client_expect(bound, PONG);
    door_close(at);
}

Test(limits, dripping_a_byte_now_and_then_gains_no_time)
{
    door *at = door_open();
    int client = client_connect(at);
    door_wait_stat(at, AUTOBUS_STAT_ACCEPTED, 1);
    static const char drip[] = "{\"_id\":1,\"_command\":\"bind\",\"service\":\"other\"";
    for (int i = 0; i < 29; i++) {
        char byte[2] = {drip[i], '\0'};
        client_send(client, byte);
        pass(at, AB_MS(1000));
        client_expect_silence(client);
    }
    pass(at, AB_MS(1100));
    client_expect_end(client);
    door_close(at);
}

/* A line of `length` bytes before its end. */
static char *line_of(size_t length)
{
    char *text = malloc(length + 2);
    memset(text, ' ', length);
    text[0] = '{';
    text[length - 1] = '}';
    strcpy(text + length, "\n");
    return text;
}

Test(limits, a_line_before_bind_has_at_most_16_KiB)
{
    door *at = door_open();
    int client = client_connect(at);
    char *text = line_of(16384);
    client_send(client, text);
    client_send(client, BIND);
    client_expect(client, BOUND);
    free(text);

    text = line_of(16385);
    for (int is_complete = 0; is_complete < 2; is_complete++) {
        text[16385] = is_complete ? '\n' : '\0';
        client = client_connect(at);
        client_send(client, text);
        client_expect(
            client,
            "{\"_type\":2,\"_id\":null,\"_error\":{\"text\":\"That line is longer than 16384 bytes.\"}}");
        client_expect_end(client);
        client_close(client);
    }
    free(text);
    cr_assert_eq(door_stat(at, AUTOBUS_STAT_REFUSED), 2);
    door_close(at);
}

Test(limits, a_line_after_bind_has_at_most_what_was_set)
{
    door *at = door_open_with(&small);
    int client = client_connect(at);
    client_send(client, BIND);
    client_expect(client, BOUND);
    char *text = line_of(100000);
    client_send(client, text);
    client_send(client, PING);
    client_expect(client, PONG);
    free(text);
    text = line_of(100001);
    client_send(client, text);
    client_expect(
        client,
        "{\"_type\":2,\"_id\":null,\"_error\":{\"text\":\"That line is longer than 100000 bytes.\"}}");
    client_expect_end(client);
    free(text);
    door_wait_count(at, &at->unbound, 1);
    door_close(at);
}

Test(limits, who_does_not_read_the_answers_is_not_asked_further)
{
    door *at = door_open();
    int client = client_connect(at);
    int little = 65536;
    setsockopt(client, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    client_send(client, BIND);
    client_expect(client, BOUND);

    /* Questions with long answers, as many as go in. */
    char question[8192] = "{\"_id\":3,\"_command\":\"echo\",\"value\":\"";
    size_t start = strlen(question);
    memset(question + start, 'x', 4000);
    strcpy(question + start + 4000, "\"}\n");
    size_t length = strlen(question), sent = 0;
    struct pollfd room = {.fd = client, .events = POLLOUT};
    while (poll(&room, 1, 200) == 1) {
        ssize_t now = send(client, question + sent % length, length - sent % length,
                           MSG_DONTWAIT | MSG_NOSIGNAL);
        cr_assert(now > 0 || errno == EAGAIN);
        sent += now > 0 ? (size_t)now : 0;
        cr_assert_lt(sent, 64U << 20, "nothing holds it back");
    }
    door_lock(at);
    const ab_caller *caller = AB_CONTAINER(at->peers->callers.next, ab_caller, place);
    cr_assert(caller->is_paused);
    cr_assert_leq(ab_stream_pending(caller->stream), 65536 + 65536);
    cr_assert_leq(ab_buffer_length(caller->in), 65536 + length);
    door_unlock(at);

    /* Once it reads, everything is answered, in order and completely. */
    for (size_t i = 0; i < sent / length; i++) {
        const char *answer = client_line(client);
        cr_assert_eq(strlen(answer), strlen("{\"_type\":2,\"_id\":3,\"value\":\"\"}\r\n") + 4000);
    }
    door_close(at);
}

Test(limits, who_is_not_bound_and_does_not_read_is_closed)
{
    door *at = door_open();
    int client = client_connect(at);
    int little = 65536;
    setsockopt(client, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    char many[64 * 30 + 1] = "";
    for (int i = 0; i < 64; i++)
        strcat(many, PING);
    ssize_t now;
    size_t sent = 0;
    while ((now = send(client, many, strlen(many), MSG_NOSIGNAL)) > 0) {
        sent += (size_t)now;
        cr_assert_lt(sent, 256U << 20, "nothing ends it");
        if (door_stat(at, AUTOBUS_STAT_REFUSED) == 1)
            break;
    }
    door_wait_stat(at, AUTOBUS_STAT_REFUSED, 1);
    cr_assert_eq(door_unbound_sessions(at), 0);
    door_close(at);
}

Test(limits, lines_that_never_end_take_64_MiB_all_together)
{
    ab_peer_limits limits = {.max_inbound = 64,
                             .max_unbound_per_source = 64,
                             .max_message = 4U << 20,
                             .unbound_life = AB_MS(30000)};
    door *at = door_open_with(&limits);
    size_t length = (4U << 20) - 16;
    char *text = line_of(length);
    text[length] = '\0';
    int clients[24], refused = 0;
    for (int i = 0; i < 24; i++) {
        clients[i] = client_connect(at);
        client_send(clients[i], BIND);
        client_expect(clients[i], BOUND);
        (void)!send(clients[i], text, length, MSG_NOSIGNAL);
        door_lock(at);
        cr_assert_leq(at->peers->held, (64U << 20) + 65536);
        door_unlock(at);
        refused = (int)door_stat(at, AUTOBUS_STAT_REFUSED);
    }
    cr_assert_gt(refused, 0);
    for (int i = 0; i < 24; i++)
        client_close(clients[i]);
    door_wait_count(at, &at->unbound, 24);
    door_lock(at);
    cr_assert_eq(at->peers->held, 0);
    door_unlock(at);
    free(text);
    door_close(at);
}

Test(limits, storms_of_refused_binds_are_cheap_and_each_hears_why, .timeout = 60)
{
    door *at = door_open();
    int bound = client_connect(at);
    client_send(bound, BIND);
    client_expect(bound, BOUND);
    for (int i = 0; i < 3000; i++) {
        int client = client_connect(at);
        client_send(client, REFUSE);
        client_expect(client, "{\"_type\":2,\"_id\":1,\"_error\":{\"text\":"
                              "\"The service you attempted to bind to does not exist.\"}}");
        client_expect_end(client);
        client_close(client);
    }
    client_send(bound, PING);
    client_expect(bound, PONG);
    cr_assert_eq(door_stat(at, AUTOBUS_STAT_ACCEPTED), 3001);
    cr_assert_eq(door_unbound_sessions(at), 0);
    door_lock(at);
    cr_assert_eq(at->peers->count, 1);
    cr_assert_leq(ab_linger_count(at->loop), 1);
    cr_assert_eq(at->bound, 1);
    door_unlock(at);
    door_close(at);
}

Test(limits, a_storm_whose_clients_never_close_leaves_room_for_others)
{
    door *at = door_open();
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    cr_assert_geq(files.rlim_max, 4096);
    /* The clock stands still: no patience ever ends. */
    for (int i = 0; i < 1200; i++) {
        int client = client_connect(at);
        client_send(client, REFUSE);
        client_line(client);
        client_expect_end(client);
    }
    int other = client_connect(at);
    client_send(other, BIND);
    client_expect(other, BOUND);
    door_lock(at);
    cr_assert_eq(at->peers->count, 1);
    cr_assert_gt(at->peers->polite, 1024);
    door_unlock(at);
    door_close(at);
}
