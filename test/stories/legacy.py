#!/usr/bin/env python3
"""Legacy peers and we: each side sees the other come, stay and go."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, LegacyPeer, expect, expect_all, main, story  # noqa: E402

from town.conversation import Conversation  # noqa: E402

SOON = 2.0
GOODBYE = 0.5
LEGACY_SOON = 3.0


def on_two_hosts(town):
    network, one, other = town.two_hosts()
    return network, one, other


@story
def a_legacy_peer_that_starts_last_and_we_see_each_other(town):
    _, one, other = on_two_hosts(town)
    alice = Actor.start(one)
    at_alice = alice.listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_alice, [("appeared", lamp)], within=SOON)
    old = LegacyPeer.start(other)
    at_old = old.listen(type="lamp")
    torch = old.publish("lamp")
    expect(at_alice, [("appeared", torch, {"host": other.links[0].address, "port": old.port()})],
           within=GOODBYE)
    place = {"host": one.links[0].address, "port": alice.port()}
    expect_all(at_old, [("appeared", torch), ("appeared", lamp)], within=LEGACY_SOON)
    assert any(each["service"] == lamp.id and each["host"] == place["host"]
               and each["port"] == place["port"] for each in old.enumerate(type="lamp"))
    asked = old.quit()
    expect(at_alice, [("left", torch)], within=GOODBYE, since=asked)


@story
def a_legacy_peer_that_starts_first_and_we_see_each_other(town):
    _, one, other = on_two_hosts(town)
    old = LegacyPeer.start(other)
    at_old = old.listen(type="lamp")
    torch = old.publish("lamp")
    expect(at_old, [("appeared", torch)], within=GOODBYE)
    alice = Actor.start(one)
    at_alice = alice.listen(type="lamp")
    expect(at_alice, [("appeared", torch)], within=GOODBYE)
    lamp = alice.publish("lamp")
    expect(at_alice, [("appeared", lamp)], within=SOON)
    expect(at_old, [("appeared", lamp)], within=SOON)
    asked = alice.quit()
    expect(at_old, [("left", lamp)], within=GOODBYE, since=asked)


@story
def a_legacy_peer_on_the_same_host_that_bound_the_port_last_takes_nothing_from_us(town):
    _, one, other = on_two_hosts(town)
    alice = Actor.start(one)
    at_alice = alice.listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_alice, [("appeared", lamp, {"host": "127.0.0.1"})], within=SOON)
    old = LegacyPeer.start(one)
    at_old = old.listen(type="lamp")
    expect(at_old, [("appeared", lamp)], within=LEGACY_SOON)
    bob = Actor.start(other)
    at_bob = bob.listen(type="lamp")
    expect(at_bob, [("appeared", lamp)], within=GOODBYE, since=bob.ready_at)
    torch = bob.publish("lamp")
    expect(at_bob, [("appeared", torch)], within=SOON)
    expect(at_alice, [("appeared", torch)], within=SOON)
    expect(at_old, [("appeared", torch)], within=LEGACY_SOON)


@story
def a_legacy_service_on_our_host_is_best_reached_over_loopback(town):
    _, one, _ = on_two_hosts(town)
    old = LegacyPeer.start(one)
    torch = old.publish("lamp")
    heard = Actor.start(one).listen(type="lamp")
    expect(heard, [("appeared", torch, {"host": "127.0.0.1"})], within=GOODBYE)
    asked = old.quit()
    expect(heard, [("left", torch)], within=GOODBYE, since=asked)


@story
def a_withdrawn_service_leaves_the_legacy_peer_too(town):
    _, one, other = on_two_hosts(town)
    old = LegacyPeer.start(other)
    at_old = old.listen(type="lamp")
    alice = Actor.start(one)
    lamps = [alice.publish("lamp") for _ in range(3)]
    expect_all(at_old, [("appeared", lamp) for lamp in lamps], within=SOON)
    asked = lamps[1].withdraw()
    expect(at_old, [("left", lamps[1])], within=GOODBYE, since=asked)
    town.quiet(2)


@story(waits=50)
def we_stay_visible_to_a_legacy_peer_by_repeating(town):
    _, one, other = on_two_hosts(town)
    at_old = LegacyPeer.start(other).listen(type="lamp")
    lamp = Actor.start(one).publish("lamp")
    expect(at_old, [("appeared", lamp)], within=SOON)
    town.quiet(50)


@story(waits=62)
def a_legacy_peer_that_hears_us_no_more_keeps_us_by_its_probes(town):
    _, one, other = on_two_hosts(town)
    alice = Actor.start(one)
    at_old = LegacyPeer.start(other).listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_old, [("appeared", lamp)], within=SOON)
    one.links[0].lose(1.0, udp_only=True)
    town.quiet(60)
    assert alice.stat("accepted") >= 2, "it has probed us, again and again"


@story(waits=62)
def a_silent_legacy_service_whose_port_lives_is_kept(town):
    _, one, other = on_two_hosts(town)
    old = LegacyPeer.start(other)
    torch = old.publish("lamp")
    alice = Actor.start(one)
    heard = alice.listen(type="lamp")
    expect(heard, [("appeared", torch)], within=GOODBYE)
    old.hush()
    town.quiet(60)
    assert alice.stat("probes") >= 1


@story(waits=40)
def a_killed_legacy_peer_is_gone_by_probes(town):
    _, one, other = on_two_hosts(town)
    old = LegacyPeer.start(other)
    torch = old.publish("lamp")
    heard = Actor.start(one).listen(type="lamp")
    expect(heard, [("appeared", torch)], within=GOODBYE)
    killed = old.kill()
    expect(heard, [("left", torch)], within=40, since=killed)


@story(waits=50)
def a_legacy_peer_sees_a_killed_bus_go(town):
    _, one, other = on_two_hosts(town)
    alice = Actor.start(one)
    at_old = LegacyPeer.start(other).listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_old, [("appeared", lamp)], within=SOON)
    killed = alice.kill()
    expect(at_old, [("left", lamp)], within=45, since=killed)


@story
def connect_bind_close_is_routine_to_us(town):
    _, one, other = on_two_hosts(town)
    alice = Actor.start(one)
    lamp = alice.publish("lamp")
    for _ in range(100):
        with Conversation(other, one.links[0].address, alice.port()) as talk:
            answer = talk.ask({"_type": 1, "_id": "1", "service": lamp.id, "_command": "bind"})
            assert answer["service"] == lamp.id and answer.get("_error") is None
    town.eventually(lambda: alice.stat("accepted") >= 100, 2, "all were counted")


@story
def we_answer_over_tcp_as_the_protocol_says(town):
    _, one, other = on_two_hosts(town)
    alice = Actor.start(one)
    lamp = alice.publish("lamp")
    place = (other, one.links[0].address, alice.port())
    with Conversation(*place) as talk:
        early = talk.ask({"_type": 1, "_id": "0", "_command": "ping"})
        assert early["_id"] == "0" and "text" in early["_error"]
        bound = talk.ask({"_type": 1, "_id": 7, "service": lamp.id, "_command": "bind"})
        assert bound["_id"] == 7 and bound["service"] == lamp.id
        assert talk.ask({"_type": 1, "_id": "p", "_command": "ping"}) == {"_type": 2, "_id": "p"}
        assert "text" in talk.ask({"_type": 1, "_id": "u", "_command": "nonsense"})["_error"]
        assert talk.ask({"_type": 1, "_id": "q", "_command": "ping"})["_id"] == "q", "one error only"
    with Conversation(*place) as talk:
        refused = talk.ask({"_type": 1, "_id": "1", "service": "nobody", "_command": "bind"})
        assert "text" in refused["_error"]
        assert talk.rest() == b"", "and closed"
    with Conversation(*place) as talk:
        talk.send(b"GET / HTTP/1.1\r\nHost: lamp\r\n\r\n")
        assert talk.rest() == b"", "noise is closed without an answer"


if __name__ == "__main__":
    main()
