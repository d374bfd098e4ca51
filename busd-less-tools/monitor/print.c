/* SPDX-License-Identifier: MIT
 * Both forms of every line. */
#include "monitor/print.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/summary.h"
#include "tool/table.h"
#include "tool/text.h"

enum {
    SECOND_NS = 1000000000,
    MOST_CARRIED = 200, /* bytes shown of what a message carries */
    MOST_COLUMNS = 60   /* and columns of that in a line for people */
};

static const char *const changes[] = {"appeared", "left", "changed"};

static json_object *text(const char *string)
{
    return tool_text_checked(json_object_new_string(string));
}

static json_object *number(uint64_t value)
{
    return tool_text_checked(json_object_new_int64((int64_t)value));
}

static json_object *fraction(double value, int places)
{
    char digits[64];
    snprintf(digits, sizeof digits, "%.*f", places, value);
    return tool_text_checked(json_object_new_double_s(value, digits));
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* Begins an object with the time and the event. */
static json_object *begin_json(int64_t time_ns, const char *event)
{
    json_object *object = tool_text_checked(json_object_new_object());
    json_object_object_add(object, "time", fraction((double)time_ns / SECOND_NS, 6));
    json_object_object_add(object, "event", text(event));
    return object;
}

static void end_json(json_object *object, FILE *out)
{
    tool_json_print(object, out);
    json_object_put(object);
}

/* Begins a line for people with the time. */
static FILE *begin_line(int64_t time_ns, char **ret_line, size_t *ret_length)
{
    struct tm local = {0};
    time_t seconds = (time_t)(time_ns / SECOND_NS);
    localtime_r(&seconds, &local);
    FILE *line = tool_text_stream(ret_line, ret_length);
    fprintf(line, "%02d:%02d:%02d.%03d  ", local.tm_hour, local.tm_min, local.tm_sec,
            (int)(time_ns % SECOND_NS / 1000000));
    return line;
}

/* Clean text; on a terminal no longer than that is wide. */
static void end_line(const monitor_request *request, FILE *line, char **text_of, tool_style style,
                     FILE *out)
{
    const tool_paper *paper = &request->asked.paper;
    fclose(line);
    char *cut = tool_text_cut(tool_text_checked(*text_of),
                              paper->width > 0 ? paper->width : strlen(*text_of));
    fprintf(out, "%s%s%s\n", tool_paper_begin(paper, style), cut, tool_paper_end(paper, style));
    free(cut);
    free(*text_of);
}

static bool is_bus(json_object *info)
{
    const char *type = json_object_get_string(json_object_object_get(info, "type"));
    return type != NULL && strcmp(type, "autobus.details") == 0;
}

static void change_as_json(autobus_change change, const autobus_sighting *sighting,
                           bool stands_for_bus, monitor_reason reason, FILE *out)
{
    json_object *object = begin_json(now_ns(), changes[change]);
    json_object *service = tool_json_sighting(sighting, NULL);
    json_object_object_add(object, "what", text(stands_for_bus ? "bus" : "service"));
    if (change == AUTOBUS_LEFT) {
        json_object_object_add(object, "reason", text(monitor_reason_name(reason)));
    }
    json_object_object_foreach (service, key, value) {
        json_object_object_add(object, key, json_object_get(value));
    }
    json_object_put(service);
    end_json(object, out);
}

static void change_as_line(const monitor_request *request, autobus_change change,
                           const autobus_sighting *sighting, json_object *info,
                           monitor_reason reason, FILE *out)
{
    static const char signs[] = {'+', '-', '~'};
    static const tool_style styles[] = {TOOL_GREEN, TOOL_RED, TOOL_YELLOW};
    tool_summary summary;
    char *line = NULL;
    size_t length;
    tool_summary_init(&summary, info, autobus_sighting_host(sighting),
                      autobus_sighting_port(sighting));
    const char *type = is_bus(info) ? "bus" : *summary.type != '\0' ? summary.type : "-";
    const char *words[] = {summary.name, summary.host, summary.address,
                           change == AUTOBUS_LEFT ? monitor_reason_words(reason) : summary.rest};
    FILE *to = begin_line(now_ns(), &line, &length);
    fprintf(to, "%c %s", signs[change], type);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        fprintf(to, "%s%s", *words[i] != '\0' ? "  " : "", words[i]);
    }
    end_line(request, to, &line, styles[change], out);
    tool_summary_fini(&summary);
}

void monitor_print_change(const monitor_request *request, autobus_change change,
                          const autobus_sighting *sighting, monitor_reason reason, FILE *out)
{
    json_object *info = tool_text_checked(autobus_sighting_info(sighting));
    if (request->asked.wants_json) {
        change_as_json(change, sighting, is_bus(info), reason, out);
    } else {
        change_as_line(request, change, sighting, info, reason, out);
    }
    json_object_put(info);
}

/* What a message carries, no longer than is shown, and not cut within a character; yours. */
static char *carried_text(const monitor_message *message, bool *ret_is_cut)
{
    size_t length = message->carried.length;
    *ret_is_cut = message->carried_size > 0 || length > MOST_CARRIED;
    length = length < MOST_CARRIED ? length : MOST_CARRIED;
    while (*ret_is_cut && length > 0 &&
           ((unsigned char)message->carried.bytes[length - 1] & 0x80) != 0) {
        length--;
    }
    return monitor_slice_text((monitor_slice){message->carried.bytes, length});
}

static void add_end(json_object *object, const char *key, const monitor_end *end)
{
    char room[MONITOR_HOST];
    json_object *place = tool_text_checked(json_object_new_object());
    json_object_object_add(place, "host", text(monitor_end_host(end, room)));
    json_object_object_add(place, "port", number(end->port));
    json_object_object_add(object, key, place);
}

static json_object *begin_packet(const monitor_packet *packet, const char *event,
                                 const monitor_end *from, const monitor_end *to)
{
    char name[IF_NAMESIZE] = "";
    json_object *object = begin_json(packet->time_ns, event);
    add_end(object, "from", from);
    add_end(object, "to", to);
    if (if_indextoname(packet->interface, name) != NULL) {
        json_object_object_add(object, "interface", text(name));
    }
    return object;
}

static void add_message(json_object *object, const monitor_message *message)
{
    static const char *const wires[] = {[MONITOR_LINE] = "lines", [MONITOR_FRAME] = "frames"};
    bool is_cut;
    char *carried = carried_text(message, &is_cut);
    bool is_datagram = message->form == MONITOR_DATAGRAM;
    json_object_object_add(object, "bytes", number(message->size));
    if (!is_datagram) {
        json_object_object_add(object, "wire", text(wires[message->form]));
    }
    json_object_object_add(object, "kind", text(message->kind));
    if (message->name != NULL) {
        json_object_object_add(object, is_datagram ? "service" : "name", text(message->name));
    }
    if (*carried != '\0') {
        json_object_object_add(object, "carried", text(carried));
        json_object_object_add(object, "cut", json_object_new_boolean(is_cut));
    }
    if (*message->bus != '\0') {
        json_object_object_add(object, "bus", text(message->bus));
    }
    if (message->port != 0) {
        json_object_object_add(object, "port", number(message->port));
    }
    if (message->has_count) {
        json_object_object_add(object, "count", number(message->count));
    }
    free(carried);
}

static void write_place(const monitor_end *end, FILE *to)
{
    char room[MONITOR_HOST];
    char *place = tool_address_text(monitor_end_host(end, room), end->port);
    fputs(place, to);
    free(place);
}

static void write_ends(const char *protocol, const monitor_end *from, const monitor_end *end,
                       FILE *to)
{
    fprintf(to, "%s  ", protocol);
    write_place(from, to);
    fputs(" > ", to);
    write_place(end, to);
    fputs("  ", to);
}

static void write_message(const monitor_message *message, FILE *to)
{
    bool is_cut;
    char *raw = carried_text(message, &is_cut);
    char *carried = tool_text_clean(raw);
    char *short_one = tool_text_cut(carried, MOST_COLUMNS);
    char *kind = tool_text_clean(message->kind);
    char *name = message->name != NULL ? tool_text_clean(message->name) : NULL;
    fprintf(to, "%zu B  %s", message->size, kind);
    if (name != NULL) {
        fprintf(to, " %s", name);
    }
    if (*short_one != '\0') {
        bool shows_cut = is_cut && strcmp(short_one, carried) == 0;
        fprintf(to, " %s%s", short_one, shows_cut ? "…" : "");
    }
    free(name);
    free(kind);
    free(short_one);
    free(carried);
    free(raw);
}

void monitor_print_datagram(const monitor_request *request, const monitor_packet *packet,
                            const monitor_message *message, FILE *out)
{
    if (request->asked.wants_json) {
        json_object *object = begin_packet(packet, "datagram", &packet->from, &packet->to);
        add_message(object, message);
        end_json(object, out);
        return;
    }
    char *line = NULL;
    size_t length;
    FILE *to = begin_line(packet->time_ns, &line, &length);
    write_ends("udp", &packet->from, &packet->to, to);
    write_message(message, to);
    if (message->has_count) {
        fprintf(to, " (%llu service%s)", (unsigned long long)message->count,
                message->count == 1 ? "" : "s");
    }
    end_line(request, to, &line, TOOL_PLAIN, out);
}

void monitor_print_flow(const monitor_request *request, monitor_flow_news news,
                        const monitor_packet *packet, const monitor_message *message, size_t size,
                        FILE *out)
{
    static const char *const names[] = {"opened", "message", "closed", "unread"};
    bool is_turned = news == MONITOR_OPENED; /* the server has said so, but the client opens */
    const monitor_end *from = is_turned ? &packet->to : &packet->from;
    const monitor_end *end = is_turned ? &packet->from : &packet->to;
    if (request->asked.wants_json) {
        json_object *object = begin_packet(packet, names[news], from, end);
        if (news == MONITOR_SAID) {
            add_message(object, message);
        } else if (news == MONITOR_UNREAD) {
            json_object_object_add(object, "bytes", number(size));
        }
        end_json(object, out);
        return;
    }
    char *line = NULL;
    size_t length;
    FILE *to = begin_line(packet->time_ns, &line, &length);
    write_ends("tcp", from, end, to);
    if (news == MONITOR_SAID) {
        write_message(message, to);
    } else if (news == MONITOR_UNREAD) {
        fprintf(to, "%zu B  unread", size);
    } else {
        fputs(names[news], to);
    }
    end_line(request, to, &line, TOOL_PLAIN, out);
}

static void row_as_json(const monitor_row *row, const char *event, double seconds, uint64_t lost,
                        FILE *out)
{
    json_object *object = begin_json(now_ns(), event);
    json_object_object_add(object, "seconds", fraction(seconds, 3));
    if (strcmp(event, "total") == 0) {
        json_object_object_add(object, "lost", number(lost));
    } else {
        json_object_object_add(object, "peer", text(row->peer));
        json_object_object_add(object, "kind", text(row->kind));
    }
    json_object_object_add(object, "packets", number(row->packets));
    json_object_object_add(object, "bytes", number(row->bytes));
    json_object_object_add(object, "packets_per_s", fraction((double)row->packets / seconds, 3));
    json_object_object_add(object, "bytes_per_s", fraction((double)row->bytes / seconds, 3));
    end_json(object, out);
}

static void add_row(tool_table *table, const monitor_row *row, double seconds, tool_style style)
{
    char *texts[] = {tool_text_clean(row->peer),
                     tool_text_clean(row->kind),
                     tool_text_format("%llu", (unsigned long long)row->packets),
                     tool_text_format("%llu", (unsigned long long)row->bytes),
                     tool_text_format("%.1f", (double)row->packets / seconds),
                     tool_text_format("%.0f", (double)row->bytes / seconds)};
    tool_table_add(table, (const char *const *)texts, style);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        free(texts[i]);
    }
}

void monitor_print_stats(const monitor_request *request, const monitor_tally *tally, double seconds,
                         uint64_t lost, FILE *out)
{
    static const tool_column columns[] = {
        {"PEER", true, TOOL_PLAIN},   {"KIND", true, TOOL_PLAIN}, {"PACKETS", false, TOOL_PLAIN},
        {"BYTES", false, TOOL_PLAIN}, {"/S", false, TOOL_PLAIN},  {"BYTES/S", false, TOOL_PLAIN}};
    size_t count;
    const monitor_row **rows = monitor_tally_sorted(tally, &count);
    monitor_row total = monitor_tally_total(tally);
    tool_table table;
    snprintf(total.peer, sizeof total.peer, "all in %.1f s", seconds);
    tool_table_init(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        if (request->asked.wants_json) {
            row_as_json(rows[i], "stats", seconds, 0, out);
        } else {
            add_row(&table, rows[i], seconds, TOOL_PLAIN);
        }
    }
    if (request->asked.wants_json) {
        row_as_json(&total, "total", seconds, lost, out);
    } else {
        add_row(&table, &total, seconds, TOOL_BOLD);
        tool_table_print(&table, &request->asked.paper, !request->asked.family.is_quiet, count + 1,
                         "\n", out);
    }
    tool_table_fini(&table);
    free(rows);
}
