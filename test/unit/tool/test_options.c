/* SPDX-License-Identifier: MIT
 * Options are read by getopt_long; what a person sees when something is wrong is ours. */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "tool/options.h"
#include "tool/text.h"

enum {
    OPTION_COLOUR = TOOL_LONG_ONLY,
    OPTION_CORNER
};

static const tool_option own[] = {
    {'k', "key", "CONDITION", "first line\nsecond line"},
    {'w', "watch", NULL, "goes on"},
    {0, NULL, NULL, NULL},
};
static const tool_option family[] = {
    {OPTION_COLOUR, "color", "WHEN", "colours"},
    {OPTION_CORNER, "corner", NULL, "corners"},
    {0, NULL, NULL, NULL},
};
static const tool_command command = {"[TYPE]", "It tests.", own, "The end.\n"};

static tool_options options;

/* getopt wants words that it may reorder. */
static void start(const char *const *words)
{
    static char storage[16][32];
    static char *argv[16];
    int argc = 0;
    for (; words[argc] != NULL; argc++) {
        snprintf(storage[argc], sizeof storage[argc], "%s", words[argc]);
        argv[argc] = storage[argc];
    }
    argv[argc] = NULL;
    tool_options_start(&options, &command, family, argc, argv);
}

#define START(...) start((const char *const[]){"tool", __VA_ARGS__, NULL})

static void rejects(const char *sentence)
{
    cr_assert_eq(tool_options_next(&options), TOOL_OPTION_MISTAKE);
    cr_assert_str_eq(options.mistake, sentence);
}

Test(options, are_found_short_and_long_and_between_words)
{
    START("lamp", "-k", "a=b", "--key=c", "-w", "--color", "never");
    cr_assert_eq(tool_options_next(&options), 'k');
    cr_assert_str_eq(options.value, "a=b");
    cr_assert_eq(tool_options_next(&options), 'k');
    cr_assert_str_eq(options.value, "c");
    cr_assert_eq(tool_options_next(&options), 'w');
    cr_assert_eq(tool_options_next(&options), OPTION_COLOUR);
    cr_assert_str_eq(options.value, "never");
    cr_assert_eq(tool_options_next(&options), TOOL_OPTION_END);
    cr_assert_str_eq(tool_options_word(&options), "lamp");
    cr_assert_null(tool_options_word(&options));
}

Test(options, end_at_two_dashes)
{
    START("--", "-w");
    cr_assert_eq(tool_options_next(&options), TOOL_OPTION_END);
    cr_assert_str_eq(tool_options_word(&options), "-w");
}

Test(options, say_what_value_is_missing)
{
    START("-k");
    rejects("-k needs a value: -k CONDITION");
    START("--key");
    rejects("-k needs a value: -k CONDITION");
    START("--color");
    rejects("--color needs a value: --color=WHEN");
}

Test(options, say_which_option_is_unknown)
{
    START("-x");
    rejects("there is no option -x; --help lists what there is");
    START("--wacth");
    rejects("there is no option --wacth; --help lists what there is");
    START("--nothing=1");
    rejects("there is no option --nothing; --help lists what there is");
}

Test(options, say_which_value_is_too_much)
{
    START("--watch=1");
    rejects("--watch takes no value: write it alone");
}

Test(options, say_what_a_short_form_could_mean)
{
    START("--co");
    rejects("--co could be any of --color, --corner: write more of it");
}

Test(options, explain_themselves_in_columns)
{
    char *text = NULL;
    size_t length;
    START("-w");
    FILE *out = tool_text_stream(&text, &length);
    tool_options_help(&options, out);
    fclose(out);
    cr_assert_str_eq(text, "Usage: tool [TYPE]\n\nIt tests.\n\n"
                           "  -k, --key=CONDITION       first line\n"
                           "                            second line\n"
                           "  -w, --watch               goes on\n"
                           "      --color=WHEN          colours\n"
                           "      --corner              corners\n"
                           "\nThe end.\n");
    free(text);
}

Test(options, read_seconds_with_fractions)
{
    int ms = 0;
    cr_assert(tool_options_seconds("3", &ms) && ms == 3000);
    cr_assert(tool_options_seconds("0.25", &ms) && ms == 250);
    cr_assert(tool_options_seconds(".5", &ms) && ms == 500);
    cr_assert(tool_options_seconds("1000000", &ms) && ms == 1000000000);
}

Test(options, read_nothing_else_as_seconds)
{
    static const char *const wrong[] = {"",    "0",  "-1", "nan", "inf",    "0x10",
                                        "1e3", "1s", " 1", ".",   "1000001"};
    int ms = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert_not(tool_options_seconds(wrong[i], &ms), "'%s'", wrong[i]);
    }
    cr_assert_eq(ms, 7);
}

Test(options, read_whole_numbers_within_bounds)
{
    long number = 7;
    cr_assert(tool_options_whole("65535", 1, 65535, &number) && number == 65535);
    cr_assert(tool_options_whole("-3", -5, 5, &number) && number == -3);
    static const char *const wrong[] = {"",     "0",  "65536", "1.5",
                                        "port", "1 ", "+1",    "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert_not(tool_options_whole(wrong[i], 1, 65535, &number), "'%s'", wrong[i]);
    }
}
