/* SPDX-License-Identifier: MIT
 * The command line of autobus-doctor. */
#include "doctor/request.h"

#include <stdlib.h>

static const tool_option own_options[] = {
    TOOL_ROW_KEY,
    TOOL_ROW_SERVICE,
    TOOL_ROW_ALL,
    TOOL_ROW_TIMEOUT("listen for so long [2]"),
    TOOL_ROW_JSON("one JSON object a line: each check, then the verdict"),
    {0, NULL, NULL, NULL},
};

const tool_command doctor_command = {
    .usage = "[TYPE] [OPTION]...",
    .about = "Why can't I see it? Examines this machine's way into the network, or why the\n"
             "service TYPE is not seen or does not answer. TYPE may be a glob, or a place:\n"
             "HOST:PORT/ID, or HOST:PORT of a bus. The last line says what is wrong.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-doctor                    interfaces, firewall, peers: what is wrong?\n"
             "  autobus-doctor lamp               why is no lamp seen?\n"
             "  autobus-doctor 10.0.0.20:38112    why is that bus not discovered?\n"
             "  autobus-doctor -j lamp | tail -1  the verdict, for scripts\n"
             "\n"
             "Exit codes: 0 done, nothing is wrong; 1 something is; 2 usage; 3 nothing\n"
             "matches, and that is all; 4 somebody does not answer; 6 a firewall denies it;\n"
             "7 incompatible; 8 one id is claimed twice; 130 interrupted.\n",
};

static int words(void *verb, tool_options *options)
{
    doctor_request *self = verb;
    if (tool_target_word(&self->asked.target, options, false) != 0) {
        return TOOL_OPTION_MISTAKE;
    }
    return tool_request_no_more(options, "the service");
}

static const char *or_environment(const char *given, const char *name, const char *otherwise)
{
    const char *text = given != NULL ? given : getenv(name);
    return text != NULL && *text != '\0' ? text : otherwise;
}

const char *doctor_request_discovery(const doctor_request *self)
{
    return or_environment(self->asked.family.discovery, "AUTOBUS_DISCOVERY", "broadcast");
}

const char *doctor_request_peers(const doctor_request *self)
{
    return or_environment(self->asked.family.peers, "AUTOBUS_PEERS", NULL);
}

bool doctor_request_names_service(const doctor_request *self)
{
    return tool_target_is_place(&self->asked.target) ||
           !tool_choice_is_open(&self->asked.target.choice);
}

bool doctor_request_init(doctor_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    static const tool_reader reader = {.command = &doctor_command, .words = words};
    *self = (doctor_request){0};
    bool is_work = tool_request_init(&self->asked, &reader, self, argc, argv, ret_exit);
    /* A place too is to be discovered here: that is the question. */
    self->asked.family.discovery = doctor_request_discovery(self);
    return is_work;
}

void doctor_request_fini(doctor_request *self)
{
    tool_request_fini(&self->asked);
}
