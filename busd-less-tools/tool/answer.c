/* SPDX-License-Identifier: MIT
 * Asking, and taking the answer out of its message. */
#include "tool/answer.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/clock.h"
#include "tool/text.h"

static void free_unless_used(tool_answer *self)
{
    if (self->is_told && self->is_dropped) {
        json_object_put(self->value);
        free(self->error);
        free(self);
    }
}

static void heard(void *userdata, const autobus_message *message)
{
    tool_answer *self = userdata;
    const char *error = autobus_message_error(message);
    self->is_there = true;
    self->result = autobus_message_result(message);
    self->value = autobus_message_take(message);
    self->error =
        tool_text_checked(strdup(*error != '\0' ? error : autobus_result_text(self->result)));
}

static void over(void *userdata)
{
    tool_answer *self = userdata;
    self->is_told = true;
    free_unless_used(self);
}

tool_answer *tool_answer_of(autobus_result result, const char *sentence)
{
    tool_answer *self = tool_text_checked(calloc(1, sizeof *self));
    *self = (tool_answer){.is_there = true, .is_told = true, .result = result};
    self->error = tool_text_checked(strdup(sentence != NULL ? sentence : autobus_last_error()));
    return self;
}

tool_answer *tool_answer_ask(autobus_remote *remote, const char *function, const char *arguments,
                             int timeout_ms)
{
    tool_answer *self = tool_text_checked(calloc(1, sizeof *self));
    autobus_result result =
        autobus_call_text_async(remote, function, arguments, timeout_ms > 0 ? timeout_ms : 0,
                                AUTOBUS_UNBOUND_WAIT, heard, self, over, NULL);
    if (result != AUTOBUS_OK) {
        tool_answer_drop(&self); /* the call has let go of it */
        return tool_answer_of(result, NULL);
    }
    return self;
}

void tool_answer_drop(tool_answer **answer)
{
    tool_answer *self = *answer;
    *answer = NULL;
    if (self != NULL) {
        self->is_dropped = true;
        free_unless_used(self);
    }
}

bool tool_answer_of_arrival(tool_session *session, autobus_remote *remote, int64_t until_ms)
{
    int64_t left = until_ms - tool_clock_ms();
    /* No function has such a name. What is said on one connection is read in its order, so is the refusal of this. */
    tool_answer *answer = tool_answer_ask(remote, "_arrived", NULL, left > 0 ? (int)left : 0);
    bool is_there = tool_session_await(session, &answer->is_there, until_ms);
    bool has_arrived = is_there && answer->result != AUTOBUS_TIMEOUT &&
                       answer->result != AUTOBUS_CLOSED && answer->result != AUTOBUS_BUSY;
    tool_answer_drop(&answer);
    return has_arrived;
}

tool_exit tool_answer_exit(const tool_answer *self)
{
    return self->result == AUTOBUS_INVALID ? TOOL_REMOTE : tool_exit_of(self->result);
}
