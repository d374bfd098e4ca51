/* SPDX-License-Identifier: MIT
 * A place as people type it: HOST:PORT/ID of a service, or HOST:PORT of a bus. It knows nothing of networks. */
#ifndef TOOL_PLACE_H
#define TOOL_PLACE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tool_place {
    char *text; /**< of which the others are parts; owned */
    char *host;
    uint16_t port;
    char *id; /**< NULL: the bus itself, that is, its introspection */
} tool_place;

/** Reads HOST:PORT[/ID], with brackets around an IPv6 address; false if `text` is none. */
bool tool_place_parse(tool_place *self, const char *text);
void tool_place_fini(tool_place *self);

/** It as one reads and types it. free() it. */
char *tool_place_words(const tool_place *self);
/** The same of its parts, with an id. free() it. */
char *tool_place_text(const char *host, uint16_t port, const char *id);

#endif
