/* SPDX-License-Identifier: MIT
 * One question to the network. */
#include "ls/list.h"

#include <signal.h>
#include <stdlib.h>

#include <autobus/listener.h>

#include "ls/print.h"
#include "tool/signals.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    DEFAULT_LIMIT_MS = 1000,
    SLICE_MS = 200
};

/* Waits in slices, because a signal cannot end autobus_bus_settle(). */
static autobus_result settle(autobus_bus *bus, int limit_ms, int signals, bool *ret_interrupted)
{
    autobus_result result = AUTOBUS_TIMEOUT;
    *ret_interrupted = false;
    for (int left_ms = limit_ms; left_ms > 0 && result == AUTOBUS_TIMEOUT; left_ms -= SLICE_MS) {
        result = autobus_bus_settle(bus, left_ms < SLICE_MS ? left_ms : SLICE_MS);
        int signal = tool_signals_next(signals);
        if (signal == SIGTSTP) {
            tool_signals_pause();
        } else if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP) {
            *ret_interrupted = true;
            return AUTOBUS_OK;
        }
    }
    return result == AUTOBUS_TIMEOUT ? AUTOBUS_OK : result; /* then it lists what there is */
}

static size_t count_others(autobus_bus *bus)
{
    autobus_sighting **all = NULL;
    size_t count = 0;
    if (autobus_bus_enumerate(bus, NULL, &all, &count) == AUTOBUS_OK) {
        autobus_sightings_free(&all, count);
    }
    return count;
}

void ls_explain_nothing(const ls_request *request, autobus_bus *bus)
{
    const tool_family *family = &request->family;
    if (family->is_quiet) {
        return;
    }
    char *words = tool_choice_words(&request->choice);
    char *asked = tool_text_checked(autobus_bus_interfaces(bus));
    size_t others = tool_choice_is_open(&request->choice) ? 0 : count_others(bus);
    tool_complain("no %s answered on %s", words, *asked != '\0' ? asked : "any interface");
    if (others > 0) {
        tool_family_hint(family,
                         "%zu other service%s there: autobus-ls without conditions shows %s.",
                         others, others == 1 ? " is" : "s are", others == 1 ? "it" : "them");
    } else {
        tool_family_hint(
            family, "Does the program run that offers it, on the same network as this machine?");
        tool_family_hint(family, "Does a firewall, here or there, keep UDP port %ld closed?",
                         tool_family_port(family));
        tool_family_hint(family,
                         "--peers HOST asks a machine on another network; -t 5 waits longer.");
    }
    free(asked);
    free(words);
}

static autobus_result gather(autobus_bus *bus, const ls_request *request, ls_entries *entries)
{
    autobus_filter *filter = NULL;
    autobus_sighting **sightings = NULL;
    size_t count = 0;
    autobus_result result = tool_choice_filter(&request->choice, &filter);
    if (result == AUTOBUS_OK) {
        result = autobus_bus_enumerate(bus, filter, &sightings, &count);
    }
    for (size_t i = 0; i < count; i++) {
        ls_entries_add(entries, sightings[i]);
    }
    autobus_sightings_free(&sightings, count);
    ls_entries_sort(entries);
    return result;
}

static tool_exit list_on(autobus_bus *bus, const ls_request *request, int signals)
{
    int limit_ms = request->limit_ms > 0 ? request->limit_ms : DEFAULT_LIMIT_MS;
    bool interrupted;
    autobus_result result = settle(bus, limit_ms, signals, &interrupted);
    if (interrupted) {
        return TOOL_INTERRUPTED;
    }
    ls_entries entries = {0};
    tool_exit code = TOOL_DONE;
    if (result == AUTOBUS_OK) {
        result = gather(bus, request, &entries);
    }
    if (result != AUTOBUS_OK) {
        code = tool_complain_of(result);
    } else if (entries.count == 0) {
        ls_explain_nothing(request, bus);
        code = TOOL_NOTHING;
    } else {
        ls_print_list(request, &entries, stdout);
    }
    ls_entries_fini(&entries);
    return code;
}

tool_exit ls_list(const ls_request *request, int signals)
{
    autobus_bus *bus = NULL;
    autobus_result result = tool_family_bus(&request->family, false, &bus);
    if (result != AUTOBUS_OK) {
        return tool_complain_of(result);
    }
    tool_exit code = list_on(bus, request, signals);
    autobus_bus_free(&bus);
    return code;
}
