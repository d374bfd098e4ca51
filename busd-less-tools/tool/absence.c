/* SPDX-License-Identifier: MIT
 * From what is there to what may have been meant. */
#include "tool/absence.h"

#include <stdlib.h>
#include <string.h>

#include "tool/others.h"
#include "tool/start.h"
#include "tool/text.h"

static void hint_at_others(const tool_family *family, const tool_choice *choice,
                           const tool_others *all)
{
    char *near = tool_others_near(all, choice);
    if (near != NULL) {
        tool_family_hint(family, "Did you mean %s?", near);
    }
    tool_family_hint(family, "%zu other service%s there: autobus-ls without conditions shows %s.",
                     all->count, all->count == 1 ? " is" : "s are",
                     all->count == 1 ? "it" : "them");
    free(near);
}

/* The same choice, typed for the program that examines why. */
static void hint_at_doctor(const tool_family *family, const tool_choice *choice)
{
    char *typed = tool_choice_typed(choice);
    bool is_open = tool_choice_is_open(choice);
    tool_family_hint(family, "autobus-doctor%s%s looks for the cause.", is_open ? "" : " ",
                     is_open ? "" : typed);
    free(typed);
}

static void hint_at_network(const tool_family *family)
{
    tool_family_hint(family,
                     "Does the program run that offers it, on the same network as this machine?");
    tool_family_hint(family, "Does a firewall, here or there, keep UDP port %ld closed?",
                     tool_family_port(family));
    tool_family_hint(family, "--peers HOST asks a machine on another network; -t 5 waits longer.");
}

void tool_absence_explain(const tool_family *family, const tool_choice *choice, autobus_bus *bus)
{
    char *words = tool_choice_words(choice);
    char *asked = tool_text_checked(autobus_bus_interfaces(bus));
    tool_others all = {0};
    if (!tool_choice_is_open(choice)) {
        tool_others_init(&all, bus, choice->id != NULL);
    }
    if (strncmp(asked, "none (", strlen("none (")) == 0) {
        tool_complain("no %s: nobody was asked, discovery is off", words);
    } else if (strcmp(asked, "none") == 0) {
        tool_complain("no %s: nobody was asked, no network interface is up", words);
    } else {
        tool_complain("no %s answered on %s", words, asked);
        if (all.count > 0) {
            hint_at_others(family, choice, &all);
        } else {
            hint_at_network(family);
        }
    }
    hint_at_doctor(family, choice);
    tool_others_fini(&all);
    free(asked);
    free(words);
}
