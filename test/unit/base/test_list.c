/* SPDX-License-Identifier: MIT
 * Rings of elements. */
#include "base/list.h"

#include <criterion/criterion.h>
#include <string.h>

typedef struct letter {
    char name;
    ab_list place;
} letter;

static letter a, b, c, d;
static ab_list ring;

static void set_up_ring(void)
{
    ab_list_init(&ring);
    a = (letter){.name = 'a'}, b = (letter){.name = 'b'};
    c = (letter){.name = 'c'}, d = (letter){.name = 'd'};
    ab_list_append(&ring, &a.place);
    ab_list_append(&ring, &b.place);
    ab_list_append(&ring, &c.place);
    ab_list_init(&d.place);
}

static const char *spell(void)
{
    static char word[16];
    size_t length = 0;
    AB_LIST_FOR (at, &ring)
        word[length++] = AB_CONTAINER(at, letter, place)->name;
    word[length] = '\0';
    return word;
}

TestSuite(list, .init = set_up_ring);

Test(list, keeps_the_order_of_appending)
{
    cr_assert_str_eq(spell(), "abc");
    cr_assert_not(ab_list_is_empty(&ring));
}

Test(list, takes_elements_at_any_place)
{
    ab_list_prepend(&ring, &d.place);
    cr_assert_str_eq(spell(), "dabc");
    ab_list_remove(&d.place);
    ab_list_insert_before(&c.place, &d.place);
    cr_assert_str_eq(spell(), "abdc");
}

Test(list, lets_an_element_leave_twice)
{
    ab_list_remove(&b.place);
    cr_assert_str_eq(spell(), "ac");
    cr_assert(ab_list_is_empty(&b.place));
    ab_list_remove(&b.place);
    cr_assert_str_eq(spell(), "ac");
}

Test(list, gives_its_elements_away_from_the_front)
{
    cr_assert_eq(ab_list_take_first(&ring), &a.place);
    cr_assert_eq(ab_list_take_first(&ring), &b.place);
    cr_assert_eq(ab_list_take_first(&ring), &c.place);
    cr_assert_null(ab_list_take_first(&ring));
    cr_assert(ab_list_is_empty(&ring));
}

Test(list, may_lose_every_element_while_it_is_walked)
{
    AB_LIST_FOR_SAFE (at, &ring)
        ab_list_remove(at);
    cr_assert(ab_list_is_empty(&ring));
}
