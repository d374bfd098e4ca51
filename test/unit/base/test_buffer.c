/* SPDX-License-Identifier: MIT
 * Bytes in at the end, bytes out at the front. */
#include "base/buffer.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"

static ab_buffer buffer;

static void set_up(void)
{
    ab_buffer_init(&buffer);
}

static void tear_down(void)
{
    ab_buffer_fini(&buffer);
}

static bool holds(const char *text)
{
    size_t length = ab_buffer_length(&buffer);
    return length == strlen(text) &&
           (length == 0 || memcmp(ab_buffer_bytes(&buffer), text, length) == 0);
}

TestSuite(buffer, .init = set_up, .fini = tear_down);

Test(buffer, is_empty_at_first)
{
    cr_assert(holds(""));
    ab_buffer_append(&buffer, NULL, 0);
    ab_buffer_consume(&buffer, 0);
    cr_assert_null(ab_buffer_bytes(&buffer));
}

Test(buffer, holds_what_is_appended)
{
    ab_buffer_append_text(&buffer, "one ");
    ab_buffer_append(&buffer, "two!", 3);
    cr_assert(holds("one two"));
}

Test(buffer, lets_others_write_into_its_room)
{
    memcpy(ab_buffer_reserve(&buffer, 100), "abc", 3);
    ab_buffer_wrote(&buffer, 3);
    memcpy(ab_buffer_reserve(&buffer, 1), "d", 1);
    ab_buffer_wrote(&buffer, 1);
    cr_assert(holds("abcd"));
    cr_assert_not_null(ab_buffer_reserve(&buffer, 0));
}

Test(buffer, prints_short_and_long)
{
    char wide[301];
    memset(wide, 'w', 300);
    wide[300] = '\0';
    ab_buffer_appendf(&buffer, "%d-%s", 42, "x");
    cr_assert(holds("42-x"));
    ab_buffer_consume(&buffer, 4);
    ab_buffer_appendf(&buffer, "%s", wide);
    cr_assert(holds(wide));
    wide[63] = '\0';
    ab_buffer_truncate(&buffer, 0);
    ab_buffer_appendf(&buffer, "%s!", wide);
    cr_assert_eq(ab_buffer_length(&buffer), 64);
    cr_assert_eq(ab_buffer_bytes(&buffer)[63], '!');
}

Test(buffer, is_consumed_from_the_front_and_cut_at_the_end)
{
    ab_buffer_append_text(&buffer, "one two three");
    ab_buffer_consume(&buffer, 4);
    cr_assert(holds("two three"));
    ab_buffer_truncate(&buffer, 3);
    cr_assert(holds("two"));
    ab_buffer_append_text(&buffer, "!");
    cr_assert(holds("two!"));
}

Test(buffer, gives_large_memory_back_when_it_is_empty)
{
    memset(ab_buffer_reserve(&buffer, 100000), 'x', 100000);
    ab_buffer_wrote(&buffer, 100000);
    ab_buffer_consume(&buffer, 100000);
    cr_assert_eq(buffer.capacity, 0);
    ab_buffer_append_text(&buffer, "small");
    ab_buffer_consume(&buffer, 5);
    cr_assert(buffer.capacity > 0);
    cr_assert_eq(buffer.start, 0);
}

Test(buffer, does_not_grow_when_as_much_leaves_as_comes)
{
    char chunk[50];
    memset(chunk, 'c', sizeof chunk);
    ab_buffer_append(&buffer, chunk, sizeof chunk);
    for (int i = 0; i < 10000; i++) {
        ab_buffer_append(&buffer, chunk, sizeof chunk);
        ab_buffer_consume(&buffer, sizeof chunk);
    }
    cr_assert(buffer.capacity <= 512, "%zu bytes", buffer.capacity);
}

Test(buffer, keeps_the_order_of_bytes_whatever_the_pieces)
{
    unsigned char in = 0, out = 0;
    ab_dice dice;
    ab_dice_seed(&dice, 3);
    for (int turn = 0; turn < 5000; turn++) {
        for (size_t i = ab_dice_below(&dice, 200); i > 0; i--, in++)
            ab_buffer_append(&buffer, &in, 1);
        size_t gone = ab_dice_below(&dice, ab_buffer_length(&buffer) + 1);
        for (size_t i = 0; i < gone; i++)
            cr_assert_eq((unsigned char)ab_buffer_bytes(&buffer)[i], out++);
        ab_buffer_consume(&buffer, gone);
    }
}

Test(buffer, takes_numbers_in_decimal_digits)
{
    ab_buffer_append_number(&buffer, 0);
    ab_buffer_append_text(&buffer, " ");
    ab_buffer_append_number(&buffer, 1234567890);
    ab_buffer_append_text(&buffer, " ");
    ab_buffer_append_number(&buffer, UINT64_MAX);
    ab_slice text = {ab_buffer_bytes(&buffer), ab_buffer_length(&buffer)};
    cr_expect(ab_slice_is(text, "0 1234567890 18446744073709551615"));
}
