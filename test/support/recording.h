/* SPDX-License-Identifier: MIT
 * Recorded sessions of Autobus 2 peers (test/data/autobus2), and other files of the tree that tests read. */
#ifndef AUTOBUS_TEST_RECORDING_H
#define AUTOBUS_TEST_RECORDING_H

#include <stddef.h>

/** A datagram, or a piece of a connection. */
typedef struct recorded {
    char *from;  /**< "client", "server" or, of datagrams, "peer" */
    char *event; /**< "data", "fin", "reset", "datagram" */
    char *bytes; /**< "" without */
    size_t length;
} recorded;

#define RECORDED_MOST 64

typedef struct recording {
    size_t count;
    recorded units[RECORDED_MOST];
} recording;

/** Reads test/data/autobus2/NAME.jsonl; ends the program with a sentence if that fails. */
recording *recording_read(const char *name);
void recording_free(recording *old);

/** The text of a file, by its path from the root of the tree; free() it. Ends the program if it is missing. */
char *tree_text(const char *path);

#endif
