/* SPDX-License-Identifier: MIT
 * Lets things happen and reads the clock and the meter. Knows no goals. */
#include "sim/scale/story.h"

#include <sys/resource.h>
#include <time.h>

#include "sim/scale/bus.h"
#include "sim/scale/event.h"

#define STARTS     AB_MS(100) /**< in which all begin */
#define COLD_LIMIT AB_MS(300000)
#define NEWS_LIMIT AB_MS(120000)
#define REST       AB_MS(60000) /**< at least; and three intervals, to be sure of everybody */
#define WINDOW     AB_MS(60000) /**< at least, or an interval */
#define AFTERMATH  AB_MS(5000)

static double in_seconds(ab_time time)
{
    return (double)time / 1e6;
}

/* The longest presence interval of a network of that size. */
static ab_time interval(const sim_plan *plan)
{
    return AB_MAX(AB_MS(10000), AB_MS(100) * (ab_time)plan->buses);
}

static bool is_all_known(const sim_network *network)
{
    for (unsigned i = 0; i < network->plan.sampled; i++) {
        if (network->buses[i]->reached == 0)
            return false;
    }
    return true;
}

static bool is_told_all(const sim_network *network)
{
    return network->subject.with_all >= network->full - 1;
}

static bool is_forgotten(const sim_network *network)
{
    return network->subject.with_none >= network->full;
}

static bool has_guest_all(const sim_network *network)
{
    return network->buses[network->plan.buses]->reached != 0;
}

static bool is_doomed(const sim_network *network)
{
    return network->doomed_at != 0;
}

/* Until it is so; seconds since `since`, or -1. */
static double run_until(sim_network *network, bool (*is_so)(const sim_network *), ab_time since,
                        ab_time most)
{
    ab_time until = network->now + most;
    while (!is_so(network)) {
        if (!sim_network_step(network, until))
            return -1;
    }
    return in_seconds(network->now - since);
}

/* The starts. */

static void plan_starts(sim_network *network)
{
    unsigned all = network->plan.buses * network->offering;
    for (unsigned i = 0; i < network->plan.buses; i++) {
        sim_bus *bus = network->buses[i];
        bus->goal = all;
        bus->nearly = all - all / 100;
        sim_event start = {
            .at = network->now + (ab_time)ab_dice_below(&network->dice, STARTS),
            .kind = SIM_EVENT_START,
            .bus = bus,
        };
        sim_event_push(network, &start);
    }
}

static void tell_of_start(sim_network *network, sim_figures *figures, ab_time began)
{
    unsigned all = network->plan.buses * network->offering, fewest = all;
    ab_time nearly = began;
    for (unsigned i = 0; i < network->plan.sampled; i++) {
        const sim_bus *bus = network->buses[i];
        fewest = AB_MIN(fewest, bus->known);
        nearly = bus->nearly_reached == 0 ? AB_NEVER : AB_MAX(nearly, bus->nearly_reached);
        if (nearly == AB_NEVER)
            break;
    }
    const sim_meter *meter = &network->meter;
    double sampled = network->plan.sampled;
    figures->nearly = nearly == AB_NEVER ? -1 : in_seconds(nearly - began);
    figures->known = (double)fewest / all;
    figures->cold_bytes = sim_meter_all(meter).bytes;
    figures->cold_packets = sim_meter_all(meter).packets;
    figures->cold_queries = meter->sent[AB_PACKET_QUERY].bytes;
    figures->cold_presences = meter->sent[AB_PACKET_PRESENCE].bytes;
    figures->cold_adds = meter->sent[AB_PACKET_ADD].bytes;
    figures->cold_unicast = meter->unicast.bytes;
    figures->cold_peak = sim_meter_peak(meter);
    figures->cold_fetched = meter->fetched.bytes;
    figures->cold_heard = (double)meter->heard.packets / sampled;
    figures->cold_heard_bytes = (double)meter->heard.bytes / sampled;
    figures->cold_overrun = (double)meter->overrun / sampled;
}

static void start_all(sim_network *network, sim_figures *figures)
{
    ab_time began = network->now;
    plan_starts(network);
    figures->all = run_until(network, is_all_known, began, COLD_LIMIT);
    sim_network_run(network, AB_MAX(began + AFTERMATH - network->now, 0));
    tell_of_start(network, figures, began);
}

/* Nothing. */

static void rest(sim_network *network, sim_figures *figures)
{
    ab_time window = AB_MAX(WINDOW, interval(&network->plan));
    sim_network_run(network, AB_MAX(REST, 3 * interval(&network->plan)));
    sim_meter before = network->meter;
    sim_network_run(network, window);
    const sim_meter *after = &network->meter;
    double seconds = in_seconds(window);
    uint64_t bytes = sim_meter_all(after).bytes - sim_meter_all(&before).bytes;
    uint64_t heard = after->heard.packets - before.heard.packets;
    figures->steady_bytes = (double)bytes / seconds;
    figures->steady_unicast = (double)(after->unicast.bytes - before.unicast.bytes) / seconds;
    figures->steady_presence =
        (double)(after->sent[AB_PACKET_PRESENCE].bytes - before.sent[AB_PACKET_PRESENCE].bytes) /
        seconds;
    figures->steady_adds =
        (double)(after->sent[AB_PACKET_ADD].bytes - before.sent[AB_PACKET_ADD].bytes) / seconds;
    figures->steady_heard = (double)heard / network->plan.sampled / seconds;
    figures->steady_probes = (double)(after->probes - before.probes) / seconds;
}

/* One comes and goes. */

static uint64_t beyond(double bytes, double usual)
{
    return bytes > usual ? (uint64_t)(bytes - usual) : 0;
}

static double bytes_so_far(const sim_network *network)
{
    return (double)sim_meter_all(&network->meter).bytes;
}

static void welcome_guest(sim_network *network, sim_figures *figures)
{
    sim_bus *guest = network->buses[network->plan.buses];
    ab_time began = network->now;
    double bytes = bytes_so_far(network);
    guest->goal = (network->plan.buses + 1) * network->offering;
    guest->nearly = guest->goal;
    sim_bus_watch(network, guest->index, false);
    sim_bus_start(guest);
    bool is_known = run_until(network, is_told_all, began, NEWS_LIMIT) >= 0;
    figures->guest_known = is_known ? in_seconds(network->subject.told_at - began) : -1;
    bool knows = run_until(network, has_guest_all, began, NEWS_LIMIT) >= 0;
    figures->guest_knows = knows ? in_seconds(guest->reached - began) : -1;
    sim_network_run(network, AFTERMATH);
    figures->join_bytes = beyond(bytes_so_far(network) - bytes,
                                 figures->steady_bytes * in_seconds(network->now - began));
}

static void see_guest_off(sim_network *network, sim_figures *figures)
{
    sim_bus *guest = network->buses[network->plan.buses];
    ab_time began = network->now;
    double bytes = bytes_so_far(network);
    sim_bus_watch(network, guest->index, true);
    sim_bus_leave(guest);
    for (int turn = 0; turn < 300 && !ab_directory_is_said(guest->directory); turn++)
        sim_network_run(network, AB_MS(10));
    sim_bus_end(guest);
    bool is_gone = run_until(network, is_forgotten, began, NEWS_LIMIT) >= 0;
    figures->left = is_gone ? in_seconds(network->subject.told_at - began) : -1;
    sim_network_run(network, AFTERMATH);
    figures->left_bytes = beyond(bytes_so_far(network) - bytes,
                                 figures->steady_bytes * in_seconds(network->now - began));
}

static void pull_the_plug(sim_network *network, sim_figures *figures)
{
    sim_bus *victim = network->buses[network->plan.buses - 1];
    network->doomed = victim;
    figures->vanished = -1;
    if (run_until(network, is_doomed, network->now, 3 * interval(&network->plan)) < 0)
        return;
    sim_bus_watch(network, victim->index, true);
    if (run_until(network, is_forgotten, network->doomed_at, 3 * interval(&network->plan)) >= 0)
        figures->vanished = in_seconds(network->subject.told_at - network->doomed_at);
}

void sim_story(const sim_plan *plan, sim_figures *figures)
{
    struct rusage usage;
    clock_t began = clock();
    *figures = (sim_figures){.plan = *plan};
    sim_network *network = sim_network_new(plan);
    start_all(network, figures);
    rest(network, figures);
    welcome_guest(network, figures);
    see_guest_off(network, figures);
    pull_the_plug(network, figures);
    figures->false_left = network->false_left;
    figures->digest = network->digest;
    getrusage(RUSAGE_SELF, &usage);
    figures->memory = (double)usage.ru_maxrss / 1024;
    sim_network_free(network);
    figures->took = (double)(clock() - began) / CLOCKS_PER_SEC;
}
