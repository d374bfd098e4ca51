/* SPDX-License-Identifier: MIT
 * News: what was heard of an object or an event, as one line, plain or JSON. */
#ifndef TOOL_NEWS_H
#define TOOL_NEWS_H

#include <stdbool.h>
#include <stdio.h>

#include <autobus/message.h>

#include "tool/paper.h"

typedef struct tool_news {
    const tool_paper *paper;
    bool is_json;
    bool with_service; /**< plain: the id in front */
    bool with_name;    /**< plain: the name in front */
} tool_news;

/** Prints a message of the kinds FIRED, VALUE and GONE; what is gone has a line only in JSON. */
void tool_news_print(const tool_news *self, const autobus_message *message, FILE *out);

#endif
