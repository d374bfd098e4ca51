/* SPDX-License-Identifier: MIT
 * What the word at the cursor can be, line by line. */
#include <criterion/criterion.h>

#include <locale.h>
#include <stdlib.h>

#include "shell/cursor.h"

static shell_cursor cursor;
static bool is_read;

static void forget(void)
{
    if (is_read) {
        shell_cursor_fini(&cursor);
    }
    is_read = false;
}

static void start(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(cursor, .init = start, .fini = forget);

/* `part` is the word, which took so many characters. */
static void wants(const char *text, shell_wanted wanted, const char *part, size_t length)
{
    forget();
    shell_cursor_init(&cursor, text);
    is_read = true;
    cr_assert_eq(cursor.wanted, wanted, "%s: %d", text, (int)cursor.wanted);
    cr_assert_str_eq(cursor.part, part, "%s: %s", text, cursor.part);
    cr_assert_eq(cursor.length, length, "%s: %zu", text, cursor.length);
}

static void wants_value(const char *text, const char *value, const char *before)
{
    forget();
    shell_cursor_init(&cursor, text);
    is_read = true;
    cr_assert_eq(cursor.wanted, SHELL_VALUE, "%s: %d", text, (int)cursor.wanted);
    cr_assert_str_eq(cursor.called, value, "%s", text);
    cr_assert_str_eq(cursor.before, before, "%s: %s", text, cursor.before);
}

Test(cursor, begins_with_a_verb)
{
    wants("", SHELL_VERB, "", 0);
    wants("  ca", SHELL_VERB, "ca", 2);
    wants("autobus ca", SHELL_VERB, "ca", 2);
    wants("help ca", SHELL_VERB, "ca", 2);
}

Test(cursor, knows_nothing_behind_what_is_no_verb)
{
    wants("dance la", SHELL_ANYTHING, "la", 2);
    wants("exit ", SHELL_ANYTHING, "", 0);
    wants("stop ", SHELL_ANYTHING, "", 0);
}

Test(cursor, then_a_type_and_members)
{
    wants("ls la", SHELL_TYPE, "la", 2);
    wants("autobus-call la", SHELL_TYPE, "la", 2);
    wants("autobus call la", SHELL_TYPE, "la", 2);
    wants("call lamp s", SHELL_MEMBER, "s", 1);
    cr_assert_str_eq(cursor.target.choice.type, "lamp");
    wants("show lamp ", SHELL_ANYTHING, "", 0);
    wants("watch lamp level st", SHELL_MEMBER, "st", 2);
    wants("chat lamp talk ", SHELL_ANYTHING, "", 0);
}

Test(cursor, then_the_parameters_of_a_function)
{
    wants("call lamp set on=true le", SHELL_PARAMETER, "le", 2);
    cr_assert_str_eq(cursor.member, "set");
    cr_assert_str_eq(cursor.words.list[cursor.arguments], "on=true");
    wants("call lamp set -5 le", SHELL_PARAMETER, "le", 2);
}

Test(cursor, reads_quotes_and_counts_what_was_typed)
{
    wants("call 'Desk la", SHELL_TYPE, "Desk la", 8);
    wants("call Desk\\ la", SHELL_TYPE, "Desk la", 8);
    wants("call l\xc3\xa4", SHELL_TYPE, "l\xc3\xa4", 2);
    wants("call 'Desk lamp' s", SHELL_MEMBER, "s", 1);
    cr_assert_str_eq(cursor.target.choice.type, "Desk lamp");
}

Test(cursor, finds_options)
{
    wants("ls -", SHELL_OPTION, "-", 1);
    wants("call lamp --no", SHELL_OPTION, "--no", 4);
    wants("ls -- -", SHELL_TYPE, "-", 1);
}

Test(cursor, finds_the_values_of_options)
{
    wants_value("ls -s la", "ID", "");
    wants_value("ls -sla", "ID", "-s");
    wants_value("ls --service la", "ID", "");
    wants_value("ls --service=la", "ID", "--service=");
    wants_value("ls -aks", "CONDITION", "-ak");
    wants_value("ls --color=n", "WHEN", "--color=");
    wants_value("show --names ev", "KIND", "");
}

Test(cursor, knows_the_words_of_programs)
{
    wants_value("doctor la", "TYPE", "");
    cr_assert_null(cursor.option);
    wants_value("bench rt", "WHAT", "");
    wants_value("bench rtt la", "PLACE", "");
    wants_value("autobus-replay ho", "FILE", "");
    wants_value("record -o ho", "FILE", "");
    cr_assert_str_eq(cursor.option->name, "output");
    wants_value("bench rtt --wire=li", "NAME", "--wire=");
    wants("publish la", SHELL_ANYTHING, "la", 2);
    wants("replay house ", SHELL_ANYTHING, "", 0);
    wants("bench rtt lamp ", SHELL_ANYTHING, "", 0);
}

Test(cursor, takes_no_value_for_a_word)
{
    wants("call -t 3 la", SHELL_TYPE, "la", 2);
    wants("call -t3 la", SHELL_TYPE, "la", 2);
    wants("call --timeout=3 lamp se", SHELL_MEMBER, "se", 2);
    wants("call --any lamp se", SHELL_MEMBER, "se", 2);
    wants("call --nonesuch lamp se", SHELL_MEMBER, "se", 2);
}

Test(cursor, remembers_which_service_is_meant)
{
    wants("call -s lamp-1 -k room=hall tu", SHELL_MEMBER, "tu", 2);
    cr_assert_str_eq(cursor.target.choice.id, "lamp-1");
    cr_assert_eq(cursor.target.choice.count, 1);
    cr_assert_str_eq(cursor.target.choice.conditions[0], "room=hall");
    cr_assert_null(cursor.target.choice.type);
    wants("call -aq lamp tu", SHELL_MEMBER, "tu", 2);
    cr_assert(cursor.target.choice.with_library);
    wants("call 10.0.0.2:80/lamp-1 tu", SHELL_MEMBER, "tu", 2);
    cr_assert_str_eq(cursor.target.place.id, "lamp-1");
}
