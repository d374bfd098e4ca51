/* SPDX-License-Identifier: MIT
 * Who counts as alive. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/peer/caller.h"
#include "unit/peer/door.h"

static caller *from;

static void open_caller(void)
{
    from = caller_open();
}

static void close_caller(void)
{
    caller_close(from);
}

TestSuite(probe, .init = open_caller, .fini = close_caller);

/* What the probe finds if the server says this and then closes. */
static bool finds_alive(const char *answer)
{
    caller_probe(from, "a-1", AB_MS(3000));
    int server = caller_accept(from);
    client_expect(
        server,
        "{\"_type\":1,\"_id\":\"1\",\"_command\":\"bind\",\"service\":\"a-1\",\"autobus\":1}");
    client_send(server, answer);
    close(server);
    return caller_wait(from);
}

Test(probe, finds_alive_whoever_answers_a_bind_without_an_error)
{
    cr_assert(finds_alive("{\"_type\": 2, \"_id\": \"1\", \"service\": \"a-1\"}\r\n"));
    cr_assert(finds_alive("{}\n"));
    cr_assert(finds_alive("{\"_error\":null}\n"));
    cr_assert(finds_alive("\r\n\n{\"_id\":\"of-somebody-else\"}\nand more"));
}

Test(probe, finds_dead_whoever_refuses_or_speaks_something_else)
{
    cr_assert_not(finds_alive("{\"_type\":2,\"_id\":\"1\",\"_error\":{\"text\":\"No.\"}}\r\n"));
    cr_assert_not(finds_alive(""));
    cr_assert_not(finds_alive("{\"_type\":2,\"_id\":\"1\""));
    cr_assert_not(finds_alive("HTTP/1.1 400 Bad Request\r\n"));
    cr_assert_not(finds_alive("null\n"));
    cr_assert_not(finds_alive("{oops}\n"));
}

Test(probe, finds_dead_whose_answer_has_no_end)
{
    char *much = malloc(70001);
    memset(much, 'x', 70000);
    much[0] = '{';
    much[70000] = '\0';
    cr_assert_not(finds_alive(much));
    free(much);
}

Test(probe, finds_dead_where_nobody_listens)
{
    close(from->listening);
    from->listening = -1;
    caller_probe(from, "a-1", AB_MS(3000));
    cr_assert_not(caller_wait(from));
}

Test(probe, gives_up_on_who_accepts_and_says_nothing)
{
    caller_probe(from, "a-1", AB_MS(3000));
    int server = caller_accept(from);
    client_line(server);
    ab_clock_fake_advance(&from->clock, AB_MS(2900));
    client_expect_silence(server);
    caller_lock(from);
    cr_assert_eq(from->done, 0);
    caller_unlock(from);
    ab_clock_fake_advance(&from->clock, AB_MS(200));
    cr_assert_not(caller_wait(from));
    client_expect_end(server);
    close(server);
}

Test(probe, hears_a_stopped_process_as_dead_though_its_kernel_accepts)
{
    /* Nobody calls accept: the backlog alone answers the connection. */
    caller_probe(from, "a-1", AB_MS(3000));
    ab_clock_fake_advance(&from->clock, AB_MS(3100));
    cr_assert_not(caller_wait(from));
}

Test(probe, tells_nothing_after_it_was_cancelled)
{
    ab_probe *probe = caller_probe(from, NULL, AB_MS(3000));
    int server = caller_accept(from);
    client_expect(
        server, "{\"_type\":1,\"_id\":\"1\",\"_command\":\"bind\",\"service\":null,\"autobus\":1}");
    ab_loop_stop(from->loop);
    caller_lock(from);
    ab_probe_cancel(probe);
    ab_probe_cancel(NULL);
    caller_unlock(from);
    client_expect_end(server);
    cr_assert_eq(from->done, 0);
    close(server);
}

Test(probe, of_our_own_kind_is_answered)
{
    door *to = door_open();
    uint16_t port = from->server.port;
    from->server.port = ab_peers_port(to->peers);
    caller_probe(from, NULL, AB_MS(3000));
    cr_assert(caller_wait(from));
    caller_probe(from, DOOR_OFFER, AB_MS(3000));
    cr_assert(caller_wait(from));
    caller_probe(from, "nobody", AB_MS(3000));
    cr_assert_not(caller_wait(from));
    door_wait_count(to, &to->unbound, 2);
    cr_assert_eq(to->legacy, 0);
    from->server.port = port;
    door_close(to);
}
