/* SPDX-License-Identifier: MIT
 * autobus-doctor: why can't I see it? Facts are gathered, findings and a verdict made of them and printed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/avahi.h"
#include "doctor/ear.h"
#include "doctor/findings.h"
#include "doctor/interfaces.h"
#include "doctor/peers.h"
#include "doctor/print.h"
#include "doctor/request.h"
#include "doctor/verdict.h"
#include "doctor/wanted.h"
#include "tool/clock.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    LIMIT_MS = 2000,
    ASKS = 3,
    PAUSE_MS = 300 /* between two questions, of which one may be lost */
};

/* One run. */
typedef struct doctor {
    const doctor_request *request;
    doctor_facts facts;
    doctor_ear ear;
    tool_session session;
} doctor;

/* What the system knows without being spoken with. */
static bool look_around(doctor *self)
{
    const tool_request *asked = &self->request->asked;
    const char *sources = doctor_request_discovery(self->request);
    doctor_facts *facts = &self->facts;
    facts->port = (uint16_t)tool_family_port(&asked->family);
    facts->uses_broadcast = strstr(sources, "broadcast") != NULL;
    facts->uses_avahi = strstr(sources, "avahi") != NULL;
    facts->has_avahi_daemon = doctor_avahi_is_there();
    facts->is_place = tool_target_is_place(&asked->target);
    if (doctor_request_names_service(self->request)) {
        facts->wanted = tool_target_words(&asked->target);
    }
    return doctor_interfaces_look(facts) && doctor_ear_open(&self->ear, facts);
}

static void note_used_interfaces(doctor *self)
{
    char *used = tool_text_checked(autobus_bus_interfaces(self->session.bus));
    doctor_interfaces_note_used(&self->facts, used);
    free(used);
}

static void listen_for_a_while(doctor *self)
{
    const tool_request *asked = &self->request->asked;
    int64_t now = tool_clock_ms();
    int64_t end = now + (asked->limit_ms > 0 ? asked->limit_ms : LIMIT_MS);
    int64_t next_ms = now;
    int asks = 0;
    self->session.input = self->ear.epoll;
    do {
        if (asks < ASKS && tool_clock_ms() >= next_ms) {
            doctor_ear_ask(&self->ear);
            asks++;
            next_ms += PAUSE_MS;
        }
        int64_t until = asks < ASKS && next_ms < end ? next_ms : end;
        if (!tool_session_turn(&self->session, until)) {
            break;
        }
        doctor_ear_hear(&self->ear);
    } while (tool_clock_ms() < end);
    self->session.input = -1;
}

/* What is learnt by speaking. False if it cannot be; then the session's code says how it ends. */
static bool ask_around(doctor *self)
{
    bool is_open = tool_session_open(&self->session, &self->request->asked);
    if (is_open) {
        note_used_interfaces(self);
        doctor_peers_add_listed(&self->facts, doctor_request_peers(self->request));
        if (self->facts.is_place) {
            doctor_peers_add_place(&self->facts, &self->request->asked.target.place);
        }
        listen_for_a_while(self);
        if (!self->session.is_over) {
            doctor_wanted_look(&self->facts, self->request, &self->session);
        }
    }
    return is_open && !self->session.is_over;
}

static tool_exit tell(const doctor *self)
{
    doctor_findings findings;
    doctor_verdict verdict;
    doctor_findings_make(&findings, &self->facts);
    doctor_verdict_reach(&verdict, &self->facts);
    doctor_print(self->request, &findings, &verdict, stdout);
    tool_exit code = verdict.code;
    doctor_verdict_fini(&verdict);
    doctor_findings_fini(&findings);
    return code;
}

static tool_exit run(const doctor_request *request)
{
    doctor self = {.request = request};
    tool_exit code = TOOL_FAILED;
    if (!look_around(&self)) {
        tool_complain("this machine's network cannot be looked at: %s", strerror(errno));
    } else if (self.facts.port_is_held && self.facts.uses_broadcast) {
        code = tell(&self); /* no bus can start, and nothing else matters */
    } else {
        bool is_done = ask_around(&self);
        code = is_done ? tell(&self) : self.session.code;
        (void)tool_session_close(&self.session);
    }
    doctor_ear_close(&self.ear);
    doctor_facts_fini(&self.facts);
    return code;
}

int main(int argc, char **argv)
{
    tool_start();
    doctor_request request;
    tool_exit code;
    if (doctor_request_init(&request, argc, argv, &code)) {
        code = run(&request);
    }
    doctor_request_fini(&request);
    return (int)tool_finish(code);
}
