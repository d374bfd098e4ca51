/* SPDX-License-Identifier: MIT
 * UDP sockets for a test: up to three on one bus thread, each of which keeps what it heard last. */
#ifndef TEST_UNIT_NET_EAR_H
#define TEST_UNIT_NET_EAR_H

#include <stdbool.h>
#include <stdint.h>

#include "net/datagram.h"

#define EARS 3

/** A socket and what came in; with the lock. */
typedef struct ear {
    ab_datagram *datagram;
    ab_datagram_config config;
    autobus_result result; /**< of opening it */
    char sentence[512];
    int count;
    ab_arrival last;
    char bytes[AB_DATAGRAM_LARGEST + 1];
    size_t length;
} ear;

extern ear ears[EARS];
/** The bus thread they are on. */
extern ab_loop *ear_loop;

/** For a suite: starts the loop; closes all and ends it. */
void ear_begin(void);
void ear_end(void);
/** Begins again in a network where only `lo` and d0, with 10.1.0.1/24 and fe80::1, are up. */
void ear_move_to_own_network(void);

/** Keeps what was heard; the default of `heard`. */
ab_datagram_fn ear_hear;
ear *ear_open(int index, ab_datagram_config config);
/** On any port, which must succeed. */
ear *ear_open_plain(int index, int family);
void ear_close(ear *at);
uint16_t ear_port(const ear *at);

/** The errno of sending. */
int ear_send(ear *from, const char *host, uint16_t port, unsigned interface, const void *bytes,
             size_t length);
ab_address ear_address(const char *host, uint16_t port);
/** Waits until it has heard something. */
void ear_await(const ear *at);
void ear_forget(ear *at);
/** The host as text, until the next call. */
const char *ear_host(const ab_address *address);

#endif
