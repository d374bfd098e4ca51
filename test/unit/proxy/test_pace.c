/* SPDX-License-Identifier: MIT
 * How often a proxy knocks where nobody lets it in, and how soon it sees a better place. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "home.h"
#include "proxy/inside.h"
#include "support/eventually.h"
#include "support/hand.h"
#include "support/small_town.h"

#define KNOCKS_MOST 200

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Says that a lamp is at this TCP port, to all who listen in the town. */
static void announce(uint16_t town, const char *id, uint16_t port)
{
    char packet[200];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), yes = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(town)};
    inet_pton(AF_INET, "127.255.255.255", &to.sin_addr);
    cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes), 0);
    int length = snprintf(packet, sizeof packet,
                          "{\"command\": \"add\", \"port\": %u, \"service\": \"%s\", "
                          "\"info\": {\"type\": \"lamp\"}}",
                          port, id);
    cr_assert_eq(sendto(fd, packet, (size_t)length, 0, (struct sockaddr *)&to, sizeof to), length);
    close(fd);
}

/* Hangs up on everybody who comes until then; when they came. */
static int hang_up_until(int listening, int64_t until, int64_t knocks[KNOCKS_MOST])
{
    int count = 0;
    for (int64_t left; (left = until - now_ms()) > 0 && count < KNOCKS_MOST;) {
        struct pollfd door = {.fd = listening, .events = POLLIN};
        if (poll(&door, 1, (int)left) < 1)
            continue;
        int fd = accept(listening, NULL, NULL);
        knocks[count++] = now_ms();
        close(fd);
    }
    return count;
}

static void expect_no_storm(const int64_t knocks[KNOCKS_MOST], int count)
{
    for (int i = 5; i < count; i++)
        cr_expect_gt(knocks[i] - knocks[i - 5], 950, "more than five dials in a second");
}

Test(pace, who_tries_again_in_vain_leaves_a_dial_to_news)
{
    ab_pace pace = {0};
    int tries = 0;
    for (ab_time now = AB_MS(1000); now < AB_MS(11000); now += AB_MS(1)) {
        cr_expect_eq(ab_pace_ready(&pace, false, now), now, "news would have to wait at %d ms",
                     (int)(now / AB_MS(1)));
        if (ab_pace_ready(&pace, true, now) > now)
            continue;
        ab_pace_use(&pace, now);
        tries++;
    }
    cr_expect_gt(tries, 20, "%d", tries);
}

Test(pace, nobody_dials_more_than_five_times_a_second_whatever_the_news)
{
    ab_pace pace = {0};
    ab_time dialled[100];
    int count = 0;
    for (ab_time now = AB_MS(1000); now < AB_MS(11000); now += AB_MS(1)) {
        if (ab_pace_ready(&pace, false, now) > now)
            continue;
        ab_pace_use(&pace, now);
        dialled[count++] = now;
        cr_assert_lt(count, 100);
    }
    cr_expect_gt(count, 20, "%d", count);
    for (int i = 5; i < count; i++)
        cr_expect_gt(dialled[i] - dialled[i - 5], AB_MS(1000));
}

Test(pace, a_place_that_hangs_up_is_not_dialled_in_a_storm, .timeout = 30)
{
    int64_t knocks[KNOCKS_MOST];
    uint16_t town = town_port(), port = 0;
    int listening = hand_listen(&port);
    autobus_bus *bus = town_bus(town);
    autobus_remote *proxy = home_proxy(bus);
    announce(town, "grumpy", port);
    int count = hang_up_until(listening, now_ms() + 2500, knocks);
    cr_expect_geq(count, 3, "%d", count);
    expect_no_storm(knocks, count);
    autobus_remote_free(&proxy);
    autobus_bus_free(&bus);
    close(listening);
}

Test(pace, many_that_hang_up_are_no_reason_for_a_storm, .timeout = 30)
{
    int64_t knocks[KNOCKS_MOST];
    uint16_t town = town_port(), port = 0;
    int listening = hand_listen(&port);
    autobus_bus *bus = town_bus(town);
    autobus_remote *proxy = home_proxy(bus);
    for (int i = 0; i < 20; i++) {
        char id[20];
        snprintf(id, sizeof id, "grumpy %d", i);
        announce(town, id, port);
    }
    int count = hang_up_until(listening, now_ms() + 2500, knocks);
    cr_expect_geq(count, 3, "%d", count);
    expect_no_storm(knocks, count);
    autobus_remote_free(&proxy);
    autobus_bus_free(&bus);
    close(listening);
}

Test(pace, a_service_that_comes_ends_the_wait_for_one_that_hangs_up, .timeout = 30)
{
    int64_t knocks[KNOCKS_MOST];
    lamp here = {0};
    uint16_t town = town_port(), port = 0;
    int listening = hand_listen(&port);
    autobus_bus *bus = town_bus(town);
    autobus_remote *proxy = home_proxy(bus);
    announce(town, "grumpy", port);
    (void)hang_up_until(listening, now_ms() + 1500, knocks);
    lamp_switch_on(&here, town, "kind", 1);
    cr_expect_eq(autobus_remote_wait(proxy, 1000), AUTOBUS_OK, "%s", autobus_last_error());
    autobus_remote_free(&proxy);
    autobus_bus_free(&bus);
    lamp_switch_off(&here);
    close(listening);
}

Test(pace, a_place_that_says_nothing_does_not_hold_up_one_that_comes, .timeout = 30)
{
    lamp here = {0};
    uint16_t town = town_port(), port = 0;
    int listening = hand_listen(&port);
    autobus_bus *bus = town_bus(town);
    autobus_remote *proxy = home_proxy(bus);
    announce(town, "mute", port);
    hand *mute = hand_accept(listening);
    lamp_switch_on(&here, town, "kind", 1);
    cr_expect_eq(autobus_remote_wait(proxy, 1500), AUTOBUS_OK, "%s", autobus_last_error());
    autobus_remote_free(&proxy);
    autobus_bus_free(&bus);
    lamp_switch_off(&here);
    hand_free(mute);
    close(listening);
}

/* Somebody who binds all who come, and then hangs up. */
static hand *bind_who_comes(int listening)
{
    hand *server = hand_accept(listening);
    cr_assert_not_null(hand_line(server));
    hand_send(server, "{\"_type\":2,\"_id\":\"0\",\"service\":\"lamp\"}\r\n");
    return server;
}

/* Hangs up on who comes to the old places, until somebody knocks at the new one (-1: none), or until then. */
static void turn_away(const int old[2], int new, int64_t until)
{
    struct pollfd doors[3] = {{.fd = new, .events = POLLIN},
                              {.fd = old[0], .events = POLLIN},
                              {.fd = old[1], .events = POLLIN}};
    for (int64_t left; doors[0].revents == 0 && (left = until - now_ms()) > 0;) {
        cr_assert_geq(poll(doors, 3, (int)left), 0);
        for (int i = 1; i < 3; i++)
            if (doors[i].revents != 0)
                close(accept(doors[i].fd, NULL, NULL));
    }
}

/* Bound for long, it loses its service; and there are places where it was turned away before, and now is again, or
 * gets no answer. */
static void expect_soon_at_a_new_place(bool are_mute)
{
    bool is_soon = false;
    hand *server = NULL;
    uint16_t town = town_port(), port;
    int old[2], nobody[2] = {-1, -1};
    const int *turning_away = are_mute ? nobody : old;
    autobus_bus *bus = town_bus(town);
    autobus_remote *proxy = home_proxy(bus);
    for (int i = 0; i < 2; i++) {
        old[i] = hand_listen(&port);
        announce(town, "lamp", port);
        hand_free(hand_accept(old[i]));
    }
    for (int round = 0; round < 6 && !is_soon; round++) {
        int new = hand_listen(&port);
        int64_t lost = now_ms();
        if (server != NULL)
            hand_free(server);
        turn_away(turning_away, -1, lost + 50);
        announce(town, "lamp", port);
        turn_away(turning_away, new, lost + 5000);
        is_soon = server != NULL && now_ms() - lost < 300;
        server = bind_who_comes(new);
        turn_away(turning_away, -1, now_ms() + 700);
        close(new);
    }
    cr_expect(is_soon, "it was kept waiting each time");
    autobus_remote_free(&proxy);
    autobus_bus_free(&bus);
    hand_free(server);
    close(old[0]);
    close(old[1]);
}

Test(pace, places_that_turn_away_leave_a_dial_to_a_new_one, .timeout = 60)
{
    expect_soon_at_a_new_place(false);
}

Test(pace, places_that_are_mute_leave_a_dial_to_a_new_one, .timeout = 60)
{
    expect_soon_at_a_new_place(true);
}
