/* SPDX-License-Identifier: MIT
 * The table of connections, and the order of their bytes. */
#include "monitor/flows.h"

#include <stdlib.h>
#include <string.h>

#include "tool/text.h"

/* One direction. */
typedef struct side {
    monitor_end from;
    bool has_next, has_ended;
    uint32_t next; /* the sequence number of the byte that comes next */
    monitor_stream stream;
} side;

struct monitor_flow {
    side sides[2];
    bool is_ours;    /* it has said what only we say */
    bool is_foreign; /* it has said what we never say */
    bool has_opened;
};

/* A message that is told, and of whom. */
typedef struct telling {
    monitor_flows *flows;
    monitor_flow *flow;
    const monitor_packet *packet;
} telling;

void monitor_flows_init(monitor_flows *self, monitor_flows_fn *told, void *userdata)
{
    *self = (monitor_flows){.told = told, .userdata = userdata};
}

void monitor_flows_fini(monitor_flows *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->list[i]);
    }
    self->count = 0;
}

static bool is_of(const monitor_flow *flow, const monitor_packet *packet)
{
    const monitor_end *first = &flow->sides[0].from;
    const monitor_end *second = &flow->sides[1].from;
    return (monitor_end_equals(first, &packet->from) && monitor_end_equals(second, &packet->to)) ||
           (monitor_end_equals(first, &packet->to) && monitor_end_equals(second, &packet->from));
}

static size_t place_of(const monitor_flows *self, const monitor_packet *packet)
{
    size_t at = 0;
    while (at < self->count && !is_of(self->list[at], packet)) {
        at++;
    }
    return at;
}

static void move_to_front(monitor_flows *self, size_t at)
{
    monitor_flow *flow = self->list[at];
    memmove(self->list + 1, self->list, at * sizeof *self->list);
    self->list[0] = flow;
}

static void add(monitor_flows *self)
{
    if (self->count == MONITOR_FLOWS) {
        free(self->list[--self->count]);
    }
    self->list[self->count++] = tool_text_checked(calloc(1, sizeof(monitor_flow)));
    move_to_front(self, self->count - 1);
}

/* The connection of that packet, first in the list: a new one, if it begins one. */
static monitor_flow *flow_of(monitor_flows *self, const monitor_packet *packet)
{
    size_t at = place_of(self, packet);
    bool is_new = at == self->count;
    if (is_new) {
        add(self);
    } else {
        move_to_front(self, at);
    }
    monitor_flow *flow = self->list[0];
    if (is_new || (packet->flags & (MONITOR_SYN | MONITOR_ACK)) == MONITOR_SYN) {
        memset(flow, 0, sizeof *flow);
        flow->sides[0].from = packet->from;
        flow->sides[1].from = packet->to;
    }
    return flow;
}

static void drop_first(monitor_flows *self)
{
    free(self->list[0]);
    self->count--;
    memmove(self->list, self->list + 1, self->count * sizeof *self->list);
}

static void tell(const telling *self, monitor_flow_news news, const monitor_message *message,
                 size_t size)
{
    self->flows->told(self->flows->userdata, news, self->packet, message, size);
}

static void said(void *userdata, const monitor_message *message)
{
    telling *self = userdata;
    bool is_strange = strcmp(message->kind, "strange") == 0;
    if (is_strange && !self->flow->is_ours) {
        self->flow->is_foreign = true;
        return;
    }
    if (self->flow->is_foreign) {
        return;
    }
    self->flow->is_ours = true;
    tell(self, MONITOR_SAID, message, message->size);
    if (message->offers_frames) {
        monitor_stream_begin(&self->flow->sides[0].stream, MONITOR_FRAMES);
        monitor_stream_begin(&self->flow->sides[1].stream, MONITOR_FRAMES);
    }
}

/* What of the packet is new, and in its place; a gap loses the place. */
static size_t skip_known(side *from, const monitor_packet *packet)
{
    int32_t ahead = (int32_t)(packet->sequence - from->next);
    if (!from->has_next || ahead > 0) {
        monitor_stream_begin(&from->stream, MONITOR_UNKNOWN);
        from->has_next = true;
        from->next = packet->sequence;
        return 0;
    }
    size_t known = (size_t)(uint32_t)-ahead;
    return known < packet->payload_length ? known : packet->payload_length;
}

static void take_bytes(telling *self, side *from)
{
    const monitor_packet *packet = self->packet;
    size_t known = skip_known(from, packet);
    size_t fresh = packet->payload_length - known;
    from->next += (uint32_t)fresh;
    size_t unread = monitor_stream_feed(&from->stream, packet->payload + known, fresh, said, self);
    if (unread > 0 && self->flow->is_ours) {
        tell(self, MONITOR_UNREAD, NULL, unread);
    }
    const monitor_stream *stream = &from->stream;
    bool is_no_line = stream->wire == MONITOR_LINES && stream->kept > 0 &&
                      strchr("{ \t\r\n", stream->head[0]) == NULL;
    self->flow->is_foreign = self->flow->is_foreign || (is_no_line && !self->flow->is_ours);
}

static void take_start(const telling *self, side *from)
{
    from->next = self->packet->sequence + 1;
    from->has_next = true;
    monitor_stream_begin(&from->stream, MONITOR_LINES);
    if ((self->packet->flags & MONITOR_ACK) != 0 && !self->flow->has_opened) {
        self->flow->has_opened = true;
        tell(self, MONITOR_OPENED, NULL, 0);
    }
}

/* True if it is over. */
static bool take_end(const telling *self, side *from, const side *to)
{
    bool is_reset = (self->packet->flags & MONITOR_RST) != 0;
    from->has_ended = from->has_ended || (self->packet->flags & MONITOR_FIN) != 0;
    if (!is_reset && !(from->has_ended && to->has_ended)) {
        return false;
    }
    if ((self->flow->has_opened || self->flow->is_ours) && !self->flow->is_foreign) {
        tell(self, MONITOR_CLOSED, NULL, 0);
    }
    return true;
}

bool monitor_flows_take(monitor_flows *self, const monitor_packet *packet)
{
    bool starts = (packet->flags & MONITOR_SYN) != 0;
    if (!starts && packet->payload_length == 0 && place_of(self, packet) == self->count) {
        return true; /* the last words of one that is over, or the first that we hear of it */
    }
    telling it = {self, flow_of(self, packet), packet};
    bool is_first = monitor_end_equals(&it.flow->sides[0].from, &packet->from);
    side *from = &it.flow->sides[is_first ? 0 : 1];
    side *to = &it.flow->sides[is_first ? 1 : 0];
    if (starts) {
        take_start(&it, from);
    } else if (packet->payload_length > 0 && !it.flow->is_foreign) {
        take_bytes(&it, from);
    }
    bool is_likely = it.flow->has_opened || packet->payload_length == 0;
    bool is_taken = it.flow->is_ours || (is_likely && !it.flow->is_foreign);
    if (take_end(&it, from, to)) {
        drop_first(self);
    }
    return is_taken;
}
