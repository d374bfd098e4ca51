/* SPDX-License-Identifier: MIT
 * Noise: packets of which bytes are wrong, in any number. Nothing is read that is not there, and nothing is kept. */
#include <criterion/criterion.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/flows.h"

enum {
    ROUNDS = 20000,
    ROOM = 256
};

static uint64_t state = 1;

static uint32_t next(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33) % below;
}

static size_t told_count;

static void told(void *userdata, monitor_flow_news news, const monitor_packet *packet,
                 const monitor_message *message, size_t size)
{
    (void)userdata;
    (void)packet;
    told_count++;
    cr_assert_eq(message != NULL, news == MONITOR_SAID);
    cr_assert(news == MONITOR_OPENED || news == MONITOR_CLOSED || size > 0);
}

/* A packet of TCP between a few ports, with one of these payloads. */
static size_t write_packet(unsigned char *bytes)
{
    static const struct {
        const char *bytes;
        size_t length;
    } payloads[] = {
        {"", 0},
        {"{\"_type\":1,\"_id\":\"1\",\"_command\":\"call\",\"name\":\"a\",\"args\":[1,{\"b\":\"c\"}]}\r\n",
         69},
        {"{\"_type\":2,\"_id\":\"1\",\"service\":\"x\",\"bus\":\"5ee1\",\"frames\":1}\n", 61},
        {"\x0c\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\3\0\0\0add[2,3]\0\0\0\0\x0b\0\0\0\3\0\0\0\0\0\0\0",
         44},
    };
    static const unsigned char flags[] = {
        MONITOR_SYN, MONITOR_SYN | MONITOR_ACK, MONITOR_ACK, MONITOR_ACK, MONITOR_ACK, MONITOR_FIN,
        MONITOR_RST};
    size_t which = next(4);
    size_t length = payloads[which].length;
    memset(bytes, 0, 40);
    bytes[0] = 0x45;
    bytes[3] = (unsigned char)(40 + length);
    bytes[9] = IPPROTO_TCP;
    bool is_turned = next(2) == 0;
    bytes[is_turned ? 21 : 23] = (unsigned char)next(4);
    bytes[is_turned ? 23 : 21] = 200;
    bytes[27] = (unsigned char)next(200);
    bytes[32] = 0x50;
    bytes[33] = flags[next(sizeof flags)];
    memcpy(bytes + 40, payloads[which].bytes, length);
    return 40 + length;
}

Test(noise, leaves_a_monitor_as_it_was)
{
    static monitor_flows flows;
    monitor_flows_init(&flows, told, NULL);
    for (size_t round = 0; round < ROUNDS; round++) {
        unsigned char bytes[ROOM];
        size_t length = write_packet(bytes);
        for (uint32_t wrong = next(4); wrong > 0; wrong--) {
            bytes[next((uint32_t)length)] = (unsigned char)next(256);
        }
        length = next(8) == 0 ? next((uint32_t)length) : length;
        /* Of just its size, so that a sanitizer sees the end. */
        unsigned char *exact = malloc(length + 1);
        monitor_packet packet;
        memcpy(exact, bytes, length);
        if (monitor_packet_read(&packet, exact, length) && packet.is_tcp) {
            (void)monitor_flows_take(&flows, &packet);
        }
        free(exact);
        cr_assert_leq(flows.count, MONITOR_FLOWS);
    }
    cr_assert_gt(told_count, ROUNDS / 100, "it understood %zu", told_count);
    monitor_flows_fini(&flows);
}

Test(noise, in_datagrams_is_read_to_its_end_and_no_further)
{
    static const char text[] =
        "{\"command\":\"add\",\"port\":44321,\"service\":\"l\\u00e9\",\"info\":"
        "{\"a\":[1]},\"bus\":\"5ee1d0c4b2a39786\",\"count\":2}";
    size_t understood = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t length = next(sizeof text);
        char *exact = malloc(length + 1);
        monitor_message message;
        memcpy(exact, text, length);
        for (uint32_t wrong = length > 0 ? next(3) : 0; wrong > 0; wrong--) {
            exact[next((uint32_t)length)] = (char)next(256);
        }
        char *whole = realloc(exact, length > 0 ? length : 1);
        monitor_message_of_datagram(&message, (monitor_slice){whole, length}, length);
        understood += strcmp(message.kind, "add") == 0;
        cr_assert_leq(strlen(message.bus), 16);
        monitor_message_fini(&message);
        free(whole);
    }
    cr_assert_gt(understood, ROUNDS / 10);
}
