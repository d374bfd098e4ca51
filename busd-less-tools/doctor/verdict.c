/* SPDX-License-Identifier: MIT
 * Which cause counts, where the facts show several. */
#include "doctor/verdict.h"

#include <stdlib.h>

#include "doctor/cases.h"
#include "tool/text.h"

typedef struct rule {
    const char *cause;
    tool_exit code;
    char *(*say)(const doctor_facts *facts);
} rule;

/* The first that applies counts. What is surely so stands before what may be so, and what lies near before what lies
 * far: a cable that is not plugged in explains everything that is silent behind it. */
static const rule rules[] = {
    {"port-held", TOOL_FAILED, doctor_case_port_held},
    {"place-not-discovered", TOOL_DENIED, doctor_case_place_not_discovered},
    {"none", TOOL_DONE, doctor_case_seen},
    {"service-refuses", TOOL_FAILED, doctor_case_refuses},
    {"service-stuck", TOOL_TIMEOUT, doctor_case_stuck},
    {"service-gone", TOOL_NOTHING, doctor_case_gone},
    {"incompatible", TOOL_INCOMPATIBLE, doctor_case_incompatible},
    {"service-not-bound", TOOL_FAILED, doctor_case_not_bound},
    {"near-name", TOOL_NOTHING, doctor_case_near},
    {"discovery-off", TOOL_FAILED, doctor_case_discovery_off},
    {"no-avahi", TOOL_FAILED, doctor_case_no_avahi},
    {"all-down", TOOL_FAILED, doctor_case_all_down},
    {"no-link", TOOL_FAILED, doctor_case_no_link},
    {"switched-off", TOOL_FAILED, doctor_case_switched_off},
    {"only-loopback", TOOL_FAILED, doctor_case_only_loopback},
    {"left-out", TOOL_FAILED, doctor_case_left_out},
    {"no-address", TOOL_FAILED, doctor_case_no_address},
    {"firewall-out", TOOL_DENIED, doctor_case_denied},
    {"cannot-send", TOOL_FAILED, doctor_case_cannot_send},
    {"firewall-in", TOOL_DENIED, doctor_case_not_let_in},
    {"service-unreachable", TOOL_FAILED, doctor_case_unreachable},
    {"service-silent", TOOL_TIMEOUT, doctor_case_silent},
    {"other-network", TOOL_FAILED, doctor_case_other_network},
    {"peer-without-address", TOOL_FAILED, doctor_case_peer_without_address},
    {"peer-without-route", TOOL_FAILED, doctor_case_peer_without_route},
    {"peer-not-listening", TOOL_NOTHING, doctor_case_peer_not_listening},
    {"peer-without-udp", TOOL_DENIED, doctor_case_peer_without_udp},
    {"peer-without-tcp", TOOL_DENIED, doctor_case_peer_without_tcp},
    {"list-not-fetched", TOOL_DENIED, doctor_case_list_not_fetched},
    {"peer-silent", TOOL_TIMEOUT, doctor_case_peer_silent},
    {"twin-service", TOOL_AMBIGUOUS, doctor_case_twin_service},
    {"twin-bus", TOOL_AMBIGUOUS, doctor_case_twin_bus},
    {"nobody", TOOL_NOTHING, doctor_case_nobody},
    {"not-there", TOOL_NOTHING, doctor_case_not_there},
};

static char *say_all_is_well(const doctor_facts *facts)
{
    return tool_text_format("All is well: %zu service%s seen, and nothing on this machine is in "
                            "the way.",
                            facts->seen, facts->seen == 1 ? " is" : "s are");
}

void doctor_verdict_reach(doctor_verdict *self, const doctor_facts *facts)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char *sentence = rules[i].say(facts);
        if (sentence != NULL) {
            *self = (doctor_verdict){rules[i].cause, rules[i].code, sentence};
            return;
        }
    }
    *self = (doctor_verdict){"none", TOOL_DONE, say_all_is_well(facts)};
}

void doctor_verdict_fini(doctor_verdict *self)
{
    free(self->sentence);
    *self = (doctor_verdict){0};
}
