/* SPDX-License-Identifier: MIT
 * autobus-record: services, their values and events, into a file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "record/book.h"
#include "record/request.h"
#include "record/roll.h"
#include "record/site.h"
#include "tool/absence.h"
#include "tool/clock.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    PATIENCE_MS = 2000 /* then it says that nothing is there, and goes on waiting */
};

typedef struct recorder {
    const record_request *request;
    tool_session session;
    record_book book;
    record_roll roll;
    record_site *site; /* in its stead, where a place is recorded; else NULL */
    int64_t end_ms, patience_ms;
} recorder;

/* Each service takes a connection. */
static void allow_many_connections(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void explain_absence(recorder *self)
{
    const tool_request *asked = &self->request->asked;
    tool_absence_explain(&asked->family, &asked->target.choice, self->session.bus);
    self->patience_ms = TOOL_NEVER;
}

static bool has_matched(const recorder *self)
{
    return self->site != NULL ? record_site_has_matched(self->site) : self->roll.has_matched;
}

/* The time that was given is over. */
static void run_out(recorder *self)
{
    const tool_request *asked = &self->request->asked;
    double seconds = asked->limit_ms / 1000.0;
    if (has_matched(self) && asked->count > 0) {
        tool_complain("only %ld of %ld came within %g s", self->book.heard, asked->count, seconds);
        tool_session_end(&self->session, TOOL_TIMEOUT);
    } else if (has_matched(self)) {
        tool_session_end(&self->session, TOOL_DONE);
    } else if (self->patience_ms != TOOL_NEVER) {
        explain_absence(self);
    } else {
        tool_complain("nothing matched within %g s", seconds);
    }
    tool_session_end(&self->session, TOOL_NOTHING);
}

/* What has to be done by now; when there is more. */
static int64_t tend(recorder *self)
{
    int64_t now = tool_clock_ms();
    int64_t news_ms =
        self->site != NULL ? record_site_tend(self->site) : record_roll_tend(&self->roll);
    int64_t due[] = {news_ms, record_sink_tend(&self->book.sink), self->end_ms, self->patience_ms};
    if (self->book.sink.error != 0) {
        tool_session_end(&self->session, TOOL_FAILED);
    }
    self->patience_ms = has_matched(self) ? TOOL_NEVER : self->patience_ms;
    if (now >= self->end_ms) {
        run_out(self);
    } else if (now >= self->patience_ms) {
        explain_absence(self);
        tool_family_hint(&self->request->asked.family, "Waiting for it.");
    }
    int64_t next = TOOL_NEVER;
    for (size_t i = 0; i < sizeof due / sizeof *due; i++) {
        next = due[i] < next ? due[i] : next;
    }
    return next;
}

/* How it ends, when all is written, or could not be. */
static tool_exit close_book(recorder *self, tool_exit code)
{
    const char *name = self->request->file;
    bool is_written = record_book_close(&self->book);
    if (is_written && name != NULL) {
        tool_family_note(&self->request->asked.family, "%s: %ld services, %ld values and events",
                         name, self->book.services, self->book.heard);
    } else if (!is_written && errno == EPIPE) {
        return TOOL_DONE; /* whoever read it has seen enough */
    } else if (!is_written) {
        tool_complain("%s could not be written: %s", name != NULL ? name : "the output",
                      strerror(errno));
        return TOOL_FAILED;
    }
    return code;
}

static void record(recorder *self)
{
    const tool_request *asked = &self->request->asked;
    record_book_begin(&self->book);
    int64_t now = tool_clock_ms();
    self->end_ms = asked->limit_ms > 0 ? now + asked->limit_ms : TOOL_NEVER;
    self->patience_ms = now + PATIENCE_MS < self->end_ms ? now + PATIENCE_MS : self->end_ms;
    if (tool_target_is_place(&asked->target)) {
        self->site = record_site_new(&self->session, &self->book);
        self->patience_ms = TOOL_NEVER; /* its tie tells what there is to tell */
    } else {
        record_roll_open(&self->roll, &self->session, &self->book);
    }
    while (tool_session_turn(&self->session, tend(self))) {
    }
    record_site_free(&self->site);
    record_roll_close(&self->roll);
    self->session.code = close_book(self, self->session.code);
}

/* The file comes first: a pipe that nobody reads yet is waited for, and can be given up. */
static tool_exit run(const record_request *request)
{
    recorder self = {.request = request};
    char *mistake = NULL;
    if (!record_sink_open(&self.book.sink, request->file, &mistake)) {
        tool_complain("%s", mistake);
        free(mistake);
        return TOOL_FAILED;
    }
    allow_many_connections();
    if (tool_session_open(&self.session, &request->asked)) {
        self.session.goes_on_forever = true;
        self.session.is_mute = request->file != NULL;
        record(&self);
    } else {
        (void)record_sink_close(&self.book.sink);
    }
    return tool_session_close(&self.session);
}

int main(int argc, char **argv)
{
    tool_start();
    record_request request;
    tool_exit code;
    if (record_request_init(&request, argc, argv, &code)) {
        code = run(&request);
    }
    record_request_fini(&request);
    return (int)tool_finish(code);
}
