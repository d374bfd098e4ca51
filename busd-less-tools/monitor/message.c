/* SPDX-License-Identifier: MIT
 * Reading, by the tables of docs/protocol.md. */
#include "monitor/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the payload of a frame begins with. */
typedef enum part {
    NOTHING,
    NAME,
    CODE,
    CREDIT,
    CREDIT_AND_NAME,
    BYTES /* that nobody reads */
} part;

typedef struct frame_kind {
    const char *name;
    part begins;
} frame_kind;

static const frame_kind frames[] = {
    [0x01] = {"call", NAME},       [0x02] = {"result", NOTHING},
    [0x03] = {"error", CODE},      [0x04] = {"watch", NAME},
    [0x05] = {"unwatch", NAME},    [0x06] = {"listen", NAME},
    [0x07] = {"unlisten", NAME},   [0x08] = {"changed", NAME},
    [0x09] = {"gone", NAME},       [0x0a] = {"fired", NAME},
    [0x0b] = {"ping", NOTHING},    [0x0c] = {"pong", NOTHING},
    [0x0d] = {"unbound", NOTHING}, [0x0e] = {"bind", CREDIT_AND_NAME},
    [0x0f] = {"bound", NOTHING},   [0x10] = {"open", CREDIT_AND_NAME},
    [0x11] = {"opened", CREDIT},   [0x12] = {"data", NOTHING},
    [0x13] = {"blob", BYTES},      [0x14] = {"credit", CREDIT},
    [0x15] = {"end", NOTHING},     [0x16] = {"close", CODE},
    [0x17] = {"unbind", NOTHING},  [0x18] = {"grant", CREDIT},
};

static void set_kind(monitor_message *self, const char *kind)
{
    snprintf(self->kind, sizeof self->kind, "%s", kind);
}

static void take_command(monitor_message *self, monitor_slice head, const char *key)
{
    char *command = monitor_member_text(head, key);
    set_kind(self, command != NULL ? command : "strange");
    free(command);
}

void monitor_message_of_datagram(monitor_message *self, monitor_slice head, size_t size)
{
    uint64_t port;
    *self = (monitor_message){.form = MONITOR_DATAGRAM, .size = size};
    take_command(self, head, "command");
    char *bus = monitor_member_text(head, "bus");
    snprintf(self->bus, sizeof self->bus, "%s", bus != NULL ? bus : "");
    free(bus);
    if (monitor_member_number(head, "port", &port) && port <= UINT16_MAX) {
        self->port = (uint16_t)port;
    }
    self->has_count = monitor_member_number(head, "count", &self->count);
    self->name = monitor_member_text(head, "service");
    (void)monitor_member(head, "info", &self->carried);
}

/* A response says what it answers only by what is in it. */
static void take_response(monitor_message *self, monitor_slice head)
{
    static const char *const kinds[][2] = {
        {"result", "result"}, {"services", "services"}, {"service", "bound"}, {"value", "value"}};
    monitor_slice value;
    set_kind(self, "answer");
    if (monitor_member(head, "_error", &value) && strncmp(value.bytes, "null", value.length) != 0) {
        set_kind(self, "error");
        self->carried = value;
        return;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (monitor_member(head, kinds[i][0], &value)) {
            set_kind(self, kinds[i][1]);
            self->carried = value;
            break;
        }
    }
    if (strcmp(self->kind, "bound") == 0) {
        self->carried = (monitor_slice){0}; /* the id, which is the name */
        self->offers_frames = monitor_member(head, "frames", &value);
    }
}

void monitor_message_of_line(monitor_message *self, monitor_slice head, size_t size)
{
    static const char *const carried[] = {"args", "value", "text"};
    uint64_t type = 0;
    *self = (monitor_message){.form = MONITOR_LINE, .size = size};
    if (!monitor_member_number(head, "_type", &type)) {
        set_kind(self, "strange");
    } else if (type == 2) {
        take_response(self, head);
    } else {
        take_command(self, head, "_command");
    }
    self->name = monitor_member_text(head, "name");
    if (self->name == NULL) {
        self->name = monitor_member_text(head, "service");
    }
    for (size_t i = 0; self->carried.length == 0 && i < sizeof carried / sizeof *carried; i++) {
        (void)monitor_member(head, carried[i], &self->carried);
    }
    bool is_cut = self->carried.length > 0 && size > head.length + 2 &&
                  self->carried.bytes + self->carried.length == head.bytes + head.length;
    self->carried_size = is_cut ? size - (size_t)(self->carried.bytes - head.bytes) : 0;
}

bool monitor_message_has_frame(unsigned kind)
{
    return kind < sizeof frames / sizeof *frames && frames[kind].name != NULL;
}

/* Takes `length` bytes off the front; false if there are less. */
static bool drop(monitor_slice *rest, size_t length)
{
    if (rest->length < length) {
        return false;
    }
    rest->bytes += length;
    rest->length -= length;
    return true;
}

static void take_name(monitor_message *self, monitor_slice *rest)
{
    enum {
        LONGEST = 255
    };
    const unsigned char *at = (const unsigned char *)rest->bytes;
    if (!drop(rest, 4)) {
        return;
    }
    size_t length = (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
    const char *name = rest->bytes;
    if (length <= LONGEST && drop(rest, length)) {
        self->name = monitor_slice_text((monitor_slice){name, length});
    }
}

void monitor_message_of_frame(monitor_message *self, unsigned kind, monitor_slice head,
                              size_t payload_size, size_t size)
{
    const frame_kind *known = &frames[kind];
    monitor_slice rest = head;
    *self = (monitor_message){.form = MONITOR_FRAME, .size = size};
    set_kind(self, known->name);
    if (known->begins == CREDIT || known->begins == CREDIT_AND_NAME) {
        (void)drop(&rest, 8);
    }
    if (known->begins == NAME || known->begins == CREDIT_AND_NAME) {
        take_name(self, &rest);
    }
    if (known->begins == CODE) {
        (void)drop(&rest, 1);
    }
    if (known->begins == BYTES) {
        return;
    }
    self->carried = rest;
    self->carried_size =
        payload_size > head.length ? payload_size - (head.length - rest.length) : 0;
}

void monitor_message_fini(monitor_message *self)
{
    free(self->name);
    *self = (monitor_message){0};
}
