/* SPDX-License-Identifier: MIT
 * The side under test and its visitors. Waits for conditions with a bound, never for time. */
#include "unit/peer/door.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/error.h"
#include "net/linger.h"
#include "net/unix_socket.h"
#include "peer/caller.h"

#define PATIENCE_SECONDS 10

AB_UNCHECKED void door_lock(door *at)
{
    ab_lock_take(ab_loop_lock(at->loop));
}

AB_UNCHECKED void door_unlock(door *at)
{
    ab_lock_drop(ab_loop_lock(at->loop));
}

static door *open_with(const ab_peer_limits *limits, const char *folder, bool has_fake_clock)
{
    door *at = ab_alloc(1, sizeof *at);
    if (folder == NULL && transport_is_unix()) {
        cr_assert(transport_make_folder(at->folder));
        folder = at->folder;
    }
    at->limits = *limits;
    ab_clock_fake_init(&at->clock, AB_MS(1000000));
    at->loop = ab_loop_new(has_fake_clock ? &at->clock.clock : NULL, NULL, NULL);
    cr_assert_not_null(at->loop, "%s", autobus_last_error());
    ab_seat_init(&at->seat, NULL);
    at->seat.loop = at->loop;
    at->seat.lock = ab_loop_lock(at->loop);
    at->seat.deliveries = ab_deliveries_new(at->loop, true);
    ab_list_init(&at->guests);
    door_lock(at);
    autobus_result result =
        ab_peers_new(&at->seat, 0, DOOR_BUS, &at->limits, &door_ops, at, &at->peers);
    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
    if (folder != NULL)
        ab_peers_listen_near(at->peers, folder);
    door_unlock(at);
    cr_assert_eq(ab_loop_start(at->loop), AUTOBUS_OK, "%s", autobus_last_error());
    return at;
}

static const ab_peer_limits usual = {
    .max_inbound = 8192,
    .max_unbound_per_source = 64,
    .max_message = 4194304,
    .max_queued = 1048576,
    .max_calls = 64,
    .max_channels = 16,
    .window = 65536,
    .unbound_life = AB_MS(30000),
    .unresponsive = AB_MS(10000),
    .silence = AB_MS(60000),
    .has_frames = true,
};

door *door_open(void)
{
    return open_with(&usual, NULL, true);
}

door *door_open_near(const char *folder)
{
    return open_with(&usual, folder, true);
}

door *door_open_in_real_time(void)
{
    return open_with(&usual, NULL, false);
}

door *door_open_with(const ab_peer_limits *limits)
{
    return open_with(limits, NULL, true);
}

void door_close(door *at)
{
    ab_loop_stop(at->loop);
    door_lock(at);
    ab_peers_free(at->peers);
    cr_assert(ab_list_is_empty(&at->guests), "a guest was forgotten");
    ab_deliveries_free(at->seat.deliveries);
    ab_linger_abandon(at->loop);
    door_unlock(at);
    ab_loop_free(at->loop);
    ab_text_unref(at->value);
    free(at);
}

typedef struct door_turn {
    ab_task task;
    door *at;
    uint64_t name; /* the bus takes it; 0: it keeps its own */
    bool is_over;
} door_turn;

static void end_turn(ab_task *task)
{
    door_turn *turn = AB_CONTAINER(task, door_turn, task);
    if (turn->name != 0)
        ab_peers_set_bus(turn->at->peers, turn->name);
    turn->is_over = true;
}

AB_UNCHECKED void door_rename(door *at, uint64_t bus)
{
    door_turn turn = {.at = at, .name = bus};
    ab_task_init(&turn.task, end_turn);
    door_lock(at);
    ab_loop_post(at->loop, &turn.task);
    while (!turn.is_over) {
        door_unlock(at);
        poll(NULL, 0, 1);
        door_lock(at);
    }
    door_unlock(at);
}

static bool is_owed(const door *at) AB_LOCKED
{
    ab_stream_acks acks;
    AB_LIST_FOR (each, &at->peers->callers) {
        if (ab_stream_ask_kernel(AB_CONTAINER(each, ab_caller, place)->stream, &acks) &&
            acks.is_owing)
            return true;
    }
    return false;
}

AB_UNCHECKED void door_pass(door *at, ab_time time)
{
    for (ab_time passed = 0; passed < time; passed += AB_MS(500)) {
        door_turn turn = {.at = at};
        ab_task_init(&turn.task, end_turn);
        door_lock(at);
        ab_clock_fake_advance(&at->clock, AB_MS(500));
        ab_loop_post(at->loop, &turn.task);
        for (int left = 1000; !turn.is_over || (is_owed(at) && left > 0); left--) {
            door_unlock(at);
            poll(NULL, 0, 1);
            door_lock(at);
        }
        door_unlock(at);
    }
}

uint64_t door_stat(door *at, autobus_stat which)
{
    door_lock(at);
    uint64_t value = ab_peers_stat(at->peers, which);
    door_unlock(at);
    return value;
}

static bool is_over(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - start->tv_sec > PATIENCE_SECONDS;
}

void door_wait_stat(door *at, autobus_stat which, uint64_t value)
{
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    while (door_stat(at, which) != value) {
        cr_assert_not(is_over(&start), "counter %d is %d, not %d", (int)which,
                      (int)door_stat(at, which), (int)value);
        poll(NULL, 0, 1);
    }
}

void door_wait_count(door *at, const unsigned *count, unsigned value)
{
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (;;) {
        door_lock(at);
        unsigned now = *count;
        door_unlock(at);
        if (now == value)
            return;
        cr_assert_not(is_over(&start), "a count is %u, not %u", now, value);
        poll(NULL, 0, 1);
    }
}

size_t door_unbound_sessions(door *at)
{
    door_lock(at);
    size_t count = 0, cursor = 0;
    ab_peer_host *host;
    while ((host = ab_map_next(&at->peers->hosts, &cursor)) != NULL)
        count += host->unbound;
    door_unlock(at);
    return count;
}

static void be_patient(int client)
{
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static int connect_between(const char *here, const char *there, uint16_t port)
{
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(here)};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(there), .sin_port = htons(port)};
    be_patient(client);
    cr_assert_eq(bind(client, (struct sockaddr *)&from, sizeof from), 0, "%s", strerror(errno));
    cr_assert_eq(connect(client, (struct sockaddr *)&to, sizeof to), 0, "%s", strerror(errno));
    return client;
}

int client_connect_from(door *at, unsigned last)
{
    char here[32];
    snprintf(here, sizeof here, "127.0.0.%u", last);
    return connect_between(here, "127.0.0.1", ab_peers_port(at->peers));
}

int client_connect_to(door *at, const char *address)
{
    return connect_between(address, address, ab_peers_port(at->peers));
}

int client_connect_to_port(uint16_t port)
{
    return connect_between("127.0.0.1", "127.0.0.1", port);
}

int client_connect_near(const char *folder, uint64_t bus)
{
    int client = ab_unix_socket_dial(folder, bus);
    cr_assert_geq(client, 0);
    fcntl(client, F_SETFL, 0);
    be_patient(client);
    return client;
}

int client_connect(door *at)
{
    return at->folder[0] != '\0' ? client_connect_near(at->folder, at->peers->bus)
                                 : client_connect_from(at, 1);
}

void client_send(int client, const char *text)
{
    size_t length = strlen(text);
    cr_assert_eq(send(client, text, length, MSG_NOSIGNAL), (ssize_t)length, "%s", strerror(errno));
}

const char *client_line(int client)
{
    static char line[65536];
    size_t length = 0;
    const char *end = NULL;
    while (end == NULL && length < sizeof line - 1) {
        /* What is behind the line stays in the socket. */
        ssize_t got = recv(client, line + length, sizeof line - 1 - length, MSG_PEEK);
        if (got <= 0) {
            cr_assert(got == 0 || errno == ECONNRESET, "no line came: %s", strerror(errno));
            break;
        }
        end = memchr(line + length, '\n', (size_t)got);
        size_t taken = end != NULL ? (size_t)(end + 1 - line) - length : (size_t)got;
        cr_assert_eq(recv(client, line + length, taken, 0), (ssize_t)taken);
        length += taken;
    }
    line[length] = '\0';
    return line;
}

void client_expect(int client, const char *line)
{
    char wanted[65536];
    snprintf(wanted, sizeof wanted, "%s\r\n", line);
    const char *got = client_line(client);
    cr_assert_str_eq(got, wanted, "got %s instead of %s", got, wanted);
}

void client_expect_end(int client)
{
    const char *got = client_line(client);
    cr_assert_str_eq(got, "", "got %s instead of the end", got);
}

void client_expect_silence(int client)
{
    char byte;
    ssize_t got = recv(client, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    cr_assert(got < 0 && errno == EAGAIN, "something came");
}

void client_close(int client)
{
    close(client);
}
