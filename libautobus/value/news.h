/* SPDX-License-Identifier: MIT
 * What a callback is shown: the public autobus_message from the inside. Its texts are shared, its tree is made by
 * whoever looks, on the thread that looks. The functions of <autobus/message.h> are implemented beside this. */
#ifndef AB_VALUE_NEWS_H
#define AB_VALUE_NEWS_H

#include <autobus/message.h>

#include "base/text.h"

struct autobus_message {
    autobus_kind kind;
    autobus_result result;
    size_t remaining;
    ab_text *service, *name, *error; /**< NULL: "" */
    ab_text *body;                   /**< JSON text, or a blob; NULL: "null", or no bytes */
    json_object *tree;               /**< once asked for */
    bool is_parsed;
};

/** Gives up the texts and the tree. */
void ab_news_fini(autobus_message *news);

#endif
