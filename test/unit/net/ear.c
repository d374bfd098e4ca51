/* SPDX-License-Identifier: MIT
 * The sockets of the datagrams' tests. */
#include "unit/net/ear.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/eventually.h"
#include "support/own_network.h"
#include "unit/net/running.h"

ear ears[EARS];
ab_loop *ear_loop;

void ear_hear(void *owner, const ab_arrival *arrival, const char *bytes, size_t length)
{
    ear *here = owner;
    here->last = *arrival;
    here->length = length;
    memcpy(here->bytes, bytes, length);
    here->count++;
}

static void open_on_bus(void *argument)
{
    ear *here = argument;
    here->config.owner = here;
    here->result = ab_datagram_open(ear_loop, &here->config, &here->datagram);
    if (here->result != AUTOBUS_OK)
        snprintf(here->sentence, sizeof here->sentence, "%s", autobus_last_error());
}

ear *ear_open(int index, ab_datagram_config config)
{
    ear *here = &ears[index];
    here->config = config;
    if (here->config.heard == NULL)
        here->config.heard = ear_hear;
    running_do(ear_loop, open_on_bus, here);
    return here;
}

ear *ear_open_plain(int index, int family)
{
    ear *here = ear_open(index, (ab_datagram_config){.family = family});
    cr_assert_eq(here->result, AUTOBUS_OK, "%s", here->sentence);
    return here;
}

static void close_on_bus(void *argument)
{
    ear *here = argument;
    ab_datagram_close(here->datagram);
    here->datagram = NULL;
}

void ear_close(ear *at)
{
    running_do(ear_loop, close_on_bus, at);
}

static void close_all_on_bus(void *argument)
{
    (void)argument;
    for (int i = 0; i < EARS; i++)
        close_on_bus(&ears[i]);
}

void ear_begin(void)
{
    memset(ears, 0, sizeof ears);
    ear_loop = running_new();
}

void ear_end(void)
{
    if (ear_loop != NULL)
        running_end(ear_loop, close_all_on_bus, NULL);
    ear_loop = NULL;
    own_network_leave();
}

/* The kernel makes the route to an address of its own a moment after the address. */
static bool is_link_local_reached(void)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_scope_id = if_nametoindex("d0")};
    socklen_t length = sizeof at;
    struct pollfd heard = {.fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), .events = POLLIN};
    inet_pton(AF_INET6, "fe80::1", &at.sin6_addr);
    bool is_reached = bind(heard.fd, (struct sockaddr *)&at, sizeof at) == 0 &&
                      getsockname(heard.fd, (struct sockaddr *)&at, &length) == 0 &&
                      sendto(heard.fd, "", 1, 0, (struct sockaddr *)&at, sizeof at) == 1 &&
                      poll(&heard, 1, 20) == 1;
    close(heard.fd);
    return is_reached;
}

void ear_move_to_own_network(void)
{
    running_end(ear_loop, NULL, NULL);
    ear_loop = NULL;
    own_network_enter();
    own_network_device("d0");
    own_network_set("ipv6/conf/d0/accept_dad", "0");
    own_network_up("d0");
    own_network_ip("addr add 10.1.0.1/24 brd + dev d0");
    own_network_ip("addr add fe80::1/64 dev d0 nodad");
    EVENTUALLY(is_link_local_reached());
    ear_loop = running_new();
}

uint16_t ear_port(const ear *at)
{
    return ab_datagram_port(at->datagram);
}

ab_address ear_address(const char *host, uint16_t port)
{
    ab_address address;
    cr_assert(ab_address_parse(&address, host, port), "%s is no address", host);
    return address;
}

int ear_send(ear *from, const char *host, uint16_t port, unsigned interface, const void *bytes,
             size_t length)
{
    ab_address to = ear_address(host, port);
    running_lock(ear_loop);
    int error = ab_datagram_send(from->datagram, &to, interface, NULL, bytes, length);
    running_unlock(ear_loop);
    return error;
}

static bool has_heard(const void *argument)
{
    return ((const ear *)argument)->count > 0;
}

void ear_await(const ear *at)
{
    cr_assert(running_until(ear_loop, has_heard, at), "nothing arrives");
}

void ear_forget(ear *at)
{
    running_lock(ear_loop);
    at->count = 0;
    running_unlock(ear_loop);
}

const char *ear_host(const ab_address *address)
{
    static char text[AB_ADDRESS_TEXT];
    return ab_address_host(address, text);
}
