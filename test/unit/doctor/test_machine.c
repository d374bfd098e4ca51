/* SPDX-License-Identifier: MIT
 * What is asked of the machine itself: its doors, who holds a port, where peers are. */
#include <criterion/criterion.h>

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor/holder.h"
#include "doctor/interfaces.h"
#include "doctor/knock.h"
#include "doctor/peers.h"

static int bind_here(int type, uint16_t *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    int fd = socket(AF_INET, type, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&at, length), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &length), 0);
    *ret_port = ntohs(at.sin_port);
    return fd;
}

static void knock(doctor_knocking *knocks, uint16_t port, doctor_knock *told)
{
    doctor_knocking_add(knocks, "127.0.0.1", port, told);
    while (knocks->waiting > 0) {
        struct pollfd news = {.fd = knocks->epoll, .events = POLLIN};
        cr_assert_eq(poll(&news, 1, 5000), 1);
        doctor_knocking_heed(knocks);
    }
}

Test(machine, opens_doors_or_keeps_them_shut)
{
    uint16_t port;
    doctor_knocking knocks;
    doctor_knock open = {0};
    doctor_knock shut = {0};
    int fd = bind_here(SOCK_STREAM, &port);
    cr_assert(doctor_knocking_begin(&knocks));
    knock(&knocks, port, &shut);
    cr_assert_eq(shut.door, DOCTOR_DOOR_SHUT);
    cr_assert_eq(shut.error, ECONNREFUSED);
    cr_assert_eq(listen(fd, 1), 0);
    knock(&knocks, port, &open);
    cr_assert_eq(open.door, DOCTOR_DOOR_OPEN);
    doctor_knocking_end(&knocks);
    close(fd);
}

Test(machine, tells_who_holds_a_port)
{
    uint16_t port;
    char wanted[32];
    int fd = bind_here(SOCK_DGRAM, &port);
    char *name = doctor_holder_name(port);
    snprintf(wanted, sizeof wanted, "(process %d)", (int)getpid());
    cr_assert_not_null(strstr(name, wanted), "%s", name);
    free(name);
    close(fd);
    name = doctor_holder_name(port);
    cr_assert_str_eq(name, "another program");
    free(name);
}

Test(machine, finds_listed_peers)
{
    doctor_facts facts = {.port = 52722};
    doctor_peers_add_listed(&facts, NULL);
    doctor_peers_add_listed(&facts, "");
    cr_assert_eq(facts.peer_count, 0);
    doctor_peers_add_listed(&facts, " 10.0.0.9 ,[::1]:77,,127.0.0.1:5, [fe80::1]");
    cr_assert_eq(facts.peer_count, 4);
    static const struct {
        const char *name, *host;
        uint16_t port;
    } wanted[] = {{"10.0.0.9", "10.0.0.9", 52722},
                  {"[::1]:77", "::1", 77},
                  {"127.0.0.1:5", "127.0.0.1", 5},
                  {"[fe80::1]", "fe80::1", 52722}};
    for (size_t i = 0; i < facts.peer_count; i++) {
        cr_assert_str_eq(facts.peers[i].name, wanted[i].name);
        cr_assert_str_eq(facts.peers[i].host, wanted[i].host);
        cr_assert_eq(facts.peers[i].udp_port, wanted[i].port);
        cr_assert_null(facts.peers[i].trouble);
    }
    doctor_peers_add_listed(&facts, "10.0.0.300");
    cr_assert_not_null(facts.peers[4].trouble);
    doctor_facts_fini(&facts);
}

Test(machine, is_no_peer_of_itself)
{
    doctor_facts facts = {.port = 52722};
    tool_place place;
    cr_assert(doctor_interfaces_look(&facts));
    cr_assert(tool_place_parse(&place, "127.0.0.1:5/x"));
    doctor_peers_add_place(&facts, &place);
    cr_assert_eq(facts.peer_count, 0);
    tool_place_fini(&place);
    cr_assert(tool_place_parse(&place, "192.0.2.77:5"));
    doctor_peers_add_place(&facts, &place);
    cr_assert_eq(facts.peer_count, 1);
    cr_assert(facts.peers[0].is_place && facts.peers[0].tcp_port == 5);
    tool_place_fini(&place);
    doctor_facts_fini(&facts);
}
