/* SPDX-License-Identifier: MIT
 * The cases: each knows one cause, and says the sentence on it if the facts show it, yours to free(); else NULL. They
 * leave it to the verdict which of several counts. */
#ifndef DOCTOR_CASES_H
#define DOCTOR_CASES_H

#include "doctor/facts.h"

/* Of this machine. */
char *doctor_case_port_held(const doctor_facts *facts);
char *doctor_case_discovery_off(const doctor_facts *facts);
char *doctor_case_no_avahi(const doctor_facts *facts);
char *doctor_case_all_down(const doctor_facts *facts);
char *doctor_case_no_link(const doctor_facts *facts);
char *doctor_case_switched_off(const doctor_facts *facts);
char *doctor_case_only_loopback(const doctor_facts *facts);
char *doctor_case_left_out(const doctor_facts *facts);
char *doctor_case_no_address(const doctor_facts *facts);
char *doctor_case_denied(const doctor_facts *facts);
char *doctor_case_cannot_send(const doctor_facts *facts);
char *doctor_case_not_let_in(const doctor_facts *facts);

/* Of the network. */
char *doctor_case_other_network(const doctor_facts *facts);
char *doctor_case_list_not_fetched(const doctor_facts *facts);
char *doctor_case_twin_service(const doctor_facts *facts);
char *doctor_case_twin_bus(const doctor_facts *facts);
char *doctor_case_nobody(const doctor_facts *facts);

/* Of the peers that are asked alone. */
char *doctor_case_place_not_discovered(const doctor_facts *facts);
char *doctor_case_peer_without_address(const doctor_facts *facts);
char *doctor_case_peer_without_route(const doctor_facts *facts);
char *doctor_case_peer_not_listening(const doctor_facts *facts);
char *doctor_case_peer_without_udp(const doctor_facts *facts);
char *doctor_case_peer_without_tcp(const doctor_facts *facts);
char *doctor_case_peer_silent(const doctor_facts *facts);

/* Of the service that was asked for. */
char *doctor_case_seen(const doctor_facts *facts);
char *doctor_case_refuses(const doctor_facts *facts);
char *doctor_case_unreachable(const doctor_facts *facts);
char *doctor_case_silent(const doctor_facts *facts);
char *doctor_case_stuck(const doctor_facts *facts);
char *doctor_case_gone(const doctor_facts *facts);
char *doctor_case_incompatible(const doctor_facts *facts);
char *doctor_case_not_bound(const doctor_facts *facts);
char *doctor_case_near(const doctor_facts *facts);
char *doctor_case_not_there(const doctor_facts *facts);

#endif
