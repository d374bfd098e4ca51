#!/usr/bin/env python3
"""A service that dies and comes back elsewhere: whoever watches or calls it goes on."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, main, story  # noqa: E402

SOON = 1.0


def watched(town):
    network, one, other = town.two_hosts()
    alice = Actor.start(one)
    lamp = alice.publish("lamp", service_id="lamp-1", objects={"level": 0})
    bob = Actor.start(other)
    proxy = bob.proxy(type="lamp")
    proxy.wait()
    level = proxy.watch("level")
    expect(level, [("value", lamp, {"value": 0})], within=SOON)
    return alice, one, level


@story(near=True, scaled=1500)
def a_watcher_hears_of_every_restart(town):
    """Killed, changed while it is down, back at another port, at once and again: gone, and then the new value."""
    alice, host, level = watched(town)
    for turn in range(1, max(3, int(1000 * town.scale)) + 1):
        killed = alice.kill()
        expect(level, [("gone", "lamp-1")], within=SOON, since=killed)
        alice = Actor.start(host)
        began = alice.request("publish", bus="bus", info={"type": "lamp"}, service="lamp-1",
                              objects={"level": turn})
        began = alice.answer(began)["began"] / 1e6
        expect(level, [("value", "lamp-1", {"value": turn})], within=SOON, since=began)


@story(waits=30)
def a_watcher_hears_of_a_restart_after_a_partition(town):
    """The old connection is half open, for its end came while nothing passed: soon after the new one is published."""
    alice, host, level = watched(town)
    for turn in range(1, max(3, int(20 * town.scale)) + 1):
        host.links[0].cut()
        town.reactor.idle(0.5 * turn)
        alice.kill()
        host.links[0].heal()
        alice = Actor.start(host)
        began = alice.request("publish", bus="bus", info={"type": "lamp"}, service="lamp-1",
                              objects={"level": turn})
        began = alice.answer(began)["began"] / 1e6
        expect(level, [("gone", "lamp-1"), ("value", "lamp-1", {"value": turn})], within=SOON, since=began)


@story(waits=30)
def a_watcher_hears_of_a_restart_within_a_partition(town):
    """As before, and the new one announces itself while nobody hears it: its next presence, after 4 s, is the first."""
    alice, host, level = watched(town)
    for turn in range(1, 4):
        host.links[0].cut()
        alice.kill()
        alice = Actor.start(host)
        alice.publish("lamp", service_id="lamp-1", objects={"level": turn})
        town.reactor.idle(2.0)
        host.links[0].heal()
        expect(level, [("gone", "lamp-1"), ("value", "lamp-1", {"value": turn})], within=4 + SOON)


@story(near=True)
def a_proxy_takes_the_next_service_when_one_dies(town):
    network, one, other = town.two_hosts()
    alice = Actor.start(one)
    first = alice.publish("lamp", objects={"level": 1})
    bob = Actor.start(other)
    proxy = bob.proxy(type="lamp")
    proxy.wait()
    level = proxy.watch("level")
    expect(level, [("value", first)], within=SOON)
    second = Actor.start(town.host("three", network)).publish("lamp", objects={"level": 1})
    town.eventually(lambda: len(bob.enumerate(type="lamp")) == 2, 3, "it knows both")
    killed = alice.kill()
    # The same value once more: it is that of another service.
    expect(level, [("gone", first), ("value", second, {"value": 1})], within=SOON, since=killed)


@story(waits=12)
def a_place_that_refuses_is_not_stormed(town):
    """It is announced, and whoever accepts there has no such service: a few tries a second at most."""
    _, one, other = town.two_hosts()
    alice = Actor.start(one)
    lamp = alice.publish("lamp")
    bob = Actor.start(other)
    bob.proxy(service="ghost")
    before = alice.stat("accepted")
    one.say('{"command":"add","service":"ghost","port":%d,"info":{"type":"ghost"}}' % alice.port(),
            other.links[0].network.broadcast)
    town.eventually(lambda: alice.stat("accepted") > before, 2, "it is tried")
    town.quiet(10)
    tries = alice.stat("accepted") - before
    assert tries <= 50, f"{tries} tries in 10 s"
    lamp.withdraw()


if __name__ == "__main__":
    main()
