/* SPDX-License-Identifier: MIT
 * Counted texts and slices. */
#include "base/text.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

Test(slice, compares_by_bytes)
{
    ab_slice lamp = ab_slice_of("lamp");
    cr_assert_eq(lamp.length, 4);
    cr_assert(ab_slice_equal(lamp, AB_SLICE("lamp")));
    cr_assert_not(ab_slice_equal(lamp, AB_SLICE("lam")));
    cr_assert_not(ab_slice_equal(lamp, AB_SLICE("lamb")));
    cr_assert(ab_slice_equal((ab_slice){NULL, 0}, AB_SLICE("")));
    cr_assert(ab_slice_is(lamp, "lamp"));
    cr_assert_not(ab_slice_is(lamp, "lamps"));
    cr_assert_not(ab_slice_is(AB_SLICE("a\0b"), "a"));
}

Test(text, keeps_a_terminated_copy)
{
    char source[] = "lamp and more";
    ab_text *text = ab_text_new(source, 4);
    source[0] = 'd';
    cr_assert_eq(text->length, 4);
    cr_assert_str_eq(text->bytes, "lamp");
    cr_assert(ab_text_is(text, AB_SLICE("lamp")));
    cr_assert_not(ab_text_is(text, AB_SLICE("lamps")));
    ab_text_unref(text);
}

Test(text, may_lie_in_memory_of_somebody_else)
{
    _Alignas(ab_text) char memory[AB_TEXT_ROOM(4)];
    ab_text *text = ab_text_place(memory, AB_SLICE("lamp"));
    cr_assert_eq((void *)text, (void *)memory);
    cr_assert_str_eq(text->bytes, "lamp");
    ab_text_unref(ab_text_ref(text)); /* its own is the memory's */
    cr_assert(ab_text_is(text, AB_SLICE("lamp")));
}

Test(text, may_be_empty_or_nothing)
{
    ab_text *text = ab_text_new(NULL, 0);
    cr_assert_str_eq(text->bytes, "");
    ab_text_unref(text);
    ab_text_unref(NULL);
}

Test(text, lives_until_its_last_holder_is_gone)
{
    ab_text *text = ab_text_new("lamp", 4);
    cr_assert_eq(ab_text_ref(text), text);
    ab_text_unref(text);
    cr_assert_str_eq(text->bytes, "lamp");
    ab_text_unref(text);
}

static void *hold_and_let_go(void *text)
{
    for (int i = 0; i < 10000; i++) {
        ab_text_ref(text);
        ab_text_unref(text);
    }
    ab_text_unref(text);
    return NULL;
}

Test(text, is_counted_right_by_several_threads)
{
    ab_text *text = ab_text_new("lamp", 4);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, hold_and_let_go, ab_text_ref(text));
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(atomic_load(&text->references), 1);
    ab_text_unref(text);
}
