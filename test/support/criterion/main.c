/* SPDX-License-Identifier: MIT
 * Runs the tests of the stand-in: all of them, or those whose SUITE/NAME matches a pattern given by --filter.
 * Knows nothing of what they test. Prints Criterion's TAP lines, so that one reader understands both. */
#include <criterion/criterion.h>

#include <fnmatch.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

/* A sanitizer is slow; a test that takes this much longer than it may hangs. */
#define PATIENCE        10
#define DEFAULT_TIMEOUT 30

static struct standin_entry *tests; /* of standin_entry.next, in the order of definition */
static struct standin_entry *suites;

static struct {
    const struct standin_entry *test;
    pthread_t thread;
    sigjmp_buf end;
    bool is_failed;
    bool is_skipped;
    char reason[256];
} now;

void standin_register(struct standin_entry *entry)
{
    struct standin_entry **end = entry->body ? &tests : &suites;
    while (*end)
        end = &(*end)->next;
    *end = entry;
}

static void print_not_ok(const char *why)
{
    printf("not ok - %s::%s %s\n", now.test->suite, now.test->name, why);
    fflush(stdout);
}

void standin_fail(bool fatal, const char *file, int line, const char *what, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("# %s:%d: %s ", file, line, what);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);

    now.is_failed = true;
    if (!fatal)
        return;
    if (!pthread_equal(now.thread, pthread_self())) {
        print_not_ok("a fatal assertion failed in a thread of its own");
        _exit(1);
    }
    siglongjmp(now.end, 1);
}

void standin_skip(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(now.reason, sizeof now.reason, format, arguments);
    va_end(arguments);
    now.is_skipped = true;
    siglongjmp(now.end, 1);
}

void standin_log(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("# ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

static void on_alarm(int number)
{
    (void)number;
    print_not_ok("timed out");
    _exit(1);
}

static const struct standin_options *suite_options(const char *suite)
{
    static const struct standin_options none;
    for (const struct standin_entry *at = suites; at; at = at->next) {
        if (strcmp(at->suite, suite) == 0)
            return &at->options;
    }
    return &none;
}

static void run_function(void (*function)(void))
{
    if (function && sigsetjmp(now.end, 1) == 0)
        function();
}

static void run_test(const struct standin_entry *test)
{
    const struct standin_options *suite = suite_options(test->suite);
    const struct standin_options *own = &test->options;
    now.test = test;
    now.thread = pthread_self();
    now.is_failed = now.is_skipped = false;
    now.reason[0] = '\0';

    if (own->signal || own->exit_code) {
        now.is_skipped = true;
        strcpy(now.reason, "ends its process on purpose");
    } else if (own->disabled || suite->disabled) {
        now.is_skipped = true;
        strcpy(now.reason, "disabled");
    } else {
        double timeout = own->timeout > 0 ? own->timeout : suite->timeout;
        alarm((unsigned)(timeout > 0 ? timeout * PATIENCE + 1 : DEFAULT_TIMEOUT * PATIENCE));
        run_function(own->init ? own->init : suite->init);
        if (!now.is_failed && !now.is_skipped)
            run_function(test->body);
        run_function(own->fini ? own->fini : suite->fini);
        alarm(0);
    }
}

static void print_outcome(double seconds)
{
    if (now.is_failed)
        print_not_ok("");
    else if (now.is_skipped)
        printf("ok - %s::%s  # SKIP %s\n", now.test->suite, now.test->name, now.reason);
    else
        printf("ok - %s::%s  (%.2fs)\n", now.test->suite, now.test->name, seconds);
    fflush(stdout);
}

static double seconds_now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    const char *pattern = "*";
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--filter") == 0)
            pattern = argv[i + 1];
    }
    signal(SIGALRM, on_alarm);

    int passed = 0, failed = 0, skipped = 0;
    for (const struct standin_entry *test = tests; test; test = test->next) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", test->suite, test->name);
        if (fnmatch(pattern, path, 0) != 0)
            continue;
        double start = seconds_now();
        run_test(test);
        print_outcome(seconds_now() - start);
        failed += now.is_failed;
        skipped += now.is_skipped && !now.is_failed;
        passed += !now.is_skipped && !now.is_failed;
    }
    printf("# %d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed > 0;
}
