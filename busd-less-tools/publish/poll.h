/* SPDX-License-Identifier: MIT
 * A poll: any number of descriptors behind one, which a session can wait for. */
#ifndef PUBLISH_POLL_H
#define PUBLISH_POLL_H

#include <stdbool.h>
#include <stdint.h>

/** What to do when a descriptor is ready; part of whatever it belongs to. */
typedef struct publish_ear publish_ear;
struct publish_ear {
    int fd; /**< -1: none; not owned */
    /** It may drop any ear, this one too. */
    void (*ready)(publish_ear *self);
};

/** A descriptor that is ready when one of them is; -1 with errno. */
int publish_poll_open(void);

/** From now on `ear` is told; with `is_output` when it can be written to. False with errno: EPERM of a file, which is
 *  always ready. */
bool publish_poll_add(int poll, publish_ear *ear, int fd, bool is_output);
/** Not any more. The descriptor is closed. */
void publish_poll_drop(int poll, publish_ear *ear);

/** While it rests it is not told; nothing is lost. */
void publish_poll_rest(int poll, publish_ear *ear, bool rests);

/** Tells those that are ready. */
void publish_poll_run(int poll);

#endif
