/* SPDX-License-Identifier: MIT
 * The door's unix socket: the same bytes as by TCP, another way of counting who comes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/unix_socket.h"
#include "support/scratch.h"
#include "unit/peer/door.h"

#define BIND        "{\"_id\":1,\"_command\":\"bind\",\"service\":\"other\",\"autobus\":1}\n"
#define BOUND       "{\"_type\":2,\"_id\":1,\"service\":\"other\",\"bus\":\"00000000000000b5\"}"
#define FILE_OF_BUS "00000000000000b5"

static door *at;
static const char *folder;

static void begin(void)
{
    folder = scratch_enter();
    at = door_open_near(folder);
}

static void end(void)
{
    if (at != NULL)
        door_close(at);
    scratch_leave();
}

TestSuite(near, .init = begin, .fini = end);

static int connect_near(uint64_t bus)
{
    return client_connect_near(folder, bus);
}

static bool is_there(const char *name)
{
    struct stat is;
    return lstat(scratch_path(name), &is) == 0;
}

Test(near, says_what_it_says_by_tcp)
{
    static const char *const lines[] = {BIND, "{\"_id\":2,\"_command\":\"echo\",\"value\":[1,2]}\n",
                                        "{\"_id\":3,\"_command\":\"what\"}\n",
                                        "{\"_id\":4,\"_command\":\"ping\"}\n"};
    int here = connect_near(DOOR_BUS), there = client_connect(at);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char answer[512];
        client_send(here, lines[i]);
        client_send(there, lines[i]);
        snprintf(answer, sizeof answer, "%s", client_line(there));
        cr_expect_str_eq(client_line(here), answer);
    }
    cr_expect_eq(door_stat(at, AUTOBUS_STAT_ACCEPTED), 2);
    cr_expect_eq(door_stat(at, AUTOBUS_STAT_ACCEPTED_UNIX), 1);
    client_close(here);
    client_close(there);
    door_wait_count(at, &at->unbound, 2);
}

Test(near, ends_a_session_when_its_client_goes)
{
    int client = connect_near(DOOR_BUS);
    client_send(client, BIND);
    client_expect(client, BOUND);
    client_close(client);
    door_wait_count(at, &at->unbound, 1);
}

Test(near, counts_each_process_for_itself)
{
    int clients[64], status = -1;
    for (int i = 0; i < 64; i++)
        clients[i] = connect_near(DOOR_BUS);
    int too_many = connect_near(DOOR_BUS);
    cr_expect_not_null(strstr(client_line(too_many), "have not bound yet"));
    client_expect_end(too_many);
    int by_tcp = client_connect(at);
    client_send(by_tcp, BIND);
    client_expect(by_tcp, BOUND);
    pid_t child = fork();
    if (child == 0) {
        int other = connect_near(DOOR_BUS);
        client_send(other, BIND);
        _exit(strcmp(client_line(other), BOUND "\r\n") == 0 ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0, "another process of the same user still comes in");
    for (int i = 0; i < 64; i++)
        client_close(clients[i]);
}

Test(near, moves_with_the_id_of_the_bus)
{
    int before = connect_near(DOOR_BUS);
    client_send(before, BIND);
    client_expect(before, BOUND);
    door_rename(at, 0xc6);
    cr_expect_not(is_there(FILE_OF_BUS));
    int after = connect_near(0xc6);
    client_send(after, BIND);
    client_expect(after,
                  "{\"_type\":2,\"_id\":1,\"service\":\"other\",\"bus\":\"00000000000000c6\"}");
    client_send(before, "{\"_id\":2,\"_command\":\"ping\"}\n");
    client_expect(before, "{\"_type\":2,\"_id\":2}");
    client_close(before);
    client_close(after);
}

Test(near, is_gone_with_the_bus)
{
    cr_expect(is_there(FILE_OF_BUS));
    door_close(at);
    at = NULL;
    cr_expect_not(is_there(FILE_OF_BUS));
}

Test(near, is_swept_by_the_next_bus_after_a_sudden_death)
{
    int dead = ab_unix_socket_listen(folder, 0xdead);
    close(dead);
    cr_expect(is_there("000000000000dead"));
    door_rename(at, 0xc6);
    door *next = door_open_near(folder);
    cr_expect_not(is_there("000000000000dead"));
    cr_expect(is_there("00000000000000c6"));
    cr_expect(is_there(FILE_OF_BUS));
    cr_expect_eq(door_stat(at, AUTOBUS_STAT_ACCEPTED), 0, "the living are not knocked at");
    door_close(next);
}

Test(near, is_there_again_for_those_who_come_after_somebody_had_to_come_by_tcp)
{
    int before = connect_near(DOOR_BUS);
    client_send(before, BIND);
    client_expect(before, BOUND);
    cr_assert_eq(remove(scratch_path(FILE_OF_BUS)) | rmdir(folder), 0);
    cr_assert_eq(ab_unix_socket_dial(folder, DOOR_BUS), -1);
    int by_tcp = client_connect(at);
    client_send(by_tcp, BIND);
    client_expect(by_tcp, BOUND);
    int after = connect_near(DOOR_BUS);
    client_send(after, BIND);
    client_expect(after, BOUND);
    client_send(before, "{\"_id\":2,\"_command\":\"ping\"}\n");
    client_expect(before, "{\"_type\":2,\"_id\":2}");
    client_close(before);
    client_close(by_tcp);
    client_close(after);
}

/* Its folder would have to be opened by a mistake of ours. */
static int visit(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    char byte;
    snprintf(name.sun_path, sizeof name.sun_path, "%s", scratch_path(FILE_OF_BUS));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&name, sizeof name) < 0)
        return 1;
    return read(fd, &byte, 1) <= 0 ? 0 : 2;
}

Test(near, shuts_the_door_on_another_user)
{
    scratch_need_root();
    cr_assert_eq(chmod(folder, 0711) | chmod(scratch_path(FILE_OF_BUS), 0666), 0);
    cr_expect_eq(scratch_as_nobody(visit), 0, "it hears nothing but the end");
    door_wait_stat(at, AUTOBUS_STAT_REFUSED, 1);
    cr_expect_eq(door_stat(at, AUTOBUS_STAT_ACCEPTED), 1);
    cr_expect_eq(door_stat(at, AUTOBUS_STAT_ACCEPTED_UNIX), 0);
}
