/* SPDX-License-Identifier: MIT
 * The side of a bus where others come, under test on a running loop, with two services behind it, and clients at its
 * door that are plain blocking sockets. Their way is that of support/transport.h. */
#ifndef AUTOBUS_TEST_DOOR_H
#define AUTOBUS_TEST_DOOR_H

#include "base/clock.h"
#include "peer/peer.h"
#include "support/transport.h"

#define DOOR_BUS   UINT64_C(0x00000000000000b5)
#define DOOR_OFFER "1795220983.9-2-vm-0.470427772233" /**< what the recorded clients bind */
#define DOOR_OTHER "other"

typedef struct door {
    ab_clock_fake clock;
    ab_seat seat;
    ab_loop *loop;
    ab_peers *peers;
    ab_peer_limits limits;
    char folder[TRANSPORT_PATH]; /**< where its clients come by unix socket; "": they come by TCP */
    ab_list guests;              /**< of guest.place: who is bound */
    int offer, other, introspection; /**< services */
    unsigned bound, unbound, legacy; /**< how often each op was called */
    size_t listed;                   /**< services in its pages, named 00000, 00001, … */
    size_t page;                     /**< of them in one page */
    bool stays_at_the_start;         /**< pages that lead nowhere */
    const char *also;                /**< another name of the first service, NULL: none */
    bool offers_channels;            /**< of the name "chat" */
    autobus_channel *offered;        /**< the last one that was opened */
    ab_text *value;                  /**< of the object that guests watch: JSON */
    unsigned written;                /**< how often its state was put on a line */
    unsigned asked;                  /**< how often it was asked anything */
    /** Writes its pages instead, if set. */
    void (*list)(ab_buffer *out, ab_value id, const ab_slice *after);
} door;

/** A session bound to one of the services. They know these commands: "echo" answers "value", and "quit" withdraws
 *  the service; "watch" and "listen" have door_set() and door_fire() heard; "defer" is answered by door_answer(). */
typedef struct guest {
    ab_list place;
    door *at;
    ab_session *session;
    int *service;
    ab_slot object;
    bool is_watching, is_listening;
    unsigned deferred; /**< and not answered yet */
} guest;

extern const ab_peer_ops door_ops;

/** With the fake clock, or the real one. Criterion's process ends what is left over. */
door *door_open(void);
door *door_open_in_real_time(void);
door *door_open_with(const ab_peer_limits *limits);
/** It listens on a unix socket in this folder as well. */
door *door_open_near(const char *folder);
void door_close(door *at);

/** The object gets another value: [number, "xxx…"] of about `size` bytes. */
void door_set(door *at, unsigned number, size_t size);
/** An event: a line that is the same for all, of about `size` bytes. */
void door_fire(door *at, unsigned number, size_t size);
/** Answers what was deferred by any guest, with this id. */
void door_answer(door *at, unsigned id);
/** The service is withdrawn: its guests are dismissed with this sentence. */
void door_withdraw(door *at, const int *service, const char *sentence);

/** The bus takes another id. */
void door_rename(door *at, uint64_t bus);

void door_lock(door *at);
void door_unlock(door *at);
/** Moves the fake clock in steps of half a second, each seen by the loop, and lets the kernel's acknowledgements
 *  come, which know no fake clock. */
void door_pass(door *at, ab_time time);
uint64_t door_stat(door *at, autobus_stat which);
/** Waits until the counter is exactly this. */
void door_wait_stat(door *at, autobus_stat which, uint64_t value);
/** Waits until a member (bound, unbound, legacy) is exactly this. */
void door_wait_count(door *at, const unsigned *count, unsigned value);
size_t door_unbound_sessions(door *at);

/** Connects from 127.0.0.`last`, by TCP. */
int client_connect_from(door *at, unsigned last);
/** Connects from this address of ours, and to it, by TCP. */
int client_connect_to(door *at, const char *address);
int client_connect(door *at);
/** Connects to the unix socket of this bus. */
int client_connect_near(const char *folder, uint64_t bus);
/** For a door in another process. */
int client_connect_to_port(uint16_t port);
void client_send(int client, const char *text);
/** The next line with its end, in a static buffer; "" at the end of the stream; fails after 10 s. */
const char *client_line(int client);
void client_expect(int client, const char *line);
/** Nothing more comes, and the other side has closed. */
void client_expect_end(int client);
/** Nothing has come, and the connection stands. */
void client_expect_silence(int client);
void client_close(int client);

#endif
