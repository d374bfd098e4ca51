/* SPDX-License-Identifier: MIT
 * What a peer finds behind the TCP port: bound services, and the introspection service as old tools expect it. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <json-c/json.h>

#include "support/small_town.h"

static int dial(const autobus_bus *bus)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(autobus_bus_port(bus))};
    struct timeval patience = {.tv_sec = 5};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/** Sends a line and reads the line that answers it; NULL at the end of the stream. */
static json_object *ask(int fd, const char *line)
{
    static char answer[65536];
    size_t length = 0;

    cr_assert_eq(send(fd, line, strlen(line), MSG_NOSIGNAL), (ssize_t)strlen(line));
    while (length < sizeof answer - 1 && recv(fd, answer + length, 1, 0) == 1 &&
           answer[length] != '\n')
        length++;
    answer[length] = '\0';
    return length > 0 ? json_tokener_parse(answer) : NULL;
}

static const char *member(json_object *answer, const char *key)
{
    json_object *value = NULL;
    return json_object_object_get_ex(answer, key, &value) ? json_object_to_json_string(value) : "";
}

Test(introspection, is_bound_by_null_and_tells_all_services)
{
    autobus_bus *bus = town_hermit();
    autobus_service *lamp = town_lamp(bus, "lamp");
    json_object *result = NULL, *entry = NULL, *part = NULL;

    int fd = dial(bus);
    json_object *answer =
        ask(fd, "{\"_type\":1,\"_id\":1,\"_command\":\"bind\",\"service\":null}\n");
    cr_assert_str_eq(member(answer, "_id"), "1");
    cr_assert_str_eq(member(answer, "_error"), "");
    json_object_put(answer);
    answer = ask(
        fd, "{\"_type\":1,\"_id\":2,\"_command\":\"call\",\"name\":\"get_details\",\"args\":[]}\n");
    cr_assert(json_object_object_get_ex(answer, "result", &result));
    cr_expect_eq(json_object_object_length(result), 2);
    cr_assert(json_object_object_get_ex(result, "lamp", &entry));
    cr_assert(json_object_object_get_ex(entry, "info", &part));
    cr_expect_str_eq(member(part, "type"), "\"lamp\"");
    cr_expect(json_object_object_get_ex(entry, "functions", &part));
    cr_expect(json_object_object_get_ex(entry, "events", &part));
    cr_expect(json_object_object_get_ex(entry, "objects", &part));
    json_object_put(answer);
    answer =
        ask(fd, "{\"_type\":1,\"_id\":3,\"_command\":\"call\",\"name\":\"nothing\",\"args\":[]}\n");
    cr_expect_str_neq(member(answer, "_error"), "");
    json_object_put(answer);
    close(fd);
    autobus_service_free(&lamp);
    autobus_bus_free(&bus);
}

Test(introspection, lets_a_service_be_bound_while_it_is_published)
{
    autobus_bus *bus = town_hermit();
    autobus_service *lamp = town_lamp(bus, "lamp");
    static const char bind_lamp[] =
        "{\"_type\":1,\"_id\":1,\"_command\":\"bind\",\"service\":\"lamp\"}\n";
    char byte;

    int fd = dial(bus);
    json_object *answer = ask(fd, bind_lamp);
    cr_expect_str_eq(member(answer, "service"), "\"lamp\"");
    json_object_put(answer);
    autobus_service_withdraw(lamp);
    cr_expect_eq(recv(fd, &byte, 1, 0), 0, "the provider that withdraws closes its sessions");
    close(fd);
    fd = dial(bus);
    answer = ask(fd, bind_lamp);
    cr_expect_str_neq(member(answer, "_error"), "");
    json_object_put(answer);
    cr_expect_eq(recv(fd, &byte, 1, 0), 0);
    close(fd);
    autobus_service_free(&lamp);
    autobus_bus_free(&bus);
}
