/* SPDX-License-Identifier: MIT
 * Values, blobs and bytes. */
#include "chat/output.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

static char *base64(const unsigned char *bytes, size_t length)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = tool_text_checked(malloc((length + 2) / 3 * 4 + 1));
    char *at = text;
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t three = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0U);
        *at++ = letters[three >> 18];
        *at++ = letters[three >> 12 & 63];
        *at++ = left > 1 ? letters[three >> 6 & 63] : '=';
        *at++ = left > 2 ? letters[three & 63] : '=';
    }
    *at = '\0';
    return text;
}

void chat_output_message(const autobus_message *message, FILE *out)
{
    if (autobus_message_kind(message) == AUTOBUS_DATA) {
        tool_json_print(autobus_message_value(message), out);
        return;
    }
    size_t length;
    const void *bytes = autobus_message_bytes(message, &length);
    char *text = base64(bytes, length);
    fprintf(out, "{\"blob\":\"%s\"}\n", text);
    free(text);
}

/* One line's worth; a zero byte ends a text, and is none of it. */
static void print_clean(const char *bytes, size_t length, FILE *out)
{
    while (length > 0) {
        size_t part = strnlen(bytes, length);
        char *text = tool_text_format("%.*s", (int)part, bytes);
        char *clean = tool_text_clean(text);
        fputs(clean, out);
        free(clean);
        free(text);
        if (part < length) {
            fputs("\\x00", out);
            part++;
        }
        bytes += part;
        length -= part;
    }
}

void chat_output_bytes(const void *bytes, size_t length, bool is_terminal, FILE *out)
{
    const char *at = bytes;
    if (!is_terminal) {
        fwrite(bytes, 1, length, out);
        return;
    }
    while (length > 0) {
        const char *end = memchr(at, '\n', length);
        size_t part = end != NULL ? (size_t)(end - at) : length;
        print_clean(at, part, out);
        if (end != NULL) {
            fputc('\n', out);
            part++;
        }
        at += part;
        length -= part;
    }
}
