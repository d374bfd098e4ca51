/* SPDX-License-Identifier: MIT
 * How a link begins: bound, or not, and why not. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/peer/dialler.h"
#include "unit/peer/door.h"

static dialler *from;

static void open_dialler(void)
{
    from = dialler_open();
}

static void close_dialler(void)
{
    dialler_close(from);
}

static bool is_bound(void)
{
    dialler_lock(from);
    bool is_bound = ab_link_is_bound(from->link);
    cr_assert_eq(ab_link_channels(from->link) != NULL, is_bound);
    dialler_unlock(from);
    return is_bound;
}

static bool is_autobus(void)
{
    dialler_lock(from);
    bool is_autobus = ab_link_is_autobus(from->link);
    dialler_unlock(from);
    return is_autobus;
}

TestSuite(link_bind, .init = open_dialler, .fini = close_dialler);

/* What comes of a server that answers the bind with this. */
static int answered(const char *answer)
{
    dialler_hang_up(from);
    dialler_dial(from, "a-1");
    int server = dialler_accept(from);
    client_expect(server, DIALLER_BIND);
    client_send(server, answer);
    return server;
}

Test(link_bind, says_who_we_are_and_is_bound_by_the_answer)
{
    int server = dialler_bind(from, DIALLER_BOUND);
    cr_assert(is_bound());
    cr_assert(is_autobus());
    client_close(server);
}

Test(link_bind, reaches_introspection_with_null)
{
    dialler_dial(from, NULL);
    int server = dialler_accept(from);
    client_expect(
        server, "{\"_type\":1,\"_id\":\"0\",\"_command\":\"bind\",\"service\":null,\"autobus\":1}");
    client_send(server, "{\"_type\":2,\"_id\":\"0\",\"service\":null}\n");
    dialler_wait(from, &from->bound, 1);
    cr_assert_not(is_autobus());
    client_close(server);
}

Test(link_bind, takes_the_first_line_for_the_answer_whatever_it_is)
{
    static const char *const answers[] = {
        DIALLER_BOUND_OLD,
        "{}\n",
        "{\"_error\":null}\n",
        "\r\n \n{\"_type\":2,\"_id\":\"of-somebody-else\",\"service\":17,\"more\":[1]}\n",
        "{\"_type\":3,\"_command\":\"changed\",\"name\":\"x\",\"value\":1}\n",
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        int server = answered(answers[i]);
        dialler_wait(from, &from->bound, 1);
        cr_assert_not(is_autobus());
        client_close(server);
    }
}

Test(link_bind, fails_with_the_sentence_of_the_refusal)
{
    int server = answered("{\"_type\":2,\"_id\":\"0\",\"_error\":{\"text\":\"Not you.\"}}\r\n");
    dialler_expect_end(from, AUTOBUS_NOT_FOUND, "Not you.");
    client_expect_end(server);
    client_close(server);
    server = answered("{\"_error\":17}\n");
    dialler_expect_end(from, AUTOBUS_NOT_FOUND, "refused");
    client_close(server);
}

Test(link_bind, takes_the_end_of_the_stream_for_a_refusal)
{
    int server = answered("");
    client_close(server);
    dialler_expect_end(from, AUTOBUS_NOT_FOUND, "refused the bind");
    server = answered("\r\n\n");
    client_close(server);
    dialler_expect_end(from, AUTOBUS_NOT_FOUND, "refused the bind");
}

Test(link_bind, hears_a_refusal_without_the_end_of_its_line)
{
    int server = answered("{\"_error\":{\"text\":\"Gone home.\"}}");
    client_close(server);
    dialler_expect_end(from, AUTOBUS_NOT_FOUND, "Gone home.");
}

Test(link_bind, tells_an_answer_that_was_broken_off)
{
    int server = answered("{\"_type\":2,\"_id\"");
    client_close(server);
    dialler_expect_end(from, AUTOBUS_INCOMPATIBLE, "no JSON object");
}

Test(link_bind, is_incompatible_with_what_speaks_something_else)
{
    static const char *const answers[] = {"SSH-2.0-x\r\n", "HTTP",     "null\n",
                                          "[{}]\n",        "{oops}\n", "\n{\"a\":\"\xff\"}\n"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        int server = answered(answers[i]);
        dialler_expect_end(from, AUTOBUS_INCOMPATIBLE, "no JSON object");
        client_expect_end(server);
        client_close(server);
    }
}

Test(link_bind, is_incompatible_with_a_line_without_end)
{
    from->limits.max_message = 10000;
    char much[10002];
    memset(much, ' ', sizeof much - 1);
    much[0] = '{';
    much[sizeof much - 1] = '\0';
    int server = answered(much);
    dialler_expect_end(from, AUTOBUS_INCOMPATIBLE, "too long");
    client_close(server);
}

Test(link_bind, fails_where_nobody_listens)
{
    close(from->listening);
    from->listening = -1;
    dialler_dial(from, "a-1");
    dialler_expect_end(from, AUTOBUS_FAILED, "Connection refused");
    cr_assert_eq(from->bound, 0);
}

Test(link_bind, gives_up_on_who_accepts_and_says_nothing)
{
    dialler_dial(from, "a-1");
    int server = dialler_accept(from);
    client_expect(server, DIALLER_BIND);
    dialler_pass(from, AB_MS(9900));
    cr_assert_eq(from->ended, 0);
    dialler_pass(from, AB_MS(200));
    dialler_expect_end(from, AUTOBUS_TIMEOUT, "10000 ms");
    client_expect_end(server);
    client_close(server);
}

Test(link_bind, can_be_closed_before_it_is_answered)
{
    dialler_dial(from, "a-1");
    int server = dialler_accept(from);
    client_expect(server, DIALLER_BIND);
    dialler_hang_up(from);
    client_expect_end(server);
    client_close(server);
    dialler_dial(from, "a-1");
    dialler_hang_up(from);
    cr_assert_eq(from->bound + from->ended, 0);
}

static void hang_up_inside(dialler *of)
{
    ab_link_close(of->link, "enough");
    of->link = NULL;
}

Test(link_bind, can_be_closed_from_inside_each_op)
{
    from->then = hang_up_inside;
    int server = dialler_bind(from, DIALLER_BOUND "{\"_command\":\"ping\",\"_id\":1}\r\n");
    client_expect_end(server);
    client_close(server);
    from->then = NULL;
    from->finally = hang_up_inside;
    server = answered("{\"_error\":{}}\n");
    dialler_wait(from, &from->ended, 1);
    client_expect_end(server);
    client_close(server);
    server = answered("{}\nnonsense\n");
    dialler_wait(from, &from->ended, 1);
    client_close(server);
}

Test(link_bind, refuses_to_be_used_before_and_after)
{
    dialled call = {0};
    dialler_dial(from, "a-1");
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_CLOSED);
    cr_assert_not(is_bound());
    dialler_watch(from, "x", true);
    dialler_listen(from, "x", true);
    dialler_pause(from, true);
    int server = dialler_accept(from);
    client_expect(server, DIALLER_BIND);
    client_send(server, DIALLER_BOUND);
    dialler_wait(from, &from->bound, 1);
    client_close(server);
    dialler_expect_end(from, AUTOBUS_CLOSED, "closed the connection");
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_CLOSED);
    cr_assert_not(is_bound());
    dialler_watch(from, "x", true);
    dialler_pause(from, true);
    cr_assert_eq(call.done, 0);
}

Test(link_bind, says_why_the_other_side_closed)
{
    int server = dialler_bind(from, DIALLER_BOUND);
    client_send(server,
                "{\"_type\":3,\"_id\":\"0\",\"_command\":\"unbound\",\"text\":\"The lamp is "
                "b\\u0072oken.\"}\r\n");
    client_close(server);
    dialler_expect_end(from, AUTOBUS_CLOSED, "closed the connection: The lamp is broken.");
}

Test(link_bind, tells_a_connection_that_broke)
{
    int server = dialler_bind(from, DIALLER_BOUND);
    struct linger hard = {.l_onoff = 1};
    cr_assert_eq(dialler_call(from, NULL, "f", "[]"), AUTOBUS_OK, "which is never read");
    setsockopt(server, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    client_close(server);
    dialler_expect_end(from, AUTOBUS_CLOSED, "Connection reset");
}
