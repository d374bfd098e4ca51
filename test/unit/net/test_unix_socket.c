/* SPDX-License-Identifier: MIT
 * Sockets in the runtime folder: who finds whom, whom one believes, and what is cleared away. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/unix_socket.h"
#include "support/scratch.h"

#define BUS      UINT64_C(0x00000000000000b5)
#define BUS_FILE "00000000000000b5"

static const char *folder;

static void begin(void)
{
    folder = scratch_enter();
}

TestSuite(unix_socket, .init = begin, .fini = scratch_leave);

static bool is_there(const char *name)
{
    struct stat is;
    return lstat(scratch_path(name), &is) == 0;
}

static int listen_as(uint64_t bus)
{
    int fd = ab_unix_socket_listen(folder, bus);
    cr_assert_geq(fd, 0);
    return fd;
}

/* As a process that was killed leaves it. */
static void leave_behind(uint64_t bus)
{
    close(listen_as(bus));
}

static bool has_visitor(int listening)
{
    int fd = accept(listening, NULL, NULL);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void expect_no_way(void)
{
    cr_expect_eq(ab_unix_socket_dial(folder, BUS), -1);
}

Test(unix_socket, leads_to_the_bus_that_it_is_named_after)
{
    int listening = listen_as(BUS), other = listen_as(BUS + 1);
    int dialled = ab_unix_socket_dial(folder, BUS);
    cr_assert_geq(dialled, 0);
    int accepted = accept(listening, NULL, NULL);
    cr_assert_geq(accepted, 0);
    cr_expect_not(has_visitor(other));
    pid_t process = 0;
    cr_expect(ab_unix_socket_is_trusted(accepted, &process));
    cr_expect_eq(process, getpid());
    char byte = 0;
    cr_expect_eq(write(dialled, "x", 1), 1);
    cr_expect_eq(read(accepted, &byte, 1), 1);
    cr_expect_eq(byte, 'x');
    close(dialled);
    close(accepted);
    close(listening);
    close(other);
}

Test(unix_socket, is_for_us_alone_and_no_child_inherits_it)
{
    struct stat is;
    mode_t before = umask(0);
    int listening = listen_as(BUS), dialled = ab_unix_socket_dial(folder, BUS);
    umask(before);
    cr_assert_eq(lstat(scratch_path(BUS_FILE), &is), 0);
    cr_expect_eq(is.st_mode & 07777, 0600, "whatever the umask");
    cr_expect(fcntl(listening, F_GETFD) & FD_CLOEXEC);
    cr_expect(fcntl(listening, F_GETFL) & O_NONBLOCK);
    cr_expect(fcntl(dialled, F_GETFD) & FD_CLOEXEC);
    cr_expect(fcntl(dialled, F_GETFL) & O_NONBLOCK);
    close(dialled);
    close(listening);
}

Test(unix_socket, that_is_removed_is_found_no_more_and_its_connections_stay)
{
    int listening = listen_as(BUS), dialled = ab_unix_socket_dial(folder, BUS);
    ab_unix_socket_remove(folder, BUS);
    cr_expect_not(is_there(BUS_FILE));
    expect_no_way();
    cr_expect(has_visitor(listening));
    close(dialled);
    close(listening);
    ab_unix_socket_remove(folder, BUS);
}

Test(unix_socket, of_a_dead_bus_is_removed_by_who_meets_it)
{
    leave_behind(BUS);
    cr_expect(is_there(BUS_FILE));
    expect_no_way();
    cr_expect_not(is_there(BUS_FILE));
}

Test(unix_socket, of_dead_buses_are_swept_and_the_living_notice_nothing)
{
    int alive = listen_as(BUS);
    leave_behind(BUS + 1);
    leave_behind(BUS + 2);
    fclose(fopen(scratch_path("a-file"), "w"));
    fclose(fopen(scratch_path("00000000000000b9"), "w"));
    cr_assert_eq(mkdir(scratch_path("00000000000000ba"), 0700), 0);
    ab_unix_socket_sweep(folder);
    cr_expect(is_there(BUS_FILE));
    cr_expect_not(is_there("00000000000000b6"));
    cr_expect_not(is_there("00000000000000b7"));
    cr_expect(is_there("a-file") && is_there("00000000000000b9") && is_there("00000000000000ba"),
              "what is no socket is not ours to remove");
    cr_expect_not(has_visitor(alive));
    cr_expect_eq(errno, EAGAIN);
    close(alive);
}

Test(unix_socket, is_made_again_with_its_folder_after_both_were_cleared_away)
{
    int old = listen_as(BUS);
    cr_expect(ab_unix_socket_is_there(folder, BUS));
    cr_assert_eq(remove(scratch_path(BUS_FILE)) | rmdir(folder), 0);
    cr_expect_not(ab_unix_socket_is_there(folder, BUS));
    expect_no_way();
    ab_unix_socket_sweep(folder);
    ab_unix_socket_remove(folder, BUS);
    int listening = listen_as(BUS), dialled = ab_unix_socket_dial(folder, BUS);
    cr_expect(ab_unix_socket_is_there(folder, BUS));
    cr_assert_geq(dialled, 0);
    cr_expect_not(has_visitor(old));
    cr_expect(has_visitor(listening));
    close(dialled);
    close(listening);
    close(old);
}

/* Between bind and listen a socket refuses connections too, and is not dead. */
Test(unix_socket, that_does_not_yet_listen_is_left_alone)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s", scratch_path(BUS_FILE));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(fchmod(fd, 0600), 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    expect_no_way();
    ab_unix_socket_sweep(folder);
    cr_expect(is_there(BUS_FILE));
    close(fd);
}

Test(unix_socket, behind_a_link_is_not_used)
{
    int listening = listen_as(BUS + 1);
    cr_assert_eq(symlink(scratch_path("00000000000000b6"), scratch_path(BUS_FILE)), 0);
    expect_no_way();
    cr_expect_not(has_visitor(listening));
    ab_unix_socket_sweep(folder);
    ab_unix_socket_remove(folder, BUS);
    cr_expect(is_there(BUS_FILE));
    close(listening);
}

Test(unix_socket, that_others_could_use_is_not_used)
{
    int listening = listen_as(BUS);
    cr_assert_eq(chmod(scratch_path(BUS_FILE), 0620), 0);
    expect_no_way();
    cr_assert_eq(chmod(scratch_path(BUS_FILE), 0600), 0);
    int dialled = ab_unix_socket_dial(folder, BUS);
    cr_expect_geq(dialled, 0);
    close(dialled);
    close(listening);
}

Test(unix_socket, in_a_folder_that_others_may_enter_is_neither_made_nor_used)
{
    int listening = listen_as(BUS);
    cr_assert_eq(chmod(folder, 0711), 0);
    expect_no_way();
    cr_expect_eq(ab_unix_socket_listen(folder, BUS + 1), -1);
    ab_unix_socket_remove(folder, BUS);
    cr_expect(is_there(BUS_FILE));
    cr_expect_not(is_there("00000000000000b6"));
    close(listening);
}

Test(unix_socket, whose_name_is_taken_by_something_else_is_done_without)
{
    fclose(fopen(scratch_path(BUS_FILE), "w"));
    cr_expect_eq(ab_unix_socket_listen(folder, BUS), -1);
    expect_no_way();
    cr_expect(is_there(BUS_FILE));
}

Test(unix_socket, whose_name_would_be_too_long_is_done_without)
{
    char deep[120];
    snprintf(deep, sizeof deep, "%s/", folder);
    memset(deep + strlen(deep), 'd', 91 - strlen(deep));
    deep[91] = '\0';
    cr_assert_eq(mkdir(deep, 0700), 0);
    cr_expect_eq(ab_unix_socket_listen(deep, BUS), -1, "108 bytes and no room for the end");
    cr_expect_eq(ab_unix_socket_dial(deep, BUS), -1);
    ab_unix_socket_sweep(deep);
    deep[90] = '\0';
    cr_assert_eq(mkdir(deep, 0700), 0);
    int listening = ab_unix_socket_listen(deep, BUS);
    cr_expect_geq(listening, 0, "just short enough");
    close(listening);
}

Test(unix_socket, that_is_overrun_refuses_at_once)
{
    int fds[8], count = 0;
    int listening = listen_as(BUS);
    cr_assert_eq(listen(listening, 1), 0);
    while (count < 8 && (fds[count] = ab_unix_socket_dial(folder, BUS)) >= 0)
        count++;
    cr_expect_lt(count, 8, "a full backlog never blocks");
    cr_expect(is_there(BUS_FILE));
    while (count > 0)
        close(fds[--count]);
    close(listening);
}

/* The other user cannot come here but by a mistake of ours: it is made for the test. */
static int visit_as_nobody(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s", scratch_path(BUS_FILE));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)&name, sizeof name) == 0 ? 0 : errno;
}

Test(unix_socket, believes_no_client_of_another_user)
{
    pid_t process;
    scratch_need_root();
    int listening = listen_as(BUS);
    cr_expect_eq(scratch_as_nobody(visit_as_nobody), EACCES, "it does not come so far");
    cr_assert_eq(chmod(folder, 0711) | chmod(scratch_path(BUS_FILE), 0666), 0);
    cr_assert_eq(scratch_as_nobody(visit_as_nobody), 0);
    int accepted = accept(listening, NULL, NULL);
    cr_assert_geq(accepted, 0);
    cr_expect_not(ab_unix_socket_is_trusted(accepted, &process));
    close(accepted);
    close(listening);
}

static int pipes[2];

/* Listens until it is told to end. */
static int squat(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    char byte = 'r';
    snprintf(name.sun_path, sizeof name.sun_path, "%s", scratch_path(BUS_FILE));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    close(pipes[0]);
    bool is_up = fchmod(fd, 0600) == 0 && bind(fd, (struct sockaddr *)&name, sizeof name) == 0 &&
                 listen(fd, 5) == 0;
    return is_up && write(pipes[1], &byte, 1) == 1 && read(pipes[1], &byte, 1) >= 0 ? 0 : 1;
}

static int squat_in_the_background(void)
{
    return fork() == 0 ? squat() : 0;
}

Test(unix_socket, of_another_user_is_not_used_even_if_the_file_is_ours)
{
    char byte;
    scratch_need_root();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pipes), 0);
    cr_assert_eq(chmod(folder, 0777), 0);
    cr_assert_eq(scratch_as_nobody(squat_in_the_background), 0);
    cr_assert_eq(read(pipes[0], &byte, 1), 1);
    cr_assert_eq(chmod(folder, 0700), 0);
    expect_no_way();
    cr_assert_eq(chown(scratch_path(BUS_FILE), 0, 0), 0);
    expect_no_way();
    ab_unix_socket_sweep(folder);
    cr_expect(is_there(BUS_FILE), "who lives there is not dead");
    close(pipes[0]);
    close(pipes[1]);
}
