#!/usr/bin/env python3
"""What lies beyond a router: peers listed by name are found, strangers are ignored."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, expect_all, main, story  # noqa: E402

SOON = 2.0
GONE = 15.0


def two_routed_networks(town):
    """(here, there): a host in each of two networks with a router between them."""
    near, far = town.network(), town.network()
    here, there = town.host("here", near), town.host("there", far)
    town.router(near, far)
    return here, there


def forged_add(service, port=4711):
    return json.dumps({"command": "add", "service": service, "port": port,
                       "info": {"type": "lamp", "hostname": "forged"}})


@story(waits=6)
def a_listed_peer_beyond_a_router_is_found(town):
    here, there = two_routed_networks(town)
    far_one = Actor.start(there, allow_routed=1)
    lamp = far_one.publish("lamp")
    near_one = Actor.start(here, env={"AUTOBUS_PEERS": there.links[0].address})
    heard = near_one.listen(type="lamp")
    place = {"host": there.links[0].address, "port": far_one.port()}
    expect(heard, [("appeared", lamp, place)], within=SOON, since=near_one.ready_at)
    asked = far_one.quit()
    expect(heard, [("left", lamp)], within=GONE, since=asked)


@story(waits=30)
def every_process_of_a_listed_host_is_found_and_stays(town):
    here, there = two_routed_networks(town)
    far_ones = [Actor.start(there, allow_routed=1) for _ in range(3)]
    lamps = [actor.publish("lamp") for actor in far_ones]
    near_one = Actor.start(here, env={"AUTOBUS_PEERS": f"{there.links[0].address}:52722"})
    heard = near_one.listen(type="lamp")
    expect_all(heard, [("appeared", lamp) for lamp in lamps], within=SOON, since=near_one.ready_at)
    town.quiet(25)
    killed = far_ones[0].kill()
    expect(heard, [("left", lamps[0])], within=GONE, since=killed)


@story(waits=16)
def a_listed_peer_that_starts_later_is_found(town):
    here, there = two_routed_networks(town)
    near_one = Actor.start(here, env={"AUTOBUS_PEERS": there.links[0].address})
    heard = near_one.listen(type="lamp")
    town.quiet(6)
    lamp = Actor.start(there, allow_routed=1).publish("lamp")
    expect(heard, [("appeared", lamp)], within=15)


@story
def listed_peers_are_added_to_the_neighbours_and_replace_none(town):
    here, there = two_routed_networks(town)
    near_lamp = Actor.start(here).publish("lamp")
    far_lamp = Actor.start(there, allow_routed=1).publish("lamp")
    near_one = Actor.start(here, env={"AUTOBUS_PEERS": there.links[0].address})
    heard = near_one.listen(type="lamp")
    expect_all(heard, [("appeared", near_lamp), ("appeared", far_lamp)], within=SOON)


@story
def an_asker_from_beyond_gets_no_answer_unless_allowed(town):
    here, there = two_routed_networks(town)
    Actor.start(there).publish("lamp")
    near_one = Actor.start(here, env={"AUTOBUS_PEERS": there.links[0].address})
    near_one.listen(type="lamp")
    town.quiet(4)


@story
def packets_from_beyond_are_ignored(town):
    here, there = two_routed_networks(town)
    alice = Actor.start(here)
    alice.listen(type="lamp")
    there.say(forged_add("stranger"), here.links[0].address)
    there.say(forged_add("lucky", 1), here.links[0].address, ttl=65)
    town.eventually(lambda: alice.stat("dropped_routed") >= 2, 2, "both are counted as routed")
    town.quiet(1)


@story
def a_goodbye_from_beyond_is_ignored(town):
    here, there = two_routed_networks(town)
    alice = Actor.start(here)
    lamp = Actor.start(here).publish("lamp")
    heard = alice.listen(type="lamp")
    event, = expect(heard, [("appeared", lamp)], within=SOON)
    forged = {"command": "remove", "service": lamp.id, "port": event.details["port"]}
    there.say(json.dumps(forged), here.links[0].address)
    town.quiet(2)


@story
def a_neighbour_s_address_forged_beyond_a_router_is_ignored(town):
    here, there = two_routed_networks(town)
    alice = Actor.start(here)
    alice.listen(type="lamp")
    neighbour = here.links[0].network.address(200)
    there.forge(forged_add("spoofed"), source=neighbour, to=here.links[0].address)
    town.eventually(lambda: alice.stat("heard_packets") + alice.stat("dropped_routed") > 0, 2,
                    "it has arrived")
    town.quiet(1)


@story
def an_address_of_another_interface_is_not_on_this_link(town):
    near, far = town.network(), town.network()
    here, there = town.host("here", near, far), town.host("there", far)
    alice = Actor.start(here)
    alice.listen(type="lamp")
    there.forge(forged_add("astray"), source=near.address(200), to=here.links[1].address)
    town.eventually(lambda: alice.stat("dropped_routed") >= 1, 2, "it is counted as routed")
    town.quiet(1)


if __name__ == "__main__":
    main()
