/* SPDX-License-Identifier: MIT
 * docs/protocol.md says what connections do: its conversations are held with us, and what a client of ours
 * says in them is what we write. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support/document.h"
#include "unit/peer/door.h"

#define BUS     UINT64_C(0x5ee1d0c4b2a39786)
#define DETAILS "8c1f0f6f3f6a2b11"
#define LAMP    "lamp-1"

static void list(ab_buffer *out, ab_value id, const ab_slice *after)
{
    static const char details[] =
        "{\"type\":\"autobus.details\",\"pid\":4242,\"hostname\":\"kitchen\"}";
    static const char lamp[] = "{\"type\":\"lamp\",\"room\":\"kitchen\",\"hostname\":\"kitchen\"}";
    ab_presence presence = {
        .bus = BUS, .sequence = 2, .count = 2, .interval = 10000, .port = 44321};
    presence.digest = ab_service_digest(AB_SLICE(DETAILS), AB_SLICE(details)) +
                      ab_service_digest(AB_SLICE(LAMP), AB_SLICE(lamp));
    ab_write_services_begin(out, id, &presence);
    if (after == NULL)
        ab_write_services_one(out, AB_SLICE(DETAILS), AB_SLICE(details), true);
    else if (ab_slice_is(*after, DETAILS))
        ab_write_services_one(out, AB_SLICE(LAMP), AB_SLICE(lamp), true);
    ab_write_services_end(out, after == NULL);
}

static const char *text_of(ab_value value, char room[64])
{
    cr_assert_lt(value.text.length, 64);
    room[ab_scan_string(value, room)] = '\0';
    return value.kind == AB_KIND_STRING ? room : NULL;
}

/* Those of our own kind that bind, or turn pages, say it in our words. */
static void check_words(const char *line)
{
    ab_message message;
    char id[64], argument[64];
    if (!ab_message_read(&message, ab_slice_of(line)))
        return;
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    ab_value is_ours = ab_scan_member(message.whole, AB_SLICE("autobus"));
    if (ab_message_is(&message, "bind") && is_ours.kind != AB_KIND_NONE)
        ab_write_bind(&out, text_of(message.id, id),
                      text_of(ab_scan_member(message.whole, AB_SLICE("service")), argument),
                      ab_read_frames(&message));
    else if (ab_message_is(&message, "services"))
        ab_write_services_command(
            &out, text_of(message.id, id),
            text_of(ab_scan_member(message.whole, AB_SLICE("after")), argument));
    else
        return;
    ab_slice written = {ab_buffer_bytes(&out), ab_buffer_length(&out) - 2};
    cr_assert(ab_slice_is(written, line), "%s is written %.*s", line, (int)written.length,
              written.bytes);
}

static void hold(void *userdata, char *text)
{
    door *at = userdata;
    char *rest = NULL;
    int client = client_connect(at);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "C: ", 3) == 0) {
            check_words(line + 3);
            client_send(client, line + 3);
            client_send(client, "\r\n");
        } else if (strcmp(line, "S closes") == 0) {
            client_expect_end(client);
        } else {
            cr_assert_eq(strncmp(line, "S: ", 3), 0, "%s", line);
            client_expect(client, line + 3);
        }
    }
    client_close(client);
}

Test(document, shows_conversations_as_they_are)
{
    door *at = door_open();
    door_lock(at);
    at->also = LAMP;
    at->list = list;
    door_unlock(at);
    door_rename(at, BUS);
    cr_assert_gt(document_blocks("docs/protocol.md", "connection", hold, at), 6);
    door_close(at);
}
