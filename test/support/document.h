/* SPDX-License-Identifier: MIT
 * The fenced blocks of a document, for tests that hold it to what it says. */
#ifndef AUTOBUS_TEST_DOCUMENT_H
#define AUTOBUS_TEST_DOCUMENT_H

#include <stddef.h>

/** Calls `visit` for each block with that word behind its fence: its text, terminated, for the call. Returns how
 *  many there were. `path` is from the root of the tree. */
size_t document_blocks(const char *path, const char *word,
                       void (*visit)(void *userdata, char *text), void *userdata);

#endif
