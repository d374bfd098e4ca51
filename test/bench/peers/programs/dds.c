/* SPDX-License-Identifier: MIT
 * Cyclone DDS: a sample there, and one back, each written by the thread that has heard the other.
 *   dds serve DOMAIN    dds call DOMAIN COUNT */
#include <dds/dds.h>
#include <unistd.h>

#include "note.h"
#include "rounds.h"

static dds_entity_t writer;
static bench_Note note;
static rounds run;
static volatile int is_over;

static int take(dds_entity_t reader)
{
    bench_Note taken;
    void *samples[] = {&taken};
    dds_sample_info_t info[1];
    return dds_take(reader, samples, info, 1, 1) == 1 && info[0].valid_data;
}

static void answer(dds_entity_t reader, void *userdata)
{
    (void)userdata;
    while (take(reader)) {
        dds_write(writer, &note);
    }
}

static void ask(void)
{
    if (rounds_begin(&run)) {
        dds_write(writer, &note);
    } else {
        is_over = 1;
    }
}

static void hear(dds_entity_t reader, void *userdata)
{
    (void)userdata;
    while (take(reader)) {
        rounds_end(&run);
        ask();
    }
}

/* Until somebody of the other side reads what we write, and writes what we read. */
static void meet(dds_entity_t reader)
{
    dds_publication_matched_status_t read_by = {0};
    dds_subscription_matched_status_t written_by = {0};
    for (int i = 0; i < 1000 && (read_by.current_count == 0 || written_by.current_count == 0);
         i++) {
        dds_sleepfor(DDS_MSECS(10));
        dds_get_publication_matched_status(writer, &read_by);
        dds_get_subscription_matched_status(reader, &written_by);
    }
    rounds_hold(read_by.current_count > 0 && written_by.current_count > 0, "meeting");
    dds_sleepfor(DDS_MSECS(500)); /* the other side may match a moment later */
}

int main(int count, char **words)
{
    rounds_hold(count >= 3, "dds serve DOMAIN | call DOMAIN COUNT:");
    int serves = count == 3;
    dds_entity_t domain =
        dds_create_participant((dds_domainid_t)strtol(words[2], NULL, 10), NULL, NULL);
    rounds_hold(domain > 0, "dds_create_participant");
    dds_qos_t *qos = dds_create_qos();
    dds_qset_reliability(qos, DDS_RELIABILITY_RELIABLE, DDS_SECS(10));
    dds_qset_history(qos, DDS_HISTORY_KEEP_ALL, 0);
    dds_entity_t asks = dds_create_topic(domain, &bench_Note_desc, "ask", NULL, NULL);
    dds_entity_t answers = dds_create_topic(domain, &bench_Note_desc, "answer", NULL, NULL);
    dds_listener_t *listener = dds_create_listener(NULL);
    dds_lset_data_available(listener, serves ? answer : hear);
    writer = dds_create_writer(domain, serves ? answers : asks, qos, NULL);
    dds_entity_t reader = dds_create_reader(domain, serves ? asks : answers, qos, listener);
    rounds_hold(writer > 0 && reader > 0, "dds_create_reader");
    if (serves) {
        rounds_ready();
        for (;;) {
            pause();
        }
    }
    rounds_init(&run, words[3]);
    meet(reader);
    ask();
    while (!is_over) {
        dds_sleepfor(DDS_MSECS(5));
    }
    rounds_print(&run);
    dds_delete(domain);
    return 0;
}
