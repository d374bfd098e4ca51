/* SPDX-License-Identifier: MIT
 * Bytes through a plain TCP connection; what relays them, if anything, is not known here.
 *   stream serve PLACE    stream pour PLACE MEGABYTES [BYTES-A-WRITE] */
#include <signal.h>
#include <stdint.h>

#include "place.h"

enum {
    PIECE = 262144,
    MEGABYTE = 1000000
};

static char piece[PIECE];

static void serve(const char *place)
{
    int listener = place_listen(place);
    for (;;) {
        uint64_t total = 0;
        ssize_t got;
        int fd = place_accept(listener, place);
        while ((got = read(fd, piece, sizeof piece)) > 0) {
            total += (uint64_t)got;
        }
        if (write(fd, &total, sizeof total) < 0) {
            fprintf(stderr, "nobody wants to know\n");
        }
        close(fd);
    }
}

static void pour(const char *place, const char *megabytes, size_t most)
{
    uint64_t total = strtoull(megabytes, NULL, 10) * MEGABYTE;
    uint64_t told = 0;
    rounds_hold(most > 0 && most <= PIECE, "BYTES");
    int fd = place_connect(place);
    double begun = rounds_now_us();
    for (uint64_t sent = 0; sent < total;) {
        size_t some = total - sent < most ? (size_t)(total - sent) : most;
        ssize_t gone = write(fd, piece, some);
        rounds_hold(gone > 0, "write");
        sent += (uint64_t)gone;
    }
    shutdown(fd, SHUT_WR);
    rounds_hold(recv(fd, &told, sizeof told, MSG_WAITALL) == sizeof told && told == total,
                "the other side's count");
    printf("{\"gigabytes_per_s\": %.4f, \"bytes\": %llu}\n",
           (double)total / (rounds_now_us() - begun) / 1e3, (unsigned long long)total);
    close(fd);
}

int main(int count, char **words)
{
    signal(SIGPIPE, SIG_IGN); /* who only looked whether we are there wants no count */
    rounds_hold(count >= 3, "stream serve PLACE | pour PLACE MEGABYTES [BYTES]:");
    if (count == 3) {
        serve(words[2]);
    } else {
        pour(words[2], words[3], count > 4 ? strtoul(words[4], NULL, 10) : PIECE);
    }
    return 0;
}
