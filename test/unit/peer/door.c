/* SPDX-License-Identifier: MIT
 * The side under test and its visitors. Waits for conditions with a bound, never for time. */
#include "unit/peer/door.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
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
#include "peer/peers.h"

#define PATIENCE_SECONDS 10

AB_UNCHECKED void door_lock(door *at)
{
    ab_lock_take(ab_loop_lock(at->loop));
}

AB_UNCHECKED void door_unlock(door *at)
{
    ab_lock_drop(ab_loop_lock(at->loop));
}

static void *op_bind(void *owner, ab_session *session, const ab_slice *service)
{
    door *at = owner;
    (void)session;
    int *context = NULL;
    if (service == NULL)
        context = &at->introspection;
    else if (ab_slice_is(*service, DOOR_OFFER) ||
             (at->also != NULL && ab_slice_is(*service, at->also)))
        context = &at->offer;
    else if (ab_slice_is(*service, DOOR_OTHER))
        context = &at->other;
    if (context != NULL)
        at->bound++;
    return context;
}

/* "echo" answers its "value"; "quit" withdraws the service it is said to. */
static bool op_command(void *owner, ab_session *session, void *context, const ab_message *message)
{
    door *at = owner;
    if (ab_message_is(message, "quit")) {
        ab_session_answer(session, message->id, NULL, (ab_slice){0});
        ab_peers_close_context(at->peers, context);
        return true;
    }
    if (!ab_message_is(message, "echo"))
        return false;
    ab_value value = ab_scan_member(message->whole, AB_SLICE("value"));
    if (value.kind == AB_KIND_NONE)
        ab_session_answer_error(session, message->id, "no value");
    else
        ab_session_answer(session, message->id, "value", value.text);
    return true;
}

static void op_unbound(void *owner, ab_session *session, void *context)
{
    door *at = owner;
    (void)session;
    (void)context;
    at->unbound++;
}

static void op_services(void *owner, ab_buffer *out, ab_value id, const ab_slice *after)
{
    door *at = owner;
    if (at->list != NULL) {
        at->list(out, id, after);
        return;
    }
    ab_presence presence = {
        .bus = DOOR_BUS, .sequence = 1, .count = (uint32_t)at->listed, .port = 1};
    char name[32] = "";
    if (after != NULL && !at->stays_at_the_start)
        snprintf(name, sizeof name, "%.*s", (int)after->length, after->bytes);
    size_t first = name[0] == '\0' ? 0 : strtoul(name, NULL, 10) + 1;
    size_t end = AB_MIN(first + at->page, at->listed);
    ab_write_services_begin(out, id, &presence);
    for (size_t i = first; i < end; i++) {
        snprintf(name, sizeof name, "%05zu", i);
        ab_write_services_one(out, ab_slice_of(name), AB_SLICE("{\"type\":\"x\"}"), i == first);
    }
    ab_write_services_end(out, end < at->listed);
}

static void op_legacy_seen(void *owner)
{
    door *at = owner;
    at->legacy++;
}

static const ab_peer_ops ops = {op_bind, op_command, op_unbound, op_services, op_legacy_seen};

static door *open_with(const ab_peer_limits *limits, bool has_fake_clock)
{
    door *at = ab_alloc(1, sizeof *at);
    at->limits = *limits;
    ab_clock_fake_init(&at->clock, AB_MS(1000000));
    at->loop = ab_loop_new(has_fake_clock ? &at->clock.clock : NULL, NULL, NULL);
    cr_assert_not_null(at->loop, "%s", autobus_last_error());
    door_lock(at);
    autobus_result result = ab_peers_new(at->loop, 0, DOOR_BUS, &at->limits, &ops, at, &at->peers);
    door_unlock(at);
    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(ab_loop_start(at->loop), AUTOBUS_OK, "%s", autobus_last_error());
    return at;
}

static const ab_peer_limits usual = {
    .max_inbound = 8192,
    .max_unbound_per_source = 64,
    .max_message = 4194304,
    .unbound_life = AB_MS(30000),
};

door *door_open(void)
{
    return open_with(&usual, true);
}

door *door_open_in_real_time(void)
{
    return open_with(&usual, false);
}

door *door_open_with(const ab_peer_limits *limits)
{
    return open_with(limits, true);
}

void door_close(door *at)
{
    ab_loop_stop(at->loop);
    door_lock(at);
    ab_peers_free(at->peers);
    door_unlock(at);
    ab_linger_abandon(at->loop);
    ab_loop_free(at->loop);
    free(at);
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

int client_connect_from(door *at, unsigned last)
{
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000000 | last)};
    struct sockaddr_in there = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons(ab_peers_port(at->peers)),
    };
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    cr_assert_eq(bind(client, (struct sockaddr *)&here, sizeof here), 0, "%s", strerror(errno));
    cr_assert_eq(connect(client, (struct sockaddr *)&there, sizeof there), 0, "%s",
                 strerror(errno));
    return client;
}

int client_connect(door *at)
{
    return client_connect_from(at, 1);
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
