#!/usr/bin/env python3
"""The stand-in for a legacy peer against itself: it does on the wire what the old one did."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import LegacyPeer, expect, main, story  # noqa: E402

NEAR = "127.255.255.255"


@story
def two_legacy_peers_find_each_other_and_say_goodbye(town):
    _, one, other = town.two_hosts()
    first = LegacyPeer.start(one)
    lamp = first.publish("lamp")
    heard_there = LegacyPeer.start(other).listen(type="lamp")
    expect(heard_there, [("appeared", lamp, {"host": one.links[0].address})], within=1)
    first.quit()
    expect(heard_there, [("left", lamp)], within=0.5)


@story
def a_legacy_peer_hears_its_own_host_twice(town):
    _, one, _ = town.two_hosts()
    first = LegacyPeer.start(one)
    lamp = first.publish("lamp")
    second = LegacyPeer.start(one)
    heard = second.listen(type="lamp")
    expect(heard, [("appeared", lamp, {"host": "127.0.0.1"})], within=1)
    town.eventually(lambda: len(second.enumerate(type="lamp")[0]["locations"]) == 2, 1, "both addresses")
    one.say(json.dumps({"command": "remove", "service": lamp.id, "port": first.port()}), NEAR)
    expect(heard, [("changed", lamp, {"host": one.links[0].address})], within=0.5)
    first.quit()
    expect(heard, [("left", lamp)], within=0.5)


@story(waits=50)
def a_killed_legacy_peer_is_probed_and_gone(town):
    _, one, other = town.two_hosts()
    first = LegacyPeer.start(one)
    lamp = first.publish("lamp")
    heard = LegacyPeer.start(other).listen(type="lamp")
    expect(heard, [("appeared", lamp)], within=1)
    first.kill()
    expect(heard, [("left", lamp)], within=50)


@story(waits=45)
def a_silent_legacy_peer_that_answers_probes_stays(town):
    _, one, other = town.two_hosts()
    first = LegacyPeer.start(one)
    lamp = first.publish("lamp")
    heard = LegacyPeer.start(other).listen(type="lamp")
    expect(heard, [("appeared", lamp)], within=1)
    first.hush()
    town.quiet(45)


if __name__ == "__main__":
    main()
