/* SPDX-License-Identifier: MIT
 * The same bytes of a server mean the same to a link, wherever the stream is cut. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/peer/dialler.h"
#include "unit/peer/door.h"

/* Blank lines, both line ends, escapes, answers out of order and twice, noise, and a last line without its end. */
static const char said[] =
    "\r\n \n{\"_type\": 2, \"_id\": \"whose\", \"service\": \"a-1\"}\r\n"
    "{\"_type\":3,\"_command\":\"changed\",\"name\":\"caf\\u00e9\",\"value\":{\"}\":[\"\\\"\",NaN]}}\n"
    "  {\"_type\":1,\"_id\":\"p\",\"_command\":\"ping\"}  \r\n\r\n"
    "{\"_type\":2,\"_id\":\"3\",\"result\":\"\xc3\xa9\"}\n"
    "{\"_type\":2,\"_id\":\"1\",\"_error\":{\"text\":\"No such function: x\"}}\r\n"
    "{\"_type\":2,\"_id\":\"1\",\"result\":1}\r\n"
    "{\"_type\":3,\"_command\":\"f\\u0069red\",\"name\":\"tick\",\"args\":[1]}\n"
    "{\"_type\":3,\"_command\":\"changed\",\"name\":\"x\",\"value\":null,\"gone\":true}\n"
    "{\"_type\":3,\"_command\":\"unbound\",\"text\":\"Bye.\"}";

static const char heard[] = "changed caf\xc3\xa9 {\"}\":[\"\\\"\",null]}\nfired tick [1]\ngone x\n";

static dialled calls[3];

static void call_thrice(dialler *from)
{
    if (from->bound != 1)
        return;
    from->then = NULL;
    for (int i = 0; i < 3; i++)
        cr_assert_eq(ab_link_call(from->link, &calls[i].call, AB_SLICE("f"), AB_SLICE("[]")),
                     AUTOBUS_OK);
}

static void count_one(ab_call *call, autobus_result result, ab_slice value, ab_slice error)
{
    dialled *to = AB_CONTAINER(call, dialled, call);
    to->done++;
    to->result = result;
    if (to == &calls[0])
        cr_assert(ab_slice_is(error, "No such function: x"));
    if (to == &calls[2])
        cr_assert(ab_slice_is(value, "\"\xc3\xa9\""));
}

/* One visit whose server says it in pieces: up to `cut`, then the rest, or byte after byte. */
static void play(dialler *from, size_t cut, bool byte_by_byte)
{
    memset(calls, 0, sizeof calls);
    for (int i = 0; i < 3; i++)
        calls[i].call.done = count_one;
    from->then = call_thrice;
    dialler_dial(from, "a-1");
    int server = dialler_accept(from);
    client_expect(server, DIALLER_BIND);
    for (size_t at = 0; at < sizeof said - 1;) {
        size_t piece = byte_by_byte ? 1 : at == 0 && cut > 0 ? cut : sizeof said - 1 - at;
        cr_assert_eq(send(server, said + at, piece, MSG_NOSIGNAL), (ssize_t)piece);
        /* A turn of the loop, so that the next piece is one of its own. */
        if (piece + at < sizeof said - 1)
            dialler_run(from, NULL);
        at += piece;
    }
    shutdown(server, SHUT_WR);
    dialler_expect_end(from, AUTOBUS_CLOSED, "closed the connection: Bye.");
    dialler_expect(from, heard);
    cr_assert_eq(calls[0].done + calls[1].done + calls[2].done, 3);
    cr_assert_eq(calls[0].result, AUTOBUS_NOT_FOUND);
    cr_assert_eq(calls[1].result, AUTOBUS_CLOSED);
    cr_assert_eq(calls[2].result, AUTOBUS_OK);
    client_close(server);
    dialler_hang_up(from);
}

Test(link_cuts, nowhere)
{
    dialler *from = dialler_open_in_real_time();
    play(from, 0, false);
    dialler_close(from);
}

Test(link_cuts, in_two_at_every_byte, .timeout = 120)
{
    dialler *from = dialler_open_in_real_time();
    for (size_t cut = 1; cut < sizeof said - 1; cut++)
        play(from, cut, false);
    dialler_close(from);
}

Test(link_cuts, at_every_byte_at_once)
{
    dialler *from = dialler_open_in_real_time();
    play(from, 0, true);
    dialler_close(from);
}
