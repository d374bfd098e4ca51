#!/usr/bin/env python3
"""Much at once: calls from many threads while their service is killed, floods both ways, readers that stop."""

import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, main, story  # noqa: E402

SOON = 2.0


def memory_of(witness):
    """Resident KiB."""
    with open(f"/proc/{witness.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


@story(near=True, waits=20, scaled=100, busy=True)
def every_call_completes_exactly_once_whoever_is_killed(town):
    _, one, other = town.two_hosts()
    notes = "/run/town/notes"

    def serve():
        alice = Actor.start(one)
        lamp = alice.publish("lamp", service_id="lamp-1")
        lamp.function("note", file=notes, policy="pool")
        return alice

    alice = serve()
    bob = Actor.start(other)
    proxy = bob.proxy(type="lamp")
    proxy.wait()
    chance = random.Random(town.seed)
    count = max(2000, int(100_000 * town.scale))
    kills = max(3, int(100 * town.scale))
    storm = proxy.storm("note", count=count, most=10 * count, threads=8, timeout_ms=5000, pause_us=3000,
                        filter={"type": "lamp"})
    for kill in range(kills):
        town.reactor.idle(chance.uniform(0.02, 0.3))
        assert not storm.heard, f"the storm was over after {kill} kills"
        alice.kill()
        alice = serve()
    proxy.stop_storm()
    town.eventually(lambda: storm.heard, 100, "the end of the storm")
    told = storm.heard[0].details
    storm.seen = 1
    assert told["made"] >= count and sum(told["results"].values()) == told["made"], told["results"]
    assert told["wrong"] == [], f"not exactly once: {told['wrong'][:20]}"
    with open(notes, encoding="ascii") as file:
        noted = [int(line) for line in file]
    assert len(noted) == len(set(noted)), "no effect happened twice"
    assert set(told["succeeded"]) <= set(noted), "what was acknowledged happened"
    assert len(told["succeeded"]) > told["made"] / 20, told["results"]


@story(near=True, waits=8, busy=True)
def two_programs_flooding_each_other_neither_stop_nor_grow(town):
    _, one, other = town.two_hosts()
    sides = [Actor.start(one), Actor.start(other)]
    for number, side in enumerate(sides):
        side.publish(f"side{number}").function("drag", policy="pool")
    remotes = [side.proxy(type=f"side{1 - number}") for number, side in enumerate(sides)]
    for remote in remotes:
        remote.wait()
    before = [memory_of(side) for side in sides]
    storms = [remote.storm("drag", count=10000, threads=4, timeout_ms=20000, calm=1) for remote in remotes]
    for storm, remote in zip(storms, remotes):
        town.eventually(lambda storm=storm: storm.heard, 60, "the end of the flood")
        storm.seen = 1
        assert storm.heard[0].details["wrong"] == []
        assert remote.bound() == 1, "and still bound"
    grown = [memory_of(side) - start for side, start in zip(sides, before)]
    assert max(grown) < 64 * 1024, f"grew by {grown} KiB"


@story(near=True, waits=6, busy=True)
def a_watcher_that_stops_reading_costs_little_and_delays_nobody(town):
    network, one, other = town.two_hosts()
    alice = Actor.start(one)
    lamp = alice.publish("lamp", objects={"level": 0})
    fast = Actor.start(town.host("three", network))
    slow = Actor.start(other)
    watches = {}
    for witness in (fast, slow):
        proxy = witness.proxy(type="lamp")
        proxy.wait()
        watches[witness] = proxy.watch("level")
        expect(watches[witness], [("value", lamp, {"value": 0})], within=SOON)
    slow.pause()
    before = memory_of(alice)
    count = max(2000, int(20_000 * town.scale))
    number = alice.request("set", service=lamp.id, name="level", count=count, size=65536)
    assert alice.answer(number, 60)["ok"]

    def is_last(heard):
        value = heard.heard[-1].details["value"]
        return isinstance(value, list) and value[0] == count

    town.eventually(lambda: is_last(watches[fast]), 5, "the fast one has the last value")
    grown = memory_of(alice) - before
    assert grown < 8 * 1024, f"grew by {grown} KiB"
    slow.resume()
    town.eventually(lambda: is_last(watches[slow]), 10, "the slow one ends with the last value")
    for heard in watches.values():
        heard.seen = len(heard.heard)


if __name__ == "__main__":
    main()
