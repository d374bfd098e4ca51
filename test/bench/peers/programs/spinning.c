/* SPDX-License-Identifier: MIT
 * The floor of those who look for what comes before they sleep: over a unix socket, or through memory that both share.
 *   spinning socket|ring serve PATH    spinning socket|ring call PATH COUNT */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "place.h"

#define SPIN_US 200.0

/* One direction: a number that grows with each message, and the message. */
typedef struct lane {
    _Alignas(64) atomic_uint count;
    atomic_int is_asleep;
    char bytes[PAYLOAD];
} lane;

typedef struct road {
    int fd;      /* -1: it is memory */
    lane *lanes; /* there, and back */
    unsigned heard;
} road;

static int spin_on(double begun)
{
    sched_yield();
    return rounds_now_us() - begun < SPIN_US;
}

static int socket_hears(const road *self, char *bytes)
{
    double begun = rounds_now_us();
    ssize_t length;
    while ((length = recv(self->fd, bytes, PAYLOAD, MSG_DONTWAIT)) < 0 && errno == EAGAIN &&
           spin_on(begun)) {
    }
    return length == PAYLOAD ||
           (length < 0 && recv(self->fd, bytes, PAYLOAD, MSG_WAITALL) == PAYLOAD);
}

static void ring_hears(road *self, lane *in, char *bytes)
{
    double begun = rounds_now_us();
    while (atomic_load(&in->count) == self->heard && spin_on(begun)) {
    }
    while (atomic_load(&in->count) == self->heard) {
        atomic_store(&in->is_asleep, 1);
        syscall(SYS_futex, &in->count, FUTEX_WAIT, self->heard, NULL, NULL, 0);
    }
    atomic_store(&in->is_asleep, 0);
    memcpy(bytes, in->bytes, PAYLOAD);
    self->heard++;
}

static int hear(road *self, int way, char *bytes)
{
    if (self->fd >= 0) {
        return socket_hears(self, bytes);
    }
    ring_hears(self, &self->lanes[way], bytes);
    return 1;
}

static void say(const road *self, int way, const char *bytes)
{
    if (self->fd >= 0) {
        rounds_hold(write(self->fd, bytes, PAYLOAD) == PAYLOAD, "write");
        return;
    }
    lane *out = &self->lanes[way];
    memcpy(out->bytes, bytes, PAYLOAD);
    atomic_fetch_add(&out->count, 1);
    if (atomic_load(&out->is_asleep)) {
        syscall(SYS_futex, &out->count, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}

/* The client goes on where the one before it ended. */
static road share(const char *path, int is_server)
{
    int fd = open(path, O_RDWR | (is_server ? O_CREAT : 0), 0600);
    rounds_hold(fd >= 0 && ftruncate(fd, 2 * sizeof(lane)) == 0, path);
    lane *lanes = mmap(NULL, 2 * sizeof(lane), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    rounds_hold(lanes != MAP_FAILED, "mmap");
    return (road){.fd = -1, .lanes = lanes, .heard = atomic_load(&lanes[is_server ? 0 : 1].count)};
}

static void answer(road *self)
{
    char bytes[PAYLOAD];
    while (hear(self, 0, bytes)) {
        say(self, 1, bytes);
    }
}

static void serve(int is_ring, const char *path)
{
    int listener = is_ring ? -1 : place_listen(path);
    road self = is_ring ? share(path, 1) : (road){0};
    if (is_ring) {
        rounds_ready();
        answer(&self);
    }
    for (;;) {
        self.fd = place_accept(listener, path);
        answer(&self);
        close(self.fd);
    }
}

static void call(int is_ring, const char *path, const char *count)
{
    char bytes[PAYLOAD + 1];
    rounds run;
    road self = is_ring ? share(path, 0) : (road){.fd = place_connect(path)};
    rounds_fill(bytes);
    rounds_init(&run, count);
    while (rounds_begin(&run)) {
        say(&self, 0, bytes);
        rounds_hold(hear(&self, 1, bytes), "read");
        rounds_end(&run);
    }
    rounds_print(&run);
}

int main(int count, char **words)
{
    rounds_hold(count >= 4, "spinning socket|ring serve PATH | call PATH COUNT:");
    int is_ring = strcmp(words[1], "ring") == 0;
    if (count == 4) {
        serve(is_ring, words[3]);
    } else {
        call(is_ring, words[3], words[4]);
    }
    return 0;
}
