/* SPDX-License-Identifier: MIT
 * Which way the programs of one machine talk: over the unix socket where both are the same user's and agree on a
 * folder, by TCP in every other case; and nobody but the counters can tell. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <autobus/autobus.h>

#include "support/eventually.h"
#include "support/scratch.h"
#include "support/small_town.h"

static uint16_t port;
static const char *folder;
static int leash[2];

static void begin(void)
{
    cr_assert_eq(pipe(leash), 0);
    port = town_port();
    folder = scratch_enter();
}

static void end(void)
{
    close(leash[0]);
    if (leash[1] >= 0)
        close(leash[1]);
    scratch_leave();
}

TestSuite(transport, .init = begin, .fini = end);

static autobus_bus *bus_with(const char *runtime_dir)
{
    autobus_bus *bus = NULL;
    autobus_options *options = town_options(port);
    autobus_options_set_text(options, AUTOBUS_RUNTIME_DIR, runtime_dir);
    cr_assert_eq(autobus_bus_new(options, &bus), AUTOBUS_OK, "%s", autobus_last_error());
    return bus;
}

static void answer(void *userdata, autobus_request *request)
{
    (void)userdata;
    autobus_request_answer_text(request, "42");
}

static autobus_service *publish(autobus_bus *bus)
{
    autobus_service *oracle = autobus_service_parse(bus, "{'type': 'oracle'}");
    autobus_service_set_id(oracle, "oracle");
    autobus_service_add_function(oracle, "ask", NULL, AUTOBUS_INLINE, answer, NULL, NULL);
    cr_assert_eq(autobus_service_publish(oracle), AUTOBUS_OK, "%s", autobus_last_error());
    return oracle;
}

static void expect_answer(autobus_remote *remote)
{
    char *text = NULL;
    cr_assert_eq(autobus_call_text(remote, "ask", "[]", 5000, &text), AUTOBUS_OK, "%s",
                 autobus_last_error());
    cr_expect_str_eq(text, "42");
    free(text);
}

/* A proxy that has found the oracle and asked it. */
static autobus_remote *client_of(autobus_bus *bus)
{
    autobus_remote *proxy = NULL;
    autobus_filter *filter = autobus_filter_parse("{'type': 'oracle'}");
    cr_assert_eq(autobus_proxy_new(bus, filter, &proxy), AUTOBUS_OK, "%s", autobus_last_error());
    expect_answer(proxy);
    return proxy;
}

static void expect_way(autobus_bus *bus, unsigned bound, unsigned over_unix)
{
    cr_expect_eq(autobus_bus_stat(bus, AUTOBUS_STAT_BOUND), bound);
    cr_expect_eq(autobus_bus_stat(bus, AUTOBUS_STAT_BOUND_UNIX), over_unix);
}

/* The file of a bus in the folder. */
static const char *file_of(const char *id)
{
    return scratch_path(id);
}

static bool is_there(const char *path)
{
    struct stat is;
    return lstat(path, &is) == 0;
}

/* How many files there are. */
static int count_files(void)
{
    char command[128], text[16] = "";
    snprintf(command, sizeof command, "ls -A %s | wc -l", folder);
    FILE *listing = popen(command, "r");
    cr_assert_not_null(fgets(text, sizeof text, listing));
    pclose(listing);
    return atoi(text);
}

/* Runs one client, one server, and says over which way. */
static void meet(const char *servers, const char *clients, unsigned over_unix)
{
    autobus_bus *server = bus_with(servers), *client = bus_with(clients);
    autobus_service *oracle = publish(server);
    autobus_remote *remote = client_of(client);
    expect_way(client, 1, over_unix);
    cr_expect_eq(autobus_bus_stat(server, AUTOBUS_STAT_ACCEPTED_UNIX), over_unix);
    autobus_remote_free(&remote);
    autobus_service_free(&oracle);
    autobus_bus_free(&client);
    autobus_bus_free(&server);
}

Test(transport, of_one_user_is_the_unix_socket)
{
    meet(folder, folder, 1);
    cr_expect_eq(count_files(), 0, "and nothing is left of it");
}

Test(transport, is_tcp_where_either_does_without_or_looks_elsewhere)
{
    char other[64];
    snprintf(other, sizeof other, "%s", scratch_path("other"));
    meet("none", folder, 0);
    meet(folder, "none", 0);
    meet(folder, other, 0);
}

Test(transport, is_tcp_where_the_folder_cannot_be_trusted)
{
    char path[64], link[64];
    snprintf(path, sizeof path, "%s", scratch_path("open"));
    snprintf(link, sizeof link, "%s", scratch_path("link"));
    cr_assert_eq(mkdir(path, 0755) | symlink(folder, link), 0);
    meet(path, path, 0);
    meet(link, link, 0);
    meet("/proc/autobus", "/proc/autobus", 0);
    cr_assert_eq(chmod(path, 0700), 0);
    meet(path, path, 1);
}

Test(transport, is_tcp_where_the_path_is_too_long)
{
    char deep[128];
    snprintf(deep, sizeof deep, "%s/%090d", folder, 0);
    cr_assert_eq(mkdir(deep, 0700), 0);
    meet(deep, deep, 0);
}

Test(transport, to_oneself_is_the_unix_socket_as_well)
{
    autobus_bus *bus = bus_with(folder);
    autobus_service *oracle = publish(bus);
    autobus_remote *remote = client_of(bus);
    expect_way(bus, 1, 1);
    autobus_remote_free(&remote);
    autobus_service_free(&oracle);
    autobus_bus_free(&bus);
}

Test(transport, of_a_place_given_by_hand_depends_on_who_is_known_to_live_there)
{
    autobus_bus *server = bus_with(folder), *client = bus_with(folder), *hermit = NULL;
    autobus_service *oracle = publish(server);
    autobus_options *alone = autobus_options_new();
    autobus_remote *found = client_of(client), *remote = NULL;
    uint16_t at = autobus_bus_port(server);
    cr_assert_eq(autobus_connect_to(client, "127.0.0.1", at, "oracle", 5000, &remote), AUTOBUS_OK);
    expect_answer(remote);
    expect_way(client, 2, 2);
    autobus_remote_free(&remote);

    autobus_options_set_text(alone, AUTOBUS_SOURCES, "none");
    autobus_options_set_text(alone, AUTOBUS_RUNTIME_DIR, folder);
    cr_assert_eq(autobus_bus_new(alone, &hermit), AUTOBUS_OK);
    cr_assert_eq(autobus_connect_to(hermit, "127.0.0.1", at, "oracle", 5000, &remote), AUTOBUS_OK);
    expect_answer(remote);
    expect_way(hermit, 1, 0);
    autobus_remote_free(&remote);
    autobus_remote_free(&found);
    autobus_bus_free(&hermit);
    autobus_service_free(&oracle);
    autobus_bus_free(&client);
    autobus_bus_free(&server);
}

/* Nor does that of a connection, with which others go. */
Test(transport, of_a_session_never_changes)
{
    autobus_bus *server = bus_with(folder), *client = bus_with(folder), *late = bus_with(folder);
    autobus_service *oracle = publish(server);
    autobus_remote *before = client_of(client);
    cr_assert_eq(chmod(folder, 0755), 0);
    autobus_remote *beside = client_of(client), *after = client_of(late);
    expect_way(client, 2, town_shares_connections() ? 2 : 1);
    expect_way(late, 1, 0);
    expect_answer(before);
    expect_answer(beside);
    expect_answer(after);
    autobus_remote_free(&before);
    autobus_remote_free(&beside);
    autobus_remote_free(&after);
    autobus_service_free(&oracle);
    autobus_bus_free(&client);
    autobus_bus_free(&late);
    autobus_bus_free(&server);
    cr_assert_eq(chmod(folder, 0700), 0);
}

Test(transport, comes_back_with_a_service_that_comes_back)
{
    autobus_bus *client = bus_with(folder), *server = bus_with(folder);
    autobus_service *oracle = publish(server);
    autobus_remote *remote = client_of(client);
    for (unsigned round = 2; round <= 4; round++) {
        autobus_service_free(&oracle);
        autobus_bus_free(&server);
        server = bus_with(folder);
        oracle = publish(server);
        EVENTUALLY(autobus_bus_stat(client, AUTOBUS_STAT_BOUND) == round);
        expect_answer(remote);
        expect_way(client, round, round);
    }
    autobus_remote_free(&remote);
    autobus_service_free(&oracle);
    autobus_bus_free(&server);
    autobus_bus_free(&client);
}

Test(transport, comes_back_after_its_folder_was_cleared_away)
{
    autobus_bus *server = bus_with(folder), *client = bus_with(folder);
    autobus_service *oracle = publish(server);
    autobus_remote *remotes[3] = {client_of(client)};
    cr_assert_eq(remove(file_of(autobus_bus_id(server))) | remove(file_of(autobus_bus_id(client))) |
                     rmdir(folder),
                 0);
    remotes[1] = client_of(client);
    uint64_t near = autobus_bus_stat(client, AUTOBUS_STAT_BOUND_UNIX);
    remotes[2] = client_of(client);
    cr_expect_eq(autobus_bus_stat(client, AUTOBUS_STAT_BOUND_UNIX), near + 1);
    for (int i = 0; i < 3; i++) {
        expect_answer(remotes[i]);
        autobus_remote_free(&remotes[i]);
    }
    autobus_service_free(&oracle);
    autobus_bus_free(&client);
    autobus_bus_free(&server);
    cr_expect_eq(count_files(), 0);
}

Test(transport, survives_what_a_forked_child_does)
{
    autobus_bus *server = bus_with(folder), *client = bus_with(folder);
    autobus_service *oracle = publish(server);
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        autobus_service_free(&oracle);
        autobus_bus_free(&client);
        autobus_bus_free(&server);
        _exit(0);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
    cr_expect(is_there(file_of(autobus_bus_id(server))));
    autobus_remote *remote = client_of(client);
    expect_way(client, 1, 1);
    autobus_remote_free(&remote);
    autobus_service_free(&oracle);
    autobus_bus_free(&client);
    autobus_bus_free(&server);
    cr_expect_eq(count_files(), 0);
}

/* A program with an oracle, which is killed when the test lets go of it, or ends. */
static _Noreturn void serve(void)
{
    char byte;
    close(leash[1]);
    autobus_bus *bus = bus_with(folder);
    (void)publish(bus);
    (void)!read(leash[0], &byte, 1);
    raise(SIGKILL);
    abort();
}

static int serve_in_the_background(void)
{
    pid_t child = fork();
    if (child == 0)
        serve();
    return child > 0 ? 0 : 1;
}

static void kill_it(void)
{
    close(leash[1]);
    leash[1] = -1;
}

Test(transport, of_the_killed_is_cleared_away_by_the_next)
{
    cr_assert_eq(serve_in_the_background(), 0);
    autobus_bus *client = bus_with(folder);
    autobus_remote *remote = client_of(client);
    expect_way(client, 1, 1);
    cr_expect_eq(count_files(), 2);
    kill_it();
    EVENTUALLY(autobus_remote_bound(remote) == 0);
    cr_expect_leq(count_files(), 2);
    autobus_bus *next = bus_with(folder);
    cr_expect_eq(count_files(), 2, "its own, and the client's");
    autobus_remote_free(&remote);
    autobus_bus_free(&next);
    autobus_bus_free(&client);
    cr_expect_eq(count_files(), 0);
}

/* Whatever the other user makes of our folder: both have this path in their environment. */
Test(transport, of_two_users_is_tcp)
{
    scratch_need_root();
    cr_assert_eq(chmod(folder, 0777), 0);
    cr_assert_eq(scratch_as_nobody(serve_in_the_background), 0);
    cr_assert_eq(chmod(folder, 0700), 0);
    autobus_bus *client = bus_with(folder);
    autobus_remote *remote = client_of(client);
    expect_way(client, 1, 0);
    kill_it();
    autobus_remote_free(&remote);
    autobus_bus_free(&client);
}

Test(transport, of_two_users_is_tcp_even_if_the_other_one_sits_in_our_folder)
{
    char ours[64];
    scratch_need_root();
    snprintf(ours, sizeof ours, "%s", folder);
    folder = scratch_path("theirs");
    cr_assert_eq(
        mkdir(folder, 0700) | chown(folder, SCRATCH_NOBODY, SCRATCH_NOBODY) | chmod(ours, 0777), 0);
    cr_assert_eq(scratch_as_nobody(serve_in_the_background), 0);
    EVENTUALLY(count_files() == 1);
    cr_assert_eq(chown(folder, 0, 0), 0);
    autobus_bus *client = bus_with(folder);
    autobus_remote *remote = client_of(client);
    expect_way(client, 1, 0);
    cr_expect_eq(count_files(), 2, "its socket is not ours to remove");
    kill_it();
    autobus_remote_free(&remote);
    autobus_bus_free(&client);
}
