#!/usr/bin/env python3
"""Services between legacy peers and us: calls, objects and events in both directions, their oddities included."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, LegacyPeer, expect, main, story  # noqa: E402

SOON = 3.0


@story
def a_legacy_client_uses_a_service_of_ours(town):
    _, one, other = town.two_hosts()
    alice = Actor.start(one)
    lamp = alice.publish("lamp", objects={"level": 3})
    for name in ("add", "fail"):
        lamp.function(name)
    remote = LegacyPeer.start(other).proxy(type="lamp")
    remote.wait()
    assert remote.call("add", 2, 3) == 5
    assert remote.outcome("fail") == ("remote error", "I do not want to.")
    assert remote.outcome("nothing")[0] == "remote error"
    level = remote.watch("level")
    expect(level, [("value", lamp, {"value": 3})], within=SOON)
    lamp.set("level", 4)
    expect(level, [("value", lamp, {"value": 4})], within=SOON)
    lamp.remove("object", "level")
    expect(level, [("value", lamp, {"value": None})], within=SOON)


@story
def a_legacy_client_comes_back_after_a_restart_of_ours(town):
    _, one, other = town.two_hosts()
    alice = Actor.start(one)
    lamp = alice.publish("lamp", service_id="lamp-1", objects={"level": 1})
    level = LegacyPeer.start(other).proxy(type="lamp").watch("level")
    expect(level, [("value", lamp, {"value": 1})], within=SOON)
    port = alice.port()
    alice.kill()
    expect(level, [("gone", lamp)], within=SOON)
    Actor.start(one, tcp_port=port).publish("lamp", service_id="lamp-1", objects={"level": 2})
    expect(level, [("value", lamp, {"value": 2})], within=SOON)


@story
def we_use_a_legacy_service(town):
    _, one, other = town.two_hosts()
    old = LegacyPeer.start(one, mended=True)
    lamp = old.publish("lamp", objects={"level": 3})
    for name in ("add", "fail", "mute"):
        lamp.function(name)
    lamp.event("switched")
    bob = Actor.start(other)
    proxy = bob.proxy(type="lamp")
    proxy.wait()
    assert proxy.call("add", 2, 3) == 5
    result, sentence = proxy.outcome("fail")
    assert result == "remote error" and "oops" in sentence, sentence
    assert proxy.outcome("nothing")[0] == "not found"
    assert proxy.outcome("mute", within=0.3)[0] == "timeout", "it is never answered"
    level = proxy.watch("level")
    expect(level, [("value", lamp, {"value": 3})], within=SOON)
    rings = proxy.listen("switched")
    assert proxy.call("add", 1) == 1, "behind it, so that it has begun to listen"
    lamp.fire("switched", "on", 1)
    lamp.set("level", 4)
    expect(rings, [("fired", lamp, {"value": ["on", 1]})], within=SOON)
    expect(level, [("value", lamp, {"value": 4})], within=SOON)
    channel = bob.request("open_channel", remote=proxy.name, name="talk", channel="talk")
    heard = bob.listener("talk")
    answer = bob.answer(channel)
    if answer["ok"]:
        expect(heard, [("closed", lamp)], within=SOON)


@story
def a_function_of_a_legacy_service_that_returns_nonsense_ends_the_connection(town):
    _, one, other = town.two_hosts()
    old = LegacyPeer.start(one)
    lamp = old.publish("lamp", objects={"level": 3})
    for name in ("drop", "add"):
        lamp.function(name)
    proxy = Actor.start(other).proxy(type="lamp")
    proxy.wait()
    level = proxy.watch("level")
    expect(level, [("value", lamp, {"value": 3})], within=SOON)
    assert proxy.outcome("drop")[0] == "closed"
    expect(level, [("gone", lamp), ("value", lamp, {"value": 3})], within=SOON)
    assert proxy.call("add", 1, 1) == 2


@story
def we_go_on_after_a_restart_of_a_legacy_service(town):
    _, one, other = town.two_hosts()
    old = LegacyPeer.start(one)
    lamp = old.publish("lamp", objects={"level": 1})
    proxy = Actor.start(other).proxy(type="lamp")
    proxy.wait()
    level = proxy.watch("level")
    expect(level, [("value", lamp, {"value": 1})], within=SOON)
    killed = old.kill()
    expect(level, [("gone", lamp)], within=SOON, since=killed)
    lamp = LegacyPeer.start(one).publish("lamp", objects={"level": 2})
    expect(level, [("value", lamp, {"value": 2})], within=SOON)


@story
def a_legacy_service_that_shipped_without_events_is_used_all_the_same(town):
    _, one, other = town.two_hosts()
    lamp = LegacyPeer.start(one).publish("lamp")
    proxy = Actor.start(other).proxy(type="lamp")
    proxy.wait()
    rings = proxy.listen("switched")
    assert proxy.call("echo", 1) == 1
    lamp.fire("switched")
    assert proxy.call("echo", 2) == 2
    assert rings.heard == []


@story(waits=20)
def a_legacy_service_that_is_never_heard_of_stays_bound(town):
    """It answers no ping and says nothing by itself: that is no death."""
    _, one, other = town.two_hosts()
    lamp = LegacyPeer.start(one).publish("lamp")
    proxy = Actor.start(other).proxy(type="lamp")
    states = proxy.states()
    expect(states, [("bound", lamp)], within=SOON)
    town.quiet(18)
    assert proxy.call("echo", 1) == 1


if __name__ == "__main__":
    main()
