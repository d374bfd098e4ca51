/* SPDX-License-Identifier: MIT
 * From facts to lines, each with its state. */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include <json-c/json.h>

#include "doctor/findings.h"
#include "unit/doctor/healthy.h"

static healthy here;

static void start(void)
{
    healthy_init(&here);
}

TestSuite(findings, .init = start);

/* There is a line on that, in this state, with exactly these words. */
static void has(const char *check, const char *subject, doctor_state state, const char *words)
{
    doctor_findings findings;
    const doctor_finding *found = NULL;
    doctor_findings_make(&findings, &here.facts);
    for (size_t i = 0; i < findings.count; i++) {
        const doctor_finding *it = &findings.list[i];
        if (strcmp(it->check, check) == 0 && strcmp(it->subject, subject) == 0) {
            found = it;
        }
    }
    cr_assert_not_null(found, "nothing on %s %s", check, subject);
    cr_assert_str_eq(found->text, words);
    cr_assert_eq(found->state, state, "%s is %s", found->text, doctor_state_name(found->state));
    doctor_findings_fini(&findings);
}

Test(findings, of_a_machine_where_all_is_well_are_all_fine)
{
    doctor_findings findings;
    doctor_findings_make(&findings, &here.facts);
    cr_assert_eq(findings.count, 6);
    for (size_t i = 0; i < findings.count; i++) {
        cr_assert_eq(findings.list[i].state, DOCTOR_FINE, "%s", findings.list[i].text);
    }
    doctor_findings_fini(&findings);
    has("port", "52722", DOCTOR_FINE, "free to share");
    has("interface", "lo", DOCTOR_FINE, "127.0.0.1/8; broadcast comes back");
    has("interface", "eth0", DOCTOR_FINE,
        "10.0.0.2/24; broadcast comes back; multicast comes back");
    has("heard", "", DOCTOR_FINE, "1 bus elsewhere, 0 on this machine; 1 service seen");
    has("bus", "5ee1d0c4b2a39786", DOCTOR_FINE, "Autobus at 10.0.0.3");
    has("avahi", "", DOCTOR_FINE, "no daemon runs; discovery does not ask it");
}

Test(findings, tell_of_a_port_that_is_held_and_then_of_nothing_heard)
{
    here.facts.port_is_held = true;
    here.facts.holder = (char *)(uintptr_t) "dnsmasq (process 812)";
    has("port", "52722", DOCTOR_BAD, "held by dnsmasq (process 812), which does not share it");
    doctor_findings findings;
    doctor_findings_make(&findings, &here.facts);
    cr_assert_eq(findings.count, 3);
    doctor_findings_fini(&findings);
}

Test(findings, tell_how_an_interface_is)
{
    doctor_interface *eth = &here.interfaces[ETH];
    eth->mtu = 576;
    has("interface", "eth0", DOCTOR_NOTE,
        "10.0.0.2/24; broadcast comes back; multicast comes back; packets over 576 bytes travel in "
        "pieces");
    eth->mtu = 1500;
    eth->multicast.way = DOCTOR_WAY_LOST;
    has("interface", "eth0", DOCTOR_NOTE,
        "10.0.0.2/24; broadcast comes back; multicast sent, but does not come back");
    eth->multicast.way = DOCTOR_WAY_UNTRIED;
    eth->broadcast = (doctor_attempt){DOCTOR_WAY_REFUSED, EPERM};
    has("interface", "eth0", DOCTOR_BAD,
        "10.0.0.2/24; broadcast refused (Operation not permitted)");
    eth->broadcast = (doctor_attempt){0};
    eth->is_used = false;
    has("interface", "eth0", DOCTOR_NOTE, "10.0.0.2/24; not used");
    eth->is_used = true;
    eth->count = 0;
    has("interface", "eth0", DOCTOR_NOTE, "no address");
    eth->has_link = eth->is_used = false;
    has("interface", "eth0", DOCTOR_BAD, "up, but no link");
    eth->is_up = false;
    has("interface", "eth0", DOCTOR_NOTE, "switched off");
}

Test(findings, tell_who_is_heard)
{
    here.facts.strange = 2;
    strcpy(here.facts.strange_host, "10.0.0.7");
    *here.speaker.id = '\0';
    has("heard", "", DOCTOR_NOTE,
        "1 bus elsewhere, 0 on this machine, 1 of all of Autobus 2; 1 service seen; packets that "
        "are nothing of Autobus: 2, the first from 10.0.0.7");
    here.speaker.answered = true;
    has("bus", "10.0.0.3", DOCTOR_FINE, "Autobus 2 at 10.0.0.3; it answered us");
    here.speaker.knock = (doctor_knock){DOCTOR_DOOR_SHUT, ECONNREFUSED};
    has("bus", "10.0.0.3", DOCTOR_BAD, "Autobus 2 at 10.0.0.3; it answered us; Connection refused");
    here.speaker.has_twin = true;
    here.speaker.knock = (doctor_knock){.door = DOCTOR_DOOR_OPEN};
    has("bus", "10.0.0.3", DOCTOR_BAD,
        "Autobus 2 at 10.0.0.3; two programs call themselves so; accepts connections");
    here.facts.twin = (char *)(uintptr_t) "lamp-1";
    has("ids", "lamp-1", DOCTOR_BAD, "two services claim this id");
    here.facts.strange = here.facts.speaker_count = here.facts.seen = 0;
    has("heard", "", DOCTOR_NOTE, "0 buses elsewhere, 0 on this machine; 0 services seen");
}

Test(findings, tell_of_peers_services_and_avahi)
{
    here.facts.peer_count = here.facts.service_count = 1;
    has("peer", "pi", DOCTOR_BAD, "not heard over UDP; TCP untried");
    here.peer.answered = true;
    has("peer", "pi", DOCTOR_FINE, "heard over UDP; TCP untried");
    here.peer.knock.door = DOCTOR_DOOR_SILENT;
    has("peer", "pi", DOCTOR_BAD, "heard over UDP; no answer to connections");
    here.peer.trouble = (char *)(uintptr_t) "Name or service not known";
    has("peer", "pi", DOCTOR_BAD, "Name or service not known");
    here.service.knock.door = DOCTOR_DOOR_OPEN;
    has("service", "lamp-1", DOCTOR_FINE, "10.0.0.3:4000: accepts connections; it answers");
    here.service.bound = AUTOBUS_TIMEOUT;
    here.service.why = (char *)(uintptr_t) "no answer";
    has("service", "lamp-1", DOCTOR_BAD, "10.0.0.3:4000: accepts connections; no answer");
    here.facts.uses_avahi = true;
    has("avahi", "", DOCTOR_BAD, "no daemon runs");
    here.facts.has_avahi_daemon = true;
    has("avahi", "", DOCTOR_FINE, "its daemon runs");
}

Test(findings, have_their_parts_for_programs)
{
    doctor_findings findings;
    doctor_findings_make(&findings, &here.facts);
    json_object *eth = findings.list[2].details;
    cr_assert_str_eq(json_object_get_string(json_object_object_get(eth, "broadcast")), "back");
    cr_assert_eq(json_object_get_int(json_object_object_get(eth, "mtu")), 1500);
    cr_assert(json_object_get_boolean(json_object_object_get(eth, "link")));
    doctor_findings_fini(&findings);
}
