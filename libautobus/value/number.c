/* SPDX-License-Identifier: MIT
 * The value of a written number. Knows decimal digits and doubles; the locale of the program is kept out. */
#include "value/number.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "value/scan.h"

/* A number as 0.DIGITS x 10^exponent: where its first and last digit that is not 0 stand in the text, a
 * point perhaps between them. */
typedef struct decimal {
    const char *first, *behind; /* NULL: zero */
    long exponent;
    bool is_negative;
    bool is_finite;
} decimal;

#define EXPONENT_LIMIT 100000000L

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static long read_exponent(const char *at, const char *end)
{
    long exponent = 0;
    bool is_negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (; at < end && is_digit(*at); at++)
        if (exponent < EXPONENT_LIMIT)
            exponent = exponent * 10 + (*at - '0');
    return is_negative ? -exponent : exponent;
}

static decimal read_decimal(ab_slice text)
{
    const char *at = text.bytes, *end = at + text.length;
    decimal number = {.is_negative = text.length > 0 && *at == '-'};
    at += number.is_negative;
    number.is_finite = at < end && is_digit(*at);
    bool is_behind_point = false;
    for (; at < end && (is_digit(*at) || *at == '.'); at++) {
        if (*at == '.') {
            is_behind_point = true;
            continue;
        }
        if (*at != '0') {
            number.behind = at + 1;
            if (number.first == NULL)
                number.first = at;
        }
        if (number.first != NULL && !is_behind_point)
            number.exponent++;
        else if (number.first == NULL && is_behind_point)
            number.exponent--;
    }
    if (at < end && (*at == 'e' || *at == 'E'))
        number.exponent += read_exponent(at + 1, end);
    if (number.first == NULL)
        number.exponent = 0;
    return number;
}

/* The next digit, over a point; '\0' behind the last. */
static char next_digit(const char **at, const char *behind)
{
    if (*at < behind && **at == '.')
        (*at)++;
    return *at < behind ? *(*at)++ : '\0';
}

static bool is_same_decimal(const decimal *a, const decimal *b)
{
    if (a->first == NULL || b->first == NULL)
        return a->first == b->first;
    if (a->exponent != b->exponent || a->is_negative != b->is_negative)
        return false;
    const char *left = a->first, *right = b->first;
    for (;;) {
        char digit = next_digit(&left, a->behind);
        if (digit != next_digit(&right, b->behind))
            return false;
        if (digit == '\0')
            return true;
    }
}

static long digits_of(const decimal *number)
{
    if (number->first == NULL)
        return 0;
    size_t length = (size_t)(number->behind - number->first);
    return (long)length - (memchr(number->first, '.', length) != NULL);
}

static bool is_whole(const decimal *number)
{
    return number->exponent >= digits_of(number);
}

static locale_t plain_locale;

static void make_locale(void)
{
    plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t enter_plain_locale(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_locale);
    return uselocale(plain_locale);
}

double ab_number_read(ab_slice text)
{
    char *copy AB_SCOPED(ab_free_ptr) = ab_strndup(text.bytes, text.length);
    locale_t before = enter_plain_locale();
    double number = strtod(copy, NULL);
    uselocale(before);
    return number;
}

bool ab_number_same(ab_slice a, ab_slice b)
{
    if (ab_slice_equal(a, b))
        return true;
    decimal left = read_decimal(a), right = read_decimal(b);
    if (left.is_finite && right.is_finite) {
        if (is_same_decimal(&left, &right))
            return true;
        if (is_whole(&left) && is_whole(&right))
            return false;
    }
    return ab_number_read(a) == ab_number_read(b);
}

void ab_number_print(ab_buffer *out, double number)
{
    char text[40] = "";
    locale_t before = enter_plain_locale();
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    uselocale(before);
    ab_buffer_append_text(out, text);
    if (strpbrk(text, ".e") == NULL)
        ab_buffer_append_text(out, ".0");
}

bool ab_scan_integer(ab_value value, int64_t *ret)
{
    if (value.kind != AB_KIND_NUMBER)
        return false;
    if (value.text.length == 1 && is_digit(value.text.bytes[0])) {
        *ret = value.text.bytes[0] - '0';
        return true;
    }
    decimal number = read_decimal(value.text);
    if (!number.is_finite || !is_whole(&number) || number.exponent > 19)
        return false;
    /* Counted downwards: there is one negative number more. */
    int64_t sum = 0;
    const char *at = number.first;
    for (long i = 0; i < number.exponent; i++) {
        char digit = at == NULL ? '\0' : next_digit(&at, number.behind);
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, digit == '\0' ? 0 : digit - '0', &sum))
            return false;
    }
    if (!number.is_negative && sum == INT64_MIN)
        return false;
    *ret = number.is_negative ? sum : -sum;
    return true;
}
