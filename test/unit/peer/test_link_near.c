/* SPDX-License-Identifier: MIT
 * Links over a unix socket: bound there if the right bus answers, and by TCP without a word otherwise. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/unix_socket.h"
#include "support/scratch.h"
#include "unit/peer/dialler.h"
#include "unit/peer/door.h"

#define BUS UINT64_C(0x00000000000000b5)

static dialler *from;
static int near = -1; /* the listening unix socket */

static void begin(void)
{
    from = dialler_open();
    from->folder = scratch_enter();
    from->bus = BUS;
    near = ab_unix_socket_listen(from->folder, BUS);
    cr_assert_geq(near, 0);
}

static void end(void)
{
    dialler_close(from);
    close(near);
    scratch_leave();
}

TestSuite(link_near, .init = begin, .fini = end);

/* The next connection to the unix socket: a dial has connected before it returns. */
static int accept_near(void)
{
    struct timeval patience = {.tv_sec = 20};
    int server = accept(near, NULL, NULL);
    cr_assert_geq(server, 0, "nobody came");
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return server;
}

static int dial_near(void)
{
    dialler_dial(from, "a-1");
    int server = accept_near();
    client_expect(server, DIALLER_BIND);
    return server;
}

static bool is_near(void)
{
    dialler_lock(from);
    bool is_near = ab_link_is_near(from->link);
    dialler_unlock(from);
    return is_near;
}

static bool has_come_by_tcp(void)
{
    int flags = fcntl(from->listening, F_GETFL);
    fcntl(from->listening, F_SETFL, flags | O_NONBLOCK);
    int server = accept(from->listening, NULL, NULL);
    fcntl(from->listening, F_SETFL, flags);
    if (server >= 0)
        close(server);
    return server >= 0;
}

/* It binds by TCP as if nothing had been. */
static void expect_tcp(void)
{
    int server = dialler_accept(from);
    client_expect(server, DIALLER_BIND);
    client_send(server, DIALLER_BOUND);
    dialler_wait(from, &from->bound, 1);
    cr_expect_not(is_near());
    cr_expect_eq(from->ended, 0);
    dialled call = {0};
    cr_assert_eq(dialler_call(from, &call, "f", "[1]"), AUTOBUS_OK);
    client_expect(server,
                  "{\"_type\":1,\"_id\":\"1\",\"_command\":\"call\",\"name\":\"f\",\"args\":[1]}");
    client_send(server, "{\"_type\":2,\"_id\":\"1\",\"result\":2}\r\n");
    dialler_expect_call(from, &call, AUTOBUS_OK, "2");
    client_close(server);
}

Test(link_near, is_bound_there_and_stays_there)
{
    int server = dial_near();
    client_send(server, DIALLER_BOUND);
    dialler_wait(from, &from->bound, 1);
    cr_expect(is_near());
    cr_expect_not(has_come_by_tcp());
    dialled call = {0};
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_OK);
    client_expect(server,
                  "{\"_type\":1,\"_id\":\"1\",\"_command\":\"call\",\"name\":\"f\",\"args\":[]}");
    client_send(server, "{\"_type\":2,\"_id\":\"1\",\"result\":\"so\"}\r\n");
    dialler_expect_call(from, &call, AUTOBUS_OK, "\"so\"");
    client_close(server);
    dialler_expect_end(from, AUTOBUS_CLOSED, "closed the connection");
    cr_expect_not(has_come_by_tcp(), "it never moves");
}

Test(link_near, does_without_when_nobody_listens)
{
    ab_unix_socket_remove(from->folder, BUS);
    dialler_dial(from, "a-1");
    expect_tcp();
}

Test(link_near, asks_nobody_while_the_bus_is_unknown)
{
    from->bus = 0;
    dialler_dial(from, "a-1");
    expect_tcp();
    cr_expect_lt(accept(near, NULL, NULL), 0);
}

Test(link_near, goes_by_tcp_when_another_bus_answers)
{
    int server = dial_near();
    client_send(server, "{\"_type\":2,\"_id\":\"0\",\"service\":\"a-1\",\"bus\":"
                        "\"00000000000000b6\"}\r\n{\"_type\":3,\"_command\":\"fired\"}\r\n");
    expect_tcp();
    client_expect_end(server);
}

Test(link_near, goes_by_tcp_when_the_answer_names_no_bus)
{
    int server = dial_near();
    client_send(server, DIALLER_BOUND_OLD);
    expect_tcp();
    client_expect_end(server);
}

Test(link_near, goes_by_tcp_when_it_is_refused_or_hears_nonsense)
{
    static const char *const answers[] = {
        "{\"_type\":2,\"_id\":\"0\",\"_error\":{\"text\":\"No.\"},\"bus\":\"00000000000000b5\"}\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "[1]\n",
        "{\n",
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        int server = dial_near();
        client_send(server, answers[i]);
        expect_tcp();
        client_expect_end(server);
        client_close(server);
        dialler_hang_up(from);
    }
}

Test(link_near, goes_by_tcp_when_it_is_hung_up_on)
{
    int server = dial_near();
    client_close(server);
    expect_tcp();
}

Test(link_near, fails_like_tcp_when_that_fails_as_well)
{
    int server = dial_near();
    close(from->listening);
    from->listening = -1;
    client_close(server);
    dialler_expect_end(from, AUTOBUS_FAILED, "cannot be reached");
}

Test(link_near, has_as_much_time_as_by_tcp_and_no_more)
{
    int server = dial_near();
    dialler_pass(from, AB_MS(9500));
    cr_expect_eq(from->ended, 0);
    dialler_pass(from, AB_MS(1000));
    dialler_expect_end(from, AUTOBUS_TIMEOUT, "did not answer the bind");
    cr_expect_not(has_come_by_tcp());
    client_close(server);
}

Test(link_near, is_given_up_when_we_hang_up_at_any_time)
{
    int server = dial_near();
    dialler_hang_up(from);
    client_expect_end(server);
    client_close(server);
    server = dial_near();
    client_close(server);
    dialler_hang_up(from);
}

Test(link_near, judges_a_stopped_process_by_its_silence)
{
    int server = dial_near();
    client_send(server, DIALLER_BOUND);
    dialler_wait(from, &from->bound, 1);
    dialler_pass(from, AB_MS(9500));
    cr_expect_eq(from->unresponsive, 0);
    dialler_pass(from, AB_MS(1500));
    dialler_wait(from, &from->unresponsive, 1);
    dialler_pass(from, AB_MS(48000));
    cr_expect_eq(from->ended, 0);
    dialler_pass(from, AB_MS(2000));
    dialler_expect_end(from, AUTOBUS_CLOSED, "has said nothing for 60000 ms");
    client_close(server);
}

Test(link_near, takes_any_byte_for_a_sign_of_life)
{
    int server = dial_near();
    client_send(server, DIALLER_BOUND);
    dialler_wait(from, &from->bound, 1);
    dialler_pass(from, AB_MS(11000));
    dialler_wait(from, &from->unresponsive, 1);
    client_send(server, "{\"_type\":2,\"_id\":\"1\"}\r\n");
    dialler_wait(from, &from->responsive, 1);
    client_close(server);
}
