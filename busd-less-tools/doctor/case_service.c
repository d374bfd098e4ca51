/* SPDX-License-Identifier: MIT
 * What can be wrong with the service that was asked for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/cases.h"
#include "tool/text.h"

char *doctor_case_seen(const doctor_facts *facts)
{
    for (size_t i = 0; i < facts->service_count; i++) {
        const doctor_service *it = &facts->services[i];
        if (it->bound == AUTOBUS_OK && facts->is_place) {
            return tool_text_format("%s accepts connections and answers.", it->name);
        }
        if (it->bound == AUTOBUS_OK) {
            return tool_text_format("All is well: '%s' is seen at %s, and it answers.", it->name,
                                    it->address);
        }
    }
    return NULL;
}

/* The first that was tried, if none can be used and its door is like that. */
static const doctor_service *behind(const doctor_facts *facts, doctor_door door)
{
    const doctor_service *first = facts->service_count > 0 ? &facts->services[0] : NULL;
    return first != NULL && first->knock.door == door ? first : NULL;
}

/* How the sentence on it begins; yours. */
static char *subject(const doctor_facts *facts, const doctor_service *it)
{
    return facts->is_place ? tool_text_format("This machine has a way to %s", it->address)
                           : tool_text_format("'%s' is listed at %s", it->name, it->address);
}

char *doctor_case_refuses(const doctor_facts *facts)
{
    const doctor_service *it = behind(facts, DOCTOR_DOOR_SHUT);
    if (it == NULL || it->knock.error != ECONNREFUSED) {
        return NULL;
    }
    char *what = subject(facts, it);
    char *sentence = tool_text_format(
        "%s, but nothing accepts connections there: its program has ended without a goodbye, or a "
        "firewall refuses TCP port %u; start it again, or open the port.",
        what, it->port);
    free(what);
    return sentence;
}

char *doctor_case_unreachable(const doctor_facts *facts)
{
    const doctor_service *it = behind(facts, DOCTOR_DOOR_SHUT);
    if (it == NULL) {
        return NULL;
    }
    return tool_text_format("%s cannot be reached (%s)%s: look whether its machine is on, and "
                            "whether the address is right.",
                            it->address, strerror(it->knock.error),
                            facts->has_default_route ? "" : ", and there is no default route");
}

char *doctor_case_silent(const doctor_facts *facts)
{
    const doctor_service *it = behind(facts, DOCTOR_DOOR_SILENT);
    if (it == NULL) {
        return NULL;
    }
    return tool_text_format("Connections to %s are not answered: a firewall on the way drops TCP "
                            "port %u, or its machine is gone; open the port there.",
                            it->address, it->port);
}

char *doctor_case_stuck(const doctor_facts *facts)
{
    const doctor_service *it = behind(facts, DOCTOR_DOOR_OPEN);
    if (it == NULL || it->bound != AUTOBUS_TIMEOUT) {
        return NULL;
    }
    return tool_text_format("What is at %s accepts connections but does not answer: its program is "
                            "stopped or stuck, or no bus; look at it on its machine.",
                            it->address);
}

char *doctor_case_gone(const doctor_facts *facts)
{
    const doctor_service *it = behind(facts, DOCTOR_DOOR_OPEN);
    if (it == NULL || it->bound != AUTOBUS_NOT_FOUND) {
        return NULL;
    }
    return tool_text_format("The bus at %s is there but does not offer '%s': see what it offers "
                            "with 'autobus-show %s'.",
                            it->address, it->name, it->address);
}

char *doctor_case_incompatible(const doctor_facts *facts)
{
    const doctor_service *it = behind(facts, DOCTOR_DOOR_OPEN);
    if (it == NULL || it->bound != AUTOBUS_INCOMPATIBLE) {
        return NULL;
    }
    return tool_text_format("What is at %s speaks something else than Autobus (%s): correct the "
                            "address.",
                            it->address, it->why);
}

char *doctor_case_not_bound(const doctor_facts *facts)
{
    const doctor_service *it = behind(facts, DOCTOR_DOOR_OPEN);
    if (it == NULL) {
        return NULL;
    }
    return tool_text_format("What is at %s accepts connections but not as a service (%s): look at "
                            "the program there, or correct the address.",
                            it->address, it->why);
}

char *doctor_case_near(const doctor_facts *facts)
{
    if (facts->matching > 0 || facts->near == NULL) {
        return NULL;
    }
    return tool_text_format("No %s is seen, but %s is: try that name.", facts->wanted, facts->near);
}

char *doctor_case_not_there(const doctor_facts *facts)
{
    if (facts->wanted == NULL || facts->matching > 0 || facts->is_place) {
        return NULL;
    }
    return tool_text_format("No %s is seen, though %zu other service%s: start the program that "
                            "offers it, or run autobus-doctor on its machine.",
                            facts->wanted, facts->seen, facts->seen == 1 ? " is" : "s are");
}
