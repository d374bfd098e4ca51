"""How soon a new bus hears of a service that is already there: from autobus_bus_new() to the callback.

On a quiet bridge with one and with nine other buses, at a tenth of all packets lost, with three processes on one
host, and beside it the same of a legacy peer.
"""

from town import Actor, LegacyPeer

from .bench import bench
from .figures import median, percentile
from .programs import run_to_end

QUIET, LOSSY = 5.0, 500.0  # milliseconds: median, and the 99th percentile at 10 % loss
HOLD_BACK = 3.0            # seconds until the first announcements have all been said


def _settled(town, hosts, each=1):
    """Buses with a lamp each, their announcements behind them."""
    actors = [Actor.start(host) for host in hosts for _ in range(each)]
    for actor in actors:
        actor.publish("lamp")
    town.reactor.idle(HOLD_BACK)
    return actors


def _times(runs):
    """(milliseconds to each callback, to the last one of each run); a service not heard of counts as ten seconds."""
    each = [us / 1000 for run in runs for us in run["seen"]]
    last = [max(run["seen"]) / 1000 if run["complete"] else 10000.0 for run in runs]
    return each + [10000.0 for run in runs if not run["complete"]], last


def _arrive(report, host, runs, expect, sentence, pause=100):
    told = run_to_end(host, "bench-newcomer", "--runs", runs, "--expect", expect, "--pause", pause, report=report,
                      sentence=sentence, within=60 + runs * 2)
    return (*_times(told), [run["new"] / 1000 for run in told])


def _spread(values):
    return {"runs": len(values), "p50": median(values), "p90": percentile(values, 0.9),
            "p99": percentile(values, 0.99), "max": max(values)}


def quiet(report, others, runs=200):
    town = report.town
    network = town.network()
    newcomer = town.host("newcomer", network)
    _settled(town, [town.host(f"host{number}", network) for number in range(others)])
    each, last, new = _arrive(report, newcomer, runs, others, f"beside {others}")
    report.figure(f"to a service there, {others} other buses, median", median(each), "ms", QUIET, **_spread(each))
    if others > 1:
        report.figure(f"to the last of {others} services, median", median(last), "ms", **_spread(last))
    return new


def legacy(report, runs=20):
    """The same of a legacy peer among legacy peers, from its start to its event."""
    town = report.town
    network = town.network()
    one, other = town.host("old", network), town.host("new", network)
    LegacyPeer.start(one).publish("lamp")
    town.reactor.idle(HOLD_BACK)
    times = []
    for number in range(runs):
        report.progress(f"legacy run {number} of {runs}")
        peer = LegacyPeer.start(other, seed=number)
        listener = peer.listen(type="lamp")
        town.eventually(lambda listener=listener: listener.heard, 20, "the legacy peer hears")
        times.append((listener.heard[0].at - peer.ready_at) * 1000)
        peer.kill()
        peer.wait()
    report.figure("the same, legacy peers among themselves, median", median(times), "ms", **_spread(times))


@bench("newcomer", seconds=90)
def newcomer(report):
    """One other bus, nine others, and the legacy peer."""
    new = quiet(report, others=1)
    quiet(report, others=9)
    report.figure("of it autobus_bus_new() itself, median", median(new), "ms", **_spread(new))
    legacy(report)


@bench("newcomer-loss", seconds=240)
def newcomer_loss(report, runs=500):
    """Every tenth frame to and from the newcomer is lost."""
    town = report.town
    for others in (1, 9):
        network = town.network()
        host = town.host("newcomer", network)
        _settled(town, [town.host(f"host{number}", network) for number in range(others)])
        host.links[0].lose(0.1, ways=("ingress", "egress"))
        each, _, _ = _arrive(report, host, runs, others, f"10 % loss, beside {others}", pause=50)
        report.figure(f"to a service there at 10 % loss, {others} other buses, 99th percentile",
                      percentile(each, 0.99), "ms", LOSSY, **_spread(each))


@bench("one-host", seconds=60)
def one_host(report, runs=200):
    """Three processes on one host; the newcomer is a fourth there, or on another."""
    town = report.town
    network = town.network()
    here, there = town.host("here", network), town.host("there", network)
    _settled(town, [here], each=3)
    for host, name in ((here, "on the same host"), (there, "on another")):
        each, last, _ = _arrive(report, host, runs, 3, f"three processes, newcomer {name}")
        report.figure(f"to a service of three processes, newcomer {name}, median", median(each), "ms", QUIET,
                      **_spread(each))
        report.figure(f"to the last of them, newcomer {name}, median", median(last), "ms", **_spread(last))
