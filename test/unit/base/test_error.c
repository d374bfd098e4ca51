/* SPDX-License-Identifier: MIT
 * Sentences about failures, one a thread, and memory that is there. */
#include "base/error.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Test(error, is_remembered_as_a_sentence)
{
    cr_assert_eq(ab_fail(AUTOBUS_IN_USE, "port %d is taken", 80), AUTOBUS_IN_USE);
    cr_assert_str_eq(autobus_last_error(), "port 80 is taken");
    ab_fail(AUTOBUS_INVALID, "another");
    cr_assert_str_eq(autobus_last_error(), "another");
}

Test(error, of_the_system_says_why)
{
    cr_assert_eq(ab_fail_errno(ENOENT, "%s cannot be read", "/x"), AUTOBUS_FAILED);
    cr_assert_str_eq(autobus_last_error(), "/x cannot be read: No such file or directory");
}

Test(error, may_contain_the_one_before)
{
    ab_fail(AUTOBUS_FAILED, "no memory");
    ab_fail(AUTOBUS_FAILED, "the bus did not start: %s", autobus_last_error());
    cr_assert_str_eq(autobus_last_error(), "the bus did not start: no memory");
}

Test(error, too_long_is_cut)
{
    char wide[2000];
    memset(wide, 'w', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    ab_fail(AUTOBUS_FAILED, "%s", wide);
    cr_assert_eq(strlen(autobus_last_error()), 511);
    ab_fail_errno(ENOENT, "%s", wide);
    cr_assert_eq(strlen(autobus_last_error()), 511);
}

static void *look_at_error(void *is_empty)
{
    *(bool *)is_empty = autobus_last_error()[0] == '\0';
    ab_fail(AUTOBUS_FAILED, "of the other thread");
    return NULL;
}

Test(error, belongs_to_its_thread)
{
    bool is_empty = false;
    pthread_t thread;
    ab_fail(AUTOBUS_FAILED, "of this thread");
    pthread_create(&thread, NULL, look_at_error, &is_empty);
    pthread_join(thread, NULL);
    cr_assert(is_empty);
    cr_assert_str_eq(autobus_last_error(), "of this thread");
}

Test(error, every_result_has_a_name_of_its_own)
{
    for (int i = AUTOBUS_OK; i <= AUTOBUS_FORKED; i++)
        for (int j = AUTOBUS_OK; j < i; j++)
            cr_assert_str_neq(autobus_result_text((autobus_result)i),
                              autobus_result_text((autobus_result)j));
    cr_assert_str_eq(autobus_result_text(AUTOBUS_NOT_FOUND), "not found");
    cr_assert_str_eq(autobus_result_text((autobus_result)4711), "unknown result");
}

Test(memory, comes_zeroed_even_if_nothing_is_asked_for)
{
    char *bytes AB_SCOPED(ab_free_ptr) = ab_alloc(100, 3), none[300] = {0};
    cr_assert_arr_eq(bytes, none, 300);
    void *nothing AB_SCOPED(ab_free_ptr) = ab_alloc(0, 8);
    cr_assert_not_null(nothing);
}

Test(memory, grows_and_keeps_its_bytes)
{
    char *bytes = ab_realloc(NULL, 4, 1);
    memcpy(bytes, "abcd", 4);
    bytes = ab_realloc(bytes, 100000, 1);
    cr_assert_arr_eq(bytes, "abcd", 4);
    free(bytes);
}

Test(memory, holds_copies_of_text)
{
    char *whole AB_SCOPED(ab_free_ptr) = ab_strdup("lamp");
    char *part AB_SCOPED(ab_free_ptr) = ab_strndup("lamp", 2);
    char *all AB_SCOPED(ab_free_ptr) = ab_strndup("lamp", 200);
    char *printed AB_SCOPED(ab_free_ptr) = ab_format("%s-%d", "lamp", 7);
    cr_assert_str_eq(whole, "lamp");
    cr_assert_str_eq(part, "la");
    cr_assert_str_eq(all, "lamp");
    cr_assert_str_eq(printed, "lamp-7");
}

Test(cleanup, closes_an_fd_once)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), copy = fd;
    ab_close_fd(&fd);
    cr_assert_eq(fd, -1);
    cr_assert_eq(fcntl(copy, F_GETFD), -1);
    ab_close_fd(&fd);
}
