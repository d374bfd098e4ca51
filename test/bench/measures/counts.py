"""The benchmarks in small, as tests: what does not depend on how fast a machine is. Wakes, threads, memory, bytes sent.

Times are bounded here only as far as a test must end.
"""

import sys

from town import main, story

from . import crowd, idle, weight
from .bench import Report
from .programs import resident_kib, threads

SECONDS = 10  # of watching; a presence interval


def _idle_bus(town, apart):
    one = idle.make(town, apart)
    town.eventually(lambda: one.stat("buses") == idle.NEIGHBOURS, 30, "it knows its neighbours")
    town.reactor.idle(5)  # what is said again of appearing has been said
    (turns, sleeps), = idle.wakes_per_second([one], SECONDS, town.reactor.idle)
    assert max(turns, sleeps) <= idle.WAKES, f"{turns} turns and {sleeps} sleeps a second"
    assert threads(one.pid) <= idle.THREADS, f"{threads(one.pid)} threads"
    assert resident_kib(one.pid) <= idle.RESIDENT, f"{resident_kib(one.pid)} KiB resident"


@story(waits=20)
def an_idle_bus_with_ten_neighbours_on_other_hosts_costs_next_to_nothing(town):
    _idle_bus(town, apart=True)


@story(waits=20)
def an_idle_bus_with_ten_neighbours_on_its_own_host_costs_next_to_nothing(town):
    _idle_bus(town, apart=False)


@story(waits=10)
def a_service_known_costs_less_than_a_kibibyte_beside_its_info(town):
    cost, _ = weight.bytes_beside_info(town, buses=10, services=1000)
    assert cost <= weight.BYTES, f"{cost:.0f} bytes"


@story(waits=30)
def twenty_buses_learn_of_a_thousand_services_and_are_quiet_then(town):
    hosts, residents = crowd.make(town, buses=20, services=50)
    report = Report("crowd", town.build, None, town)
    crowd.converge(report, residents, 1000, within=30)
    town.reactor.idle(5)
    seen = crowd.window(report, hosts, residents, SECONDS, "steady")
    assert seen["rate"] <= crowd.TRAFFIC, f"{seen['rate']:.0f} bytes a second: {seen['grown']}"
    assert seen["left"] == 0, f"{seen['left']} services are believed gone"
    assert seen["bridge"] <= 1.2 * seen["rate"] + 200, f"{seen['bridge']:.0f} B/s on the bridge, {seen['rate']:.0f} told"


def check(options):
    """Run them side by side, as a file of stories does."""
    sys.argv = [sys.argv[0], "--build", options.build, "--jobs", "4", *options.names]
    main()
