#!/usr/bin/env python3
"""Hosts that vanish, programs that stand still, callbacks that take their time: who counts as dead, and when."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, main, story  # noqa: E402

SOON = 2.0


def bound(town, **options):
    _, one, other = town.two_hosts()
    alice = Actor.start(one, **options)
    lamp = alice.publish("lamp", objects={"level": 3})
    for name in ("echo", "hold"):
        lamp.function(name)
    bob = Actor.start(other)
    proxy = bob.proxy(type="lamp")
    states = proxy.states()
    expect(states, [("bound", lamp)], within=SOON)
    return lamp, one, bob, proxy, states


@story(waits=10)
def a_call_to_a_vanished_host_fails_before_its_timeout(town):
    lamp, host, _, proxy, states = bound(town)
    answers = proxy.start("hold", within=60)
    host.links[0].cut()
    # Sent into the void: five seconds without an acknowledgement are too many while a call waits.
    expect(answers, [("answer", lamp, {"result": "closed"})], within=9)
    expect(states, [("lost", lamp)], within=SOON)


@story(waits=15)
def an_idle_connection_to_a_vanished_host_ends_too(town):
    lamp, host, _, proxy, states = bound(town)
    level = proxy.watch("level")
    expect(level, [("value", lamp)], within=SOON)
    host.links[0].cut()
    expect(states, [("lost", lamp)], within=14)
    expect(level, [("gone", lamp)], within=SOON)


@story(waits=25)
def a_stopped_program_is_unresponsive_and_not_dead(town):
    lamp, _, _, proxy, states = bound(town)
    stopped = lamp.by.pause()
    expect(states, [("unresponsive", lamp)], within=13.5, since=stopped)
    answer = proxy.outcome("echo", 1, within=1)
    assert answer[0] == "timeout", answer
    resumed = lamp.by.resume()
    expect(states, [("responsive", lamp)], within=3.5, since=resumed)
    assert proxy.call("echo", 2) == 2


@story(waits=10)
def an_unresponsive_program_is_given_up_in_the_end(town):
    _, one, other = town.two_hosts()
    alice = Actor.start(one)
    lamp = alice.publish("lamp")
    bob = Actor.start(other, unresponsive_ms=2000, silence_ms=4000)
    states = bob.proxy(type="lamp").states()
    expect(states, [("bound", lamp)], within=SOON)
    stopped = alice.pause()
    expect(states, [("unresponsive", lamp), ("lost", lamp)], within=9, since=stopped)
    alice.kill()


@story(waits=14)
def a_callback_that_blocks_does_not_make_a_dead_peer_of_us(town):
    lamp, _, bob, proxy, states = bound(town)
    lamp.event("ring")
    lamp.by.ask("proxy", remote="back", filter={"type": "nothing"})
    proxy.listen("ring", listener="blocks12000")
    heard = bob.listener("blocks12000")
    assert proxy.call("echo", 1) == 1
    lamp.fire("ring")
    expect(heard, [("fired", lamp)], within=SOON)
    town.quiet(12.5)
    assert proxy.call("echo", 2) == 2
    assert proxy.bound() == 1


if __name__ == "__main__":
    main()
