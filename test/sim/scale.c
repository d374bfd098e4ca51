/* SPDX-License-Identifier: MIT
 * How traffic and convergence grow with the number of buses: the library's directory on a simulated network.
 *
 *     sim-scale [--json FILE]                     10 to 10,000 buses: about a quarter of an hour
 *     sim-scale --ci                              up to 1,000, as tests
 *     sim-scale --buses N [--services N] [--sampled N] [--loss PERCENT] [--seed N]
 *
 * In large networks only some have the whole directory and the others speak; see scale/network.h. Ends with 1 if
 * a goal is missed. */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "sim/scale/table.h"

#define FULL        100
#define STEADY      4096.0 /**< bytes a second, of the whole network, at any size */
#define COLD        5.0    /**< seconds, for 100 buses with 100 services */
#define VANISHED    15.0   /**< seconds, up to 100 buses */
#define LEASE_PART  1.2    /**< of an interval, and LEASE_SLACK seconds, beyond that */
#define LEASE_SLACK 4.0
#define SLOW        300.0 /**< seconds, otherwise */
#define NAME        160

/* A hundred thousand services are more than a directory takes by default. */
static const sim_plan everything[] = {
    {10, 1, 10, 0, 0},       {10, 10, 10, 0, 0},      {10, 100, 10, 0, 0},
    {100, 1, 100, 0, 0},     {100, 10, 100, 0, 0},    {100, 100, 100, 0, 0},
    {1000, 1, 1000, 0, 0},   {1000, 10, 100, 0, 0},   {10000, 1, 100, 0, 0},
    {10, 1, 10, 100, 0},     {10, 10, 10, 100, 0},    {10, 100, 10, 100, 0},
    {100, 1, 100, 100, 0},   {100, 10, 100, 100, 0},  {100, 100, 100, 100, 0},
    {1000, 1, 1000, 100, 0}, {1000, 10, 100, 100, 0}, {10000, 1, 100, 100, 0},
};

static const sim_plan in_ci[] = {
    {10, 1, 10, 0, 0},      {10, 100, 10, 100, 0}, {100, 1, 100, 0, 0},    {100, 100, 100, 0, 0},
    {100, 10, 100, 100, 0}, {1000, 1, 100, 0, 0},  {1000, 1, 100, 100, 0}, {1000, 10, 100, 0, 0},
};

static unsigned failures;

static void judge(bool is_good, const char *name, const char *why, ...) AB_PRINTF(3, 4);
static void judge(bool is_good, const char *name, const char *why, ...)
{
    va_list arguments;
    failures += !is_good;
    printf(is_good ? "ok %s\n" : "not ok %s: ", name);
    if (!is_good) {
        va_start(arguments, why);
        vprintf(why, arguments);
        va_end(arguments);
        printf("\n");
    }
    fflush(stdout);
}

static double longest_interval(const sim_plan *plan)
{
    return plan->buses < 100 ? 10.0 : plan->buses / 10.0;
}

/* Beyond a thousand, how long it takes to know all is told and not judged. */
static void judge_news(const sim_figures *f, const char *what)
{
    const sim_plan *plan = &f->plan;
    char name[NAME];
    double limit = plan->buses <= 100 && plan->loss == 0 ? COLD : SLOW;
    if (plan->buses > 1000)
        return;
    snprintf(name, sizeof name, "all know one another after a common start (%s)", what);
    judge(f->all >= 0 && f->all <= limit, name, "after %.1f s the worst knows %.2f %%", f->all,
          f->known * 100);
    snprintf(name, sizeof name, "a guest and they learn of each other (%s)", what);
    judge(f->guest_knows >= 0 && f->guest_known >= 0, name, "it %.2f s, they %.2f s",
          f->guest_knows, f->guest_known);
}

static void judge_all(const sim_figures *f)
{
    const sim_plan *plan = &f->plan;
    char name[NAME], what[NAME / 2];
    snprintf(what, sizeof what, "%u buses, services %u, loss %u %%", plan->buses, plan->services,
             plan->loss / 10);
    judge_news(f, what);
    if (plan->loss == 0) {
        snprintf(name, sizeof name, "little is sent while nothing happens (%s)", what);
        judge(f->steady_bytes <= STEADY, name, "%.0f bytes a second, not %.0f", f->steady_bytes,
              STEADY);
    }
    snprintf(name, sizeof name, "a goodbye is heard by all (%s)", what);
    judge(f->left >= 0, name, "it is not");
    double limit =
        plan->buses <= 100 ? VANISHED : LEASE_PART * longest_interval(plan) + LEASE_SLACK;
    snprintf(name, sizeof name, "a death is believed in time (%s)", what);
    judge(f->vanished >= 0 && f->vanished <= limit, name, "after %.1f s, not %.0f", f->vanished,
          limit);
    snprintf(name, sizeof name, "nobody is believed dead who is not (%s)", what);
    judge(f->false_left == 0, name, "%" PRIu64 " services are", f->false_left);
}

static void judge_repetition(uint64_t seed)
{
    sim_plan plan = {60, 3, 20, 100, seed}; /* speakers and loss too */
    sim_figures first, second;
    sim_story(&plan, &first);
    sim_story(&plan, &second);
    judge(first.digest == second.digest, "the same seed makes the same things happen",
          "%016" PRIx64 " and %016" PRIx64, first.digest, second.digest);
}

static void run(const sim_plan *plan, uint64_t seed, FILE *json, sim_figures *figures)
{
    sim_plan seeded = *plan;
    seeded.seed = seed;
    sim_story(&seeded, figures);
    sim_table_row(figures);
    if (json != NULL)
        sim_table_json(json, figures);
}

static void run_each(const sim_plan *plans, size_t count, uint64_t seed, FILE *json)
{
    sim_figures *figures = calloc(count, sizeof *figures);
    if (figures == NULL)
        abort();
    sim_table_head();
    for (size_t i = 0; i < count; i++)
        run(&plans[i], seed, json, &figures[i]);
    for (size_t i = 0; i < count; i++)
        judge_all(&figures[i]);
    free(figures);
}

static unsigned long number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*text == '\0' || *end != '\0') {
        fprintf(stderr, "sim-scale: %s is not a number\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    enum {
        CI,
        JSON,
        BUSES,
        SERVICES,
        SAMPLED,
        LOSS,
        SEED
    };
    static const struct option options[] = {
        {"ci", no_argument, NULL, CI},
        {"json", required_argument, NULL, JSON},
        {"buses", required_argument, NULL, BUSES},
        {"services", required_argument, NULL, SERVICES},
        {"sampled", required_argument, NULL, SAMPLED},
        {"loss", required_argument, NULL, LOSS},
        {"seed", required_argument, NULL, SEED},
        {NULL, 0, NULL, 0},
    };
    sim_plan one = {0, 1, 0, 0, 1};
    const char *file = NULL;
    bool is_ci = false;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case CI: is_ci = true; break;
        case JSON: file = optarg; break;
        case BUSES: one.buses = (unsigned)number(optarg); break;
        case SERVICES: one.services = (unsigned)number(optarg); break;
        case SAMPLED: one.sampled = (unsigned)number(optarg); break;
        case LOSS: one.loss = (unsigned)number(optarg) * 10; break;
        case SEED: one.seed = number(optarg); break;
        default: return 2;
        }
    }
    FILE *json = file == NULL ? NULL : fopen(file, "w");
    if (file != NULL && json == NULL) {
        perror(file);
        return 1;
    }
    one.sampled = one.sampled == 0 ? AB_MIN(one.buses, FULL) : AB_MIN(one.buses, one.sampled);
    if (one.buses > 0)
        run_each(&one, 1, one.seed, json);
    else if (is_ci)
        run_each(in_ci, AB_COUNT(in_ci), one.seed, json);
    else
        run_each(everything, AB_COUNT(everything), one.seed, json);
    if (one.buses == 0)
        judge_repetition(one.seed);
    if (json != NULL)
        fclose(json);
    return failures > 0;
}
