"""A hundred buses with a hundred services each, all started at the same moment on one bridge.

How long until every bus has told of every service, what the network then carries while nothing happens, what a bus
costs, and what a legacy peer adds to that.
"""

import os
import statistics
import time

from town import LegacyPeer

from .bench import bench
from .programs import all_stats, cpu_seconds, go, resident_kib, sent_beyond, start_residents, threads

CONVERGED = 5.0  # seconds
TRAFFIC = 4096   # bytes a second, of all together
CPU = 1.0        # percent of one core a bus
_HEADERS = 14 + 20 + 8  # of a frame with UDP over IPv4


def make(town, buses, services, namespaces=None):
    """(hosts, residents): waiting to go. With fewer namespaces than buses, several share a host."""
    network = town.network()
    hosts = [town.host(f"host{number}", network) for number in range(namespaces or buses)]
    return hosts, start_residents(hosts, buses // len(hosts), services, buses * services)


def converge(report, residents, expect, within=120):
    """Seconds from the common start until the last bus has told of the last service, and when each was done."""
    start = go(residents, after=2.0)
    deadline = time.monotonic() + 2.0 + within
    report.town.reactor.idle(3.0)
    while True:
        stats = all_stats(residents)
        done = sum(one["reached"] > 0 for one in stats)
        report.progress(f"{done} of {len(residents)} buses know everything")
        if done == len(residents):
            return [(one["reached"] - start) / 1e6 for one in stats]
        lowest = min(one["appeared"] for one in stats)
        assert time.monotonic() < deadline, f"after {within} s only {done} buses know all {expect}; lowest: {lowest}"
        report.town.reactor.idle(1.0)


def _carried(hosts):
    """(bytes, frames) that the hosts have put on the bridge, all protocols."""
    ports = {host.links[0].port for host in hosts}
    total = [0, 0]
    with open("/proc/self/net/dev", encoding="ascii") as file:
        for line in file:
            name, _, counters = line.strip().partition(":")
            if name in ports:
                received = counters.split()
                total = [total[0] + int(received[0]), total[1] + int(received[1])]
    return total


def window(report, hosts, residents, seconds, sentence):
    """What goes on for so long while nothing happens: bytes a second by the buses' own count and by the bridge's, CPU
    percent of each bus, and the counters' growth in all."""
    before, carried, cpu = all_stats(residents), _carried(hosts), [cpu_seconds(one.pid) for one in residents]
    began = time.monotonic()
    report.watch(seconds, sentence)
    took = time.monotonic() - began
    cpu = [(cpu_seconds(one.pid) - old) / took * 100 for one, old in zip(residents, cpu)]
    after = all_stats(residents)
    grown = {key: sum(new[key] - old[key] for new, old in zip(after, before)) for key in after[0]}
    octets, frames = (new - old for new, old in zip(_carried(hosts), carried))
    return {"rate": sent_beyond(grown) / took, "bridge": (octets - frames * _HEADERS) / took, "frames": frames / took,
            "cpu": cpu, "grown": grown, "left": grown["left"]}


def _tell_window(report, name, seen, goal):
    shown = {key: seen["grown"][key] for key in ("sent_query", "sent_add", "sent_presence", "probes", "fetches",
                                                 "wakes", "send_failed")}
    report.figure(f"{name}, traffic of all", seen["rate"], "B/s", goal, **shown)
    report.figure(f"{name}, the same by the bridge's counters", seen["bridge"], "B/s", frames_per_second=seen["frames"])
    report.figure(f"{name}, CPU of a bus, at most", max(seen["cpu"]), "%", CPU if goal else None,
                  median=statistics.median(seen["cpu"]))
    report.figure(f"{name}, services believed gone", seen["left"], "services", 0)


def measure(report, buses, services, namespaces, seconds, settle, is_judged=True):
    """Start a crowd of this size and look at it for a while; (hosts, residents)."""
    report.progress(f"starting {buses} processes in {namespaces} namespaces", at_once=True)
    hosts, residents = make(report.town, buses, services, namespaces)
    times = converge(report, residents, buses * services)
    report.figure(f"{buses} buses x {services} services in {namespaces} namespaces, cold start, until all know all",
                  max(times), "s", CONVERGED if is_judged else None, first=min(times), median=statistics.median(times),
                  cpu_seconds_of_all=sum(cpu_seconds(one.pid) for one in residents), load=os.getloadavg()[0])
    report.watch(settle, "settling")
    _tell_window(report, "steady", window(report, hosts, residents, seconds, "steady traffic"), TRAFFIC)
    report.figure("resident memory of a bus that knows all, median",
                  statistics.median(resident_kib(one.pid) for one in residents), "KiB")
    report.figure("threads of a bus, at most", max(threads(one.pid) for one in residents), "threads", 2)
    return hosts, residents


def visit(report, hosts, residents, seconds, settle):
    """A legacy peer comes: what its `add`s need."""
    visitor = LegacyPeer.start(report.town.host("visitor", hosts[0].links[0].network))
    heard = visitor.listen()
    visitor.publish("lamp")
    report.watch(settle, "a legacy peer came")
    _tell_window(report, "with a legacy peer", window(report, hosts, residents, seconds, "traffic beside it"), None)
    known = {event.service for event in heard.heard if event.what == "appeared"}
    report.figure("services that the legacy peer knows", len(known), "services")


@bench("crowd-small", seconds=220)
def crowd_small(report):
    """Ten buses, without and with a legacy peer: what it costs in a house."""
    visit(report, *measure(report, buses=10, services=100, namespaces=10, seconds=60, settle=45), 60, 20)


@bench("crowd", seconds=240)
def crowd(report):
    """Twenty namespaces with five processes each: a kernel keeps 1,024 neighbours in all, for every namespace together,
    and a hundred hosts that all speak to each other on one machine would need ten times that."""
    measure(report, buses=100, services=100, namespaces=20, seconds=120, settle=60)


@bench("crowd-legacy", seconds=240)
def crowd_legacy(report):
    """The crowd with a legacy peer. Every `add` reaches a hundred processes of this one machine, so it is busy."""
    crowd_there = measure(report, buses=100, services=100, namespaces=20, seconds=20, settle=10, is_judged=False)
    visit(report, *crowd_there, 60, 60)
