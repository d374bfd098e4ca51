/* SPDX-License-Identifier: MIT
 * A packet: what a datagram on discovery's port says of its sender. Whatever the bytes are, reading them is safe. */
#ifndef DOCTOR_PACKET_H
#define DOCTOR_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct doctor_packet {
    char bus[17];  /**< its bus id, in small letters; empty: an old peer's */
    uint16_t port; /**< TCP; 0: it tells none */
} doctor_packet;

/** The longest that anybody reads. */
#define DOCTOR_PACKET_LARGEST 16384

/** Reads `length` bytes; false if they are no packet of Autobus. */
bool doctor_packet_read(doctor_packet *self, const char *bytes, size_t length);

/** A question to everybody from the bus `id`, which offers nothing and waits for nobody; free() it. */
char *doctor_packet_question(const char *id);

#endif
