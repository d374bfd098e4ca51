/* SPDX-License-Identifier: MIT
 * The command line of autobus-monitor. */
#include "monitor/request.h"

#include <string.h>
#include <unistd.h>

enum {
    OPTION_STATS = TOOL_LONG_ONLY,
    OPTION_EVERY,
    OPTION_PCAP,
};

static const tool_option own_options[] = {
    TOOL_ROW_KEY,
    {'s', "service", "ID", "only the service of this id"},
    TOOL_ROW_ALL,
    {OPTION_STATS, "stats", NULL, "no lines; at the end, who has said how much of what"},
    {OPTION_EVERY, "every", "SECONDS", "--stats, and so often before the end too"},
    {OPTION_PCAP, "pcap", "FILE",
     "write the packets too, for Wireshark; - is standard\noutput, and then there are no lines"},
    TOOL_ROW_COUNT("end after so many lines, or what would be lines"),
    TOOL_ROW_TIMEOUT("end after so long"),
    TOOL_ROW_JSON("one JSON object a line"),
    {0, NULL, NULL, NULL},
};

const tool_command monitor_command = {
    .usage = "[TYPE] [-k CONDITION]... [OPTION]...",
    .about = "Shows who comes and goes, and what the buses of this network say, with sizes\n"
             "and times, until interrupted. TYPE may be a glob: then only such services, and\n"
             "their buses. Without CAP_NET_RAW it hears what is sent to everybody; with it\n"
             "also the connections that pass this machine's interfaces.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-monitor                        what is said to everybody\n"
             "  sudo autobus-monitor                   and what goes over TCP here\n"
             "  autobus-monitor -j | jq .kind          for scripts\n"
             "  autobus-monitor --stats -t 60          who says how much in a minute?\n"
             "  sudo autobus-monitor --pcap bus.pcap   for Wireshark, with autobus.lua\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 4 timeout, 130 interrupted.\n",
};

static int take_every(monitor_request *self, tool_options *options)
{
    if (!tool_options_seconds(options->value, &self->every_ms)) {
        return tool_options_reject(options, "--every takes seconds, such as 0.5 or 3, not '%s'",
                                   options->value);
    }
    self->wants_stats = true;
    return 0;
}

static int take(void *verb, tool_options *options, int key)
{
    monitor_request *self = verb;
    switch (key) {
    case OPTION_STATS: self->wants_stats = true; return 0;
    case OPTION_EVERY: return take_every(self, options);
    case OPTION_PCAP: self->capture = options->value; return 0;
    default: return key;
    }
}

static int words(void *verb, tool_options *options)
{
    monitor_request *self = verb;
    tool_target *target = &self->asked.target;
    if (monitor_request_captures_out(self) && isatty(STDOUT_FILENO) == 1) {
        return tool_options_reject(options, "--pcap - is not for a terminal: send it to a program "
                                            "or a file");
    }
    if (monitor_request_captures_out(self) && self->wants_stats) {
        return tool_options_reject(options, "--pcap - takes all of standard output: leave out "
                                            "--stats and --every");
    }
    if (tool_target_word(target, options, false) != 0) {
        return TOOL_OPTION_MISTAKE;
    }
    if (tool_target_is_place(target)) {
        return tool_options_reject(options,
                                   "a place would be asked, and this only listens; "
                                   "-k port=%u chooses what is there",
                                   target->place.port);
    }
    return tool_request_no_more(options, "the type");
}

bool monitor_request_init(monitor_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    static const tool_reader reader = {.command = &monitor_command, .take = take, .words = words};
    *self = (monitor_request){0};
    return tool_request_init(&self->asked, &reader, self, argc, argv, ret_exit);
}

void monitor_request_fini(monitor_request *self)
{
    tool_request_fini(&self->asked);
}

bool monitor_request_captures_out(const monitor_request *self)
{
    return self->capture != NULL && strcmp(self->capture, "-") == 0;
}
