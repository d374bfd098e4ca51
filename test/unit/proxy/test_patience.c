/* SPDX-License-Identifier: MIT
 * Calls whose answers do not come: each fails when its own time is over, whatever the others of its remote do. */
#include <string.h>

#include <criterion/criterion.h>

#include "room.h"
#include "support/eventually.h"

/* Those that are over: a letter for each, a capital one for an answer. */
static char ended[16];
static atomic_int count;

static void note(void *userdata, const autobus_message *message)
{
    const char *letter = userdata;
    autobus_result result = autobus_message_result(message);
    bool is_answer = result == AUTOBUS_OK;
    if (result == AUTOBUS_CLOSED) /* the room is left */
        return;
    cr_expect(is_answer || result == AUTOBUS_TIMEOUT);
    ended[strlen(ended)] = (char)(is_answer ? *letter & ~0x20 : *letter);
    atomic_fetch_add(&count, 1);
}

static void call(const room *here, const char *function, int timeout, const char *letter)
{
    const char *arguments = strcmp(function, "add") == 0 ? "[1, 2]" : NULL;
    cr_assert_eq(autobus_call_text_async(here->remote, function, arguments, timeout, 0, note,
                                         (void *)(uintptr_t)letter, NULL, NULL),
                 AUTOBUS_OK);
}

static void set_up(void)
{
    memset(ended, 0, sizeof ended);
    atomic_store(&count, 0);
}

TestSuite(patience, .init = set_up);

Test(patience, ends_for_each_call_when_its_own_time_is_over)
{
    room here;
    room_enter(&here);
    call(&here, "never", 120000, "a");
    call(&here, "never", 60, "b");
    call(&here, "never", 20, "c");
    call(&here, "never", 40, "d");
    EVENTUALLY(atomic_load(&count) == 3);
    /* A busy machine may have held us up between two of them. */
    cr_expect(strchr(ended, 'b') != NULL && strchr(ended, 'c') != NULL &&
              strchr(ended, 'd') != NULL);
    call(&here, "never", 1, "e");
    EVENTUALLY(atomic_load(&count) == 4);
    call(&here, "add", 120000, "f");
    EVENTUALLY(atomic_load(&count) == 5);
    cr_expect_str_eq(ended + 3, "eF");
    room_leave(&here);
}

Test(patience, of_one_is_not_that_of_the_one_before)
{
    room here;
    room_enter(&here);
    call(&here, "add", 60000, "a");
    EVENTUALLY(atomic_load(&count) == 1);
    call(&here, "never", 10, "b");
    EVENTUALLY(atomic_load(&count) == 2);
    cr_expect_str_eq(ended, "Ab");
    room_leave(&here);
}
