/* SPDX-License-Identifier: MIT
 * Three bytes to four letters and back. */
#include "wire/base64.h"

#include <stdint.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void ab_base64_write(ab_buffer *out, const void *bytes, size_t length)
{
    const uint8_t *at = bytes, *end = at + length;
    char *to = ab_buffer_reserve(out, (length + 2) / 3 * 4);
    ab_buffer_wrote(out, (length + 2) / 3 * 4);
    for (; at < end; at += 3) {
        size_t rest = (size_t)(end - at);
        uint32_t group = (uint32_t)at[0] << 16;
        if (rest > 1)
            group |= (uint32_t)at[1] << 8;
        if (rest > 2)
            group |= at[2];
        *to++ = letters[group >> 18];
        *to++ = letters[group >> 12 & 63];
        *to++ = rest > 1 ? letters[group >> 6 & 63] : '=';
        *to++ = rest > 2 ? letters[group & 63] : '=';
        if (rest < 3)
            return;
    }
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/* Four letters, of which the last `padding` are not there. */
static bool read_group(const char *at, unsigned padding, uint32_t *group)
{
    *group = 0;
    for (unsigned i = 0; i < 4; i++) {
        int value = i < 4 - padding ? value_of(at[i]) : 0;
        if (value < 0)
            return false;
        *group = *group << 6 | (uint32_t)value;
    }
    /* Bits that belong to no byte are zero, so that there is one way to write each. */
    return (padding != 1 || (*group & 0xff) == 0) && (padding != 2 || (*group & 0xffff) == 0);
}

bool ab_base64_read(ab_slice text, char *out, size_t *length)
{
    *length = 0;
    if (text.length % 4 != 0)
        return false;
    for (size_t i = 0; i < text.length; i += 4) {
        const char *at = text.bytes + i;
        unsigned padding = 0;
        if (i + 4 == text.length && at[3] == '=')
            padding = at[2] == '=' ? 2 : 1;
        uint32_t group;
        if (!read_group(at, padding, &group))
            return false;
        for (unsigned byte = 0; byte < 3 - padding; byte++)
            out[(*length)++] = (char)(group >> (16 - 8 * byte) & 0xff);
    }
    return true;
}
