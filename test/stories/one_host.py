#!/usr/bin/env python3
"""Programs of one host: they need no network, and nobody can tell but by the counters."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, main, story  # noqa: E402

SOON = 2.0
FOLDER = "/run/autobus/sockets"


def neighbours(town, lamps=None, bobs=None, **objects):
    """A lamp and a proxy for it in two programs of one host."""
    host = town.host("host", town.network())
    alice = Actor.start(host, **(lamps or {}))
    lamp = alice.publish("lamp", objects=objects)
    lamp.function("echo")
    bob = Actor.start(host, **(bobs or {}))
    proxy = bob.proxy(type="lamp")
    states = proxy.states()
    expect(states, [("bound", lamp)], within=SOON)
    return host, lamp, bob, proxy, states


def files(host):
    return sorted(host.run("ls", FOLDER).stdout.split())


@story
def two_programs_of_one_host_need_no_network(town):
    host, lamp, bob, proxy, _ = neighbours(town)
    assert bob.ways() == (1, 1), bob.ways()
    assert lamp.by.stat("accepted_unix") == 1
    assert files(host) == sorted([lamp.by.bus_id(), bob.bus_id()])
    host.run("ip", "link", "set", "lo", "down")
    for link in host.links:
        link.cut()
    assert proxy.call("echo", ["still", "there"]) == ["still", "there"]


@story
def everything_else_is_as_by_tcp(town):
    _, lamp, bob, proxy, _ = neighbours(town, level=1)
    lamp.event("ring")
    level = proxy.watch("level")
    expect(level, [("value", lamp, {"value": 1})], within=SOON)
    ring = proxy.listen("ring")
    assert proxy.call("echo", 0) == 0, "behind them, so that both have begun"
    lamp.set("level", 2)
    expect(level, [("value", lamp, {"value": 2})], within=SOON)
    for number in range(3):
        lamp.fire("ring", number)
    expect(ring, [("fired", lamp, {"value": [number]}) for number in range(3)], within=SOON)
    large = "x" * 1_000_000
    assert proxy.call("echo", large) == large
    assert bob.ways() == (1, 1)


@story
def two_hosts_that_share_a_folder_still_need_the_network(town):
    _, one, other = town.two_hosts()
    with tempfile.TemporaryDirectory() as shared:
        env = {"AUTOBUS_RUNTIME_DIR": shared}
        lamp = Actor.start(one, env=env).publish("lamp")
        lamp.function("echo")
        bob = Actor.start(other, env=env)
        assert bob.proxy(type="lamp").call("echo", 1) == 1
        assert len(os.listdir(shared)) == 2
        assert bob.ways() == (1, 0)


@story
def a_program_that_does_without_is_reached_by_tcp(town):
    host, _, bob, proxy, _ = neighbours(town, lamps={"runtime_dir": "none"})
    assert bob.ways() == (1, 0)
    assert proxy.call("echo", 1) == 1
    assert files(host) == [bob.bus_id()]


@story
def a_killed_program_is_lost_at_once_and_the_next_one_clears_away(town):
    host, lamp, bob, _, states = neighbours(town)
    left = lamp.by.bus_id()
    killed = lamp.by.kill()
    expect(states, [("lost", lamp)], within=0.5, since=killed)
    again = Actor.start(host).publish("lamp")
    again.function("echo")
    expect(states, [("bound", again)], within=SOON)
    assert left not in files(host)
    assert bob.ways() == (2, 2)


@story(waits=14)
def a_stopped_program_is_unresponsive_and_not_dead(town):
    _, lamp, bob, proxy, states = neighbours(town)
    stopped = lamp.by.pause()
    expect(states, [("unresponsive", lamp)], within=13.5, since=stopped)
    resumed = lamp.by.resume()
    expect(states, [("responsive", lamp)], within=3.5, since=resumed)
    assert proxy.call("echo", 2) == 2
    assert bob.ways() == (1, 1)


if __name__ == "__main__":
    main()
