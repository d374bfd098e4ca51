/* SPDX-License-Identifier: MIT
 * The output: what came, on standard output. */
#ifndef CHAT_OUTPUT_H
#define CHAT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <autobus/message.h>

/** One message, as a line: a value as it is, bytes as {"blob": base64}. */
void chat_output_message(const autobus_message *message, FILE *out);

/** Bytes as they are; to a terminal, what could command it is written out. */
void chat_output_bytes(const void *bytes, size_t length, bool is_terminal, FILE *out);

#endif
