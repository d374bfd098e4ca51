/* SPDX-License-Identifier: MIT
 * The self. A process that is traced stops at each system call, tells which, and is let go on. */
#include "bench/trace.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "bench/mark.h"
#include "bench/second.h"
#include "bench/way.h"
#include "tool/clock.h"
#include "tool/text.h"

enum {
    CALLS = 200,
    THREADS_MOST = 128,
    LIMIT_MS = 30000,
    SLICE_MS = 50
};

typedef struct party {
    bench_second process;
    long calls[CALLS], futexes[CALLS]; /* in each call */
    bool is_over;
} party;

typedef struct thread {
    pid_t id;
    party *owner;
    bool is_known; /* its first stop is behind it */
} thread;

typedef struct tracer {
    const bench_request *request;
    bench_run *run;
    party client, server;
    thread threads[THREADS_MOST];
    size_t count;
    pid_t caller; /* the thread that makes the marks */
    long call;    /* which; -1: none yet */
    bool is_paused, is_over, has_failed;
    int64_t end_ms;
} tracer;

static party *owner_of(tracer *self, pid_t id)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d", (int)self->client.process.process, (int)id);
    bool is_clients = self->client.process.process != 0 && access(path, F_OK) == 0;
    return is_clients ? &self->client : &self->server;
}

static thread *thread_of(tracer *self, pid_t id)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->threads[i].id == id) {
            return &self->threads[i];
        }
    }
    if (self->count == THREADS_MOST) {
        return NULL;
    }
    self->threads[self->count] = (thread){.id = id, .owner = owner_of(self, id)};
    return &self->threads[self->count++];
}

static void heed_mark(tracer *self, pid_t id, long mark)
{
    if (mark == BENCH_MARK_CALL) {
        self->caller = id;
        self->is_paused = false;
        self->call++;
        self->has_failed = self->has_failed || self->call >= CALLS;
    } else if (mark == BENCH_MARK_PAUSE) {
        self->is_paused = true;
    } else if (mark == BENCH_MARK_END) {
        self->is_over = true;
    }
}

static void heed_call(tracer *self, const thread *who)
{
    struct ptrace_syscall_info info;
    /* glibc wants the size where the kernel takes it: in the place of an address */
    void *size = (void *)sizeof info; // NOLINT(performance-no-int-to-ptr)
    if (ptrace(PTRACE_GET_SYSCALL_INFO, who->id, size, &info) <= 0) {
        self->has_failed = true;
        return;
    }
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY) {
        return;
    }
    if ((long)info.entry.nr == bench_mark_call() && who->owner == &self->client) {
        heed_mark(self, who->id, (long)info.entry.args[0]);
    } else if (self->call >= 0 && !(self->is_paused && who->id == self->caller)) {
        who->owner->calls[self->call]++;
        who->owner->futexes[self->call] += info.entry.nr == SYS_futex;
    }
}

/* A thread has stopped: what for, and with which signal it goes on. */
static int heed_stop(tracer *self, thread *who, int status)
{
    int signal = WSTOPSIG(status);
    if (!who->is_known) {
        who->is_known = true;
        const long options =
            PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
        ptrace(PTRACE_SETOPTIONS, who->id, NULL, options);
    }
    if (signal == (SIGTRAP | 0x80)) {
        heed_call(self, who);
        return 0;
    }
    bool is_event = status >> 16 != 0 || signal == SIGTRAP || signal == SIGSTOP;
    return is_event ? 0 : signal;
}

static void heed(tracer *self, pid_t id, int status)
{
    if (!WIFSTOPPED(status)) {
        party *owner = id == self->client.process.process   ? &self->client
                       : id == self->server.process.process ? &self->server
                                                            : NULL;
        if (owner != NULL) {
            owner->is_over = true;
        }
        return;
    }
    thread *who = thread_of(self, id);
    long signal = who != NULL ? heed_stop(self, who, status) : 0;
    self->has_failed = self->has_failed || who == NULL;
    ptrace(PTRACE_SYSCALL, id, NULL, signal);
}

static bool start_client(tracer *self)
{
    char payload[32];
    char every[32];
    const char *place =
        self->request->place != NULL ? self->request->place : self->server.process.line;
    const char *face = self->request->face == BENCH_C ? "c" : "raw";
    char count[32];
    const char *words[] = {
        "rtt",     place, "--marked", "-q",    "--transport", self->request->transport,
        "--face",  face,  "-p",       payload, "-n",          count,
        "--every", every, NULL};
    snprintf(payload, sizeof payload, "%ld", self->request->payload);
    snprintf(count, sizeof count, "%d", CALLS);
    snprintf(every, sizeof every, "%.3f", self->request->every_ms / 1e3);
    if (self->request->every_ms == 0) {
        words[12] = NULL;
    }
    return bench_second_start(&self->client.process, words, true);
}

/* Until the client has made its last mark, or something is not as it should be. */
static void follow(tracer *self, const sigset_t *child)
{
    while (!self->is_over && !self->has_failed && bench_run_goes_on(self->run)) {
        int status;
        pid_t id = waitpid(-1, &status, WNOHANG | __WALL);
        if (id > 0) {
            heed(self, id, status);
        } else if (id < 0 || tool_clock_ms() > self->end_ms) {
            self->has_failed = true;
        } else {
            sigtimedwait(child, NULL, &(struct timespec){.tv_nsec = SLICE_MS * 1000000L});
        }
        self->has_failed = self->has_failed || self->client.is_over || self->server.is_over;
        if (self->client.process.process == 0 && bench_second_reads(&self->server.process)) {
            self->has_failed = self->has_failed || !start_client(self);
        }
    }
}

static int compare(const void *a, const void *b)
{
    long one = *(const long *)a;
    long other = *(const long *)b;
    return (one > other) - (one < other);
}

static void sum_up(long each[CALLS], double *ret_mean, double *ret_median)
{
    const size_t middle = CALLS / 2;
    double sum = 0;
    for (size_t i = 0; i < CALLS; i++)
        sum += (double)each[i];
    qsort(each, CALLS, sizeof *each, compare);
    *ret_mean = sum / CALLS;
    *ret_median = (double)each[middle];
}

static void tell(bench_trace_part *part, party *counted, const char *reason)
{
    part->reason = reason;
    sum_up(counted->calls, &part->calls, &part->usual);
    sum_up(counted->futexes, &part->futexes, &part->usual_futexes);
}

void bench_trace_run(bench_trace *ret_trace, const bench_request *request, bench_run *run)
{
    tracer self = {
        .request = request,
        .run = run,
        .call = -1,
        .end_ms = tool_clock_ms() + LIMIT_MS,
    };
    sigset_t child;
    sigset_t before;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before);
    bool has_begun = request->place != NULL
                         ? start_client(&self)
                         : bench_second_start(&self.server.process, bench_way_words(request), true);
    if (has_begun) {
        follow(&self, &child);
    }
    bench_second_kill(&self.client.process);
    bench_second_kill(&self.server.process);
    while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR) {
        /* a process is gone only when each traced thread of it was waited for */
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    const char *reason = self.is_over ? NULL : "this system lets nobody trace (ptrace)";
    tell(&ret_trace->client, &self.client, reason);
    tell(&ret_trace->server, &self.server,
         request->place != NULL ? "the service runs elsewhere" : reason);
}
