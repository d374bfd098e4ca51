/* SPDX-License-Identifier: MIT
 * A link under test, on a running loop, and a server for it that is a plain listening socket and says what the
 * test wants (with the client_ functions of door.h). */
#ifndef AUTOBUS_TEST_DIALLER_H
#define AUTOBUS_TEST_DIALLER_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "peer/link.h"
#include "support/transport.h"

#define DIALLER_BIND \
    "{\"_type\":1,\"_id\":\"0\",\"_command\":\"bind\",\"service\":\"a-1\",\"autobus\":1}"
#define DIALLER_BUS UINT64_C(0xb5)
#define DIALLER_BOUND \
    "{\"_type\":2,\"_id\":\"0\",\"service\":\"a-1\",\"bus\":\"00000000000000b5\"}\r\n"
#define DIALLER_BOUND_OLD "{\"_type\": 2, \"_id\": \"0\", \"service\": \"a-1\"}\r\n"

typedef struct dialler dialler;

/** One call and what became of it. */
typedef struct dialled {
    ab_call call;
    dialler *from;
    unsigned done;
    autobus_result result;
    char *value, *error;
    void (*then)(struct dialled *call); /**< inside of done, with the lock */
} dialled;

struct dialler {
    ab_clock_fake clock, *time; /**< the loop's is `time` */
    ab_loop *loop;
    ab_address server;
    int listening;
    int near; /**< listens on a unix socket for dialler_bind(); -1: that goes by TCP */
    char path[TRANSPORT_PATH]; /**< where that is */
    const char *folder;    /**< of the next dial: where the unix socket is; NULL: by TCP alone */
    uint64_t bus;          /**< whose it is */
    ab_link_limits limits; /**< of the next dial */
    ab_list connections;   /**< see dialler_beside() */
    ab_list *shared;       /**< of the next dial; NULL: it has a connection of its own */
    ab_link *link;
    unsigned bound, ended, unresponsive, responsive;
    autobus_result why;
    char sentence[512];
    ab_buffer heard; /**< "changed NAME VALUE", "gone NAME", "fired NAME ARGS", a line each */
    void (*then)(dialler *from);    /**< in every op but ended, at its end */
    void (*finally)(dialler *from); /**< in ended */
};

dialler *dialler_open(void);
dialler *dialler_open_in_real_time(void);
/** Another one with a link of its own, to the same server and on the same loop; from now on links of both share their
 *  connection. To be closed first. */
dialler *dialler_beside(dialler *host);
void dialler_close(dialler *from);
void dialler_lock(dialler *from);
void dialler_unlock(dialler *from);

/** Runs it on the bus thread, with the lock, and returns when it has. */
void dialler_run(dialler *from, void (*act)(dialler *from));
void dialler_dial(dialler *from, const char *service);
/** Closes and forgets the link; `ended` does not come. */
void dialler_hang_up(dialler *from);
/** The next connection to the server. */
int dialler_accept(dialler *from);
/** Dials "a-1", accepts, answers with this line, and waits until it is bound. A server that tells its bus is met the
 *  way that support/transport.h has it. */
int dialler_bind(dialler *from, const char *answer);
int dialler_bind_by_tcp(dialler *from, const char *answer);

/** Waits until the counter is exactly this. */
void dialler_wait(dialler *from, const unsigned *count, unsigned value);
/** Waits for the end and checks it. */
void dialler_expect_end(dialler *from, autobus_result why, const char *part_of_sentence);
/** Waits until this was heard, and forgets it. */
void dialler_expect(dialler *from, const char *heard);
/** All that the server said so far has been heard: it says one more thing, that is. */
void dialler_catch_up(dialler *from, int server);

autobus_result dialler_call(dialler *from, dialled *call, const char *name, const char *arguments);
/** Waits until it has completed once, and checks how. */
void dialler_expect_call(dialler *from, dialled *call, autobus_result result, const char *text);
void dialler_watch(dialler *from, const char *name, bool is_on);
void dialler_listen(dialler *from, const char *name, bool is_on);
void dialler_pause(dialler *from, bool is_paused);

/** Moves the fake clock in small steps, each seen by the loop, and lets the kernel's acknowledgements, which know no
 *  fake time, come in between. */
void dialler_pass(dialler *from, ab_time time);

#endif
