/* SPDX-License-Identifier: MIT
 * The format pcap, with times in nanoseconds, in this machine's order of bytes, which its first number tells. */
#include "monitor/capture.h"

#include <stdint.h>

enum {
    SECOND_NS = 1000000000,
    LARGEST = 1 << 18,
    RAW_IP = 101 /* the kind of link: none, IPv4 or IPv6 follows */
};

void monitor_capture_begin(FILE *out)
{
    const struct {
        uint32_t magic;
        uint16_t major, minor;
        uint32_t zone, accuracy, largest, link;
    } header = {0xa1b23c4d, 2, 4, 0, 0, LARGEST, RAW_IP};
    (void)fwrite(&header, sizeof header, 1, out);
}

void monitor_capture_write(const monitor_packet *packet, FILE *out)
{
    const struct {
        uint32_t seconds, nanoseconds, caught, length;
    } header = {(uint32_t)(packet->time_ns / SECOND_NS), (uint32_t)(packet->time_ns % SECOND_NS),
                (uint32_t)packet->length, (uint32_t)packet->length};
    (void)fwrite(&header, sizeof header, 1, out);
    (void)fwrite(packet->bytes, packet->length, 1, out);
}
