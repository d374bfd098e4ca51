/* SPDX-License-Identifier: MIT
 * Fetching a list, page by page, from those who play along and from those who do not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

TestSuite(fetch, .init = open_caller, .fini = close_caller);

/* Against our own side: how it ends. */
static bool fetch_from(door *to)
{
    from->server.port = ab_peers_port(to->peers);
    caller_fetch(from);
    bool is_complete = caller_wait(from);
    door_wait_count(to, &to->unbound, to->bound);
    return is_complete;
}

Test(fetch, brings_every_page)
{
    door *to = door_open();
    to->listed = 10000;
    to->page = 700;
    cr_assert(fetch_from(to));
    cr_assert_eq(from->services, 10000);
    cr_assert_eq(from->pages, 15);
    cr_assert_str_eq(from->last, "09999");
    cr_assert_eq(to->legacy, 0);
    door_close(to);
}

Test(fetch, of_an_empty_list_is_complete)
{
    door *to = door_open();
    cr_assert(fetch_from(to));
    cr_assert_eq(from->pages, 1);
    cr_assert_eq(from->services, 0);
    door_close(to);
}

Test(fetch, ends_when_no_more_is_wanted)
{
    door *to = door_open();
    to->listed = 100;
    to->page = 10;
    from->enough = 3;
    cr_assert_not(fetch_from(to));
    cr_assert_eq(from->pages, 3);
    door_close(to);
}

Test(fetch, may_be_cancelled_by_the_page_just_heard)
{
    door *to = door_open();
    to->listed = 100;
    to->page = 10;
    from->cancels = true;
    fetch_from(to);
    cr_assert_eq(from->pages, 1);
    door_close(to);
}

Test(fetch, ends_at_a_page_that_leads_nowhere)
{
    door *to = door_open();
    to->listed = 100;
    to->page = 10;
    to->stays_at_the_start = true;
    cr_assert_not(fetch_from(to));
    cr_assert_eq(from->pages, 2);
    to->page = 0;
    cr_assert_not(fetch_from(to));
    cr_assert_eq(from->pages, 3);
    door_close(to);
}

#define PAGE(id, services, more)                                                               \
    "{\"_type\":2,\"_id\":" id                                                                 \
    ",\"presence\":{\"bus\":\"00000000000000b5\",\"port\":1,\"seq\":1,\"count\":3,"            \
    "\"digest\":\"0000000000000000\",\"interval\":0},\"services\":" services ",\"more\":" more \
    "}\r\n"

/* The server says this after the bind, and closes. */
static bool fetch_hearing(const char *answer)
{
    caller_fetch(from);
    int server = caller_accept(from);
    client_expect(
        server, "{\"_type\":1,\"_id\":\"1\",\"_command\":\"bind\",\"service\":null,\"autobus\":1}");
    client_send(server,
                "{\"_type\":2,\"_id\":\"1\",\"service\":null,\"bus\":\"00000000000000b5\"}\r\n");
    client_expect(server, "{\"_type\":1,\"_id\":\"s1\",\"_command\":\"services\",\"after\":null}");
    client_send(server, answer);
    close(server);
    return caller_wait(from);
}

Test(fetch, passes_over_answers_to_questions_it_did_not_ask)
{
    cr_assert(fetch_hearing("{\"_type\":3,\"_command\":\"changed\",\"name\":\"x\",\"value\":1}\r\n"
                            "{\"_type\":2,\"_id\":\"1\",\"_error\":{\"text\":\"again\"}}\r\n" PAGE(
                                "7", "[]", "true") PAGE("\"s1\"", "[[\"a\",{}]]", "false")));
    cr_assert_eq(from->services, 1);
}

Test(fetch, ends_at_what_is_no_page)
{
    cr_assert_not(fetch_hearing("{\"_type\":2,\"_id\":\"s1\"}\r\n"));
    cr_assert_not(fetch_hearing("{\"_type\":2,\"_id\":\"s1\",\"_error\":{\"text\":\"No.\"}}\r\n"));
    cr_assert_not(fetch_hearing("[]\r\n"));
    cr_assert_not(fetch_hearing("noise\r\n"));
    cr_assert_not(fetch_hearing(PAGE("\"s1\"", "{}", "false")));
    cr_assert_not(fetch_hearing(""));
    cr_assert_eq(from->pages, 0);
}

Test(fetch, ends_where_introspection_is_refused)
{
    caller_fetch(from);
    int server = caller_accept(from);
    client_line(server);
    client_send(server, "{\"_type\":2,\"_id\":\"1\",\"_error\":{\"text\":\"No.\"}}\r\n");
    cr_assert_not(caller_wait(from));
    client_expect_end(server);
    close(server);
}

Test(fetch, has_patience_for_each_page_anew)
{
    caller_fetch(from);
    int server = caller_accept(from);
    client_line(server);
    ab_clock_fake_advance(&from->clock, AB_MS(2000));
    client_send(server, "{\"_type\":2,\"_id\":\"1\",\"service\":null}\r\n");
    client_line(server);
    ab_clock_fake_advance(&from->clock, AB_MS(2000));
    client_send(server, PAGE("\"s1\"", "[[\"a\",{}]]", "true"));
    client_expect(server, "{\"_type\":1,\"_id\":\"s2\",\"_command\":\"services\",\"after\":\"a\"}");
    ab_clock_fake_advance(&from->clock, AB_MS(3100));
    cr_assert_not(caller_wait(from));
    close(server);
}

Test(fetch, takes_lines_of_up_to_1_MiB)
{
    size_t size = 1U << 20;
    char *page = malloc(size + 1000);
    for (int is_long = 0; is_long < 2; is_long++) {
        strcpy(page, PAGE("\"s1\"", "[]", "false"));
        size_t length = strlen(page);
        /* Blanks before the end of the object make it as long as we like. */
        size_t wanted = size + (is_long ? 1 : 0);
        memset(page + length - 3, ' ', wanted - length + 2);
        strcpy(page + wanted - 2, "}\r\n");
        cr_assert_eq(fetch_hearing(page), is_long == 0);
    }
    free(page);
}

Test(fetch, takes_64_MiB_in_all, .timeout = 120)
{
    size_t size = 1000000;
    char *page = malloc(size + 100);
    caller_fetch(from);
    int server = caller_accept(from);
    client_line(server);
    client_send(server, "{\"_type\":2,\"_id\":\"1\",\"service\":null}\r\n");
    unsigned pages = 0;
    while (strcmp(client_line(server), "") != 0) {
        pages++;
        char head[300];
        snprintf(head, sizeof head, PAGE("\"s%u\"", "[[\"%05u\",{}]]", "true"), pages, pages);
        memset(page, ' ', size);
        memcpy(page, head, strlen(head) - 3);
        strcpy(page + size - 3, "}\r\n");
        size_t sent = 0;
        while (sent < size) {
            ssize_t now = send(server, page + sent, size - sent, MSG_NOSIGNAL);
            if (now < 0)
                break;
            sent += (size_t)now;
        }
        cr_assert_lt(pages, 80, "it never has enough");
    }
    cr_assert_not(caller_wait(from));
    cr_assert_eq(from->pages, (64U << 20) / size);
    free(page);
    close(server);
}
