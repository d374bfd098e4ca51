"""What an idle bus costs beside ten neighbours: how often it wakes, what it keeps in memory, how many threads it has.

The neighbours are on other hosts of the bridge, or all on its own.
"""

from town import Actor

from .bench import bench
from .programs import Resident, cpu_seconds, go, own_kib, resident_kib, switches, threads

WAKES, RESIDENT, OWN, THREADS = 2.0, 2.6 * 1024, 700, 2  # a second; KiB, MB is read as MiB
NEIGHBOURS = 10


def make(town, apart):
    """The observed bus, its neighbours running."""
    network = town.network()
    home = town.host(f"home{network.number}", network)
    hosts = [town.host(f"away{network.number}-{number}", network) if apart else home for number in range(NEIGHBOURS)]
    for host in hosts:
        Actor.start(host).publish("lamp")
    observed = Resident.start(home, 1, 0)
    observed.next()
    go([observed], after=0)
    return observed


def wakes_per_second(observed, seconds, wait):
    """Of each of these buses: (turns of the loop, sleeps as the kernel counts them), a second. wait(seconds) lets the
    time pass. Asking it wakes its main thread alone, which is not counted."""
    def count(one):
        return one.stat("wakes"), switches(one.pid)

    before = [count(one) for one in observed]
    wait(seconds)
    after = [count(one) for one in observed]
    return [tuple((new - old) / seconds for new, old in zip(last, first)) for last, first in zip(after, before)]


@bench("idle", seconds=100)
def idle(report, seconds=60):
    """Both arrangements at once, on networks of their own."""
    town = report.town
    arrangements = [("neighbours on other hosts", make(town, True)), ("neighbours on the same host", make(town, False))]
    observed = [one for _, one in arrangements]
    report.watch(20, "they get to know each other")
    cpu = [cpu_seconds(one.pid) for one in observed]
    rates = wakes_per_second(observed, seconds, lambda time: report.watch(time, "idle"))
    for (name, one), (turns, sleeps), before in zip(arrangements, rates, cpu):
        known = one.stat("buses")
        assert known == NEIGHBOURS, f"it knows {known} buses"
        report.figure(f"{NEIGHBOURS} {name}, wakes a second by its own count", turns, "/s", WAKES)
        report.figure(f"{NEIGHBOURS} {name}, voluntary switches a second", sleeps, "/s", WAKES)
        report.figure(f"{NEIGHBOURS} {name}, CPU", (cpu_seconds(one.pid) - before) / seconds * 100, "%")
        report.figure(f"{NEIGHBOURS} {name}, resident memory", resident_kib(one.pid), "KiB", RESIDENT)
        report.figure(f"{NEIGHBOURS} {name}, of it its own", own_kib(one.pid), "KiB", OWN)
        report.figure(f"{NEIGHBOURS} {name}, threads", threads(one.pid), "threads", THREADS)
