/* SPDX-License-Identifier: MIT
 * What can be wrong between machines. */
#include <stdio.h>
#include <stdlib.h>

#include "doctor/cases.h"
#include "tool/text.h"

char *doctor_case_other_network(const doctor_facts *facts)
{
    for (size_t i = 0; i < facts->speaker_count; i++) {
        const doctor_speaker *speaker = &facts->speakers[i];
        const doctor_interface *it = doctor_facts_interface(facts, speaker->interface);
        if (speaker->is_beyond && it != NULL) {
            char *addresses = doctor_interface_addresses(it);
            char *sentence = tool_text_format(
                "%s speaks by %s, but lies in none of its networks (%s), and so is not believed: "
                "give both machines addresses of one network, or list it with --peers.",
                speaker->host, it->name, addresses);
            free(addresses);
            return sentence;
        }
    }
    return NULL;
}

char *doctor_case_list_not_fetched(const doctor_facts *facts)
{
    for (size_t i = 0; i < facts->speaker_count; i++) {
        const doctor_speaker *speaker = &facts->speakers[i];
        if (speaker->knock.door == DOCTOR_DOOR_SHUT || speaker->knock.door == DOCTOR_DOOR_SILENT) {
            return tool_text_format("%s is heard over UDP, but its TCP port %u lets nobody in, so "
                                    "what it offers cannot be asked for: open that port in its "
                                    "firewall.",
                                    speaker->host, speaker->port);
        }
    }
    return NULL;
}

char *doctor_case_twin_service(const doctor_facts *facts)
{
    if (facts->twin == NULL) {
        return NULL;
    }
    return tool_text_format("Two services claim the id '%s': give one of them another id, or let "
                            "the library choose it.",
                            facts->twin);
}

char *doctor_case_twin_bus(const doctor_facts *facts)
{
    for (size_t i = 0; i < facts->speaker_count; i++) {
        if (facts->speakers[i].has_twin) {
            return tool_text_format("Two programs call themselves bus %s, one of them at %s: "
                                    "start it again, and it takes another id.",
                                    facts->speakers[i].id, facts->speakers[i].host);
        }
    }
    return NULL;
}

/* The interfaces that were asked on, as a list; yours. */
static char *asked(const doctor_facts *facts)
{
    char *list = NULL;
    size_t length;
    FILE *out = tool_text_stream(&list, &length);
    const char *gap = "";
    for (size_t i = 0; i < facts->interface_count; i++) {
        const doctor_interface *it = &facts->interfaces[i];
        if (it->is_used && it->is_up && it->has_link && !it->is_loopback) {
            fprintf(out, "%s%s", gap, it->name);
            gap = ", ";
        }
    }
    fclose(out);
    return tool_text_checked(list);
}

char *doctor_case_nobody(const doctor_facts *facts)
{
    size_t heard = facts->speaker_count;
    if (facts->seen > 0) {
        return NULL;
    }
    if (heard > 0) {
        return tool_text_format("%zu other bus%s heard, but %s a service: start the program that "
                                "does.",
                                heard, heard == 1 ? " is" : "es are",
                                heard == 1 ? "it does not offer" : "none of them offers");
    }
    char *names = asked(facts);
    char *sentence = tool_text_format(
        "Nobody answers on %s: no program offers anything there, or a firewall or an access point "
        "keeps UDP port %u closed; run autobus-doctor on the other machine as well.",
        names, facts->port);
    free(names);
    return sentence;
}
