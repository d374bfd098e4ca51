/* SPDX-License-Identifier: MIT
 * The family's options, and the bus they ask for. */
#include "tool/family.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "tool/start.h"
#include "tool/text.h"

enum {
    OPTION_INTERFACES = TOOL_LONG_ONLY + 1000,
    OPTION_PEERS,
    OPTION_PORT,
    OPTION_DISCOVERY,
    OPTION_COLOUR,
};

enum {
    DEFAULT_PORT = 52722
};

const tool_option tool_family_options[] = {
    {OPTION_INTERFACES, "interfaces", "LIST", "speak on these only: eth0,wl* (!wl* leaves out)"},
    {OPTION_PEERS, "peers", "LIST", "also ask these: host or host:port, with commas"},
    {OPTION_PORT, "port", "PORT", "discovery's UDP port [AUTOBUS_PORT, else 52722]"},
    {OPTION_DISCOVERY, "discovery", "LIST", "how to look: broadcast, avahi, or none"},
    {OPTION_COLOUR, "color", "WHEN", "auto (on a terminal), always or never"},
    {'v', "verbose", NULL, "tell what the library does; twice tells more"},
    {'q', "quiet", NULL, "rows and errors only: no headings, no hints"},
    {'h', "help", NULL, "show this"},
    {'V', "version", NULL, "show the version"},
    {0, NULL, NULL, NULL},
};

static int take_colour(tool_family *self, tool_options *options)
{
    if (!tool_colour_parse(options->value, &self->colour)) {
        return tool_options_reject(options, "--color is auto, always or never, not '%s'",
                                   options->value);
    }
    return 0;
}

static int take_port(tool_family *self, tool_options *options)
{
    if (!tool_options_whole(options->value, 1, 65535, &self->port)) {
        return tool_options_reject(options, "--port is a number from 1 to 65535, not '%s'",
                                   options->value);
    }
    return 0;
}

/* 0 is any, as the library has it. */
static int take_tcp_port(tool_family *self, tool_options *options)
{
    if (!tool_options_whole(options->value, 0, 65535, &self->tcp_port)) {
        return tool_options_reject(options, "--tcp-port is a number from 0 to 65535, not '%s'",
                                   options->value);
    }
    return 0;
}

int tool_family_take(tool_family *self, tool_options *options, int key)
{
    switch (key) {
    case OPTION_INTERFACES: self->interfaces = options->value; return 0;
    case OPTION_PEERS: self->peers = options->value; return 0;
    case OPTION_DISCOVERY: self->discovery = options->value; return 0;
    case OPTION_PORT: return take_port(self, options);
    case TOOL_KEY_TCP_PORT: return take_tcp_port(self, options);
    case OPTION_COLOUR: return take_colour(self, options);
    case 'v': self->verbosity++; return 0;
    case 'q': self->is_quiet = true; return 0;
    case 'h': self->wants_help = true; return 0;
    case 'V': self->wants_version = true; return 0;
    default: return key;
    }
}

bool tool_family_answer(const tool_family *self, const tool_options *options)
{
    if (self->wants_help) {
        tool_options_help(options, stdout);
    } else if (self->wants_version) {
        printf("%s (Autobus) %s\n", program_invocation_short_name, AUTOBUS_VERSION_STRING);
    }
    return self->wants_help || self->wants_version;
}

bool tool_family_is_elsewhere(const tool_family *self)
{
    return self->interfaces != NULL || self->peers != NULL || self->discovery != NULL ||
           self->port != 0;
}

static void say(tool_words *words, const char *option, const char *value)
{
    if (value != NULL) {
        tool_words_add(words, tool_text_format("--%s=%s", option, value));
    }
}

void tool_family_say(const tool_family *self, tool_words *words)
{
    say(words, "interfaces", self->interfaces);
    say(words, "peers", self->peers);
    say(words, "discovery", self->discovery);
    if (self->port != 0) {
        tool_words_add(words, tool_text_format("--port=%ld", self->port));
    }
}

long tool_family_port(const tool_family *self)
{
    const char *text = getenv("AUTOBUS_PORT");
    long port = DEFAULT_PORT;
    if (self->port != 0) {
        return self->port;
    }
    return text != NULL && tool_options_whole(text, 1, 65535, &port) ? port : DEFAULT_PORT;
}

/* The options remember the first mistake; autobus_bus_new() says it. */
static void apply(const tool_family *self, bool dispatch, autobus_options *options)
{
    if (self->interfaces != NULL) {
        (void)autobus_options_set_text(options, AUTOBUS_INTERFACES, self->interfaces);
    }
    if (self->peers != NULL) {
        (void)autobus_options_set_text(options, AUTOBUS_PEERS, self->peers);
    }
    if (self->discovery != NULL) {
        (void)autobus_options_set_text(options, AUTOBUS_SOURCES, self->discovery);
    }
    if (self->port != 0) {
        (void)autobus_options_set_number(options, AUTOBUS_UDP_PORT, self->port);
    }
    (void)autobus_options_set_number(options, AUTOBUS_TCP_PORT, self->tcp_port);
    (void)autobus_options_set_number(options, AUTOBUS_DISPATCH, dispatch);
}

autobus_result tool_family_bus(const tool_family *self, bool dispatch, autobus_bus **ret_bus)
{
    if (self->verbosity > 0) {
        setenv("AUTOBUS_LOG", self->verbosity == 1 ? "info" : "debug", 1);
    } else if (self->is_quiet) {
        setenv("AUTOBUS_LOG", "error", 1);
    }
    autobus_options *options = tool_text_checked(autobus_options_new());
    apply(self, dispatch, options);
    return autobus_bus_new(options, ret_bus);
}

void tool_family_note(const tool_family *self, const char *format, ...)
{
    if (self->is_quiet) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    char *line = NULL;
    int length = vasprintf(&line, format, arguments);
    va_end(arguments);
    tool_complain("%s", (char *)tool_text_checked(length < 0 ? NULL : line));
    free(line);
}

void tool_family_hint(const tool_family *self, const char *format, ...)
{
    if (self->is_quiet) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    char *line = NULL;
    int length = vasprintf(&line, format, arguments);
    va_end(arguments);
    char *clean = tool_text_clean(tool_text_checked(length < 0 ? NULL : line));
    fprintf(stderr, "  %s\n", clean);
    free(clean);
    free(line);
}
