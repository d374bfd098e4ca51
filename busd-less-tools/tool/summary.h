/* SPDX-License-Identifier: MIT
 * A summary: one service in the few words of a table's row. */
#ifndef TOOL_SUMMARY_H
#define TOOL_SUMMARY_H

#include <stdint.h>

#include <json-c/json_types.h>

/** All clean text, owned by the summary, never NULL; empty where there is nothing to say. */
typedef struct tool_summary {
    char *type;
    char *name;
    char *host;    /**< the name of the machine */
    char *address; /**< where it is reached, HOST:PORT */
    char *rest;    /**< the other keys of its info: key=value key=value */
} tool_summary;

/** Fills it in from an info (borrowed) and a location. */
void tool_summary_init(tool_summary *self, json_object *info, const char *host, uint16_t port);
void tool_summary_fini(tool_summary *self);

/** HOST:PORT, with brackets around an IPv6 address; clean. free() it. */
char *tool_address_text(const char *host, uint16_t port);

#endif
