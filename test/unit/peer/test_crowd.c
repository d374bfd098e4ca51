/* SPDX-License-Identifier: MIT
 * Eight thousand clients that are bound and say nothing. The server is a process of its own, so that its memory is
 * what they cost. AUTOBUS_TEST_SCALE says how many of them come: a tenth, unless it is 1. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/sanitizer.h"
#include "unit/peer/door.h"

#define CROWD       8000
#define MEMORY_MOST (64U << 20)
#define OURS        "{\"_type\":1,\"_id\":1,\"_command\":\"bind\",\"service\":\"other\",\"autobus\":1}\n"
#define OLD         "{\"_type\":1,\"_id\":1,\"_command\":\"bind\",\"service\":\"other\"}\n"

static unsigned crowd_size(void)
{
    const char *scale = getenv("AUTOBUS_TEST_SCALE");
    double part = scale != NULL ? strtod(scale, NULL) : 0.1;
    return (unsigned)(CROWD * (part > 1 ? 1 : part < 0.01 ? 0.01 : part));
}

static void raise_descriptors(void)
{
    struct rlimit files;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
}

/* Opens the door, tells its port, and waits until nobody listens to that any more. */
static void serve(int to_client, int from_client)
{
    raise_descriptors();
    door *at = door_open_in_real_time();
    uint16_t port = ab_peers_port(at->peers);
    char end;
    if (write(to_client, &port, sizeof port) == sizeof port)
        while (read(from_client, &end, 1) > 0)
            continue;
    door_close(at);
}

static size_t resident(pid_t process)
{
    char path[64], line[256];
    size_t kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    FILE *status = fopen(path, "re");
    cr_assert_not_null(status, "the server is gone");
    while (kib == 0 && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmRSS: %zu", &kib) != 1)
            kib = 0;
    fclose(status);
    return kib * 1024;
}

static void bind_at(int client, bool is_ours)
{
    client_send(client, is_ours ? OURS : OLD);
    cr_assert_neq(*client_line(client), '\0', "it was not bound");
}

Test(crowd, of_idle_clients_takes_64_MiB, .timeout = 120)
{
    int port_pipe[2], end_pipe[2];
    cr_assert(pipe(port_pipe) == 0 && pipe(end_pipe) == 0);
    pid_t server = fork();
    cr_assert_geq(server, 0);
    if (server == 0) {
        close(end_pipe[1]);
        serve(port_pipe[1], end_pipe[0]);
        _exit(0);
    }
    close(port_pipe[1]);
    close(end_pipe[0]);
    raise_descriptors();
    uint16_t port = 0;
    cr_assert_eq(read(port_pipe[0], &port, sizeof port), (ssize_t)sizeof port);
    unsigned count = crowd_size();
    int *clients = calloc(count, sizeof *clients);
    bind_at(client_connect_to_port(port), true);
    size_t before = resident(server);
    for (unsigned i = 0; i < count; i++)
        bind_at(clients[i] = client_connect_to_port(port), i % 2 == 0);
    size_t all = resident(server), each = (all - before) / count;
    fprintf(stderr, "%u idle clients: %zu KiB, %zu bytes each\n", count, all / 1024, each);
    if (!HAS_SANITIZER) {
        cr_assert_leq(all, MEMORY_MOST, "%zu bytes", all);
        cr_assert_leq(each, MEMORY_MOST / CROWD, "%zu bytes each", each);
    }
    for (unsigned i = 0; i < count; i += 97) {
        client_send(clients[i], "{\"_id\":2,\"_command\":\"ping\"}\n");
        client_expect(clients[i], "{\"_type\":2,\"_id\":2}");
    }
    for (unsigned i = 0; i < count; i++)
        client_close(clients[i]);
    free(clients);
    close(end_pipe[1]);
    int status = -1;
    cr_assert_eq(waitpid(server, &status, 0), server);
    cr_assert_eq(status, 0);
}
