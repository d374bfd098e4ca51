/* SPDX-License-Identifier: MIT
 * Many threads call over links that are closed, broken and forgotten meanwhile: as many completions as calls that
 * were taken. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/random.h"
#include "unit/peer/dialler.h"
#include "unit/peer/door.h"

enum {
    THREADS = 8,
    ROUNDS = 20,
    CALLS = 1000 /* of a thread, in one round */
};

typedef struct counted {
    ab_call call;
    bool is_taken, is_forgotten;
    unsigned completed;
} counted;

static dialler *from;
static counted calls[THREADS][CALLS];

static void complete(ab_call *call, autobus_result result, ab_slice value, ab_slice error)
{
    counted *own = AB_CONTAINER(call, counted, call);
    own->completed++;
    cr_assert(result == AUTOBUS_OK ? ab_slice_is(value, "true")
                                   : result == AUTOBUS_CLOSED && error.length > 0);
}

/* Calls, and gives up some, until the link is gone. */
static void *call_on(void *argument)
{
    counted *own = argument;
    ab_dice dice;
    ab_dice_seed(&dice, (uint64_t)(own - calls[0]));
    for (size_t i = 0; i < CALLS; i++) {
        counted *one = &own[i];
        one->call.done = complete;
        dialler_lock(from);
        if (from->link != NULL)
            one->is_taken =
                ab_link_call(from->link, &one->call, AB_SLICE("f"), AB_SLICE("[]")) == AUTOBUS_OK;
        counted *other = &own[ab_dice_below(&dice, i + 1)];
        if (from->link != NULL && other->is_taken && other->completed == 0 &&
            ab_dice_below(&dice, 20) == 0) {
            ab_link_forget(from->link, &other->call);
            other->is_forgotten = true;
        }
        dialler_unlock(from);
    }
    return NULL;
}

/* Answers some number of calls, each of them twice, and then breaks off, or waits for the other side to. */
static void *serve(void *argument)
{
    int server = *(int *)argument;
    ab_dice dice;
    ab_dice_seed(&dice, (uint64_t)server + ab_random_id());
    size_t most = (size_t)ab_dice_below(&dice, (uint64_t)THREADS * CALLS * 2);
    char line[512], answer[512];
    FILE *in = fdopen(dup(server), "r");
    while (most-- > 0 && fgets(line, sizeof line, in) != NULL) {
        unsigned long id;
        if (sscanf(line, "{\"_type\":1,\"_id\":\"%lu\"", &id) != 1)
            continue;
        int length = snprintf(answer, sizeof answer,
                              "{\"_type\":2,\"_id\":\"%lu\",\"result\":true}\r\n"
                              "{\"_type\":2,\"_id\":\"%lu\",\"result\":false}\r\n",
                              id, id);
        if (send(server, answer, (size_t)length, MSG_NOSIGNAL) < 0)
            break;
    }
    fclose(in);
    shutdown(server, SHUT_RDWR);
    return NULL;
}

static void one_round(unsigned which)
{
    pthread_t threads[THREADS], answering;
    memset(calls, 0, sizeof calls);
    int server = dialler_bind(from, DIALLER_BOUND);
    pthread_create(&answering, NULL, serve, &server);
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, call_on, calls[i]);
    if (which % 2 == 0)
        dialler_hang_up(from);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    dialler_hang_up(from);
    pthread_join(answering, NULL);
    close(server);
    for (size_t i = 0; i < THREADS; i++)
        for (size_t k = 0; k < CALLS; k++) {
            const counted *one = &calls[i][k];
            cr_assert_eq(one->completed, one->is_taken && !one->is_forgotten);
        }
}

Test(link_threads, complete_each_call_once, .timeout = 120)
{
    from = dialler_open_in_real_time();
    from->limits.max_calls = (size_t)THREADS * CALLS;
    for (unsigned round = 0; round < ROUNDS; round++)
        one_round(round);
    dialler_close(from);
}
