/* SPDX-License-Identifier: MIT
 * What the log writes to standard error, and what it keeps to itself. */
#include "base/log.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int kept_stderr, pipe_ends[2];

static void begin_reading(void)
{
    cr_assert_eq(pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK), 0);
    kept_stderr = dup(STDERR_FILENO);
    dup2(pipe_ends[1], STDERR_FILENO);
}

static const char *end_reading(void)
{
    static char said[8192];
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
    close(pipe_ends[1]);
    ssize_t length = read(pipe_ends[0], said, sizeof said - 1);
    close(pipe_ends[0]);
    said[length < 0 ? 0 : length] = '\0';
    return said;
}

static unsigned count_lines(const char *said)
{
    unsigned lines = 0;
    for (; (said = strchr(said, '\n')) != NULL; said++)
        lines++;
    return lines;
}

static void back_to_warning(void)
{
    ab_log_set_level("warning");
}

TestSuite(log, .init = back_to_warning, .fini = back_to_warning);

Test(log, says_level_and_sentence_in_one_line)
{
    begin_reading();
    ab_log(AB_LOG_ERROR, "port %d is taken", 80);
    cr_assert_str_eq(end_reading(), "autobus: error: port 80 is taken\n");
}

Test(log, is_silent_below_its_level)
{
    begin_reading();
    ab_log(AB_LOG_INFO, "nobody wants to know");
    ab_log(AB_LOG_WARNING, "somebody does");
    cr_assert_str_eq(end_reading(), "autobus: warning: somebody does\n");
}

Test(log, has_the_levels_of_its_variable)
{
    ab_log_set_level("debug");
    cr_assert(ab_log_wants(AB_LOG_DEBUG));
    ab_log_set_level("error");
    cr_assert(ab_log_wants(AB_LOG_ERROR));
    cr_assert_not(ab_log_wants(AB_LOG_WARNING));
    ab_log_set_level("none");
    cr_assert_not(ab_log_wants(AB_LOG_ERROR));
    ab_log_set_level("loud");
    cr_assert(ab_log_wants(AB_LOG_WARNING));
    cr_assert_not(ab_log_wants(AB_LOG_INFO));
}

Test(log, says_the_same_at_most_five_times)
{
    begin_reading();
    for (int i = 0; i < 100; i++)
        ab_log(AB_LOG_WARNING, "the %d. time", i);
    const char *said = end_reading();
    cr_assert_eq(count_lines(said), 5, "%s", said);
    cr_assert_not_null(strstr(said, "the 4. time\n"));
}

Test(log, says_afterwards_how_much_it_swallowed)
{
    ab_log_site site = {.window = -1000000000, .said = 5, .swallowed = 37};
    begin_reading();
    ab_log_at(&site, AB_LOG_WARNING, "again");
    ab_log_at(&site, AB_LOG_WARNING, "and again");
    cr_assert_str_eq(end_reading(),
                     "autobus: warning: (37 lines like the next one were not written)\n"
                     "autobus: warning: again\n"
                     "autobus: warning: and again\n");
}

Test(log, cuts_what_is_too_long)
{
    char wide[3000];
    memset(wide, 'w', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    begin_reading();
    ab_log(AB_LOG_WARNING, "%s", wide);
    const char *said = end_reading();
    cr_assert_eq(count_lines(said), 1);
    cr_assert(strlen(said) < 1100);
}

static void *log_much(void *site)
{
    for (int i = 0; i < 100; i++)
        ab_log_at(site, AB_LOG_WARNING, "from a thread");
    return NULL;
}

Test(log, counts_right_for_several_threads)
{
    ab_log_site site = {0};
    pthread_t threads[4];
    begin_reading();
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, log_much, &site);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(count_lines(end_reading()), 5);
    cr_assert_eq(site.swallowed, 395);
}

typedef struct chatter {
    ab_log_site site;
    atomic_bool is_over;
} chatter;

static void *log_on(void *userdata)
{
    chatter *self = userdata;
    while (!atomic_load(&self->is_over))
        ab_log_at(&self->site, AB_LOG_WARNING, "from a thread");
    return NULL;
}

/* True if a child that was forked at any moment may log too. */
static bool child_logs(chatter *self)
{
    pid_t child = fork();
    if (child == 0) {
        alarm(5);
        ab_log_at(&self->site, AB_LOG_WARNING, "from a child");
        _exit(0);
    }
    int status = -1;
    return waitpid(child, &status, 0) == child && WIFEXITED(status);
}

Test(log, goes_on_in_a_forks_child_while_others_log)
{
    chatter self = {0};
    pthread_t thread;
    bool all_logged = true;
    begin_reading();
    pthread_create(&thread, NULL, log_on, &self);
    for (int i = 0; i < 300 && all_logged; i++)
        all_logged = child_logs(&self);
    atomic_store(&self.is_over, true);
    pthread_join(thread, NULL);
    end_reading();
    cr_assert(all_logged, "a child hangs");
}
