/* SPDX-License-Identifier: MIT
 * Somebody with a link, and a place to dial. Waits for conditions with a bound, never for time. */
#include "unit/peer/dialler.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
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
#include "peer/link_state.h"
#include "unit/peer/door.h"

#define PATIENCE_SECONDS 20
#define STEP             AB_MS(500)

AB_UNCHECKED void dialler_lock(dialler *from)
{
    ab_lock_take(ab_loop_lock(from->loop));
}

AB_UNCHECKED void dialler_unlock(dialler *from)
{
    ab_lock_drop(ab_loop_lock(from->loop));
}

static void listen_here(dialler *from)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof here;
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    from->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(from->listening, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    cr_assert_eq(bind(from->listening, (struct sockaddr *)&here, length), 0);
    cr_assert_eq(listen(from->listening, 10), 0);
    getsockname(from->listening, (struct sockaddr *)&here, &length);
    from->server = ab_address_v4(INADDR_LOOPBACK, ntohs(here.sin_port));
}

static void listen_near(dialler *from)
{
    from->near = -1;
    if (!transport_is_unix())
        return;
    cr_assert(transport_make_folder(from->path));
    from->near = ab_unix_socket_listen(from->path, DIALLER_BUS);
    cr_assert_geq(from->near, 0);
}

static dialler *open_with(bool has_fake_clock)
{
    dialler *from = ab_alloc(1, sizeof *from);
    ab_clock_fake_init(&from->clock, AB_MS(1000000));
    from->time = &from->clock;
    ab_buffer_init(&from->heard);
    ab_list_init(&from->connections);
    from->limits = (ab_link_limits){
        .connect = AB_MS(10000),
        .unresponsive = AB_MS(10000),
        .silence = AB_MS(60000),
        .max_message = 4194304,
        .max_queued = 4194304,
        .max_calls = 1024,
        .max_channels = 256,
        .window = 65536,
    };
    from->loop = ab_loop_new(has_fake_clock ? &from->clock.clock : NULL, NULL, NULL);
    cr_assert_not_null(from->loop, "%s", autobus_last_error());
    cr_assert_eq(ab_loop_start(from->loop), AUTOBUS_OK, "%s", autobus_last_error());
    listen_here(from);
    listen_near(from);
    return from;
}

dialler *dialler_open(void)
{
    return open_with(true);
}

dialler *dialler_open_in_real_time(void)
{
    return open_with(false);
}

static void hang_up(dialler *from)
{
    ab_link_close(from->link, "we hang up");
    from->link = NULL;
}

dialler *dialler_beside(dialler *host)
{
    dialler *from = ab_alloc(1, sizeof *from);
    from->loop = host->loop;
    from->time = host->time;
    from->server = host->server;
    from->limits = host->limits;
    from->shared = host->shared = &host->connections;
    from->listening = from->near = -1;
    ab_buffer_init(&from->heard);
    return from;
}

void dialler_close(dialler *from)
{
    if (from->time != &from->clock) {
        dialler_run(from, hang_up);
        ab_buffer_fini(&from->heard);
        free(from);
        return;
    }
    ab_loop_stop(from->loop);
    dialler_lock(from);
    ab_link_close(from->link, "the test is over");
    ab_linger_abandon(from->loop);
    dialler_unlock(from);
    ab_loop_free(from->loop);
    ab_buffer_fini(&from->heard);
    close(from->listening);
    if (from->near >= 0)
        close(from->near);
    free(from);
}

typedef struct errand {
    ab_task task;
    dialler *from;
    void (*act)(dialler *from);
    bool is_done;
} errand;

static void run_errand(ab_task *task)
{
    errand *now = AB_CONTAINER(task, errand, task);
    if (now->act != NULL)
        now->act(now->from);
    now->is_done = true;
}

/* With the lock, which it drops while it waits. A turn of the loop goes on behind its last task. */
static void run_locked(errand *now)
{
    ab_task_init(&now->task, run_errand);
    ab_loop_post(now->from->loop, &now->task);
    while (!now->is_done) {
        dialler_unlock(now->from);
        poll(NULL, 0, 0);
        dialler_lock(now->from);
    }
}

void dialler_run(dialler *from, void (*act)(dialler *from))
{
    errand now = {.from = from, .act = act};
    dialler_lock(from);
    run_locked(&now);
    dialler_unlock(from);
}

static void then(dialler *from)
{
    if (from->then != NULL)
        from->then(from);
}

static void op_bound(void *owner)
{
    dialler *from = owner;
    from->bound++;
    then(from);
}

static void op_ended(void *owner, autobus_result why, const char *sentence)
{
    dialler *from = owner;
    from->ended++;
    from->why = why;
    snprintf(from->sentence, sizeof from->sentence, "%s", sentence);
    if (from->finally != NULL)
        from->finally(from);
}

static void note(dialler *from, const char *what, ab_slice name, ab_slice text)
{
    ab_buffer_appendf(&from->heard, "%s ", what);
    ab_buffer_append(&from->heard, name.bytes, name.length);
    ab_buffer_appendf(&from->heard, "%s", text.length > 0 ? " " : "");
    ab_buffer_append(&from->heard, text.bytes, text.length);
    ab_buffer_append(&from->heard, "\n", 1);
    then(from);
}

static void op_changed(void *owner, ab_slice name, ab_value value)
{
    bool is_gone = value.kind == AB_KIND_NONE;
    note(owner, is_gone ? "gone" : "changed", name, is_gone ? (ab_slice){"", 0} : value.text);
}

static void op_fired(void *owner, ab_slice name, ab_slice arguments)
{
    note(owner, "fired", name, arguments);
}

static void op_responsive(void *owner, bool is_responsive)
{
    dialler *from = owner;
    if (is_responsive)
        from->responsive++;
    else
        from->unresponsive++;
    then(from);
}

static const ab_link_ops ops = {op_bound, op_ended, op_changed, op_fired, op_responsive};

static const char *service_to_dial;

static void dial(dialler *from)
{
    from->bound = from->ended = 0;
    ab_link_road road = {
        .at = from->server,
        .folder = from->folder,
        .bus = from->bus,
        .shared = from->shared,
    };
    from->link = ab_link_dial_by(from->loop, &road, service_to_dial, &from->limits, &ops, from);
    cr_assert(from->bound + from->ended == 0, "told from inside the dial");
}

void dialler_dial(dialler *from, const char *service)
{
    service_to_dial = service;
    dialler_run(from, dial);
}

void dialler_hang_up(dialler *from)
{
    dialler_run(from, hang_up);
}

static int accept_at(int listening)
{
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int server = accept(listening, NULL, NULL);
    cr_assert_geq(server, 0, "nobody came");
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(server, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return server;
}

int dialler_accept(dialler *from)
{
    return accept_at(from->listening);
}

/* The dial has connected before it returns. */
static int dial_near(dialler *from)
{
    from->folder = from->path;
    from->bus = DIALLER_BUS;
    dialler_dial(from, "a-1");
    from->folder = NULL;
    return accept_at(from->near);
}

static int answer_bind(dialler *from, int server, const char *answer)
{
    client_expect(server, DIALLER_BIND);
    client_send(server, answer);
    dialler_wait(from, &from->bound, 1);
    return server;
}

int dialler_bind_by_tcp(dialler *from, const char *answer)
{
    dialler_dial(from, "a-1");
    return answer_bind(from, dialler_accept(from), answer);
}

int dialler_bind(dialler *from, const char *answer)
{
    if (from->near < 0 || strcmp(answer, DIALLER_BOUND) != 0)
        return dialler_bind_by_tcp(from, answer);
    return answer_bind(from, dial_near(from), answer);
}

static bool is_over(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - start->tv_sec > PATIENCE_SECONDS;
}

void dialler_wait(dialler *from, const unsigned *count, unsigned value)
{
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (;;) {
        dialler_lock(from);
        unsigned now = *count;
        dialler_unlock(from);
        if (now == value)
            return;
        cr_assert_not(is_over(&start), "a count is %u, not %u", now, value);
        poll(NULL, 0, 1);
    }
}

void dialler_expect_end(dialler *from, autobus_result why, const char *part_of_sentence)
{
    char text[AB_ADDRESS_TEXT];
    dialler_wait(from, &from->ended, 1);
    cr_assert_eq(from->why, why, "%d: %s", (int)from->why, from->sentence);
    cr_assert(strstr(from->sentence, part_of_sentence) != NULL, "%s", from->sentence);
    cr_assert(strstr(from->sentence, ab_address_text(&from->server, text)) != NULL, "%s",
              from->sentence);
}

void dialler_expect(dialler *from, const char *heard)
{
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    size_t length = strlen(heard);
    dialler_lock(from);
    while (ab_buffer_length(&from->heard) < length && !is_over(&start)) {
        dialler_unlock(from);
        poll(NULL, 0, 1);
        dialler_lock(from);
    }
    ab_slice got = {ab_buffer_bytes(&from->heard), ab_buffer_length(&from->heard)};
    cr_assert(ab_slice_is(got, heard), "heard %.*s instead of %s", (int)got.length, got.bytes,
              heard);
    ab_buffer_consume(&from->heard, got.length);
    dialler_unlock(from);
}

void dialler_catch_up(dialler *from, int server)
{
    client_send(server, "{\"_type\":1,\"_id\":\"you-there\",\"_command\":\"ping\"}\r\n");
    client_expect(server, "{\"_type\":2,\"_id\":\"you-there\"}");
    (void)from;
}

static void call_done(ab_call *call, autobus_result result, ab_slice value, ab_slice error)
{
    dialled *to = AB_CONTAINER(call, dialled, call);
    to->done++;
    to->result = result;
    to->value = ab_format("%.*s", (int)value.length, value.length > 0 ? value.bytes : "");
    to->error = ab_format("%.*s", (int)error.length, error.length > 0 ? error.bytes : "");
    if (to->then != NULL)
        to->then(to);
}

autobus_result dialler_call(dialler *from, dialled *call, const char *name, const char *arguments)
{
    if (call != NULL) {
        call->from = from;
        call->call.done = call_done;
    }
    dialler_lock(from);
    ab_clock_fake_advance(from->time, 100); /* no rush */
    autobus_result result = ab_link_call(from->link, call == NULL ? NULL : &call->call,
                                         ab_slice_of(name), ab_slice_of(arguments));
    dialler_unlock(from);
    return result;
}

void dialler_expect_call(dialler *from, dialled *call, autobus_result result, const char *text)
{
    dialler_wait(from, &call->done, 1);
    const char *got = result == AUTOBUS_OK ? call->value : call->error;
    cr_assert_eq(call->result, result, "%d: %s", (int)call->result, call->error);
    cr_assert(strstr(got, text) != NULL, "%s instead of %s", got, text);
    cr_assert(result != AUTOBUS_OK || strcmp(got, text) == 0, "%s instead of %s", got, text);
    free(call->value);
    free(call->error);
    *call = (dialled){0};
}

void dialler_watch(dialler *from, const char *name, bool is_on)
{
    dialler_lock(from);
    ab_link_watch(from->link, ab_slice_of(name), is_on);
    dialler_unlock(from);
}

void dialler_listen(dialler *from, const char *name, bool is_on)
{
    dialler_lock(from);
    ab_link_listen(from->link, ab_slice_of(name), is_on);
    dialler_unlock(from);
}

void dialler_pause(dialler *from, bool is_paused)
{
    dialler_lock(from);
    ab_link_pause(from->link, is_paused);
    dialler_unlock(from);
}

/* With the lock. */
static bool owes(dialler *from)
{
    ab_stream_acks acks;
    return from->link != NULL && from->link->trunk != NULL && from->link->trunk->stream != NULL &&
           ab_stream_ask_kernel(from->link->trunk->stream, &acks) && acks.is_owing;
}

void dialler_pass(dialler *from, ab_time time)
{
    while (time > 0) {
        ab_time step = AB_MIN(time, STEP);
        errand turn = {.from = from};
        dialler_lock(from);
        ab_clock_fake_advance(from->time, step);
        run_locked(&turn);
        for (int left = 1000; owes(from) && left > 0; left--) {
            dialler_unlock(from);
            poll(NULL, 0, 1);
            dialler_lock(from);
        }
        dialler_unlock(from);
        time -= step;
    }
}
