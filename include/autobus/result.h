/* SPDX-License-Identifier: MIT
 * What every function of Autobus answers: a result code, and one plain sentence about the last failure. */
#ifndef AUTOBUS_RESULT_H
#define AUTOBUS_RESULT_H

#ifdef __cplusplus
extern "C" {
#endif

/** Success is 0; everything else names why not. The numbers are part of the ABI. */
typedef enum autobus_result {
    AUTOBUS_OK = 0,
    AUTOBUS_FAILED = 1,    /**< something outside failed: a system call, a full disk, no memory */
    AUTOBUS_INVALID = 2,   /**< an argument that cannot be right */
    AUTOBUS_NOT_FOUND = 3, /**< nothing there matches */
    AUTOBUS_TIMEOUT = 4,   /**< the time given is over */
    AUTOBUS_REMOTE = 5,    /**< the other side answered with an error */
    AUTOBUS_DENIED = 6,    /**< not allowed */
    AUTOBUS_INCOMPATIBLE = 7,  /**< the other side speaks something else */
    AUTOBUS_AMBIGUOUS = 8,     /**< more than one matches where one was asked for */
    AUTOBUS_IN_USE = 9,        /**< an address, a port or an id is taken */
    AUTOBUS_TOO_LARGE = 10,    /**< over a limit that the sentence names */
    AUTOBUS_CLOSED = 11,       /**< the bus, service or connection is closed */
    AUTOBUS_BUSY = 12,         /**< not now: a bound on work in flight is reached */
    AUTOBUS_WRONG_THREAD = 13, /**< would wait for itself: called from a callback of the same bus */
    AUTOBUS_FORKED = 14        /**< used in a child after fork: make a new bus there */
} autobus_result;

/** The name of a result, such as "not found". Never NULL. */
const char *autobus_result_text(autobus_result result);

/** One sentence on the calling thread's last failure: what, which value, what would be right.
 *  Empty before the first. Valid until this thread's next failure. */
const char *autobus_last_error(void);

#ifdef __cplusplus
}
#endif
#endif
