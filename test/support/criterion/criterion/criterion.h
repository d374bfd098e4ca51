/* SPDX-License-Identifier: MIT
 * A stand-in for Criterion where sanitizers are: it aborts under ThreadSanitizer, and forgets a little memory
 * itself. This knows the part of Criterion that our tests use, under the same names, and runs them one after
 * another in a single process. What is not here does not
 * compile: Test and TestSuite with .init .fini .timeout .disabled .description .signal .exit_code, the
 * asserts below with an optional format, cr_skip and cr_log. */
#ifndef AUTOBUS_TEST_CRITERION_H
#define AUTOBUS_TEST_CRITERION_H
#pragma GCC system_header

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** What stands behind the name of a test or a suite. */
struct standin_options {
    int line;
    void (*init)(void);
    void (*fini)(void);
    double timeout;
    bool disabled;
    const char *description;
    int signal;
    int exit_code;
};

/** One test, or one suite when it has no body. Lives in the file that defines it. */
struct standin_entry {
    const char *suite;
    const char *name;
    void (*body)(void);
    struct standin_options options;
    struct standin_entry *next;
};

void standin_register(struct standin_entry *entry);
/** Tells a failure; ends the test when `fatal`. */
void standin_fail(bool fatal, const char *file, int line, const char *what, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void standin_skip(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void standin_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define STANDIN_ENTRY(id, suite_name, test_name, function, ...)                              \
    static struct standin_entry id = {suite_name, test_name, function, {__VA_ARGS__}, NULL}; \
    __attribute__((constructor)) static void id##_register(void)                             \
    {                                                                                        \
        standin_register(&id);                                                               \
    }

#define STANDIN_TEST(suite, name, ...)                                                      \
    static void suite##_##name##_body(void);                                                \
    STANDIN_ENTRY(suite##_##name##_test, #suite, #name, suite##_##name##_body, __VA_ARGS__) \
    static void suite##_##name##_body(void)
#define STANDIN_SUITE(suite, ...)                                 \
    STANDIN_ENTRY(suite##_suite, #suite, NULL, NULL, __VA_ARGS__) \
    struct standin_entry

#define Test(...)      STANDIN_TEST(__VA_ARGS__, .line = __LINE__)
#define TestSuite(...) STANDIN_SUITE(__VA_ARGS__, .line = __LINE__)

#define STANDIN_CHECK(fatal, holds, what, ...) \
    ((holds) ? (void)0 : standin_fail(fatal, __FILE__, __LINE__, what, "" __VA_ARGS__))
#define STANDIN_COMPARE(fatal, a, op, b, ...) \
    STANDIN_CHECK(fatal, (a)op(b), #a " " #op " " #b, ##__VA_ARGS__)
#define STANDIN_STRING(fatal, a, op, b, ...) \
    STANDIN_CHECK(fatal, strcmp((a), (b)) op 0, #a " " #op " " #b, ##__VA_ARGS__)
#define STANDIN_BYTES(fatal, a, op, b, size, ...) \
    STANDIN_CHECK(fatal, memcmp((a), (b), (size)) op 0, #a " " #op " " #b, ##__VA_ARGS__)
#define STANDIN_NEAR(fatal, a, b, epsilon, ...)                                            \
    STANDIN_CHECK(fatal, (a) - (b) <= (epsilon) && (b) - (a) <= (epsilon), #a " near " #b, \
                  ##__VA_ARGS__)

#define cr_assert(x, ...)                STANDIN_CHECK(true, (x), #x, ##__VA_ARGS__)
#define cr_assert_not(x, ...)            STANDIN_CHECK(true, !(x), "!" #x, ##__VA_ARGS__)
#define cr_assert_fail(...)              STANDIN_CHECK(true, false, "cr_assert_fail", ##__VA_ARGS__)
#define cr_assert_eq(a, b, ...)          STANDIN_COMPARE(true, a, ==, b, ##__VA_ARGS__)
#define cr_assert_neq(a, b, ...)         STANDIN_COMPARE(true, a, !=, b, ##__VA_ARGS__)
#define cr_assert_lt(a, b, ...)          STANDIN_COMPARE(true, a, <, b, ##__VA_ARGS__)
#define cr_assert_leq(a, b, ...)         STANDIN_COMPARE(true, a, <=, b, ##__VA_ARGS__)
#define cr_assert_gt(a, b, ...)          STANDIN_COMPARE(true, a, >, b, ##__VA_ARGS__)
#define cr_assert_geq(a, b, ...)         STANDIN_COMPARE(true, a, >=, b, ##__VA_ARGS__)
#define cr_assert_null(x, ...)           STANDIN_COMPARE(true, x, ==, NULL, ##__VA_ARGS__)
#define cr_assert_not_null(x, ...)       STANDIN_COMPARE(true, x, !=, NULL, ##__VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)      STANDIN_STRING(true, a, ==, b, ##__VA_ARGS__)
#define cr_assert_str_neq(a, b, ...)     STANDIN_STRING(true, a, !=, b, ##__VA_ARGS__)
#define cr_assert_str_empty(a, ...)      STANDIN_STRING(true, a, ==, "", ##__VA_ARGS__)
#define cr_assert_str_not_empty(a, ...)  STANDIN_STRING(true, a, !=, "", ##__VA_ARGS__)
#define cr_assert_arr_eq(a, b, n, ...)   STANDIN_BYTES(true, a, ==, b, n, ##__VA_ARGS__)
#define cr_assert_arr_neq(a, b, n, ...)  STANDIN_BYTES(true, a, !=, b, n, ##__VA_ARGS__)
#define cr_assert_float_eq(a, b, e, ...) STANDIN_NEAR(true, a, b, e, ##__VA_ARGS__)

#define cr_expect(x, ...)                STANDIN_CHECK(false, (x), #x, ##__VA_ARGS__)
#define cr_expect_not(x, ...)            STANDIN_CHECK(false, !(x), "!" #x, ##__VA_ARGS__)
#define cr_expect_fail(...)              STANDIN_CHECK(false, false, "cr_expect_fail", ##__VA_ARGS__)
#define cr_expect_eq(a, b, ...)          STANDIN_COMPARE(false, a, ==, b, ##__VA_ARGS__)
#define cr_expect_neq(a, b, ...)         STANDIN_COMPARE(false, a, !=, b, ##__VA_ARGS__)
#define cr_expect_lt(a, b, ...)          STANDIN_COMPARE(false, a, <, b, ##__VA_ARGS__)
#define cr_expect_leq(a, b, ...)         STANDIN_COMPARE(false, a, <=, b, ##__VA_ARGS__)
#define cr_expect_gt(a, b, ...)          STANDIN_COMPARE(false, a, >, b, ##__VA_ARGS__)
#define cr_expect_geq(a, b, ...)         STANDIN_COMPARE(false, a, >=, b, ##__VA_ARGS__)
#define cr_expect_null(x, ...)           STANDIN_COMPARE(false, x, ==, NULL, ##__VA_ARGS__)
#define cr_expect_not_null(x, ...)       STANDIN_COMPARE(false, x, !=, NULL, ##__VA_ARGS__)
#define cr_expect_str_eq(a, b, ...)      STANDIN_STRING(false, a, ==, b, ##__VA_ARGS__)
#define cr_expect_str_neq(a, b, ...)     STANDIN_STRING(false, a, !=, b, ##__VA_ARGS__)
#define cr_expect_str_empty(a, ...)      STANDIN_STRING(false, a, ==, "", ##__VA_ARGS__)
#define cr_expect_str_not_empty(a, ...)  STANDIN_STRING(false, a, !=, "", ##__VA_ARGS__)
#define cr_expect_arr_eq(a, b, n, ...)   STANDIN_BYTES(false, a, ==, b, n, ##__VA_ARGS__)
#define cr_expect_arr_neq(a, b, n, ...)  STANDIN_BYTES(false, a, !=, b, n, ##__VA_ARGS__)
#define cr_expect_float_eq(a, b, e, ...) STANDIN_NEAR(false, a, b, e, ##__VA_ARGS__)

#define cr_skip(...)      standin_skip("" __VA_ARGS__)
#define cr_skip_test(...) standin_skip("" __VA_ARGS__)
#define cr_log_info(...)  standin_log(__VA_ARGS__)
#define cr_log_warn(...)  standin_log(__VA_ARGS__)
#define cr_log_error(...) standin_log(__VA_ARGS__)

#endif
