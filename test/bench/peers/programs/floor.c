/* SPDX-License-Identifier: MIT
 * The floor that everybody stands on: two processes that block in read, and nothing else.
 *   floor serve PLACE    floor call PLACE COUNT */
#include "place.h"

static void serve(const char *place)
{
    int listener = place_listen(place);
    for (;;) {
        char bytes[PAYLOAD];
        int fd = place_accept(listener, place);
        while (recv(fd, bytes, sizeof bytes, MSG_WAITALL) == PAYLOAD) {
            rounds_hold(write(fd, bytes, PAYLOAD) == PAYLOAD, "write");
        }
        close(fd);
    }
}

static void call(const char *place, const char *count)
{
    char bytes[PAYLOAD + 1];
    rounds run;
    int fd = place_connect(place);
    rounds_fill(bytes);
    rounds_init(&run, count);
    while (rounds_begin(&run)) {
        rounds_hold(write(fd, bytes, PAYLOAD) == PAYLOAD, "write");
        rounds_hold(recv(fd, bytes, PAYLOAD, MSG_WAITALL) == PAYLOAD, "read");
        rounds_end(&run);
    }
    rounds_print(&run);
    close(fd);
}

int main(int count, char **words)
{
    rounds_hold(count >= 3, "floor serve PLACE | call PLACE COUNT:");
    if (count == 3) {
        serve(words[2]);
    } else {
        call(words[2], words[3]);
    }
    return 0;
}
