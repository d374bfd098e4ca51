"""The benchmarks in small, as tests: what does not depend on how fast a machine is. Wakes, threads, memory, bytes sent.

Times are bounded here only as far as a test must end.
"""

import sys

from town import main, story

from . import crowd, hub, idle, weight
from .bench import Report
from .programs import own_kib, resident_kib, threads

SECONDS = 10  # of watching; a presence interval
# KiB: around a touched page of the C library a kernel maps what it has at hand, so of one and the same program 2,520 to
# 2,670 KiB are resident. What is its own does not depend on that.
MAPPED = 128


def _idle_bus(town, apart):
    one = idle.make(town, apart)
    town.eventually(lambda: one.stat("buses") == idle.NEIGHBOURS, 30, "it knows its neighbours")
    town.reactor.idle(5)  # what is said again of appearing has been said
    (turns, sleeps), = idle.wakes_per_second([one], SECONDS, town.reactor.idle)
    assert max(turns, sleeps) <= idle.WAKES, f"{turns} turns and {sleeps} sleeps a second"
    assert threads(one.pid) <= idle.THREADS, f"{threads(one.pid)} threads"
    assert own_kib(one.pid) <= idle.OWN, f"{own_kib(one.pid)} KiB of its own"
    assert resident_kib(one.pid) <= idle.RESIDENT + MAPPED, f"{resident_kib(one.pid)} KiB resident"


@story(waits=20)
def an_idle_bus_with_ten_neighbours_on_other_hosts_costs_next_to_nothing(town):
    _idle_bus(town, apart=True)


@story(waits=20)
def an_idle_bus_with_ten_neighbours_on_its_own_host_costs_no_more(town):
    _idle_bus(town, apart=False)


@story(waits=10)
def a_service_known_costs_less_than_a_kibibyte_beside_its_info(town):
    cost, _ = weight.bytes_beside_info(town, buses=10, services=1000)
    assert cost <= weight.BYTES, f"{cost:.0f} bytes"


@story(waits=1)
def a_hundred_services_of_one_bus_need_one_connection(town):
    told = hub.of(town, 100)
    assert told["connections"] == 1, f"{told['connections']} connections"


def _quiet_crowd(town, buses, services):
    """What a crowd does in a presence interval when each bus knows everything."""
    hosts, residents = crowd.make(town, buses, services)
    report = Report("crowd", town.build, None, town)
    crowd.converge(report, residents, buses * services, within=30)
    town.reactor.idle(5)
    seen = crowd.window(report, hosts, residents, SECONDS, "steady")
    assert seen["left"] == 0, f"{seen['left']} services are believed gone"
    for what in ("sent_query", "fetches", "probes"):
        assert seen["grown"][what] == 0, f"{what}: {seen['grown'][what]} although nothing happens"
    copies = 2 * buses * (SECONDS / 9 + 1)  # over loopback and over the network, every nine seconds at most
    assert seen["grown"]["sent_presence"] <= copies, f"{seen['grown']['sent_presence']} presences"
    return seen


@story(waits=30)
def twenty_buses_learn_of_a_thousand_services_and_ask_no_more(town):
    _quiet_crowd(town, buses=20, services=50)


@story(waits=30)
def twenty_buses_with_few_services_are_quiet(town):
    seen = _quiet_crowd(town, buses=20, services=4)
    assert seen["grown"]["sent_add"] == 0, "services are still being announced"
    assert seen["rate"] <= crowd.TRAFFIC / 4, f"{seen['rate']:.0f} bytes a second: {seen['grown']}"
    carried = seen["bridge"]
    assert carried <= 1.2 * seen["rate"] + 200, f"{carried:.0f} B/s on the bridge, {seen['rate']:.0f} told of"


def check(options):
    """Run them side by side, as a file of stories does."""
    sys.argv = [sys.argv[0], "--build", options.build, "--jobs", "4", *options.names]
    main()
