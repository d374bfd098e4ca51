/* SPDX-License-Identifier: MIT
 * What a server says unasked, and what of it counts. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/peer/dialler.h"
#include "unit/peer/door.h"

static dialler *from;
static int server;

static void open_dialler(void)
{
    from = dialler_open();
    server = dialler_bind(from, DIALLER_BOUND);
}

static void close_dialler(void)
{
    dialler_close(from);
    close(server);
}

TestSuite(link_hears, .init = open_dialler, .fini = close_dialler);

Test(link_hears, changes_and_what_is_gone)
{
    dialler_watch(from, "counter", true);
    client_expect(server,
                  "{\"_type\":3,\"_id\":\"0\",\"_command\":\"watch\",\"name\":\"counter\"}");
    client_send(
        server,
        "{\"value\": 4, \"_type\": 3, \"_id\": \"1795220986.11-5\", "
        "\"name\": \"counter\", \"_command\": \"changed\"}\r\n"
        "{\"_type\":3,\"_id\":\"0\",\"_command\":\"changed\",\"name\":\"c\\u006funter\",\"value\":null}\r\n"
        "{\"_type\":3,\"_id\":\"0\",\"_command\":\"changed\",\"name\":\"counter\",\"value\":null,\"gone\":true}\r\n"
        "{\"_type\":3,\"_id\":\"0\",\"_command\":\"changed\",\"name\":\"\",\"value\":[-Infinity]}\r\n"
        "{\"_type\":3,\"_command\":\"changed\",\"name\":\"x\",\"value\":NaN}\r\n");
    dialler_expect(from, "changed counter 4\nchanged counter null\ngone counter\n"
                         "changed  [null]\nchanged x null\n");
    dialler_watch(from, "counter", false);
    client_expect(server,
                  "{\"_type\":3,\"_id\":\"0\",\"_command\":\"unwatch\",\"name\":\"counter\"}");
}

Test(link_hears, events)
{
    dialler_listen(from, "ti\"ck", true);
    client_expect(server,
                  "{\"_type\":3,\"_id\":\"0\",\"_command\":\"listen\",\"name\":\"ti\\\"ck\"}");
    client_send(server, "{\"args\": [91, \"t\"], \"_type\": 3, \"_id\": \"1795220510.87-26\", "
                        "\"name\": \"ti\\\"ck\", \"_command\": \"fired\"}\r\n"
                        "{\"_command\":\"fired\",\"name\":\"tock\",\"args\":[]}\r\n");
    dialler_expect(from, "fired ti\"ck [91, \"t\"]\nfired tock []\n");
    dialler_listen(from, "ti\"ck", false);
    client_expect(server,
                  "{\"_type\":3,\"_id\":\"0\",\"_command\":\"unlisten\",\"name\":\"ti\\\"ck\"}");
}

Test(link_hears, commands_and_answers_them_once)
{
    client_send(server, "{\"_type\":1,\"_id\":\"p\",\"_command\":\"ping\"}\r\n");
    client_expect(server, "{\"_type\":2,\"_id\":\"p\"}");
    client_send(
        server,
        "{\"_type\":1,\"_id\":\"c\",\"_command\":\"changed\",\"name\":\"x\",\"value\":1}\r\n");
    client_expect(server, "{\"_type\":2,\"_id\":\"c\"}");
    dialler_expect(from, "changed x 1\n");
    client_send(server, "{\"_type\":1,\"_id\":{\"a\":1},\"_command\":\"frobnicate\"}\r\n");
    client_expect(server, "{\"_type\":2,\"_id\":{\"a\":1},\"_error\":{\"text\":\"That command does "
                          "not exist.\",\"code\":\"not found\"}}");
}

Test(link_hears, notifications_it_does_not_know_in_silence)
{
    client_send(server, "{\"_type\":3,\"_id\":\"1\",\"_command\":\"frobnicate\"}\r\n"
                        "{\"_type\":1,\"_command\":\"frobnicate\"}\r\n"
                        "{\"_type\":3,\"_id\":\"1\",\"_command\":\"ping\"}\r\n"
                        "{\"_type\":3,\"_id\":\"1\",\"_command\":17}\r\n"
                        "{}\r\n");
    dialler_catch_up(from, server);
}

Test(link_hears, messages_that_lack_keys_in_silence)
{
    client_send(server, "{\"_type\":3,\"_command\":\"changed\",\"name\":\"x\"}\r\n"
                        "{\"_type\":3,\"_command\":\"changed\",\"value\":1}\r\n"
                        "{\"_type\":3,\"_command\":\"changed\",\"name\":5,\"value\":1}\r\n"
                        "{\"_type\":3,\"_command\":\"fired\",\"name\":\"x\"}\r\n"
                        "{\"_type\":3,\"_command\":\"fired\",\"name\":\"x\",\"args\":{}}\r\n"
                        "{\"_type\":3,\"_command\":\"fired\",\"args\":[]}\r\n"
                        "{\"_type\":3,\"_command\":\"unbound\"}\r\n"
                        "{\"_type\":3,\"_command\":\"changed\",\"name\":\"y\",\"value\":2}\r\n");
    dialler_catch_up(from, server);
    dialler_expect(from, "changed y 2\n");
}

Test(link_hears, what_old_servers_say_too_much)
{
    /* A value twice, an error behind a good answer, two errors. */
    client_send(
        server,
        "{\"_type\": 2, \"_id\": \"w1\", \"name\": \"counter\", \"value\": 66}\r\n"
        "{\"value\": 66, \"_type\": 3, \"_id\": \"1795220498.54-5\", "
        "\"name\": \"counter\", \"_command\": \"changed\"}\r\n"
        "{\"_type\": 2, \"_id\": \"l1\", \"name\": \"tick\"}\r\n"
        "{\"_type\": 2, \"_id\": \"l1\", "
        "\"_error\": {\"text\": \"An exception was thrown while processing that command.\"}}\r\n"
        "{\"_type\": 2, \"_id\": \"u1\", \"_error\": {\"text\": \"That command does not exist.\"}}\r\n"
        "{\"_type\": 2, \"_id\": \"u1\", "
        "\"_error\": {\"text\": \"An exception was thrown while processing that command.\"}}\r\n");
    dialler_catch_up(from, server);
    dialler_expect(from, "changed counter 66\n");
    cr_assert_eq(from->ended, 0);
}

Test(link_hears, nothing_behind_garbage)
{
    client_send(server, "{\"_command\":\"changed\",\"name\":\"x\",\"value\":1}\r\n"
                        "[]\r\n"
                        "{\"_command\":\"changed\",\"name\":\"x\",\"value\":2}\r\n");
    dialler_expect_end(from, AUTOBUS_INCOMPATIBLE, "no JSON object");
    dialler_expect(from, "changed x 1\n");
}

Test(link_hears, a_last_line_without_its_end)
{
    client_send(server, "{\"_command\":\"changed\",\"name\":\"x\",\"value\":1}");
    shutdown(server, SHUT_WR);
    dialler_expect_end(from, AUTOBUS_CLOSED, "closed");
    dialler_expect(from, "changed x 1\n");
}

static void hang_up_inside(dialler *of)
{
    ab_link_close(of->link, "enough");
    of->link = NULL;
}

Test(link_hears, no_more_once_it_is_closed_inside_of_a_change)
{
    from->then = hang_up_inside;
    client_send(server, "{\"_command\":\"changed\",\"name\":\"x\",\"value\":1}\r\n"
                        "{\"_command\":\"changed\",\"name\":\"x\",\"value\":2}\r\n");
    client_expect_end(server);
    dialler_expect(from, "changed x 1\n");
    cr_assert_eq(from->ended, 0);
}

Test(link_hears, any_number_of_blank_lines_without_keeping_them)
{
    static char blanks[1 << 20];
    memset(blanks, '\n', sizeof blanks - 1);
    for (int i = 0; i < 8; i++)
        client_send(server, blanks);
    dialler_catch_up(from, server);
    cr_assert_eq(from->ended, 0);
}

Test(link_hears, nothing_while_it_pauses_and_everything_after)
{
    dialler_pause(from, true);
    dialler_run(from, NULL);
    client_send(server, "{\"_command\":\"changed\",\"name\":\"x\",\"value\":1}\r\n"
                        "{\"_command\":\"changed\",\"name\":\"x\",\"value\":2}\r\n");
    dialler_run(from, NULL);
    dialler_expect(from, "");
    dialler_pause(from, false);
    dialler_expect(from, "changed x 1\nchanged x 2\n");
}

/* Counts what is heard between two of its turns. */
static unsigned heard, most_heard, deliveries;

static void deliver(ab_task *task)
{
    (void)task;
    most_heard = AB_MAX(most_heard, heard);
    heard = 0;
    deliveries++;
}

static ab_task delivery;

static void have_it_delivered(dialler *of) AB_UNCHECKED
{
    heard++;
    ab_loop_post(of->loop, &delivery);
}

Test(link_hears, a_few_messages_before_what_they_bring_is_delivered)
{
    ab_task_init(&delivery, deliver);
    AB_SCOPED(ab_buffer_fini) ab_buffer all, wanted;
    ab_buffer_init(&all), ab_buffer_init(&wanted);
    for (int i = 0; i < 200; i++) {
        ab_buffer_append_text(&all, "{\"_command\":\"fired\",\"name\":\"a\",\"args\":[]}\n");
        ab_buffer_append_text(&wanted, "fired a []\n");
    }
    ab_buffer_append_text(&all, "{\"_command\":\"fired\",\"name\":\"last\",\"args\":[]}");
    ab_buffer_append_text(&wanted, "fired last []\n");
    dialler_pause(from, true);
    dialler_run(from, NULL);
    ab_buffer_append(&all, "", 1), ab_buffer_append(&wanted, "", 1);
    client_send(server, ab_buffer_bytes(&all));
    shutdown(server, SHUT_WR);
    from->then = have_it_delivered;
    dialler_pause(from, false);
    dialler_expect_end(from, AUTOBUS_CLOSED, "closed");
    dialler_expect(from, ab_buffer_bytes(&wanted));
    dialler_run(from, NULL);
    dialler_lock(from);
    cr_expect_leq(most_heard, 64);
    cr_expect_geq(deliveries, 4);
    dialler_unlock(from);
}

static void pause_inside(dialler *of)
{
    ab_link_pause(of->link, true);
}

Test(link_hears, one_line_at_a_time_if_each_pauses_it)
{
    from->then = pause_inside;
    client_send(server, "{\"_command\":\"fired\",\"name\":\"a\",\"args\":[]}\n"
                        "{\"_command\":\"fired\",\"name\":\"b\",\"args\":[]}\n"
                        "{\"_command\":\"fired\",\"name\":\"c\",\"args\":[]}");
    shutdown(server, SHUT_WR);
    dialler_expect(from, "fired a []\n");
    dialler_pause(from, false);
    dialler_expect(from, "fired b []\n");
    from->then = NULL;
    cr_assert_eq(from->ended, 0);
    dialler_pause(from, false);
    dialler_expect_end(from, AUTOBUS_CLOSED, "closed");
    dialler_expect(from, "fired c []\n");
}

Test(link_hears, no_flood_of_questions_from_who_does_not_read_the_answers)
{
    from->limits.max_queued = 100000;
    dialler_hang_up(from);
    close(server);
    /* Before it is accepted: a window once offered must not shrink, or what the kernel then throws away stalls both
     * directions. */
    int small = 4096;
    setsockopt(from->listening, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    server = dialler_bind(from, DIALLER_BOUND);
    static const char ping[] = "{\"_type\":1,\"_id\":\"p\",\"_command\":\"ping\"}\r\n";
    unsigned ended = 0;
    for (long i = 0; i < 4000000 && ended == 0; i++) {
        if (send(server, ping, sizeof ping - 1, MSG_NOSIGNAL) < 0) {
            cr_assert(errno == EPIPE || errno == ECONNRESET, "%s", strerror(errno));
            break;
        }
        if (i % 1000 == 0) {
            dialler_lock(from);
            ended = from->ended;
            dialler_unlock(from);
        }
    }
    dialler_expect_end(from, AUTOBUS_CLOSED, "does not read");
}
