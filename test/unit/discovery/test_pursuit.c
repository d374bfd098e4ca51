/* SPDX-License-Identifier: MIT
 * Visits over TCP: all of them, so many at a time, from any thread. */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "discovery/pursuit.h"
#include "unit/discovery/bus_thread.h"

#define MOST 2

typedef struct outcome {
    ab_loop *loop;
    int dead, alive, fetched;
    uint64_t last;
    bool was_elsewhere;
} outcome;

static void probed(void *owner, uint64_t token, bool is_alive)
{
    outcome *here = owner;
    here->alive += is_alive;
    here->dead += !is_alive;
    here->last = token;
    here->was_elsewhere = here->was_elsewhere || !ab_loop_is_here(here->loop);
}

static bool page_came(void *owner, uint64_t token, const ab_presence *presence, ab_value services)
{
    (void)owner, (void)token, (void)presence, (void)services;
    return false;
}

static void fetched(void *owner, uint64_t token, bool at_end)
{
    outcome *here = owner;
    cr_expect_not(at_end);
    here->fetched++;
    here->last = token;
}

static const ab_pursuit_ops ops = {.probed = probed, .page = page_came, .fetched = fetched};

static bool are_five_dead(void *argument)
{
    return ((outcome *)argument)->dead == 5;
}

static bool is_fetched(void *argument)
{
    return ((outcome *)argument)->fetched == 1;
}

/* A server that accepts and says nothing; its port. */
static int open_silent(uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    cr_assert_eq(listen(fd, 16), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* Counts who comes, until nobody has for 100 ms; takes them in `calls`. */
static int count_calls(int fd, int calls[8])
{
    struct pollfd bell = {.fd = fd, .events = POLLIN};
    int count = 0;
    while (count < 8 && poll(&bell, 1, count == 0 ? 5000 : 100) > 0) {
        int call = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        if (call >= 0)
            calls[count++] = call;
    }
    return count;
}

Test(pursuit, tells_the_outcome_of_each_on_the_bus_thread)
{
    outcome here = {.loop = bus_thread_new()};
    ab_pursuits *pursuits = ab_pursuits_new(here.loop, AB_MS(3000), MOST, &ops, &here);
    ab_address nobody = ab_address_v4(0x7f000001, 1);
    bus_thread_start(here.loop);
    bus_lock(here.loop);
    for (uint64_t token = 1; token <= 5; token++)
        ab_pursuits_probe(pursuits, token, &nobody, token % 2 == 0 ? "a-lamp" : NULL);
    cr_expect_eq(here.dead, 0, "never from inside an order");
    bus_unlock(here.loop);
    cr_assert(bus_thread_until(here.loop, are_five_dead, &here));
    bus_lock(here.loop);
    ab_pursuits_fetch(pursuits, 77, &nobody);
    bus_unlock(here.loop);
    cr_assert(bus_thread_until(here.loop, is_fetched, &here));
    bus_thread_stop(here.loop);
    cr_expect_eq(here.last, 77);
    cr_expect_not(here.was_elsewhere);
    ab_pursuits_free(pursuits);
    ab_loop_free(here.loop);
}

Test(pursuit, has_so_many_under_way_and_gives_up_all_at_the_end)
{
    outcome here = {.loop = bus_thread_new()};
    uint16_t port;
    int calls[8], fd = open_silent(&port);
    ab_pursuits *pursuits = ab_pursuits_new(here.loop, AB_MS(60000), MOST, &ops, &here);
    ab_address silent = ab_address_v4(0x7f000001, port);
    bus_thread_start(here.loop);
    bus_lock(here.loop);
    ab_pursuits_fetch(pursuits, 1, &silent);
    for (uint64_t token = 2; token <= 5; token++)
        ab_pursuits_probe(pursuits, token, &silent, NULL);
    bus_unlock(here.loop);
    int count = count_calls(fd, calls);
    cr_expect_eq(count, MOST);
    bus_thread_stop(here.loop);
    ab_pursuits_free(pursuits);
    cr_expect_eq(here.dead + here.alive + here.fetched, 0);
    ab_loop_free(here.loop);
    for (int i = 0; i < count; i++)
        close(calls[i]);
    close(fd);
}
