/* SPDX-License-Identifier: MIT
 * What every program with events does: it forks its listeners before anything else, waits until all listen, fires,
 * and waits until all have heard everything. They tell by one letter in a pipe. */
#ifndef PEERS_CROWD_H
#define PEERS_CROWD_H

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rounds.h"

typedef struct crowd {
    const char *place;
    long count, size;
    int letters[2];
} crowd;

/** What a listener does; it calls crowd_tell(self, 'l') when it listens, and returns when it has heard all. */
typedef void crowd_listen_fn(crowd *self);

static inline void crowd_tell(crowd *self, char letter)
{
    rounds_hold(write(self->letters[1], &letter, 1) == 1, "telling");
}

/* NAME fire PLACE COUNT LISTENERS */
static inline void crowd_gather(crowd *self, int words, char **word, crowd_listen_fn *listen)
{
    rounds_hold(words == 5, "fire PLACE COUNT LISTENERS:");
    *self = (crowd){.place = word[2], .count = strtol(word[3], NULL, 10)};
    self->size = strtol(word[4], NULL, 10);
    rounds_hold(pipe(self->letters) == 0, "pipe");
    for (long i = 0; i < self->size; i++) {
        pid_t child = fork();
        rounds_hold(child >= 0, "fork");
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            listen(self);
            crowd_tell(self, 'h');
            _exit(0);
        }
    }
    close(self->letters[1]); /* so that the pipe ends when the last listener has */
}

static inline void crowd_await(crowd *self, char letter)
{
    for (long i = 0; i < self->size; i++) {
        char told;
        rounds_hold(read(self->letters[0], &told, 1) == 1 && told == letter, "a listener");
    }
}

static inline void crowd_print(crowd *self, double begun_us)
{
    double took = rounds_now_us() - begun_us;
    printf("{\"delivered_per_s\": %.0f, \"delivered\": %ld}\n",
           (double)(self->count * self->size) / took * 1e6, self->count * self->size);
    while (wait(NULL) > 0) {
    }
}

#endif
