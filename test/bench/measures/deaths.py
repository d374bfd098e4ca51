"""How soon the services of a killed process and of a vanished host are gone, at most, over many deaths at once.

Networks of ten buses each, side by side: two listen, eight die at random moments, half of them each way.
"""

import random

from town import Actor
from town.reactor import now

from .bench import bench
from .figures import median

GOAL = 15.0      # seconds
NETWORKS = 6
WITHIN = 12.0    # seconds: the deaths are spread over more than one presence interval


def _make_network(town, number):
    """(the listeners, the victims as (actor, its link, its service))"""
    network = town.network()
    watchers = [Actor.start(town.host(f"watch{number}-{index}", network)) for index in range(2)]
    listeners = [watcher.listen(type="lamp") for watcher in watchers]
    victims = []
    for index in range(8):
        host = town.host(f"victim{number}-{index}", network)
        actor = Actor.start(host)
        victims.append((actor, host.links[0], actor.publish("lamp")))
    return listeners, victims


def _kill_in_turn(report, victims, chance):
    """When each service lost its host, by id: killed processes, vanished hosts."""
    town = report.town
    start = now()
    plan = sorted(((start + chance.uniform(0, WITHIN), victim) for victim in victims), key=lambda one: one[0])
    killed, vanished = {}, {}
    for number, (at, (actor, link, service)) in enumerate(plan):
        town.reactor.idle(max(0.0, at - now()))
        report.progress(f"death {number + 1} of {len(plan)}")
        if number % 2:
            link.cut()
            vanished[service.id] = now()
        else:
            killed[service.id] = actor.kill()
    return killed, vanished


@bench("deaths", seconds=60)
def deaths(report):
    """Deaths of both kinds, and how long each was believed to live by each of its two listeners."""
    town = report.town
    networks = [_make_network(town, number) for number in range(NETWORKS)]
    listeners = [one for some, _ in networks for one in some]
    report.watch(20, "they get to know each other")
    assert all(len(one.heard) == 8 for one in listeners), "not everybody was heard of before the deaths"
    killed, vanished = _kill_in_turn(report, [one for _, some in networks for one in some], random.Random(1))
    town.reactor.until(lambda: all(len(one.heard) == 16 for one in listeners), 40)
    for name, since in (("of a killed process", killed), ("of a vanished host", vanished)):
        times = [event.at - since[event.service] for one in listeners for event in one.heard
                 if event.what == "left" and event.service in since]
        assert len(times) == 2 * len(since), f"{2 * len(since) - len(times)} never left"
        report.figure(f"a service {name} is gone, at most", max(times), "s", GOAL, deaths=len(since),
                      observations=len(times), p50=median(times), min=min(times))
