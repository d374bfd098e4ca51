/* SPDX-License-Identifier: MIT
 * From facts to the verdict, case by case: each spoils a machine where all is well, in one way or in two. */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "doctor/verdict.h"
#include "unit/doctor/healthy.h"

static healthy here;

static void start(void)
{
    healthy_init(&here);
}

TestSuite(verdict, .init = start);

/* One sentence that says `part`. */
static void is(const char *cause, int code, const char *part)
{
    doctor_verdict verdict;
    doctor_verdict_reach(&verdict, &here.facts);
    size_t length = strlen(verdict.sentence);
    cr_assert_str_eq(verdict.cause, cause, "%s: %s", verdict.cause, verdict.sentence);
    cr_assert_eq((int)verdict.code, code, "%d: %s", verdict.code, verdict.sentence);
    cr_assert_not_null(strstr(verdict.sentence, part), "%s", verdict.sentence);
    cr_assert_eq(verdict.sentence[length - 1], '.', "%s", verdict.sentence);
    cr_assert_null(strstr(verdict.sentence, ". "), "%s", verdict.sentence);
    doctor_verdict_fini(&verdict);
}

static void want(const char *words)
{
    here.facts.wanted = (char *)(uintptr_t)words;
}

/* A service is seen, and this is what came of trying it. */
static void tried(doctor_door door, int error, autobus_result bound)
{
    want("'lamp'");
    here.facts.matching = here.facts.service_count = 1;
    here.service.knock = (doctor_knock){door, error};
    here.service.bound = bound;
    here.service.why = (char *)(uintptr_t) "the library's sentence";
}

static void unplug(void)
{
    here.interfaces[ETH].has_link = false;
    here.interfaces[ETH].is_used = false;
    here.interfaces[ETH].broadcast.way = here.interfaces[ETH].multicast.way = DOCTOR_WAY_UNTRIED;
}

static void hear_nobody(void)
{
    here.facts.speaker_count = here.facts.seen = 0;
}

Test(verdict, is_that_all_is_well)
{
    is("none", 0, "All is well: 1 service is seen");
    here.facts.seen = 7;
    is("none", 0, "7 services are seen");
    tried(DOCTOR_DOOR_OPEN, 0, AUTOBUS_OK);
    is("none", 0, "All is well: 'lamp-1' is seen at 10.0.0.3:4000, and it answers.");
    here.facts.is_place = true;
    is("none", 0, "lamp-1 accepts connections and answers.");
}

Test(verdict, is_well_where_it_can_be_used_whatever_else_there_is)
{
    tried(DOCTOR_DOOR_OPEN, 0, AUTOBUS_OK);
    unplug();
    here.facts.strange = 9;
    is("none", 0, "All is well");
}

Test(verdict, names_the_holder_of_the_port)
{
    here.facts.port_is_held = true;
    here.facts.holder = (char *)(uintptr_t) "dnsmasq (process 812)";
    unplug();
    is("port-held", 1, "UDP port 52722 is held by dnsmasq (process 812), which does not share it");
    here.facts.uses_broadcast = false;
    here.facts.uses_avahi = here.facts.has_avahi_daemon = true;
    is("no-link", 1, "eth0");
}

Test(verdict, knows_that_nobody_looked)
{
    here.facts.uses_broadcast = false;
    is("discovery-off", 1, "AUTOBUS_DISCOVERY");
    here.facts.uses_avahi = true;
    is("no-avahi", 1, "no avahi-daemon runs");
    here.facts.has_avahi_daemon = true;
    is("none", 0, "All is well");
}

Test(verdict, tells_what_keeps_the_machine_alone)
{
    unplug();
    is("no-link", 1, "eth0 has no link: plug in its cable");
    here.interfaces[ETH].is_up = false;
    is("switched-off", 1, "'ip link set eth0 up'");
    here.interfaces[ETH].is_device = false;
    is("only-loopback", 1, "no interface but loopback");
    here.facts.interface_count = 1;
    is("only-loopback", 1, "no interface but loopback");
    here.interfaces[LO].is_up = false;
    is("all-down", 1, "not even loopback");
}

Test(verdict, prefers_hardware_to_what_software_made_up)
{
    doctor_interface three[] = {here.interfaces[LO], here.interfaces[ETH], here.interfaces[ETH]};
    strcpy(three[1].name, "docker0");
    three[1].is_device = false;
    three[1].has_link = three[2].has_link = false;
    here.facts.interfaces = three;
    here.facts.interface_count = 3;
    is("no-link", 1, "eth0 has no link");
    three[2].has_link = true;
    is("none", 0, "All is well");
}

Test(verdict, knows_interfaces_that_are_left_out)
{
    here.interfaces[ETH].is_used = false;
    is("left-out", 1, "eth0 is up, but left out of AUTOBUS_INTERFACES");
}

Test(verdict, misses_an_address_only_where_nobody_is_heard)
{
    here.interfaces[ETH].addresses[0].family = AF_INET6;
    here.interfaces[ETH].broadcast.way = DOCTOR_WAY_UNTRIED;
    is("none", 0, "All is well");
    hear_nobody();
    is("no-address", 1, "eth0 has a link but no IPv4 address");
}

Test(verdict, finds_a_firewall_on_the_way_out)
{
    here.interfaces[ETH].broadcast = (doctor_attempt){DOCTOR_WAY_REFUSED, EPERM};
    is("firewall-out", 6, "no broadcast out by eth0 (Operation not permitted)");
    here.interfaces[ETH].broadcast.error = EACCES;
    is("firewall-out", 6, "Permission denied");
    here.interfaces[ETH].broadcast.error = ENODEV;
    is("cannot-send", 1, "Nothing can be sent by eth0 (No such device)");
}

Test(verdict, finds_a_firewall_on_the_way_in)
{
    here.interfaces[ETH].broadcast.way = DOCTOR_WAY_LOST;
    is("firewall-in", 6, "What comes by eth0 to UDP port 52722 does not reach programs");
    here.interfaces[LO].broadcast.way = DOCTOR_WAY_LOST;
    is("firewall-in", 6, "eth0");
    here.interfaces[ETH].broadcast.way = DOCTOR_WAY_BACK;
    is("firewall-in", 6, "What comes by lo");
}

Test(verdict, minds_multicast_only_where_there_is_no_broadcast)
{
    here.interfaces[ETH].multicast.way = DOCTOR_WAY_LOST;
    is("none", 0, "All is well");
    here.interfaces[ETH].broadcast.way = DOCTOR_WAY_UNTRIED;
    is("firewall-in", 6, "eth0");
}

Test(verdict, knows_a_service_that_is_listed_but_cannot_be_used)
{
    tried(DOCTOR_DOOR_SHUT, ECONNREFUSED, AUTOBUS_FAILED);
    is("service-refuses", 1, "'lamp-1' is listed at 10.0.0.3:4000, but nothing accepts");
    tried(DOCTOR_DOOR_SHUT, EHOSTUNREACH, AUTOBUS_FAILED);
    is("service-unreachable", 1, "10.0.0.3:4000 cannot be reached (No route to host): look");
    here.facts.has_default_route = false;
    is("service-unreachable", 1, "there is no default route");
    tried(DOCTOR_DOOR_SILENT, 0, AUTOBUS_TIMEOUT);
    is("service-silent", 4, "a firewall on the way drops TCP port 4000");
    tried(DOCTOR_DOOR_OPEN, 0, AUTOBUS_TIMEOUT);
    is("service-stuck", 4, "accepts connections but does not answer");
    tried(DOCTOR_DOOR_OPEN, 0, AUTOBUS_NOT_FOUND);
    is("service-gone", 3, "does not offer 'lamp-1'");
    tried(DOCTOR_DOOR_OPEN, 0, AUTOBUS_INCOMPATIBLE);
    is("incompatible", 7, "the library's sentence");
    tried(DOCTOR_DOOR_OPEN, 0, AUTOBUS_CLOSED);
    is("service-not-bound", 1, "the library's sentence");
}

Test(verdict, blames_the_cable_for_what_is_silent_behind_it)
{
    tried(DOCTOR_DOOR_SILENT, 0, AUTOBUS_TIMEOUT);
    unplug();
    is("no-link", 1, "eth0");
    tried(DOCTOR_DOOR_SHUT, EHOSTUNREACH, AUTOBUS_FAILED);
    is("no-link", 1, "eth0");
}

Test(verdict, suggests_a_name_that_comes_near)
{
    want("'lmp'");
    here.facts.near = (char *)(uintptr_t) "'lamp'";
    is("near-name", 3, "No 'lmp' is seen, but 'lamp' is: try that name.");
    here.facts.near = NULL;
    is("not-there", 3, "No 'lmp' is seen, though 1 other service is");
    here.facts.seen = 3;
    is("not-there", 3, "3 other services are");
    unplug();
    is("no-link", 1, "eth0");
}

Test(verdict, tells_nobody_there_from_nobody_who_offers)
{
    here.facts.seen = 0;
    is("nobody", 3, "1 other bus is heard, but it does not offer a service");
    hear_nobody();
    is("nobody", 3, "Nobody answers on eth0: ");
    want("'lamp'");
    is("nobody", 3, "Nobody answers on eth0: ");
}

Test(verdict, knows_a_neighbour_of_another_network)
{
    here.speaker.is_beyond = true;
    is("other-network", 1,
       "10.0.0.3 speaks by eth0, but lies in none of its networks (10.0.0.2/24)");
}

Test(verdict, knows_a_list_that_cannot_be_fetched)
{
    here.facts.seen = 0;
    here.speaker.knock = (doctor_knock){DOCTOR_DOOR_SHUT, ECONNREFUSED};
    is("list-not-fetched", 6, "10.0.0.3 is heard over UDP, but its TCP port 4000 lets nobody in");
    here.speaker.knock = (doctor_knock){.door = DOCTOR_DOOR_SILENT};
    is("list-not-fetched", 6, "TCP port 4000");
    here.speaker.knock = (doctor_knock){.door = DOCTOR_DOOR_OPEN};
    is("nobody", 3, "does not offer");
}

Test(verdict, knows_ids_that_are_claimed_twice)
{
    here.speaker.has_twin = true;
    is("twin-bus", 8, "Two programs call themselves bus 5ee1d0c4b2a39786, one of them at 10.0.0.3");
    here.facts.twin = (char *)(uintptr_t) "lamp-1";
    is("twin-service", 8, "Two services claim the id 'lamp-1'");
}

Test(verdict, knows_what_is_the_matter_with_a_listed_peer)
{
    here.facts.peer_count = 1;
    is("peer-silent", 4, "The peer pi says nothing");
    here.peer.error = ECONNREFUSED;
    is("peer-not-listening", 3, "no program on it listens at UDP port 52722");
    here.peer.error = ENETUNREACH;
    is("peer-without-route", 1, "look whether its machine is on");
    here.facts.has_default_route = false;
    is("peer-without-route", 1, "there is no default route");
    here.peer.trouble = (char *)(uintptr_t) "Name or service not known";
    is("peer-without-address", 1, "The peer pi has no address (Name or service not known)");
}

Test(verdict, knows_peers_that_answer_one_way_only)
{
    here.facts.peer_count = 1;
    here.peer.tcp_port = 4000;
    here.peer.knock.door = DOCTOR_DOOR_OPEN;
    is("peer-without-udp", 6, "The peer pi answers over TCP but not over UDP");
    here.peer.answered = true;
    is("none", 0, "All is well");
    here.peer.knock.door = DOCTOR_DOOR_SILENT;
    is("peer-without-tcp", 6, "answers over UDP, but its TCP port 4000 lets nobody in");
}

Test(verdict, knows_a_place_that_is_there_but_not_discovered)
{
    here.facts.is_place = here.peer.is_place = true;
    here.facts.peer_count = 1;
    here.peer.knock.door = DOCTOR_DOOR_OPEN;
    tried(DOCTOR_DOOR_OPEN, 0, AUTOBUS_OK);
    is("place-not-discovered", 6, "pi answers over TCP but not over UDP: a firewall");
    here.peer.is_beyond = true;
    is("place-not-discovered", 6, "beyond a router, which no broadcast crosses");
    here.peer.answered = true;
    is("none", 0, "accepts connections and answers");
    tried(DOCTOR_DOOR_SHUT, ECONNREFUSED, AUTOBUS_FAILED);
    is("service-refuses", 1, "This machine has a way to 10.0.0.3:4000, but nothing accepts");
}

Test(verdict, takes_no_stranger_at_a_place_for_a_bus)
{
    here.facts.is_place = here.peer.is_place = true;
    here.facts.peer_count = 1;
    here.peer.knock.door = DOCTOR_DOOR_OPEN;
    tried(DOCTOR_DOOR_OPEN, 0, AUTOBUS_INCOMPATIBLE);
    is("incompatible", 7, "speaks something else");
}
