/* SPDX-License-Identifier: MIT
 * Reading a message. Nothing is parsed that nobody looks at. */
#include "value/news.h"

#include "value/json.h"

static const char *text_of(const ab_text *text)
{
    return text != NULL ? text->bytes : "";
}

static bool is_bytes(const autobus_message *message)
{
    return message->kind == AUTOBUS_BLOB;
}

void ab_news_fini(autobus_message *news)
{
    ab_text_unref(news->service);
    ab_text_unref(news->name);
    ab_text_unref(news->error);
    ab_text_unref(news->body);
    if (news->tree != NULL)
        json_object_put(news->tree);
}

AB_API autobus_kind autobus_message_kind(const autobus_message *message)
{
    return message->kind;
}

AB_API const char *autobus_message_service(const autobus_message *message)
{
    return text_of(message->service);
}

AB_API const char *autobus_message_name(const autobus_message *message)
{
    return text_of(message->name);
}

AB_API autobus_result autobus_message_result(const autobus_message *message)
{
    return message->result;
}

AB_API const char *autobus_message_error(const autobus_message *message)
{
    return text_of(message->error);
}

AB_API const char *autobus_message_text(const autobus_message *message, size_t *ret_length)
{
    bool is_null = message->body == NULL || is_bytes(message);
    if (ret_length != NULL)
        *ret_length = is_null ? 4 : message->body->length;
    return is_null ? "null" : message->body->bytes;
}

AB_API json_object *autobus_message_take(const autobus_message *message)
{
    json_object *tree = NULL;
    size_t length;
    const char *text = autobus_message_text(message, &length);
    (void)ab_json_parse((ab_slice){text, length}, false, &tree);
    return tree;
}

AB_API json_object *autobus_message_value(const autobus_message *message)
{
    /* The message is the callback's own; only what it has looked at is remembered in it. */
    autobus_message *own = (autobus_message *)(uintptr_t)message;
    if (!own->is_parsed) {
        own->is_parsed = true;
        own->tree = autobus_message_take(message);
    }
    return own->tree;
}

AB_API const void *autobus_message_bytes(const autobus_message *message, size_t *ret_length)
{
    bool has_bytes = is_bytes(message) && message->body != NULL;
    if (ret_length != NULL)
        *ret_length = has_bytes ? message->body->length : 0;
    return has_bytes ? message->body->bytes : NULL;
}

AB_API size_t autobus_message_remaining(const autobus_message *message)
{
    return message->remaining;
}
