/* SPDX-License-Identifier: MIT
 * Prints. Knows no goals. */
#include "sim/scale/table.h"

#include <inttypes.h>

void sim_table_head(void)
{
    printf(
        "| buses | services | loss | in full | cold 99 %% s | all s | MB sent | peak Mbit/s | heard | overrun "
        "| steady B/s | heard/s | guest knows s | is known s | KB | leaves s | vanished s | false | CPU s |\n"
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    fflush(stdout);
}

/* A time; a dash if it did not come to that. */
static void print_time(double seconds)
{
    if (seconds < 0)
        printf("| - ");
    else
        printf("| %.4g ", seconds);
}

void sim_table_row(const sim_figures *f)
{
    printf("| %u | %u | %g %% | %u ", f->plan.buses, f->plan.services, f->plan.loss / 10.0,
           f->plan.sampled);
    print_time(f->nearly);
    print_time(f->all);
    printf("| %.2f | %.1f | %.0f | %.0f | %.0f | %.2f ", (double)f->cold_bytes / 1e6,
           (double)f->cold_peak * 8 / 1e6, f->cold_heard, f->cold_overrun, f->steady_bytes,
           f->steady_heard);
    print_time(f->guest_knows);
    print_time(f->guest_known);
    printf("| %.0f ", (double)f->join_bytes / 1e3);
    print_time(f->left);
    print_time(f->vanished);
    printf("| %" PRIu64 " | %.1f |\n", f->false_left, f->took);
    fflush(stdout);
}

static void write_cold(FILE *file, const sim_figures *f)
{
    fprintf(file, ",\"cold\":{\"nearly\":%.6f,\"all\":%.6f,\"known\":%.6f", f->nearly, f->all,
            f->known);
    fprintf(file, ",\"bytes\":%" PRIu64 ",\"packets\":%" PRIu64 ",\"peak\":%" PRIu64, f->cold_bytes,
            f->cold_packets, f->cold_peak);
    fprintf(file,
            ",\"queries\":%" PRIu64 ",\"presences\":%" PRIu64 ",\"adds\":%" PRIu64
            ",\"unicast\":%" PRIu64 ",\"fetched\":%" PRIu64,
            f->cold_queries, f->cold_presences, f->cold_adds, f->cold_unicast, f->cold_fetched);
    fprintf(file, ",\"heard\":%.1f,\"heard_bytes\":%.0f,\"overrun\":%.1f}", f->cold_heard,
            f->cold_heard_bytes, f->cold_overrun);
}

static void write_steady(FILE *file, const sim_figures *f)
{
    fprintf(file, ",\"steady\":{\"bytes\":%.1f,\"presence\":%.1f,\"adds\":%.1f,\"unicast\":%.1f",
            f->steady_bytes, f->steady_presence, f->steady_adds, f->steady_unicast);
    fprintf(file, ",\"heard\":%.3f,\"probes\":%.3f}", f->steady_heard, f->steady_probes);
}

void sim_table_json(FILE *file, const sim_figures *f)
{
    fprintf(file, "{\"buses\":%u,\"services\":%u,\"loss\":%g,\"sampled\":%u,\"seed\":%" PRIu64,
            f->plan.buses, f->plan.services, f->plan.loss / 1000.0, f->plan.sampled, f->plan.seed);
    write_cold(file, f);
    write_steady(file, f);
    fprintf(file, ",\"guest\":{\"knows\":%.6f,\"known\":%.6f,\"bytes\":%" PRIu64 "}",
            f->guest_knows, f->guest_known, f->join_bytes);
    fprintf(file, ",\"left\":{\"after\":%.6f,\"bytes\":%" PRIu64 "}", f->left, f->left_bytes);
    fprintf(file, ",\"vanished\":%.6f,\"false_left\":%" PRIu64 ",\"digest\":\"%016" PRIx64 "\"}\n",
            f->vanished, f->false_left, f->digest);
    fflush(file);
}
