/* SPDX-License-Identifier: MIT
 * Somebody who calls, and a place to call. Waits for conditions with a bound, never for time. */
#include "unit/peer/caller.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/error.h"

#define PATIENCE_SECONDS 10
#define TOKEN            UINT64_C(0x1122334455667788)

AB_UNCHECKED void caller_lock(caller *from)
{
    ab_lock_take(ab_loop_lock(from->loop));
}

AB_UNCHECKED void caller_unlock(caller *from)
{
    ab_lock_drop(ab_loop_lock(from->loop));
}

caller *caller_open(void)
{
    caller *from = ab_alloc(1, sizeof *from);
    ab_clock_fake_init(&from->clock, AB_MS(1000000));
    from->loop = ab_loop_new(&from->clock.clock, NULL, NULL);
    cr_assert_not_null(from->loop, "%s", autobus_last_error());
    cr_assert_eq(ab_loop_start(from->loop), AUTOBUS_OK, "%s", autobus_last_error());

    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof here;
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    from->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(from->listening, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    cr_assert_eq(bind(from->listening, (struct sockaddr *)&here, length), 0);
    cr_assert_eq(listen(from->listening, 10), 0);
    getsockname(from->listening, (struct sockaddr *)&here, &length);
    from->server = ab_address_v4(INADDR_LOOPBACK, ntohs(here.sin_port));
    return from;
}

void caller_close(caller *from)
{
    ab_loop_stop(from->loop);
    ab_loop_free(from->loop);
    if (from->listening >= 0)
        close(from->listening);
    free(from);
}

bool caller_wait(caller *from)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (;;) {
        caller_lock(from);
        unsigned done = from->done;
        caller_unlock(from);
        if (done > 0)
            break;
        clock_gettime(CLOCK_MONOTONIC, &now);
        cr_assert_lt(now.tv_sec - start.tv_sec, PATIENCE_SECONDS, "it does not end");
        poll(NULL, 0, 1);
    }
    cr_assert_eq(from->done, 1);
    cr_assert_eq(from->token, TOKEN);
    from->done = 0;
    return from->is_fine;
}

static void ended(void *owner, uint64_t token, bool is_fine)
{
    caller *from = owner;
    from->done++;
    from->token = token;
    from->is_fine = is_fine;
}

static bool heard_page(void *owner, uint64_t token, const ab_presence *presence, ab_value services)
{
    caller *from = owner;
    ab_services_walk walk;
    ab_slice id;
    ab_value info;
    (void)token;
    (void)presence;
    from->pages++;
    ab_services_begin(&walk, services);
    while (ab_services_next(&walk, &id, &info)) {
        from->services++;
        snprintf(from->last, sizeof from->last, "%.*s", (int)id.length, id.bytes);
    }
    if (from->cancels) {
        ab_fetch_cancel(from->fetch);
        from->done++;
        from->token = TOKEN;
    }
    return from->enough == 0 || from->pages < from->enough;
}

/* Streams are made on the bus thread. */
typedef struct start {
    ab_task task;
    caller *from;
    const char *service;
    ab_time timeout;
    ab_probe *probe;
    bool is_fetch, is_done;
} start;

static void run_start(ab_task *task)
{
    static const ab_fetch_ops fetch_ops = {heard_page, ended};
    start *now = AB_CONTAINER(task, start, task);
    caller *from = now->from;
    if (now->is_fetch)
        from->fetch =
            ab_fetch_start(from->loop, &from->server, AB_MS(3000), TOKEN, &fetch_ops, from);
    else
        now->probe = ab_probe_start(from->loop, &from->server, now->service, now->timeout, TOKEN,
                                    ended, from);
    cr_assert_eq(from->done, 0, "told from inside the start");
    now->is_done = true;
}

static void run(start *now)
{
    ab_task_init(&now->task, run_start);
    caller_lock(now->from);
    ab_loop_post(now->from->loop, &now->task);
    while (!now->is_done) {
        caller_unlock(now->from);
        poll(NULL, 0, 1);
        caller_lock(now->from);
    }
    caller_unlock(now->from);
}

ab_probe *caller_probe(caller *from, const char *service, ab_time timeout)
{
    start now = {.from = from, .service = service, .timeout = timeout};
    run(&now);
    return now.probe;
}

void caller_fetch(caller *from)
{
    start now = {.from = from, .is_fetch = true};
    run(&now);
}

int caller_accept(caller *from)
{
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int server = accept(from->listening, NULL, NULL);
    cr_assert_geq(server, 0, "nobody came");
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return server;
}
