/* SPDX-License-Identifier: MIT
 * Cleaning, measuring and cutting, one character at a time. */
#include "tool/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "tool/exit.h"

/** One character of a text: how many bytes it takes and how many columns. */
typedef struct glyph {
    wchar_t code;
    size_t bytes;
    int columns; /* -1: cannot be shown as it is */
    bool is_broken;
} glyph;

/* They have no width, and turn the order of what follows around. */
static bool turns_direction(wchar_t code)
{
    return code == 0x061c || code == 0x200e || code == 0x200f ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static bool breaks_lines(wchar_t code)
{
    return code == 0x2028 || code == 0x2029;
}

static glyph glyph_at(const char *text)
{
    mbstate_t state = {0};
    glyph it = {.bytes = 1, .columns = -1, .is_broken = true};
    size_t bytes = mbrtowc(&it.code, text, strnlen(text, MB_LEN_MAX), &state);
    if (bytes == 0 || bytes == (size_t)-1 || bytes == (size_t)-2) {
        return it;
    }
    it.bytes = bytes;
    it.is_broken = false;
    it.columns = turns_direction(it.code) || breaks_lines(it.code) ? -1 : wcwidth(it.code);
    return it;
}

bool tool_text_is_wild(const char *text, size_t *ret_bytes, unsigned *ret_code)
{
    glyph it = glyph_at(text);
    *ret_bytes = it.bytes;
    *ret_code = it.is_broken ? 0 : (unsigned)it.code;
    return it.columns < 0;
}

static void write_escaped(FILE *out, const char *text, glyph it)
{
    if (it.is_broken || it.code < 0x80) {
        const char *name = it.code == L'\n' ? "\\n" : it.code == L'\t' ? "\\t" : NULL;
        if (name != NULL && !it.is_broken) {
            fputs(name, out);
        } else {
            fprintf(out, "\\x%02x", (unsigned char)*text);
        }
    } else if (it.code < 0x10000) {
        fprintf(out, "\\u%04x", (unsigned)it.code);
    } else {
        fprintf(out, "\\U%08x", (unsigned)it.code);
    }
}

char *tool_text_clean(const char *raw)
{
    char *clean = NULL;
    size_t length;
    FILE *out = tool_text_stream(&clean, &length);
    for (const char *at = raw; *at != '\0';) {
        glyph it = glyph_at(at);
        if (it.columns < 0) {
            write_escaped(out, at, it);
        } else {
            fwrite(at, 1, it.bytes, out);
        }
        at += it.bytes;
    }
    fclose(out);
    return tool_text_checked(clean);
}

size_t tool_text_width(const char *clean)
{
    size_t columns = 0;
    for (const char *at = clean; *at != '\0';) {
        glyph it = glyph_at(at);
        columns += it.columns < 0 ? 1 : (size_t)it.columns;
        at += it.bytes;
    }
    return columns;
}

char *tool_text_cut(const char *clean, size_t width)
{
    if (tool_text_width(clean) <= width) {
        return tool_text_checked(strdup(clean));
    }
    if (width == 0) {
        return tool_text_checked(strdup(""));
    }
    size_t columns = 0;
    const char *at = clean;
    while (*at != '\0') {
        glyph it = glyph_at(at);
        size_t more = it.columns < 0 ? 1 : (size_t)it.columns;
        if (columns + more > width - 1) {
            break;
        }
        columns += more;
        at += it.bytes;
    }
    return tool_text_format("%.*s…", (int)(at - clean), clean);
}

char *tool_text_format(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return tool_text_checked(length < 0 ? NULL : text);
}

FILE *tool_text_stream(char **ret_text, size_t *ret_length)
{
    return tool_text_checked(open_memstream(ret_text, ret_length));
}

void *tool_text_checked(void *pointer)
{
    if (pointer == NULL) {
        fputs("out of memory\n", stderr);
        exit(TOOL_FAILED);
    }
    return pointer;
}
