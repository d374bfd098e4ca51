/* SPDX-License-Identifier: MIT
 * getopt_long behind a table, with sentences instead of its messages. */
#include "tool/options.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void know(tool_options *self, const tool_option *option)
{
    assert(self->count < TOOL_OPTIONS_MOST);
    int follows = option->value != NULL ? required_argument : no_argument;
    self->known[self->count] = option;
    self->longs[self->count] =
        (struct option){.name = option->name, .has_arg = follows, .val = option->key};
    self->count++;
    if (option->key < TOOL_LONG_ONLY) {
        size_t length = strlen(self->shorts);
        self->shorts[length++] = (char)option->key;
        if (follows == required_argument) {
            self->shorts[length] = ':';
        }
    }
}

void tool_options_start(tool_options *self, const tool_command *command, const tool_option *family,
                        int argc, char **argv)
{
    *self = (tool_options){.command = command, .argc = argc, .argv = argv, .shorts = ":"};
    for (const tool_option *option = command->options; option->key != 0; option++) {
        know(self, option);
    }
    for (const tool_option *option = family; option->key != 0; option++) {
        know(self, option);
    }
    opterr = 0;
    optind = 0; /* glibc starts afresh */
}

int tool_options_reject(tool_options *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(self->mistake, sizeof self->mistake, format, arguments);
    va_end(arguments);
    return TOOL_OPTION_MISTAKE;
}

static const tool_option *option_of(const tool_options *self, int key)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->known[i]->key == key) {
            return self->known[i];
        }
    }
    return NULL;
}

static int reject_incomplete(tool_options *self)
{
    const tool_option *option = option_of(self, optopt);
    if (option == NULL) {
        return tool_options_reject(self, "an option lacks its value");
    }
    if (option->key < TOOL_LONG_ONLY) {
        return tool_options_reject(self, "-%c needs a value: -%c %s", option->key, option->key,
                                   option->value);
    }
    return tool_options_reject(self, "--%s needs a value: --%s=%s", option->name, option->name,
                               option->value);
}

static size_t count_beginning(const tool_options *self, const char *name, size_t length,
                              char *names, size_t room)
{
    size_t count = 0;
    size_t used = 0;
    for (size_t i = 0; i < self->count; i++) {
        if (strncmp(self->known[i]->name, name, length) == 0 && used < room) {
            int more = snprintf(names + used, room - used, "%s--%s", count > 0 ? ", " : "",
                                self->known[i]->name);
            used += more > 0 ? (size_t)more : 0;
            count++;
        }
    }
    return count;
}

static int reject_unknown(tool_options *self)
{
    const tool_option *option = option_of(self, optopt);
    if (optopt != 0 && option != NULL) {
        return tool_options_reject(self, "--%s takes no value: write it alone", option->name);
    }
    if (optopt != 0) {
        return tool_options_reject(self, "there is no option -%c; --help lists what there is",
                                   optopt);
    }
    const char *word = self->argv[optind - 1];
    const char *name = strncmp(word, "--", 2) == 0 ? word + 2 : word;
    int length = (int)strcspn(name, "=");
    char names[128];
    if (length > 0 && count_beginning(self, name, (size_t)length, names, sizeof names) > 1) {
        return tool_options_reject(self, "--%.*s could be any of %s: write more of it", length,
                                   name, names);
    }
    return tool_options_reject(self, "there is no option --%.*s; --help lists what there is",
                               length, name);
}

int tool_options_next(tool_options *self)
{
    int key = getopt_long(self->argc, self->argv, self->shorts, self->longs, NULL);
    self->value = optarg;
    switch (key) {
    case ':': return reject_incomplete(self);
    case '?': return reject_unknown(self);
    default: return key;
    }
}

const char *tool_options_word(tool_options *self)
{
    return optind < self->argc ? self->argv[optind++] : NULL;
}

static void help_with(const tool_option *option, FILE *out)
{
    enum {
        SYNOPSIS_WIDTH = 26
    };
    char synopsis[64];
    int used = option->key < TOOL_LONG_ONLY
                   ? snprintf(synopsis, sizeof synopsis, "-%c, ", option->key)
                   : snprintf(synopsis, sizeof synopsis, "    ");
    snprintf(synopsis + used, sizeof synopsis - (size_t)used, "--%s%s%s", option->name,
             option->value != NULL ? "=" : "", option->value != NULL ? option->value : "");
    bool is_long = strlen(synopsis) >= SYNOPSIS_WIDTH; /* then it has a line of its own */
    fprintf(out, is_long ? "  %s\n  %*s" : "  %s%*s", synopsis,
            SYNOPSIS_WIDTH - (is_long ? 0 : (int)strlen(synopsis)), "");
    for (const char *line = option->help; line != NULL;) {
        const char *end = strchr(line, '\n');
        fprintf(out, "%.*s\n", end != NULL ? (int)(end - line) : (int)strlen(line), line);
        if (end != NULL) {
            fprintf(out, "  %*s", SYNOPSIS_WIDTH, "");
        }
        line = end != NULL ? end + 1 : NULL;
    }
}

void tool_options_help(const tool_options *self, FILE *out)
{
    const char *slash = strrchr(self->argv[0], '/');
    fprintf(out, "Usage: %s %s\n\n%s\n\n", slash != NULL ? slash + 1 : self->argv[0],
            self->command->usage, self->command->about);
    for (size_t i = 0; i < self->count; i++) {
        help_with(self->known[i], out);
    }
    fprintf(out, "\n%s", self->command->after);
}

bool tool_options_seconds(const char *text, int *ret_ms)
{
    char *end;
    double seconds = strtod(text, &end);
    bool is_plain = strspn(text, "0123456789.") == strlen(text) && end != text && *end == '\0';
    if (!is_plain || seconds < 0.001 || seconds > 1e6) {
        return false;
    }
    *ret_ms = (int)lround(seconds * 1000);
    return true;
}

bool tool_options_whole(const char *text, long least, long most, long *ret_number)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool is_plain = strspn(text, "-0123456789") == strlen(text) && end != text && *end == '\0';
    if (!is_plain || errno != 0 || number < least || number > most) {
        return false;
    }
    *ret_number = number;
    return true;
}
