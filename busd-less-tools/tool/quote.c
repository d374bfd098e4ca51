/* SPDX-License-Identifier: MIT
 * Quotes where they are needed: single ones, and $'...' where there are characters that no terminal should see. */
#include "tool/quote.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/text.h"

static bool is_plain(const char *word)
{
    for (const char *at = word; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 0x80 && !isalnum(byte) && strchr("_-+=.,/:@%", byte) == NULL) {
            return false;
        }
    }
    return *word != '\0';
}

/* Each quote inside ends the quotes, stands for itself, and begins them again. */
static void write_single(FILE *out, const char *word)
{
    fputc('\'', out);
    for (const char *at = word; *at != '\0'; at++) {
        if (*at == '\'') {
            fputs("'\\''", out);
        } else {
            fputc(*at, out);
        }
    }
    fputc('\'', out);
}

static void write_escaped(FILE *out, const char *word)
{
    fputs("$'", out);
    for (const char *at = word; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < ' ' || byte >= 0x7f) {
            fprintf(out, "\\%03o", byte);
        } else {
            fprintf(out, "%s%c", byte == '\'' || byte == '\\' ? "\\" : "", byte);
        }
    }
    fputc('\'', out);
}

char *tool_quote(const char *word)
{
    char *text = NULL;
    size_t length;
    char *clean = tool_text_clean(word);
    bool is_clean = strcmp(clean, word) == 0;
    free(clean);
    FILE *out = tool_text_stream(&text, &length);
    if (!is_clean) {
        write_escaped(out, word);
    } else if (is_plain(word)) {
        fputs(word, out);
    } else {
        write_single(out, word);
    }
    fclose(out);
    return tool_text_checked(text);
}
