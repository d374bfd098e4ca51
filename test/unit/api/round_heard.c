/* SPDX-License-Identifier: MIT
 * What a round's callbacks do: count, look at what they are shown, talk on channels; and when the moment has come,
 * the deed. */
#include "round.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#define WORDS 24 /* more than a window takes */

static void wait_a_little(uint64_t turns)
{
    for (volatile uint64_t i = 0; i < turns; i++)
        continue;
}

void round_moment(round *at)
{
    if (atomic_exchange(&at->has_come, true))
        return;
    uint64_t seed = at->seed + (uint64_t)at->number;
    atomic_store(&at->go, true);
    if (at->place != BESIDE) {
        wait_a_little(seed % 7 * 300);
        deed_do(at, at->deed_inside, seed, false);
    }
    atomic_store(&at->is_done, true);
}

/* Some callbacks take a while, and others go on meanwhile. */
static void linger(const tally *self)
{
    if ((atomic_load(&self->begun) + self->round->number) % 4 == 0)
        wait_a_little(20000);
}

static const moment moments[] = {
    [AUTOBUS_ANSWER] = ANSWER,
    [AUTOBUS_FIRED] = FIRED,
    [AUTOBUS_VALUE] = VALUE,
    [AUTOBUS_GONE] = GONE,
    [AUTOBUS_BOUND] = STATE_BOUND,
    [AUTOBUS_LOST] = STATE_LOST,
    [AUTOBUS_OPENED] = OPENED,
    [AUTOBUS_DATA] = DATA_HERE,
    [AUTOBUS_WRITABLE] = WRITABLE_HERE,
    [AUTOBUS_CLOSED_NOW] = CLOSED_HERE,
};

/* Which moment a message of this callback would be. */
static moment moment_of(const tally *self, autobus_kind kind)
{
    static const moment there[] = {
        [DATA_HERE] = DATA_THERE, [WRITABLE_HERE] = WRITABLE_THERE, [CLOSED_HERE] = CLOSED_THERE};
    if (self->moment == DETAILS && kind == AUTOBUS_VALUE)
        return DETAILS;
    if (kind < 1 || kind > AUTOBUS_CLOSED_NOW)
        return MOMENTS;
    moment which = moments[kind];
    bool is_there = self->owners[0] == &self->round->there;
    return is_there && which >= DATA_HERE && which <= CLOSED_HERE ? there[which] : which;
}

static void say(round *at, holder *channel)
{
    char text[700];
    int turn = atomic_fetch_sub(&at->chatter, 1);
    if (turn <= 0 || !holder_use(channel))
        return;
    snprintf(text, sizeof text, "\"%*d\"", 1 + turn * 97 % 600, turn);
    (void)autobus_channel_send_text(channel->channel, text);
    if (turn % 5 == 0)
        (void)autobus_channel_write(channel->channel, text, strlen(text), NULL);
    holder_leave(channel);
}

void round_fill(holder *channel)
{
    if (!holder_use(channel))
        return;
    for (int i = 0; i < WORDS; i++)
        if (autobus_channel_send_text(channel->channel, "'and so on'") != AUTOBUS_OK)
            break;
    holder_leave(channel);
}

static void talk(tally *self, autobus_kind kind)
{
    round *at = self->round;
    holder *mine = self->owners[0] == &at->there ? &at->there : &at->here;
    if (kind == AUTOBUS_CLOSED_NOW)
        return;
    say(at, mine);
}

static void look_at(tally *self, const autobus_message *message)
{
    size_t length;
    const char *text = autobus_message_text(message, &length);
    if (strlen(text) != length || autobus_message_name(message) == NULL ||
        autobus_message_service(message) == NULL)
        round_fault(self->round, "a message is not whole");
    if (length % 3 == 0)
        (void)autobus_message_value(message);
    if (autobus_message_result(message) != AUTOBUS_OK && autobus_message_error(message)[0] == '\0')
        round_fault(self->round, "a failure says nothing");
}

void round_heard(void *userdata, const autobus_message *message)
{
    tally *self = userdata;
    house *before = tally_begin(self);
    autobus_kind kind = autobus_message_kind(message);

    look_at(self, message);
    if (self->moment != MOMENTS && self->moment == moment_of(self, kind))
        round_moment(self->round);
    if (self->is_channel)
        talk(self, kind);
    look_at(self, message);
    bool is_last = self->is_call      ? autobus_message_remaining(message) == 0
                   : self->is_channel ? kind == AUTOBUS_CLOSED_NOW
                                      : false;
    if (is_last)
        atomic_fetch_add(&self->last, 1);
    linger(self);
    tally_end(self, before);
}

void round_noticed(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    tally *self = userdata;
    house *before = tally_begin(self);
    if ((change == AUTOBUS_APPEARED && self->moment == FOUND) ||
        (change == AUTOBUS_LEFT && self->moment == LEFT))
        round_moment(self->round);
    if (strlen(autobus_sighting_id(sighting)) == 0 || autobus_sighting_locations(sighting) == 0)
        round_fault(self->round, "a sighting is not whole");
    tally_end(self, before);
}

void round_answer(round *at)
{
    if (!holder_take(&at->request))
        return;
    autobus_request *request = at->request.request;
    if (autobus_request_answer_text(request, "'later'") != AUTOBUS_OK ||
        autobus_request_answer_text(request, "'again'") != AUTOBUS_INVALID)
        round_fault(at, "a request was not answered exactly once");
    (void)autobus_request_is_wanted(request);
    autobus_request_free(&request);
}

static void keep(round *at, autobus_request *request)
{
    if (atomic_load(&at->request.is_there))
        return;
    at->request.request = autobus_request_keep(request);
    holder_show(&at->request);
}

void round_handle(void *userdata, autobus_request *request)
{
    tally *self = userdata;
    round *at = self->round;
    house *before = tally_begin(self);
    bool is_early = at->number % 2 == 0;

    if (strlen(autobus_request_text(request)) < 2)
        round_fault(at, "a request is not whole");
    if (strcmp(autobus_request_function(request), "later") == 0)
        keep(at, request);
    else if (is_early)
        autobus_request_answer_text(request, autobus_request_text(request));
    if (self->is_pooled && at->number % 3 != 0)
        (void)autobus_bus_dispatch(at->serving->bus);
    if (self->moment == at->moment && self->moment != HOOKED)
        round_moment(at);
    if (self->is_pooled)
        (void)autobus_bus_dispatch(at->serving->bus);
    linger(self);
    if (!is_early)
        (void)autobus_request_arguments(request);
    tally_end(self, before);
}

void round_knocked(void *userdata, autobus_channel *offered)
{
    tally *self = userdata;
    round *at = self->round;
    house *before = tally_begin(self);
    bool is_early = at->number % 2 == 0, is_mine = self->moment == KNOCKED;

    if (is_mine && is_early)
        round_moment(at);
    if (is_mine && at->number % 11 == 0) {
        autobus_channel_free(&offered);
    } else if (!is_mine || at->number % 13 != 0) {
        moment which =
            at->moment >= DATA_THERE && at->moment <= CLOSED_THERE ? at->moment : MOMENTS;
        tally *there = tally_new(at, "channel there", at->serving, which);
        there->is_channel = true;
        tally_own(there, &at->there, NULL);
        at->there.channel = offered;
        if (autobus_channel_accept(offered, round_heard, there, tally_hook) == AUTOBUS_OK)
            holder_show(&at->there);
        else
            atomic_store(&there->is_refused, true);
    }
    if (is_mine && !is_early)
        round_moment(at);
    say(at, &at->there);
    tally_end(self, before);
}
