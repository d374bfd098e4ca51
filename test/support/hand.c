/* SPDX-License-Identifier: MIT
 * Connections held by hand. Knows lines and JSON, not what they mean. */
#include "support/hand.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/transport.h"

#define PATIENCE_MS 10000

static hand *hold(int fd)
{
    hand *made = calloc(1, sizeof *made);
    cr_assert(made != NULL && fd >= 0);
    made->fd = fd;
    return made;
}

hand *hand_try(uint16_t port, const char *bus)
{
    int fd = transport_connect(port, bus);
    return fd >= 0 ? hold(fd) : NULL;
}

hand *hand_connect(uint16_t port, const char *bus)
{
    return hold(transport_connect(port, bus));
}

int hand_listen(uint16_t *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    cr_assert_eq(listen(fd, 8), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &length), 0);
    *ret_port = ntohs(at.sin_port);
    return fd;
}

static void wait_for_input(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    cr_assert_eq(poll(&ready, 1, PATIENCE_MS), 1, "nothing came in ten seconds");
}

hand *hand_accept(int listening)
{
    wait_for_input(listening);
    return hold(accept4(listening, NULL, NULL, SOCK_CLOEXEC));
}

void hand_free(hand *old)
{
    close(old->fd);
    free(old);
}

void hand_send(hand *out, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t sent = send(out->fd, text, left, MSG_NOSIGNAL);
        if (sent < 0)
            return; /* the other side has closed: what it said before tells why */
        text += sent;
        left -= (size_t)sent;
    }
}

void hand_finish(hand *out)
{
    shutdown(out->fd, SHUT_WR);
}

/* A line that is there already, with a zero byte for its end. */
static char *cut_line(hand *in)
{
    char *from = in->bytes + in->taken;
    char *end = memchr(from, '\n', in->used - in->taken);
    if (end == NULL)
        return NULL;
    in->taken = (size_t)(end + 1 - in->bytes);
    *end = '\0';
    if (end > from && end[-1] == '\r')
        end[-1] = '\0';
    return from;
}

const char *hand_line(hand *in)
{
    char *line;
    while ((line = cut_line(in)) == NULL) {
        memmove(in->bytes, in->bytes + in->taken, in->used - in->taken);
        in->used -= in->taken;
        in->taken = 0;
        cr_assert_lt(in->used, sizeof in->bytes, "a line is too long");
        wait_for_input(in->fd);
        ssize_t got = read(in->fd, in->bytes + in->used, sizeof in->bytes - in->used);
        if (got <= 0)
            return NULL;
        in->used += (size_t)got;
    }
    return line;
}

static bool is_like(json_object *got, json_object *wanted);

static bool members_are_like(json_object *got, json_object *wanted)
{
    json_object_object_foreach (wanted, key, value) {
        json_object *other = NULL;
        if (!json_object_object_get_ex(got, key, &other) || !is_like(other, value))
            return false;
    }
    return json_object_object_length(got) == json_object_object_length(wanted);
}

static bool is_like(json_object *got, json_object *wanted)
{
    if (json_object_is_type(wanted, json_type_string) &&
        strcmp(json_object_get_string(wanted), "…") == 0)
        return true;
    if (json_object_is_type(got, json_type_object) && json_object_is_type(wanted, json_type_object))
        return members_are_like(got, wanted);
    return json_object_equal(got, wanted) != 0;
}

bool hand_is_like(const char *got, const char *wanted)
{
    json_object *one = json_tokener_parse(got), *other = json_tokener_parse(wanted);
    bool result = one != NULL && other != NULL && is_like(one, other);
    json_object_put(one);
    json_object_put(other);
    return result;
}
