/* SPDX-License-Identifier: MIT
 * A client that has said all it wanted to say, and closes its own direction: it still gets its answers. */
#include <criterion/criterion.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer/caller.h"
#include "unit/peer/door.h"

#define BIND      "{\"_id\":1,\"_command\":\"bind\",\"service\":\"other\"}\n"
#define BIND_OURS "{\"_id\":1,\"_command\":\"bind\",\"service\":\"other\",\"autobus\":1}\n"
#define BOUND     "{\"_type\":2,\"_id\":1,\"service\":\"other\"}"

static door *at;

static void open_door(void)
{
    at = door_open();
}

static void close_door(void)
{
    door_close(at);
}

TestSuite(leaving, .init = open_door, .fini = close_door);

/* The door has seen that nothing more will come. */
static void wait_until_it_leaves(void)
{
    bool is_leaving = false;
    for (int left = 10000; left > 0 && !is_leaving; left--) {
        poll(NULL, 0, 1);
        door_lock(at);
        is_leaving = AB_CONTAINER(at->peers->callers.prev, ab_caller, place)->is_leaving;
        door_unlock(at);
    }
    cr_assert(is_leaving);
}

static void answer(unsigned id)
{
    door_lock(at);
    door_answer(at, id);
    door_unlock(at);
}

static int client_that_asked(const char *questions)
{
    int client = client_connect(at);
    client_send(client, BIND);
    client_expect(client, BOUND);
    client_send(client, questions);
    shutdown(client, SHUT_WR);
    return client;
}

Test(leaving, waits_for_all_answers_and_for_no_more)
{
    int client = client_that_asked("{\"_id\":7,\"_command\":\"defer\"}\n"
                                   "{\"_id\":8,\"_command\":\"defer\"}");
    wait_until_it_leaves();
    answer(7);
    client_expect(client, "{\"_type\":2,\"_id\":7,\"result\":true}");
    door_pass(at, AB_MS(20000));
    client_expect(client, "");
    client_expect_silence(client);
    answer(8);
    client_expect(client, "{\"_type\":2,\"_id\":8,\"result\":true}");
    client_expect_end(client);
    door_wait_count(at, &at->unbound, 1);
    client_close(client);
}

Test(leaving, does_not_wait_for_ever)
{
    int client = client_that_asked("{\"_id\":7,\"_command\":\"defer\"}\n");
    wait_until_it_leaves();
    door_pass(at, AB_MS(29000));
    cr_assert_eq(at->unbound, 0);
    door_pass(at, AB_MS(2000));
    client_expect(client, "");
    client_expect_end(client);
    door_wait_count(at, &at->unbound, 1);
    cr_assert_eq(door_stat(at, AUTOBUS_STAT_REFUSED), 0);
    client_close(client);
}

Test(leaving, is_over_at_once_where_nothing_is_owed)
{
    int client = client_that_asked("{\"_id\":7,\"_command\":\"echo\",\"value\":5}\n");
    client_expect(client, "{\"_type\":2,\"_id\":7,\"value\":5}");
    client_expect_end(client);
    door_wait_count(at, &at->unbound, 1);
    client_close(client);
}

Test(leaving, is_over_soon_for_who_is_gone_altogether)
{
    client_close(client_that_asked("{\"_id\":7,\"_command\":\"defer\"}\n"));
    wait_until_it_leaves();
    door_pass(at, AB_MS(4000));
    door_wait_count(at, &at->unbound, 1);
}

/* One of us never closes one direction alone: it was killed. */
Test(leaving, is_not_for_those_who_are_gone)
{
    int client = client_connect(at);
    client_send(client, BIND_OURS "{\"_id\":7,\"_command\":\"defer\"}\n");
    client_line(client);
    shutdown(client, SHUT_WR);
    door_wait_count(at, &at->unbound, 1);
    client_expect_end(client);
    client_close(client);
}

Test(leaving, ends_with_its_service)
{
    int client = client_that_asked("{\"_id\":7,\"_command\":\"defer\"}\n");
    wait_until_it_leaves();
    door_lock(at);
    door_withdraw(at, &at->other, "Gone.");
    door_unlock(at);
    client_expect_end(client);
    cr_assert_eq(at->unbound, 1);
    client_close(client);
}
