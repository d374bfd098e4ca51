/* SPDX-License-Identifier: MIT
 * The options of autobus-bench, in the order in which --help shows them. */
#include "bench/request.h"

#include <string.h>

#include "tool/start.h"

enum {
    OPTION_FACE = TOOL_LONG_ONLY,
    OPTION_EVERY,
    OPTION_FOR,
    OPTION_TRANSPORT,
    OPTION_WIRE,
    OPTION_SPIN,
    OPTION_ATTACHED,
    OPTION_MARKED,
};

static const tool_option own_options[] = {
    {'n', "count", "NUMBER", "how many calls, events or searches; megabytes of a\nstream"},
    {'p', "payload", "BYTES", "bytes in the argument of a call or an event [64]"},
    {'w', "window", "NUMBER",
     "calls: how many at once [64];\nevents: how far ahead of the slowest [4096]"},
    {'l', "listeners", "NUMBER", "events: how many processes listen [1]"},
    {OPTION_EVERY, "every", "SECONDS", "rtt: one call every so often, such as 0.003"},
    {OPTION_FOR, "for", "SECONDS", "idle: how long to look [10]"},
    {OPTION_FACE, "face", "NAME", "rtt, calls: c or raw, the face of the library [c]"},
    {OPTION_TRANSPORT, "transport", "NAME", "tcp; or unix, on both sides [tcp]"},
    {OPTION_WIRE, "wire", "NAME", "frames or lines [frames]"},
    {OPTION_SPIN, "spin", "MICROSECONDS", "look so long for the next message before a sleep [0]"},
    {'t', "timeout", "SECONDS", "wait at most so long for an answer [5]"},
    {'j', "json", NULL, "one JSON object a line"},
    {OPTION_ATTACHED, "attached", NULL, "serve: end when standard input does"},
    {OPTION_MARKED, "marked", NULL, "rtt: be the client whose system calls are counted"},
    {0, NULL, NULL, NULL},
};

const tool_command bench_command = {
    .usage = "WHAT [PLACE] [OPTION]...",
    .about = "Measures what the library costs. WHAT is one of\n"
             "  rtt        calls, one after the other\n"
             "  calls      calls, many at once\n"
             "  events     events, to one or several processes\n"
             "  stream     bytes through a stream\n"
             "  discovery  from nothing to the first news of a service\n"
             "  idle       memory, threads and wakes of a process that has nothing to do\n"
             "  serve      be the other side, for an autobus-bench elsewhere\n"
             "PLACE is where autobus-bench serve runs, as it says: HOST:PORT/ID, or its\n"
             "TYPE. Without one a second process is started here, for the time it takes.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-bench rtt                        what a call takes on this machine\n"
             "  autobus-bench serve kitchen-bench        on one machine, and then\n"
             "  autobus-bench calls kitchen-bench        on another\n"
             "  autobus-bench events -l 8 -j             for programs\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 3 nothing matches, 4 timeout, 5 what is\n"
             "there does not measure, 6 denied, 7 incompatible peer, 8 more than one matches,\n"
             "130 interrupted.\n",
};

static int take_number(tool_options *options, const char *name, long most, long *ret_number)
{
    if (!tool_options_whole(options->value, 1, most, ret_number)) {
        return tool_options_reject(options, "%s is a number from 1 to %ld, not '%s'", name, most,
                                   options->value);
    }
    return 0;
}

static int take_seconds(tool_options *options, const char *name, int *ret_ms)
{
    if (!tool_options_seconds(options->value, ret_ms)) {
        return tool_options_reject(options, "%s takes seconds, such as 0.5 or 3, not '%s'", name,
                                   options->value);
    }
    return 0;
}

static int take_one_of(tool_options *options, const char *name, const char *one, const char *other,
                       const char **ret_choice)
{
    if (strcmp(options->value, one) != 0 && strcmp(options->value, other) != 0) {
        return tool_options_reject(options, "--%s is %s or %s, not '%s'", name, one, other,
                                   options->value);
    }
    *ret_choice = options->value;
    return 0;
}

static int take_face(bench_request *self, tool_options *options)
{
    if (strcmp(options->value, "c") != 0 && strcmp(options->value, "raw") != 0) {
        return tool_options_reject(options, "--face is c or raw, not '%s'", options->value);
    }
    self->face = *options->value == 'c' ? BENCH_C : BENCH_RAW;
    return 0;
}

static int take_option(bench_request *self, tool_options *options, int key)
{
    switch (key) {
    case 'n': return take_number(options, "-n", 1000000000, &self->count);
    case 'p': return take_number(options, "-p", 1000000, &self->payload);
    case 'w': return take_number(options, "-w", 100000, &self->window);
    case 'l': return take_number(options, "-l", 64, &self->listeners);
    case OPTION_EVERY: return take_seconds(options, "--every", &self->every_ms);
    case OPTION_FOR: return take_seconds(options, "--for", &self->span_ms);
    case OPTION_FACE: return take_face(self, options);
    case OPTION_TRANSPORT:
        return take_one_of(options, "transport", "tcp", "unix", &self->transport);
    case OPTION_SPIN: return take_number(options, "--spin", 100000, &self->spin_us);
    case OPTION_WIRE: return take_one_of(options, "wire", "frames", "lines", &self->wire);
    case 't': return take_seconds(options, "-t", &self->limit_ms);
    case 'j': self->wants_json = true; return 0;
    case OPTION_ATTACHED: self->is_attached = true; return 0;
    case OPTION_MARKED: self->is_marked = true; return 0;
    default: return tool_family_take(&self->family, options, key);
    }
}

static int take_words(bench_request *self, tool_options *options)
{
    self->verb = tool_options_word(options);
    self->place = tool_options_word(options);
    const char *more = tool_options_word(options);
    if (self->verb == NULL) {
        return tool_options_reject(options, "say what to measure: rtt, calls, events, stream, "
                                            "discovery or idle; --help tells of each");
    }
    if (more != NULL) {
        return tool_options_reject(options, "one PLACE at most, but '%s' and '%s' are given",
                                   self->place, more);
    }
    if (self->place != NULL && *self->place == '\0') {
        return tool_options_reject(options, "PLACE is empty; leave it out to measure here");
    }
    return 0;
}

static int read_line(bench_request *self, tool_options *options)
{
    int key;
    while ((key = tool_options_next(options)) != TOOL_OPTION_END) {
        if (key == TOOL_OPTION_MISTAKE || take_option(self, options, key) != 0) {
            return TOOL_OPTION_MISTAKE;
        }
        if (self->family.wants_help || self->family.wants_version) {
            return 0; /* whatever else is on the line */
        }
    }
    return take_words(self, options);
}

bool bench_request_init(bench_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    tool_options options;
    *self = (bench_request){.transport = "tcp",
                            .wire = "frames",
                            .payload = 64,
                            .listeners = 1,
                            .limit_ms = 5000,
                            .span_ms = 10000};
    tool_options_start(&options, &bench_command, tool_family_options, argc, argv);
    if (read_line(self, &options) != 0) {
        tool_complain("%s", options.mistake);
        *ret_exit = TOOL_USAGE;
        return false;
    }
    if (tool_family_answer(&self->family, &options)) {
        *ret_exit = TOOL_DONE;
        return false;
    }
    tool_paper_look(&self->paper, self->family.colour);
    return true;
}
