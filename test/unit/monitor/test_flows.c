/* SPDX-License-Identifier: MIT
 * Connections put together from packets, which come as they come. */
#include <criterion/criterion.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/flows.h"

enum {
    CLIENT = 40000,
    SERVER = 4000
};

static monitor_flows flows;
static char said[4096]; /* a word for each thing told */

static void told(void *userdata, monitor_flow_news news, const monitor_packet *packet,
                 const monitor_message *message, size_t size)
{
    static const char *const names[] = {"opened", "", "closed", "unread"};
    size_t used = strlen(said);
    (void)userdata;
    snprintf(said + used, sizeof said - used, "%s%s:%zu ",
             packet->from.port == SERVER ? "S." : "C.",
             message != NULL ? message->kind : names[news], size);
}

static void begin(void)
{
    monitor_flows_init(&flows, told, NULL);
    *said = '\0';
}

static void tells(const char *words)
{
    cr_assert_str_eq(said, words);
    *said = '\0';
}

static bool pass(uint16_t from, uint16_t to, unsigned flags, uint32_t sequence, const char *text)
{
    monitor_packet packet = {
        .is_tcp = true,
        .from = {.family = AF_INET, .address = {127, 0, 0, 1}, .port = from},
        .to = {.family = AF_INET, .address = {127, 0, 0, 1}, .port = to},
        .payload = (const unsigned char *)text,
        .payload_length = strlen(text),
        .sequence = sequence,
        .flags = flags,
    };
    return monitor_flows_take(&flows, &packet);
}

static bool asks(unsigned flags, uint32_t sequence, const char *text)
{
    return pass(CLIENT, SERVER, flags, sequence, text);
}

static bool answers(unsigned flags, uint32_t sequence, const char *text)
{
    return pass(SERVER, CLIENT, flags, sequence, text);
}

static void open_one(void)
{
    cr_assert(asks(MONITOR_SYN, 99, ""));
    cr_assert(answers(MONITOR_SYN | MONITOR_ACK, 999, ""));
    tells("S.opened:0 ");
}

static const char ping[] = "{\"_type\":1,\"_command\":\"ping\"}\n";
enum {
    PING = sizeof ping - 1
};

Test(flows, tell_of_a_connection_from_its_beginning_to_its_end)
{
    begin();
    open_one();
    cr_assert(asks(MONITOR_ACK, 100, ping));
    cr_assert(answers(MONITOR_ACK, 1000, "{\"_type\":2}\n"));
    tells("C.ping:30 S.answer:12 ");
    cr_assert(asks(MONITOR_ACK | MONITOR_FIN, 100 + PING, ""));
    tells("");
    cr_assert(answers(MONITOR_ACK | MONITOR_FIN, 1012, ""));
    tells("S.closed:0 ");
    cr_assert_eq(flows.count, 0);
    cr_assert(asks(MONITOR_ACK, 101 + PING, ""), "its last acknowledgement");
    cr_assert_eq(flows.count, 0);
    monitor_flows_fini(&flows);
}

Test(flows, go_over_to_frames_in_both_directions)
{
    begin();
    open_one();
    cr_assert(asks(MONITOR_ACK, 100, "{\"_type\":1,\"_command\":\"bind\",\"frames\":1}\n"));
    cr_assert(answers(MONITOR_ACK, 1000, "{\"_type\":2,\"service\":null,\"frames\":1}\n"));
    tells("C.bind:41 S.bound:38 ");
    monitor_packet packet = {.is_tcp = true,
                             .from = {.family = AF_INET, .address = {127, 0, 0, 1}, .port = CLIENT},
                             .to = {.family = AF_INET, .address = {127, 0, 0, 1}, .port = SERVER},
                             .payload = (const unsigned char *)"\0\0\0\0\x0b\0\0\0\1\0\0\0\0\0\0\0",
                             .payload_length = 16,
                             .sequence = 141,
                             .flags = MONITOR_ACK};
    cr_assert(monitor_flows_take(&flows, &packet));
    tells("C.ping:16 ");
    monitor_flows_fini(&flows);
}

Test(flows, tell_nothing_twice)
{
    begin();
    open_one();
    asks(MONITOR_ACK, 100, ping);
    asks(MONITOR_ACK, 100, ping);
    tells("C.ping:30 ");
    char both[2 * PING + 1];
    snprintf(both, sizeof both, "%s%s", ping, ping);
    asks(MONITOR_ACK, 100, both);
    tells("C.ping:30 ");
    monitor_flows_fini(&flows);
}

Test(flows, go_on_behind_a_gap)
{
    begin();
    open_one();
    asks(MONITOR_ACK, 100, ping);
    asks(MONITOR_ACK, 200, "the end of one\n");
    tells("C.ping:30 C.unread:15 ");
    asks(MONITOR_ACK, 215, ping);
    tells("C.ping:30 ");
    monitor_flows_fini(&flows);
}

Test(flows, that_began_before_us_are_joined)
{
    begin();
    cr_assert_not(asks(MONITOR_ACK, 5000, "lue\":1}\n"), "nobody knows whose that is");
    tells("");
    cr_assert(asks(MONITOR_ACK, 5008, ping));
    tells("C.ping:30 ");
    cr_assert(answers(MONITOR_RST, 0, ""));
    tells("S.closed:0 ");
    monitor_flows_fini(&flows);
}

Test(flows, of_something_else_are_left_alone)
{
    static const char *const others[] = {"GET / HTTP/1.1\r\n", "\x16\x03\x01", "{\"hello\":1}\n"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        begin();
        open_one();
        cr_assert_not(asks(MONITOR_ACK, 100, others[i]), "%s", others[i]);
        cr_assert_not(answers(MONITOR_ACK, 1000, "HTTP/1.1 400 Bad\r\n"));
        cr_assert_not(answers(MONITOR_RST, 1018, ""));
        tells("");
        monitor_flows_fini(&flows);
    }
}

Test(flows, at_the_same_ports_are_new_ones_after_a_start)
{
    begin();
    open_one();
    asks(MONITOR_ACK, 100, "GET / HTTP/1.1\r\n");
    open_one();
    cr_assert(asks(MONITOR_ACK, 100, ping));
    tells("C.ping:30 ");
    cr_assert_eq(flows.count, 1);
    monitor_flows_fini(&flows);
}

Test(flows, are_at_most_so_many_and_the_most_silent_makes_room)
{
    begin();
    open_one();
    for (int i = 0; i < 2 * MONITOR_FLOWS; i++) {
        pass((uint16_t)(10000 + i), SERVER, MONITOR_SYN, 1, "");
        asks(MONITOR_ACK, 100, "");
    }
    cr_assert_eq(flows.count, MONITOR_FLOWS);
    cr_assert(asks(MONITOR_ACK, 100, ping));
    tells("C.ping:30 ");
    monitor_flows_fini(&flows);
}
