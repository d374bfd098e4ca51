/* SPDX-License-Identifier: MIT
 * Messages out of bytes, however they were cut. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/stream.h"

static monitor_stream *stream;
static char said[4096]; /* "kind name size; ..." of each message */

static void begin(monitor_wire wire)
{
    free(stream);
    stream = calloc(1, sizeof *stream);
    monitor_stream_begin(stream, wire);
    *said = '\0';
}

static void told(void *userdata, const monitor_message *message)
{
    (void)userdata;
    size_t used = strlen(said);
    snprintf(said + used, sizeof said - used, "%s %s %zu; ", message->kind,
             message->name != NULL ? message->name : "-", message->size);
    if (message->offers_frames) {
        monitor_stream_begin(stream, MONITOR_FRAMES);
    }
}

static size_t feed(const void *bytes, size_t length)
{
    return monitor_stream_feed(stream, bytes, length, told, NULL);
}

static const char lines[] = "\r\n{\"_type\":1,\"_command\":\"ping\"}\r\n"
                            "{\"_type\":1,\"_command\":\"call\",\"name\":\"a\"}\n";
static const char heard_lines[] = "ping - 31; call a 41; ";
static const char frames[] = "\6\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0a1"
                             "\0\0\0\0\x0b\0\0\0\2\0\0\0\0\0\0\0";
static const char heard_frames[] = "call a 22; ping - 16; ";

Test(stream, of_lines_is_cut_at_their_ends_wherever_packets_end)
{
    for (size_t cut = 0; cut <= sizeof lines - 1; cut++) {
        begin(MONITOR_LINES);
        cr_assert_eq(feed(lines, cut), 0);
        cr_assert_eq(feed(lines + cut, sizeof lines - 1 - cut), 0);
        cr_assert_str_eq(said, heard_lines, "cut at %zu: %s", cut, said);
    }
}

Test(stream, of_frames_is_cut_by_their_lengths_wherever_packets_end)
{
    for (size_t cut = 0; cut <= sizeof frames - 1; cut++) {
        begin(MONITOR_FRAMES);
        cr_assert_eq(feed(frames, cut), 0);
        cr_assert_eq(feed(frames + cut, sizeof frames - 1 - cut), 0);
        cr_assert_str_eq(said, heard_frames, "cut at %zu: %s", cut, said);
    }
}

Test(stream, goes_over_to_frames_in_the_middle_of_a_packet)
{
    char bytes[256];
    int length = snprintf(bytes, sizeof bytes, "{\"_type\":2,\"service\":\"x\",\"frames\":1}\r\n");
    memcpy(bytes + length, frames, sizeof frames - 1);
    begin(MONITOR_LINES);
    cr_assert_eq(feed(bytes, (size_t)length + sizeof frames - 1), 0);
    cr_assert(strstr(said, "bound x") == said && strstr(said, heard_frames) != NULL, "%s", said);
}

Test(stream, puts_a_long_message_together_and_keeps_its_beginning)
{
    static unsigned char full[16 + 65536];
    static const unsigned char header[] = {0, 0, 1, 0, 1, 1};
    static const char rest[] = "\2\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0]]";
    memcpy(full, header, sizeof header);
    memcpy(full + 16, "\4\0\0\0echo", 8);
    begin(MONITOR_FRAMES);
    cr_assert_eq(feed(full, sizeof full), 0);
    cr_assert_str_empty(said, "it goes on");
    cr_assert_eq(feed(rest, sizeof rest - 1), 0);
    cr_assert_str_eq(said, "call echo 65570; ");
}

Test(stream, counts_a_long_line_to_its_end)
{
    static char line[100000];
    memset(line, '1', sizeof line);
    memcpy(line, "{\"_type\":2,\"result\":[", 21);
    line[sizeof line - 1] = '\n';
    begin(MONITOR_LINES);
    cr_assert_eq(feed(line, sizeof line), 0);
    cr_assert_str_eq(said, "result - 100000; ");
}

Test(stream, of_which_the_beginning_was_missed_is_joined_at_a_message)
{
    begin(MONITOR_UNKNOWN);
    cr_assert_eq(feed("e\":5}\r\n", 7), 7);
    cr_assert_eq(feed(lines + 2, sizeof lines - 3), 0);
    cr_assert_str_eq(said, "ping - 31; call a 41; ");
    begin(MONITOR_UNKNOWN);
    cr_assert_eq(feed("\1\2\3", 3), 3);
    cr_assert_eq(feed(frames, sizeof frames - 1), 0);
    cr_assert_str_eq(said, heard_frames);
}

Test(stream, that_holds_no_frame_has_lost_its_place)
{
    static const struct {
        size_t at;
        char byte;
    } wrong[] = {{2, 2}, {4, 0}, {4, 0x20}, {5, 4}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char copy[sizeof frames];
        memcpy(copy, frames, sizeof frames);
        copy[wrong[i].at] = wrong[i].byte;
        begin(MONITOR_FRAMES);
        cr_assert_eq(feed(copy, sizeof frames - 1), sizeof frames - 1, "case %zu", i);
        cr_assert_eq(stream->wire, MONITOR_UNKNOWN);
        cr_assert_str_empty(said);
    }
}
