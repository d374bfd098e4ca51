#!/usr/bin/env python3
"""How services end: goodbyes, kills, vanished hosts, stopped processes, forged goodbyes."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, LegacyPeer, expect, expect_all, main, story  # noqa: E402
from town.air import Air  # noqa: E402

SOON = 2.0
GOODBYE = 0.5
GONE = 15.0
BACK = 5.0


def three_who_see_each_other(town, with_ipv6=True):
    """(actors, their listeners, their lamps): two on one host, the third on another."""
    _, one, other = town.two_hosts()
    if not with_ipv6:
        one.without_ipv6()
        other.without_ipv6()
    actors = [Actor.start(host) for host in (one, one, other)]
    heard = [actor.listen(type="lamp") for actor in actors]
    lamps = [actor.publish("lamp") for actor in actors]
    for listener in heard:
        expect_all(listener, [("appeared", lamp) for lamp in lamps], within=SOON)
    return actors, heard, lamps


@story
def a_goodbye_is_heard_by_everybody_at_once(town):
    actors, heard, lamps = three_who_see_each_other(town)
    asked = actors[0].quit()
    for listener in heard[1:]:
        expect(listener, [("left", lamps[0])], within=GOODBYE, since=asked)
    town.quiet(2)


@story
def a_withdrawn_service_leaves_and_the_others_of_its_bus_stay(town):
    actors, heard, lamps = three_who_see_each_other(town)
    second = actors[0].publish("lamp")
    for listener in heard:
        expect(listener, [("appeared", second)], within=SOON)
    asked = second.withdraw()
    for listener in heard:
        expect(listener, [("left", second)], within=GOODBYE, since=asked)
    town.quiet(2)
    del lamps


@story(waits=16)
def a_killed_process_is_gone(town):
    actors, heard, lamps = three_who_see_each_other(town)
    killed = actors[0].kill()
    for listener in heard[1:]:
        expect(listener, [("left", lamps[0])], within=GONE, since=killed)
    town.quiet(1)


@story(waits=16)
def a_killed_process_that_comes_back_is_a_new_service(town):
    actors, heard, lamps = three_who_see_each_other(town)
    killed = actors[2].kill()
    again = Actor.start(town.hosts[1])
    lamp = again.publish("lamp")
    at_again = again.listen(type="lamp")
    for listener in heard[:2]:
        expect(listener, [("appeared", lamp)], within=SOON)
        expect(listener, [("left", lamps[2])], within=GONE, since=killed)
    expect_all(at_again, [("appeared", one) for one in (lamps[0], lamps[1], lamp)], within=SOON)


@story(waits=16)
def a_vanished_host_is_gone(town):
    _, heard, lamps = three_who_see_each_other(town)
    town.hosts[1].links[0].cut()
    for listener in heard[:2]:
        expect(listener, [("left", lamps[2])], within=GONE)
    expect_all(heard[2], [("left", lamps[0]), ("left", lamps[1])], within=GONE)


@story(waits=45)
def a_stopped_process_is_gone_and_comes_back(town):
    actors, heard, lamps = three_who_see_each_other(town)
    stopped = actors[2].pause()
    for listener in heard[:2]:
        expect(listener, [("left", lamps[2])], within=GONE, since=stopped)
    town.quiet(12)
    resumed = actors[2].resume()
    for listener in heard[:2]:
        expect(listener, [("appeared", lamps[2])], within=BACK, since=resumed)
    town.quiet(14)  # and the one that stood still has missed nobody


@story(waits=12)
def a_process_stopped_for_a_moment_is_not_missed(town):
    actors, _, _ = three_who_see_each_other(town)
    actors[2].pause()
    town.quiet(6)
    actors[2].resume()
    town.quiet(6)


def goodbye_of(air, actor, lamp):
    """What the bus of this actor would say if it had nothing to offer any more."""
    told = air.last_of(actor.bus_id())
    return json.dumps({"command": "remove", "service": lamp.id, "port": actor.port(),
                       "bus": told["bus"], "seq": told["seq"] + 2, "count": 0,
                       "digest": "0" * 16, "interval": told["interval"]})


@story
def a_forged_goodbye_is_put_right(town):
    actors, heard, lamps = three_who_see_each_other(town, with_ipv6=False)
    one, other = town.hosts
    forged = goodbye_of(Air(other), actors[0], lamps[0])
    one.say(forged, "255.255.255.255")
    for listener in heard[1:]:
        expect(listener, [("left", lamps[0])], within=GOODBYE)
        expect(listener, [("appeared", lamps[0])], within=2.5)
    town.quiet(2)  # and the one that was slandered has heard nothing of itself


@story
def a_forged_goodbye_of_a_legacy_peer_is_put_right(town):
    _, one, other = town.two_hosts()
    old = LegacyPeer.start(one)
    torch = old.publish("torch")
    heard = Actor.start(other).listen(type="torch")
    expect(heard, [("appeared", torch)], within=SOON)
    forged = {"command": "remove", "service": torch.id, "port": old.port()}
    one.say(json.dumps(forged), "255.255.255.255")
    expect(heard, [("left", torch)], within=GOODBYE)
    expect(heard, [("appeared", torch)], within=2.5)
    town.quiet(2)


@story
def a_goodbye_that_does_not_know_the_bus_does_nothing(town):
    actors, _, lamps = three_who_see_each_other(town)
    forged = {"command": "remove", "service": lamps[0].id, "port": actors[0].port()}
    town.hosts[0].say(json.dumps(forged), "255.255.255.255")
    town.quiet(2)


@story
def a_goodbye_from_another_address_does_nothing(town):
    actors, _, lamps = three_who_see_each_other(town)
    other = town.hosts[1]
    other.say(goodbye_of(Air(other), actors[0], lamps[0]), "255.255.255.255")
    town.quiet(2)


@story(waits=16)
def the_last_listener_of_a_killed_host_hears_all_its_services_leave(town):
    _, one, other = town.two_hosts()
    alice, bob = Actor.start(one), Actor.start(other)
    at_bob = bob.listen(type="lamp")
    lamps = [alice.publish("lamp") for _ in range(20)]
    expect_all(at_bob, [("appeared", lamp) for lamp in lamps], within=SOON)
    killed = alice.kill()
    expect_all(at_bob, [("left", lamp) for lamp in lamps], within=GONE, since=killed)


if __name__ == "__main__":
    main()
