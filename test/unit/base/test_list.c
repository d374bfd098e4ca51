/* SPDX-License-Identifier: MIT
 * Rings of elements, and listeners that come and go while they are called. */
#include "base/list.h"
#include "base/listeners.h"

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

/* A listener writes its name down, then does what the test wants. */
typedef struct listener listener;
struct listener {
    ab_hook hook;
    char name;
    listener *removes, *adds;
    bool calls_all;
};

static ab_listeners all;
static listener l[4];
static char heard[64];

static void call_all(void)
{
    ab_walk walk;
    ab_walk_begin(&walk, &all);
    for (ab_hook *hook; (hook = ab_walk_next(&walk)) != NULL;) {
        listener *it = AB_CONTAINER(hook, listener, hook);
        strncat(heard, &it->name, 1);
        if (it->removes != NULL)
            ab_listeners_remove(&all, &it->removes->hook);
        if (it->adds != NULL)
            ab_listeners_add(&all, &it->adds->hook);
        it->adds = NULL;
        if (it->calls_all) {
            it->calls_all = false;
            call_all();
        }
    }
    ab_walk_end(&walk);
}

static const char *hear(void)
{
    heard[0] = '\0';
    call_all();
    return heard;
}

static void set_up_listeners(void)
{
    ab_listeners_init(&all);
    memset(l, 0, sizeof l);
    for (int i = 0; i < 4; i++) {
        l[i].name = (char)('0' + i);
        ab_list_init(&l[i].hook.place);
        if (i < 3)
            ab_listeners_add(&all, &l[i].hook);
    }
}

TestSuite(listeners, .init = set_up_listeners);

Test(listeners, hear_in_the_order_they_came)
{
    cr_assert_str_eq(hear(), "012");
}

Test(listeners, nobody_may_be_called_too)
{
    for (int i = 0; i < 3; i++)
        ab_listeners_remove(&all, &l[i].hook);
    cr_assert_str_eq(hear(), "");
}

Test(listeners, may_remove_themselves)
{
    for (int i = 0; i < 3; i++)
        l[i].removes = &l[i];
    cr_assert_str_eq(hear(), "012");
    cr_assert_str_eq(hear(), "");
}

Test(listeners, may_remove_the_next_one_which_then_hears_nothing)
{
    l[0].removes = &l[1];
    cr_assert_str_eq(hear(), "02");
}

Test(listeners, may_remove_the_last_one)
{
    l[0].removes = &l[2];
    cr_assert_str_eq(hear(), "01");
}

Test(listeners, may_remove_one_that_has_heard_already)
{
    l[2].removes = &l[0];
    cr_assert_str_eq(hear(), "012");
    cr_assert_str_eq(hear(), "12");
}

Test(listeners, added_in_a_call_hear_the_next_one)
{
    l[2].adds = &l[3];
    cr_assert_str_eq(hear(), "012");
    cr_assert_str_eq(hear(), "0123");
}

Test(listeners, added_in_a_call_are_not_reached_when_the_last_leaves)
{
    l[0].adds = &l[3];
    l[1].removes = &l[2];
    cr_assert_str_eq(hear(), "01");
    cr_assert_str_eq(hear(), "013");
}

Test(listeners, may_be_replaced_by_themselves)
{
    l[1].removes = &l[1];
    l[1].adds = &l[1];
    cr_assert_str_eq(hear(), "012");
    l[1].removes = NULL;
    cr_assert_str_eq(hear(), "021");
}

Test(listeners, may_leave_before_they_came)
{
    ab_listeners_remove(&all, &l[3].hook);
    cr_assert_str_eq(hear(), "012");
}

Test(listeners, survive_removal_in_a_call_within_a_call)
{
    l[0].calls_all = true;
    l[1].removes = &l[1];
    cr_assert_str_eq(hear(), "00122");
}
