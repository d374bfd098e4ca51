"""How soon a publication and a goodbye are heard, on a quiet bridge of ten buses."""

from town import Actor

from .bench import bench
from .figures import median, percentile
from .programs import Resident, go

GOAL = 5.0  # milliseconds
HOLD_BACK = 3.0
APART = 1.1  # seconds: what is said again of one change ends before the next


def _delays(listeners, what, since, seen):
    """Milliseconds until each listener heard, once all have."""
    town = listeners[0].witness.town
    town.eventually(lambda: all(len(one.heard) > seen for one in listeners), 10, f"all hear: {what}")
    events = [one.heard[seen] for one in listeners]
    assert all(event.what == what for event in events), [str(event) for event in events]
    return [(event.at - since / 1e6) * 1000 for event in events]


@bench("news", seconds=150)
def news(report, runs=50):
    """Nine listeners, one of them on the publisher's own host."""
    town = report.town
    network = town.network()
    speaker = town.host("speaker", network)
    hosts = [speaker] + [town.host(f"host{number}", network) for number in range(8)]
    listeners = [Actor.start(host).listen(type="extra") for host in hosts]
    resident = Resident.start(speaker, 1, 0)
    resident.next()
    go([resident])
    town.reactor.idle(HOLD_BACK)
    appeared, left = [], []
    for number in range(runs):
        report.progress(f"run {number} of {runs}")
        resident.tell("publish")
        appeared += _delays(listeners, "appeared", resident.next()["t"], 2 * number)
        town.reactor.idle(APART)
        resident.tell("withdraw")
        left += _delays(listeners, "left", resident.next()["t"], 2 * number + 1)
        town.reactor.idle(APART)
    for name, times in (("a publication is heard", appeared), ("a goodbye is heard", left)):
        details = {"observations": len(times), "max": max(times)}
        report.figure(f"{name}, median", median(times), "ms", GOAL, **details)
        report.figure(f"{name}, 99th percentile", percentile(times, 0.99), "ms", GOAL, **details)
