/* SPDX-License-Identifier: MIT
 * Datagrams of ours, of old peers and of nobody. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "doctor/packet.h"

static doctor_packet packet;

static bool reads(const char *text)
{
    return doctor_packet_read(&packet, text, strlen(text));
}

Test(packet, tells_who_speaks)
{
    cr_assert(reads("{\"command\":\"presence\",\"bus\":\"5EE1D0C4b2a39786\",\"port\":44321}"));
    cr_assert_str_eq(packet.bus, "5ee1d0c4b2a39786");
    cr_assert_eq(packet.port, 44321);
}

Test(packet, of_an_old_peer_has_no_id)
{
    cr_assert(
        reads(" {\"info\": {}, \"command\": \"add\", \"port\": 57837, \"service\": \"x\"}\n"));
    cr_assert_str_empty(packet.bus);
    cr_assert_eq(packet.port, 57837);
    cr_assert(reads("{\"command\": \"query\"}"));
    cr_assert_eq(packet.port, 0);
}

Test(packet, has_no_id_and_no_port_that_cannot_be)
{
    static const char *const odd[] = {
        "{\"command\":\"query\",\"bus\":5,\"port\":0}",
        "{\"command\":\"query\",\"bus\":\"5ee1\",\"port\":-1}",
        "{\"command\":\"query\",\"bus\":\"5ee1d0c4b2a3978z\",\"port\":65536}",
        "{\"command\":\"query\",\"bus\":\"5ee1d0c4b2a397860\",\"port\":\"x\"}",
        "{\"command\":\"query\",\"bus\":null,\"port\":{}}",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        cr_assert(reads(odd[i]), "%s", odd[i]);
        cr_assert_str_empty(packet.bus);
        cr_assert_eq(packet.port, 0, "%s", odd[i]);
    }
}

Test(packet, is_none_if_it_is_anything_else)
{
    static const char *const strange[] = {
        "",
        "{",
        "null",
        "[]",
        "{}",
        "{\"command\":5}",
        "{\"command\":\"query\"} x",
        "GET / HTTP/1.1",
    };
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        cr_assert_not(reads(strange[i]), "%s", strange[i]);
    }
    static const char hidden[] = "{\"command\":\"query\"}\0x";
    cr_assert_not(doctor_packet_read(&packet, hidden, sizeof hidden - 1));
}

Test(packet, that_is_too_long_is_none)
{
    size_t size = DOCTOR_PACKET_LARGEST + 1;
    char *long_one = calloc(1, size);
    memset(long_one, ' ', size);
    memcpy(long_one, "{\"command\":\"query\"}", 19);
    cr_assert(doctor_packet_read(&packet, long_one, size - 1));
    cr_assert_not(doctor_packet_read(&packet, long_one, size));
    free(long_one);
}

Test(packet, asks_with_room_for_the_answer)
{
    char *question = doctor_packet_question("5ee1d0c4b2a39786");
    cr_assert_eq(strlen(question), 480);
    cr_assert(reads(question));
    cr_assert_str_eq(packet.bus, "5ee1d0c4b2a39786");
    cr_assert_eq(packet.port, 0);
    free(question);
}
